"""The sync desk: who may decide, what a decision sets going, and how a refused one is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.database import Connection
from shared.domain.menu import Role, StaffList, StaffMember
from shared.ids import StaffId
from shared.store import catalog, outbox
from shared.store.mending import Resolution
from shared.store.outcomes import Failed, FailReason
from tests.unit.store.till import ulid
from tests.unit.terminal_rig import ORDER, Rig, open_rig, send, tile

PEOPLE = StaffList(
    version="1",
    staff=tuple(
        StaffMember(id=StaffId(role.lower()), name=role.title(), role=role, pin_verifier="x", active=active)
        for role, active in ((Role.WAITER, True), (Role.MANAGER, True), (Role.OWNER, False))
    ),
)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A till with an order whose creation the server refused."""
    made = open_rig(tmp_path)

    def refuse(tx: Connection) -> None:
        catalog.put(tx, name="staff", etag="1", body=PEOPLE.to_json(), now_ms=0)
        flight = outbox.take(tx, limit=1, now_ms=9_000_000_000_000).flights[0]
        outbox.settle(tx, flight, Failed(FailReason.REFUSED, 403, "Not here.", b"{}"), now_ms=0)

    made.terminal.submit(tile(made.terminal))
    made.settle()
    made.terminal.submit(send(made.terminal))
    made.writer.submit(refuse).result(timeout=5)
    made.terminal._changed(frozenset({"catalog", f"order:{ORDER}"}))
    made.announced.clear()
    yield made
    made.terminal.close()


def test_a_retry_is_announced_and_wakes_the_worker(rig: Rig) -> None:
    (held,) = rig.terminal.desk.operations("attention")
    assert (held.can_retry, held.can_discard) == (True, True)
    woken = rig.sync.woken

    rig.terminal.desk.retry(held.id, new_id=ulid(5), actor_id="waiter")
    rig.settle()

    assert rig.terminal.desk.operations("attention") == ()
    assert rig.terminal.desk.counts() == (3, 0)
    assert frozenset({f"order:{ORDER}", "alerts"}) in rig.announced
    assert rig.sync.woken > woken
    (replaced,) = rig.terminal.desk.operations("sent")
    assert (replaced.id, replaced.is_settled, replaced.can_retry) == (held.id, True, False)


@pytest.mark.parametrize(("person", "may"), [("waiter", False), ("manager", True), ("owner", False), ("nobody", False)])
def test_only_somebody_with_the_right_discards(rig: Rig, person: str, may: bool) -> None:
    (held,) = rig.terminal.desk.operations("attention")

    rig.terminal.desk.discard(held.id, actor_id=person)
    rig.settle()

    assert (rig.terminal.desk.operations("attention") == ()) is may
    refusals = rig.terminal.take_refusals()
    assert ([one.title for one in refusals] == ["Only a manager can discard this"]) is not may
    if may:
        assert rig.terminal.order(ORDER) is None, "nothing of it is left"
        assert rig.terminal.desk.counts() == (0, 0)


def test_a_decision_that_cannot_be_carried_out_is_told_in_words(rig: Rig) -> None:
    (held,) = rig.terminal.desk.operations("attention")
    spoil = "UPDATE operation SET reason = 'MISMATCH' WHERE id = ?"
    rig.writer.submit(lambda tx: tx.execute(spoil, (held.id,))).result(timeout=5)
    rig.terminal.desk.retry(held.id, new_id=ulid(5), actor_id="waiter")
    rig.terminal.desk.resolve(held.id, resolution=Resolution.REFUNDED, actor_id="waiter")
    rig.terminal.desk.resolve(held.id, resolution=Resolution.REFUNDED, actor_id="manager")
    rig.settle()
    told = [one.title for one in rig.terminal.take_refusals()]
    assert told[:2] == ["Only a manager can decide about this", "Only a manager can decide about money"]
    assert len(told) == 3, "there is no money in it"
    assert [(row.status, row.reason) for row in rig.terminal.desk.operations("attention")] == [("FAILED", "MISMATCH")]

    rig.terminal.desk.retry(held.id, new_id=ulid(5), actor_id="manager")
    rig.settle()
    assert rig.terminal.desk.counts() == (3, 0)


def test_an_alert_that_was_seen_is_answered_by_that_person(rig: Rig) -> None:
    (alert,) = rig.terminal.desk.alerts()
    rig.terminal.desk.settle_alert(alert.id, choice="ok", actor_id="waiter")
    rig.settle()
    assert rig.terminal.desk.alerts() == ()
    assert rig.terminal.desk.counts()[1] == 1, "the operation still needs somebody"


def exhausted(rig: Rig) -> str:
    """The refused operation, as if the server had failed on it ten times."""
    (held,) = rig.terminal.desk.operations("attention")
    mark = "UPDATE operation SET reason = 'EXHAUSTED' WHERE id = ?"
    rig.writer.submit(lambda tx: tx.execute(mark, (held.id,)).fetchall()).result(timeout=5)
    return held.id


def test_what_may_have_happened_is_discarded_only_when_the_server_does_not_know_it(rig: Rig) -> None:
    operation_id = exhausted(rig)
    rig.sync.is_known = False
    rig.terminal.desk.discard(operation_id, actor_id="manager")
    rig.settle()
    assert rig.terminal.desk.counts() == (0, 0)
    assert rig.terminal.order(ORDER) is None


def test_what_has_happened_goes_again_under_its_own_id_and_is_not_discarded(rig: Rig) -> None:
    operation_id = exhausted(rig)
    rig.sync.is_known = True
    rig.terminal.desk.discard(operation_id, actor_id="manager")
    rig.settle()
    assert rig.terminal.desk.counts() == (3, 0)
    assert operation_id in [one.id for one in rig.terminal.desk.operations("waiting")]
    assert [one.title for one in rig.terminal.take_refusals()] == ["The server has done this after all"]


def test_what_may_have_happened_stays_when_the_server_cannot_be_asked(rig: Rig) -> None:
    operation_id = exhausted(rig)
    rig.terminal.desk.discard(operation_id, actor_id="manager")
    rig.settle()
    assert [one.id for one in rig.terminal.desk.operations("attention")] == [operation_id]
    assert [one.title for one in rig.terminal.take_refusals()] == ["The server can't be asked now"]


def decisions(rig: Rig, operation_id: str) -> list[Callable[[], None]]:
    """What a manager may press on a sheet that was opened a while ago."""
    desk = rig.terminal.desk
    return [
        lambda: desk.retry(operation_id, new_id=ulid(6), actor_id="manager"),
        lambda: desk.discard(operation_id, actor_id="manager"),
        lambda: desk.resolve(operation_id, resolution=Resolution.REFUNDED, actor_id="manager"),
        lambda: desk.fix(operation_id, parts=(), new_id=ulid(7), actor_id="manager"),
    ]


@pytest.mark.parametrize("which", range(4), ids=["retry", "discard", "resolve", "fix"])
def test_who_decides_about_what_went_meanwhile_is_told_that_nothing_came_of_it(rig: Rig, which: int) -> None:
    (held,) = rig.terminal.desk.operations("attention")
    rig.terminal.desk.retry(held.id, new_id=ulid(5), actor_id="waiter")
    rig.settle()
    before = rig.terminal.desk.operations("waiting")

    decisions(rig, held.id)[which]()
    rig.settle()

    assert [one.title for one in rig.terminal.take_refusals()] == ["This operation can't be changed any more"]
    assert rig.terminal.desk.operations("waiting") == before


def test_a_second_tap_on_a_retry_is_no_other_decision(rig: Rig) -> None:
    (held,) = rig.terminal.desk.operations("attention")
    for _ in range(2):
        rig.terminal.desk.retry(held.id, new_id=ulid(5), actor_id="waiter")
    rig.settle()
    assert rig.terminal.take_refusals() == ()
    assert rig.terminal.desk.counts() == (3, 0)
