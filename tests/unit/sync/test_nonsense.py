"""What stands beside a server's answer may be nonsense: the answer counts, and nothing stops for what is beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shared.store.outcomes import Accepted, Flight, Status
from shared.sync import reads
from shared.sync.exchange import Answered, Exchange
from shared.sync.verdicts import Shown, judge
from shared.wire.protocol import HEADER_CURSOR
from tests.unit.sync.flights import ORDER, answer, as_json, change, create, error, flight_of, order_after
from tests.unit.sync.night import Night

#: None of these can be sent back in a header as it is, or ordered by its revision.
NONSENSE = ["9-\xe9", "9" * 5000 + "-X", "7-abc, 7-abc", "9-" + "a" * 300, "9-a\x7f", "9 -a"]


@pytest.mark.parametrize("cursor", NONSENSE)
def test_a_cursor_that_cant_be_sent_back_is_none(cursor: str) -> None:
    flight, order = flight_of(change()), order_after(create(), change())
    found = judge(flight, answer(200, as_json(order), x_cursor=cursor), link_up=True)
    assert isinstance(found, Accepted)
    assert found.entities == (order,)
    assert found.cursor is None
    twice = error(409, "IDEMPOTENCY_DUPLICATE", existingResource=as_json(order))
    again = judge(flight, answer(409, twice, x_cursor=cursor), link_up=True)
    assert isinstance(again, Accepted)
    assert again.cursor is None
    shown = reads.read_order(answer(200, as_json(order), x_cursor=cursor), ORDER)
    assert isinstance(shown, Shown)
    assert shown.cursor is None


@pytest.mark.parametrize("cursor", NONSENSE[:2])
def test_one_nonsensical_cursor_does_not_stop_a_till(tmp_path: Path, cursor: str) -> None:
    """Taken as it came it is stored for ever, told with every request from then on, or breaks the storing itself."""
    with Night(tmp_path) as night:

        def all_say(flight: Flight, seen: int) -> Exchange | None:
            said = night.server.answers[flight.id]
            return replace(said, headers={**said.headers, HEADER_CURSOR.lower(): cursor})

        night.server.fault_after = all_say
        night.run(2)
        night.order()
        night.run(10)
        assert set(night.column("status")) == {Status.SUCCESS}
        assert cursor not in night.column("revision")


def test_half_a_letter_in_a_refusal_keeps_it_from_no_person(tmp_path: Path) -> None:
    """Servers that cut a text by its UTF-16 units leave half of an emoji, which no disk takes as text."""
    cut = b'{"statusCode": 422, "message": "No \\ud83c"}'
    with Night(tmp_path) as night:
        night.server.fault_before = lambda flight, seen: Answered(422, {}, cut)
        night.run(2)
        night.order()
        night.run(10)
        assert night.column("status")[0] == Status.FAILED
        assert night.column("last_error")[0] == "No ?"
