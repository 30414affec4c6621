"""What a file holds of a lost history: all that was accepted, the highest cursor, and how it begins anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from shared.store import drafts, entities, outbox, retained
from shared.store.outcomes import Accepted
from tests.unit.store.till import NOW_MS, Till, open_till, ulid

ORDER = ulid(900_001)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    """A till that has an order sent, of which the first operation was accepted at revision 7."""
    made = open_till(tmp_path / "pos.sqlite")
    made.send(ORDER, made.add_line(ORDER))
    flight = made.take(limit=1).flights[0]
    outcome = Accepted(201, b'{"a":1}', (), f"7-{flight.id}")
    made.run(lambda tx: outbox.settle(tx, flight, outcome, now_ms=NOW_MS))
    yield made
    made.connection.close()


def test_what_was_accepted_is_reported_with_its_very_bytes_and_nothing_else_is(till: Till) -> None:
    (one,) = till.run(partial(retained.page, after_seq=0, limit=500))
    row = till.connection.execute("SELECT id, body FROM operation ORDER BY seq LIMIT 1").fetchone()
    assert row is not None
    assert (one.id, one.body.encode()) == row
    assert (one.status, one.answer, one.revision) == (201, '{"a":1}', f"7-{one.id}")
    assert till.run(partial(retained.page, after_seq=one.seq, limit=500)) == ()


def test_what_a_newer_program_did_is_reported_too(till: Till) -> None:
    till.connection.execute("UPDATE operation SET kind = 'teleport_order' WHERE status = 'SUCCESS'")
    (one,) = till.run(partial(retained.page, after_seq=0, limit=500))
    assert one.kind == "teleport_order"


def test_what_an_answer_named_was_seen_although_it_was_not_pulled_yet(till: Till) -> None:
    store = partial(entities.store_page, asked_from=None, cursor="5-x", entities=(), now_ms=NOW_MS)
    till.run(store)
    seen = till.run(retained.highest_seen)
    assert seen is not None
    assert seen.startswith("7-")
    till.run(partial(entities.store_page, asked_from="5-x", cursor="9-y", entities=(), now_ms=NOW_MS))
    assert till.run(retained.highest_seen) == "9-y"


def test_a_file_begins_anew_with_what_waits_and_what_was_tapped(till: Till) -> None:
    line_id = till.add_line(ORDER)
    waiting = till.run(outbox.waiting)
    till.run(partial(retained.begin_anew, healed="h", rows=(), cursor="20-z", history="", now_ms=NOW_MS))
    assert till.run(outbox.waiting) == waiting == 2
    draft = till.run(lambda tx: drafts.get(tx, ORDER))
    assert draft is not None
    assert line_id in draft.model_dump_json()
    assert till.run(retained.highest_seen) == "20-z"
    assert till.run(retained.standing).healed == "h"


def test_waiting_changes_name_the_version_that_they_were_made_on(till: Till) -> None:
    assert till.run(retained.standing).base_versions == {ORDER: 0}


def test_what_was_done_already_when_its_answer_had_gone_is_reported_as_accepted_with_what_was_shown(till: Till) -> None:
    flight = till.take(limit=1).flights[0]
    told = b'{"conflictType":"IDEMPOTENCY_DUPLICATE","existingResource":{"id":"one","version":3}}'
    till.run(lambda tx: outbox.settle(tx, flight, Accepted(409, told, (), None), now_ms=NOW_MS))
    _, late = till.run(partial(retained.page, after_seq=0, limit=500))
    assert late.id == flight.id
    assert (late.status, late.answer) == (200, '{"id":"one","version":3}')
