"""What a person does about a refused operation: it goes again in its old place, or is given up; money never is."""

from __future__ import annotations

from functools import partial

import pytest

from shared.domain.commands import OrderCommand
from shared.domain.menu import Floor
from shared.domain.rules import apply
from shared.money import Currency
from shared.store import entities, mending, outbox, panel
from shared.store.mending import NotMendable
from shared.store.outcomes import FailReason, Flight
from shared.wire.requests import decode
from tests.unit.store.till import NOW_MS, Till, author_of, ulid

ORDER, OTHER = ulid(900_001), ulid(900_002)
NEW_ID = ulid(700_001)
FINAL = (FailReason.INVALID, FailReason.REFUSED)


def retry(till: Till, flight: Flight, *, new_id: str = NEW_ID) -> frozenset[str]:
    work = partial(mending.retry, operation_id=flight.id, new_id=new_id, actor_id="grace", now_ms=NOW_MS)
    return till.run(lambda tx: work(tx))


def discard(till: Till, flight: Flight) -> frozenset[str]:
    work = partial(mending.discard, operation_id=flight.id, actor_id="grace", now_ms=NOW_MS)
    return till.run(lambda tx: work(tx))


def refused(till: Till, reason: FailReason, *, kind: str = "change_order") -> Flight:
    """An order whose first operation of this kind was refused, with what was made after it still waiting."""
    till.send(ORDER, till.add_line(ORDER))
    while True:
        flight = till.take(limit=1).flights[0]
        if flight.kind == kind:
            till.fail(flight, reason)
            return flight
        command = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
        assert isinstance(command, OrderCommand)
        server = till.run(partial(entities.order, order_id=flight.entity_id))
        till.accept(flight, apply(server, command, author_of(command.actor_id)))


def row(till: Till, operation_id: str) -> tuple[object, ...]:
    found = till.connection.execute(
        "SELECT status, reason, attempts, place, body, replaces FROM operation WHERE id = ?", (operation_id,)
    ).fetchone()
    assert found is not None
    return tuple(found)


@pytest.mark.parametrize("reason", FINAL)
def test_after_a_final_answer_it_goes_again_as_a_new_operation_in_the_old_place(till: Till, reason: FailReason) -> None:
    flight = refused(till, reason)
    till.send(OTHER, till.add_line(OTHER))
    before = row(till, flight.id)
    assert [one.path for one in till.take().flights] == ["/pos/orders"], "the lane is held"

    assert retry(till, flight) == {f"order:{ORDER}", "alerts"}

    again = till.take(limit=5, now_ms=NOW_MS + 1).flights[0]
    assert (again.id, again.body, again.path, again.lanes) == (NEW_ID, flight.body, flight.path, flight.lanes)
    assert row(till, NEW_ID)[3] == before[3], "the old place"
    assert row(till, NEW_ID)[5] == flight.seq
    till.accept(again)
    assert [one.kind for one in till.take().flights if one.entity_id == ORDER] == ["send_to_kitchen"]


def test_a_second_tap_on_try_again_is_the_same_intention(till: Till) -> None:
    flight = refused(till, FailReason.REFUSED)
    retry(till, flight)
    retry(till, flight)
    retry(till, flight, new_id=ulid(700_002))
    assert till.connection.execute("SELECT count(*) FROM operation WHERE replaces IS NOT NULL").get == 1


def test_what_the_server_failed_on_goes_again_under_its_own_id(till: Till) -> None:
    """It may have happened: a new name would do it twice."""
    flight = refused(till, FailReason.EXHAUSTED)
    retry(till, flight)
    assert row(till, flight.id)[:3] == ("PENDING", None, 0)
    assert [one.id for one in till.take().flights] == [flight.id]
    assert not till.run(lambda tx: outbox.knows(tx, NEW_ID))


def test_a_mismatch_is_neither_tried_again_nor_discarded(till: Till) -> None:
    flight = refused(till, FailReason.MISMATCH)
    for mend in (retry, discard):
        with pytest.raises(NotMendable):
            mend(till, flight)
    assert row(till, flight.id)[:2] == ("FAILED", "MISMATCH")


def test_what_may_have_happened_is_not_discarded(till: Till) -> None:
    flight = refused(till, FailReason.EXHAUSTED)
    with pytest.raises(NotMendable):
        discard(till, flight)
    assert row(till, flight.id)[:2] == ("FAILED", "EXHAUSTED")


@pytest.mark.parametrize("reason", FINAL)
def test_discarding_takes_along_what_names_its_lines_and_lets_the_rest_go(till: Till, reason: FailReason) -> None:
    flight = refused(till, reason)
    assert len(till.scene(ORDER).unsettled) == 2
    more = till.add_line(ORDER)
    till.send(ORDER, more)

    changed = discard(till, flight)

    assert changed == {f"order:{ORDER}", "alerts"}
    left = till.scene(ORDER)
    assert [one.kind for one in left.unsettled] == ["change_order", "send_to_kitchen"], "the second round only"
    assert [one.kind for one in till.take().flights] == ["change_order"]
    gone = [row for row in till.statuses() if row[2] == "DISCARDED"]
    assert [kind for kind, _, _ in gone] == ["change_order", "send_to_kitchen"]


def test_money_is_never_discarded_not_even_with_the_order_that_it_is_for(till: Till) -> None:
    line = till.add_line(ORDER)
    till.tap(till.bill(ORDER, line, total_minor=1098))
    create = till.take(limit=1).flights[0]
    till.fail(create, FailReason.INVALID)
    with pytest.raises(NotMendable, match="money"):
        discard(till, create)

    retry(till, create)
    while (flight := till.take(limit=1).flights[0]).kind != "close_order":
        till.accept(flight)
    till.fail(flight, FailReason.REFUSED)
    with pytest.raises(NotMendable, match="money"):
        discard(till, flight)
    assert row(till, flight.id)[:2] == ("FAILED", "REFUSED")
    retry(till, flight, new_id=ulid(700_003))
    assert [(one.kind, one.body) for one in till.take().flights] == [("close_order", flight.body)]


def test_a_person_who_mends_has_answered_the_alert(till: Till) -> None:
    flight = refused(till, FailReason.REFUSED)
    for mend, choice in ((retry, "retry"), (discard, "discard")):
        assert till.run(panel.counts)[1] == 1
        mend(till, flight)
        assert till.run(panel.counts)[1] == 0
        chosen = till.connection.execute("SELECT choice, chosen_by FROM alert ORDER BY id DESC LIMIT 1").fetchone()
        assert chosen == (choice, "grace")
        if mend is retry:
            flight = till.take(limit=1).flights[0]
            till.fail(flight, FailReason.REFUSED)


def test_what_is_settled_or_waiting_is_not_touched(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    flight = till.take().flights[0]
    for mend in (retry, discard):
        assert mend(till, flight) == frozenset()
    till.accept(flight)
    for mend in (retry, discard):
        assert mend(till, flight) == frozenset()
    assert row(till, flight.id)[0] == "SUCCESS"


def test_money_that_a_strange_server_refuses_for_good_is_told_as_money(till: Till) -> None:
    """Our contract records cash whatever became of the order; with another server a person has to know what is owed."""
    till.tap(till.bill(ORDER, till.add_line(ORDER), total_minor=1098))
    while (flight := till.take(limit=1).flights[0]).kind != "close_order":
        till.accept(flight)
    till.fail(flight, FailReason.CONFLICT)
    (alert,) = till.run(partial(panel.open_alerts, floor=Floor(version=""), currency=Currency("EUR", 2, "")))
    assert alert.title == "Payment and close was not applied"
    assert "The money that was taken is not on the server" in alert.detail
