"""What a person does about a refused operation: it goes again in its old place, or is given up; money never is."""

from __future__ import annotations

from functools import partial

import pytest

from shared.domain.closing import follow_up_id
from shared.domain.command import OrderCommand
from shared.domain.commands import ServeOrder
from shared.domain.menu import Floor
from shared.domain.rules import apply
from shared.ids import LineId, OperationId, OrderId, StaffId
from shared.money import Currency
from shared.store import alerts, entities, mending, outbox, panel
from shared.store.mending import NotMendable, Resolution
from shared.store.outcomes import FailReason, Flight
from shared.wire.requests import decode
from tests.unit.store.till import AT, NOW_MS, Till, author_of, ulid

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
    return refuse_next(till, reason, kind=kind)


def refuse_next(till: Till, reason: FailReason, *, kind: str) -> Flight:
    """What waits before the next operation of this kind is taken by the server, and that one is not."""
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


def test_what_met_another_operation_with_its_id_goes_under_a_new_one_in_the_old_place(till: Till) -> None:
    """The ULIDs inside are its own, so that nothing of it can be done twice."""
    flight = refused(till, FailReason.MISMATCH)
    assert retry(till, flight) == {f"order:{ORDER}", "alerts"}
    again = till.take(limit=1).flights[0]
    assert (again.id, again.body, again.lanes) == (NEW_ID, flight.body, flight.lanes)
    assert row(till, NEW_ID)[3] == row(till, flight.id)[3], "the old place"
    assert row(till, flight.id)[:2] == ("FAILED", "MISMATCH")


def test_what_met_another_operation_with_its_id_can_be_given_up(till: Till) -> None:
    flight = refused(till, FailReason.MISMATCH)
    assert discard(till, flight) == {f"order:{ORDER}", "alerts"}
    assert row(till, flight.id)[:2] == ("FAILED", "DISCARDED")
    assert till.take().flights == ()


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


def resolve(till: Till, flight: Flight, resolution: Resolution, *, is_unknown: bool = False) -> frozenset[str]:
    work = partial(
        mending.resolve, operation_id=flight.id, resolution=resolution, actor_id="grace", now_ms=NOW_MS,
        is_unknown=is_unknown,
    )  # fmt: skip
    return till.run(lambda tx: work(tx))


def paid_and_refused(till: Till, reason: FailReason) -> Flight:
    """An order that is on the server, with a payment that the server did not take."""
    till.tap(till.bill(ORDER, till.add_line(ORDER), total_minor=1098))
    while (flight := till.take(limit=1).flights[0]).kind != "close_order":
        command = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
        assert isinstance(command, OrderCommand)
        server = till.run(partial(entities.order, order_id=flight.entity_id))
        till.accept(flight, apply(server, command, author_of(command.actor_id)))
    till.fail(flight, reason)
    return flight


def choices_of(till: Till, flight: Flight) -> list[tuple[str, str]]:
    """What was decided about it, and by whom."""
    rows = till.connection.execute(
        "SELECT choice, chosen_by FROM alert WHERE operation_seq = ? AND choice IS NOT NULL ORDER BY id", (flight.seq,)
    )
    return [(str(choice), str(who)) for choice, who in rows]


@pytest.mark.parametrize("reason", [*FINAL, FailReason.MISMATCH])
@pytest.mark.parametrize("resolution", list(Resolution))
def test_money_that_the_server_does_not_take_ends_by_what_became_of_it(
    till: Till, reason: FailReason, resolution: Resolution
) -> None:
    flight = paid_and_refused(till, reason)
    assert resolve(till, flight, resolution) >= {f"order:{ORDER}", "alerts"}

    assert till.run(panel.counts) == (0, 0)
    assert row(till, flight.id)[:2] == ("FAILED", reason), "it is not called discarded"
    assert choices_of(till, flight) == [(resolution, "grace")]
    order = till.scene(ORDER).scene.order
    assert order is not None
    assert order.is_open, "as the server has it"
    assert resolve(till, flight, Resolution.RECORDED) == frozenset(), "the first word stands"
    assert choices_of(till, flight) == [(resolution, "grace")]


def test_what_became_of_money_is_on_record_also_where_its_alert_was_put_away_before(till: Till) -> None:
    flight = paid_and_refused(till, FailReason.REFUSED)
    till.run(partial(alerts.record_choice_on, seq=flight.seq, choice="ok", actor_id="amina", now_ms=NOW_MS))
    resolve(till, flight, Resolution.REFUNDED)
    assert choices_of(till, flight) == [("ok", "amina"), ("refunded", "grace")]


def test_money_that_may_be_on_the_server_is_not_resolved_before_that_was_asked(till: Till) -> None:
    flight = paid_and_refused(till, FailReason.EXHAUSTED)
    with pytest.raises(NotMendable, match="EXHAUSTED"):
        resolve(till, flight, Resolution.REFUNDED)
    resolve(till, flight, Resolution.REFUNDED, is_unknown=True)
    assert till.run(panel.counts) == (0, 0)


def test_what_carries_no_money_is_not_resolved(till: Till) -> None:
    flight = refused(till, FailReason.REFUSED)
    with pytest.raises(NotMendable, match="no money"):
        resolve(till, flight, Resolution.REFUNDED)


def test_what_was_sent_on_the_order_that_a_bill_was_to_leave_over_is_given_to_a_person(till: Till) -> None:
    bowl, flan = till.add_line(ORDER), till.add_line(ORDER)
    till.send(ORDER, bowl, flan)
    till.deliver_all()
    till.tap(till.bill(ORDER, bowl, total_minor=1098))
    late = follow_up_id(OrderId(ORDER))
    serve = ServeOrder(
        id=OperationId(till.new_id()), actor_id=StaffId("amina"), at=AT, order_id=late, line_ids=(LineId(flan),)
    )
    till.tap(serve)
    flight = till.take().flights[0]
    till.fail(flight, FailReason.REFUSED)

    assert resolve(till, flight, Resolution.REFUNDED) == {f"order:{ORDER}", f"order:{late}", "alerts"}

    (alert,) = till.run(partial(panel.open_alerts, floor=Floor(version=""), currency=Currency("EUR", 2, "")))
    assert "its order is open again" in alert.detail
    assert till.take().flights == ()
    order = till.scene(ORDER).scene.order
    assert order is not None
    assert [line.id for line in order.standing_lines] == [bowl, flan]


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
