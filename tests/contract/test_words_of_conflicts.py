"""What a person is told of a tap that another till forestalled: what it was, and what that means for the money."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.database import run_inline
from shared.domain.bill import Method
from shared.domain.commands import (
    Change,
    CloseOrder,
    FireCourse,
    MoveTable,
    NewPayment,
    SetGuests,
    SetNote,
    SetQuantity,
    SetSeat,
    VoidOrder,
)
from shared.domain.discounts import ApplyDiscount, RemoveDiscount
from shared.domain.menu import Floor
from shared.domain.moves import TransferLines
from shared.domain.refunds import NewRefund, RefundOrder
from shared.domain.shift_commands import CloseShift, OpenShift
from shared.ids import ChangeId, LineId, OperationId, OrderId, PaymentId, ShiftId, TableId
from shared.money import Currency
from shared.store import alerts
from shared.store.alerts import MONEY_NOT_THERE, NO_MONEY_OUT, OTHER_REPORT
from shared.store.details import detail
from shared.store.outcomes import Failed, FailReason, Flight
from shared.wire.requests import Kind
from tests.contract.two_tills import ANN, AT, StoreTill, line_of
from tests.unit.domain.restaurant import ulid

FLOOR, EURO = Floor(version="1"), Currency("EUR", 2, "")
Told = Callable[[ChangeId, LineId], Change]

CHANGES: tuple[tuple[Told, str], ...] = (
    (lambda one, line: ApplyDiscount(id=one, percent_bp=1000, reason="Regular"), "10 % off the order: Regular"),
    (lambda one, line: ApplyDiscount(id=one, line_id=line, amount_minor=50, reason="Late"), "0.50 off Pizza: Late"),
    (lambda one, line: SetSeat(id=one, line_id=line, seat=2), "Pizza for seat 2"),
    (lambda one, line: SetSeat(id=one, line_id=line, seat=None), "Pizza for no seat"),
    (lambda one, line: MoveTable(id=one, table_id=TableId("9")), "to Table 9"),
    (lambda one, line: SetGuests(id=one, guests=4), "4 guests"),
)


@pytest.mark.parametrize(("change", "words"), CHANGES)
def test_what_a_closed_order_kept_out_is_named(ann: StoreTill, ben: StoreTill, change: Told, words: str) -> None:
    five = ann.order("pizza")
    ann.deliver()
    ben.pull()
    ann.pay(five)
    ann.deliver()
    ben.change(five, change(ChangeId(ben.ids.new()), LineId(line_of(ben, five, "pizza"))))
    ben.deliver()
    (alert,) = ben.alerts()
    assert alert.detail.endswith(f"Order A-1 is closed. The order now shows the server's version. Not on it: {words}.")


def test_a_void_and_a_transfer_that_came_too_late_are_named_with_their_dish(ann: StoreTill, ben: StoreTill) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    pizza = line_of(ben, five, "pizza")
    ann.void_line(five, pizza)
    ann.deliver()
    ben.transfer(five, six, pizza)
    ben.deliver()
    assert ben.alerts()[0].detail.endswith("Not on it: Pizza to A-2.")
    cake = line_of(ben, six, "cake")
    ann.change(six, SetSeat(id=ChangeId(ann.ids.new()), line_id=LineId(cake), seat=1))
    ann.deliver()
    ben.void_line(six, cake)
    ben.deliver()
    assert ben.alerts()[1].detail.endswith("Not on it: void Cake: dropped.")


def test_a_course_that_could_not_be_fired_is_counted(ann: StoreTill, ben: StoreTill) -> None:
    five = ann.order("pizza", is_sent=True)
    (bread,) = ann.more(five, "bread", is_sent=False)
    ann.deliver()
    ben.pull()
    named = tuple(line.id for line in ann.fold(five).standing_lines)
    ann.tap(VoidOrder(**ann.said(five), reason="Left", line_ids=named))
    ann.deliver()
    ben.tap(FireCourse(**ben.said(five), line_ids=(LineId(bread),)))
    ben.deliver()
    assert ben.alerts()[0].detail.endswith("Not on it: 1 line.")


def test_money_is_named_by_the_way_in_which_it_came(ann: StoreTill) -> None:
    """Whoever decides about it looks into the drawer for the one, and asks the gateway for the other."""

    def paid(method: Method, number: int) -> NewPayment:
        return NewPayment(id=PaymentId(ulid(number)), method=method, amount=500, tendered=500, taken_at=AT)

    both = (paid(Method.CARD, 800), paid(Method.CASH, 801), paid(Method.CARD, 802))
    close = CloseOrder(**ann.said(ulid(1)), line_ids=(LineId(ulid(2)),), total_minor=1500, payments=both)
    money = NewRefund(id=PaymentId(ulid(803)), method=Method.MOBILE_MONEY, amount=250, given_at=AT)
    refund = RefundOrder(**ann.said(ulid(1)), line_ids=(), refunds=(money,), reason="cold")
    bare = RefundOrder(**ann.said(ulid(1)), line_ids=(LineId(ulid(2)),), reason="cold")
    words = [ann.run(lambda tx, one=one: detail(tx, one, floor=FLOOR, currency=EURO)) for one in (close, refund, bare)]  # type: ignore[misc]
    assert words == ["card 10.00, cash 5.00", "mobile money 2.50: cold", "cold"]


def test_a_line_that_the_server_never_showed_is_one_without_a_name(ann: StoreTill) -> None:
    line_id, one = LineId(ulid(2)), ChangeId(ulid(3))
    changes = (
        SetQuantity(id=one, line_id=line_id, quantity=3),
        SetNote(id=one, line_id=line_id, note=""),
        RemoveDiscount(id=one, discount_id=one),
        TransferLines(id=one, line_ids=(line_id, LineId(ulid(4))), to_order_id=OrderId(ulid(5))),
    )
    command = ann.change(ann.order("pizza"), SetGuests(id=one, guests=2))
    told = [command.model_copy(update={"changes": some}) for some in (changes[:2], changes[2:], changes)]
    words = [ann.run(lambda tx, one=one: detail(tx, one, floor=FLOOR, currency=EURO)) for one in told]  # type: ignore[misc]
    assert words == [
        "3 x a line, a line: no note",
        "no discount on the order, 2 lines to another order",
        "3 x a line, a line: no note and 2 more",
    ]


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        (Kind.CLOSE_ORDER, MONEY_NOT_THERE),
        (Kind.REFUND_ORDER, NO_MONEY_OUT),
        (Kind.OPEN_SHIFT, OTHER_REPORT),
        (Kind.CLOSE_SHIFT, OTHER_REPORT),
        (Kind.VOID_ORDER, "The order now shows the server's version."),
    ],
)
def test_what_a_conflict_means_for_the_money_is_said_by_what_it_was(ann: StoreTill, kind: Kind, means: str) -> None:
    """The end of a shift takes no money: nobody may look for a guest to give it back to."""
    flight = Flight(1, ulid(9), kind, "POST", "/x", b"{}", (), "", 1, 0, 0)
    told = Failed(FailReason.CONFLICT, 409, "No.", b"{}")
    ann.tap(OpenShift(id=OperationId(ulid(9)), actor_id=ANN, at=AT, shift_id=ShiftId(ulid(10)), float_minor=0))
    run_inline(ann.connection, lambda tx: alerts.raise_failed(tx, flight, told, now_ms=0))
    (alert,) = ann.alerts()
    assert alert.detail == f"No. {means}"


def test_a_shift_that_was_closed_already_asks_for_no_refund(ann: StoreTill) -> None:
    shift_id = ShiftId(ulid(10))
    said: dict[str, Any] = {"actor_id": ANN, "at": AT, "shift_id": shift_id}
    ann.tap(OpenShift(id=OperationId(ulid(11)), **said, float_minor=0))
    ann.tap(CloseShift(id=OperationId(ulid(12)), **said, counted_minor=0))
    ann.deliver(most=1)
    body = {"actorId": "ann", "countedMinor": 0}
    assert ann.house.call("POST", f"/pos/shifts/{shift_id}/close", body).status == 200
    ann.deliver()
    (alert,) = ann.alerts()
    assert "refund" not in alert.detail
    assert alert.detail.endswith(OTHER_REPORT)
