"""Closing a bill: what is paid, what moves to the follow-up order, and that money which was taken is never refused."""

import pytest

from shared.domain.bill import Method
from shared.domain.closing import follow_up
from shared.domain.commands import CloseOrder
from shared.domain.marks import BumpTicket, ReadyTicket
from shared.domain.order import Order, OrderState, Stamp
from shared.domain.rejections import Refusal
from shared.domain.rules import apply, progress
from shared.domain.ticket import Stage
from shared.domain.tickets import made_by, mark
from shared.domain.totals import totals_of_order
from shared.ids import derived_id, is_ulid
from tests.unit.domain.restaurant import ACTORS, AT, LATER, Till, ids_of, opened, refusal_of, tills


def with_late_beer(till: Till, other: Till) -> tuple[Order, CloseOrder, Order]:
    """A pizza as the first till shows it, its close, and the order with the beer that the second till added."""
    shown = opened(till, "pizza")
    close = till.close(shown)
    return shown, close, apply(shown, other.change(1, other.add("beer")), other.author)


def test_an_order_closes_with_the_exact_money() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "beer")
    close = till.close(order, till.cash(1583, tendered_minor=2000, tip_minor=17))
    closed = apply(order, close, till.author)
    assert (closed.state, closed.closed_at, closed.told_total_minor) == (OrderState.CLOSED, LATER, 1583)
    assert (closed.receipt_number, closed.version) == ("till-ann-000097", 2)
    (payment,) = closed.payments
    assert (payment.method, payment.amount_minor, payment.tendered_minor, payment.tip_minor) == (
        Method.CASH,
        1583,
        2000,
        17,
    )
    assert (payment.taken_by, payment.taken_at, payment.unapplied_minor) == ("Ann", LATER, 0)
    assert (closed.applied_minor, closed.unapplied_minor) == (1583, 0)
    assert follow_up(order, close, till.author) is None


def test_an_order_closes_from_any_open_state() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    send = till.send(*ids_of(order))
    sent = apply(order, send, till.author)
    served = apply(sent, till.serve(*ids_of(order)), till.author)
    for one in (order, sent, served):
        assert apply(one, till.close(one), till.author).state is OrderState.CLOSED


def test_money_beyond_what_the_lines_cost_by_now_is_kept_as_not_applied() -> None:
    till, other = tills()
    order = opened(till, "pizza", "beer")
    close = till.close(order, till.cash(1000), till.cash(583))
    voided = apply(order, other.change(1, other.void_line(order.lines[1].id)), other.author)
    closed = apply(voided, close, till.author)
    assert [payment.unapplied_minor for payment in closed.payments] == [0, 333]
    assert (closed.applied_minor, closed.unapplied_minor, closed.told_total_minor) == (1250, 333, 1583)


def test_a_line_that_became_dearer_closes_with_the_total_that_was_told() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    close = till.close(order)
    more = apply(order, other.change(1, other.quantity(order.lines[0].id, 2)), other.author)
    closed = apply(more, close, till.author)
    assert (closed.state, closed.told_total_minor, closed.applied_minor) == (OrderState.CLOSED, 1250, 1250)
    assert totals_of_order(closed).total_minor == 2500


def test_a_close_whose_line_never_arrived_keeps_its_money() -> None:
    till, _ = tills()
    order = opened(till)
    shown = apply(order, till.change(1, till.add("pizza")), till.author)
    closed = apply(order, till.close(shown), till.author)
    assert (closed.state, closed.applied_minor, closed.unapplied_minor) == (OrderState.CLOSED, 0, 1250)


def test_a_bill_of_nothing_closes_without_money() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    free = apply(order, till.change(1, till.void_line(order.lines[0].id)), till.author)
    close = till.close(order).model_copy(update={"total_minor": 0, "payments": ()})
    assert apply(free, close, till.author).state is OrderState.CLOSED


def test_lines_that_a_close_does_not_name_move_to_the_follow_up_order() -> None:
    till, other = tills()
    _, close, order = with_late_beer(till, other)
    closed = apply(order, close, till.author)
    late = follow_up(order, close, till.author)
    assert late is not None
    assert late.id == derived_id(order.id, "follow-up")
    assert is_ulid(late.id)
    assert [line.moved_to for line in closed.lines] == [None, late.id]
    assert [line.stands for line in closed.lines] == [True, False]
    assert (late.number, late.state, late.version, late.follows) == ("A-1+", OrderState.NEW, 1, order.id)
    assert (late.table_id, late.guests, late.waiter_name) == (order.table_id, order.guests, "Ann")
    assert (late.opened_at, late.applied) == (LATER, (close.id,))
    (beer,) = late.lines
    assert beer == order.lines[1].model_copy(update={"stamp": Stamp(version=1, device="till-ben")})
    assert (closed.applied_minor, totals_of_order(late).total_minor) == (1250, 333)


def test_the_follow_up_order_is_open_to_both_tills() -> None:
    till, other = tills()
    _, close, order = with_late_beer(till, other)
    late = follow_up(order, close, till.author)
    assert late is not None
    changed = apply(late, till.change(1, till.quantity(late.lines[0].id, 2), till.guests(1)), till.author)
    assert (changed.lines[0].quantity, changed.version) == (2, 2)
    assert apply(changed, other.close(changed), other.author).applied_minor == 666


def test_a_voided_line_stays_where_it_is() -> None:
    till, other = tills()
    _, close, order = with_late_beer(till, other)
    order = apply(order, other.change(2, other.void_line(order.lines[1].id)), other.author)
    assert follow_up(order, close, till.author) is None
    assert [line.moved_to for line in apply(order, close, till.author).lines] == [None, None]


@pytest.mark.parametrize(
    ("moved", "state"),
    [(None, OrderState.SENT), (ReadyTicket, OrderState.READY), (BumpTicket, OrderState.READY)],
)
def test_the_follow_up_order_takes_its_own_tickets_along(
    moved: type[ReadyTicket | BumpTicket] | None, state: OrderState
) -> None:
    till, other = tills()
    shown = opened(till, "pizza")
    sent = apply(shown, till.send(*ids_of(shown)), till.author)
    order = apply(sent, other.change(2, other.add("beer")), other.author)
    send = other.send(order.lines[1].id)
    order = apply(order, send, other.author)
    (ticket,) = made_by(order, send)
    if moved is not None:
        command = moved(id=till.operation_id(), actor_id=ACTORS[0], at=AT, ticket_id=ticket.id, line_ids=())
        ticket = mark(ticket, command)
        order = progress(order, (ticket,))
    late = follow_up(order, till.close(shown), till.author)
    assert late is not None
    assert [one.id for one in late.tickets] == [ticket.id]
    assert late.lines[0].ticket_id == ticket.id
    assert late.state is state
    assert progress(late, (ticket.model_copy(update={"round": 1}),)).tickets[0].round == 1


def test_what_was_served_before_the_close_is_served_on_the_follow_up_order() -> None:
    till, other = tills()
    shown, close, order = with_late_beer(till, other)
    unsent = apply(apply(order, till.send(shown.lines[0].id), till.author), till.serve(*ids_of(order)), till.author)
    assert [one.stage for one in unsent.tickets] == [Stage.QUEUED]
    late = follow_up(unsent, close, till.author)
    assert late is not None
    assert late.state is OrderState.NEW
    served = apply(apply(order, other.send(*ids_of(order)), other.author), other.serve(*ids_of(order)), other.author)
    late = follow_up(served, close, till.author)
    assert late is not None
    assert late.state is OrderState.SERVED


def test_a_close_that_comes_again_changes_nothing_and_makes_no_second_follow_up() -> None:
    till, other = tills()
    _, close, order = with_late_beer(till, other)
    closed = apply(order, close, till.author)
    assert apply(closed, close, till.author) is closed
    assert follow_up(closed, close, till.author) is None


def test_the_same_payment_under_another_command_is_no_second_one() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    close = till.close(order)
    closed = apply(order, close, till.author)
    again = close.model_copy(update={"id": till.operation_id()})
    assert apply(closed, again, till.author) is closed


@pytest.mark.parametrize("end", ["close", "void"])
def test_money_taken_for_an_order_that_is_over_is_kept_as_not_applied(end: str) -> None:
    till, other = tills()
    order = opened(till, "pizza")
    over = apply(order, till.close(order) if end == "close" else till.void(*ids_of(order)), till.author)
    second = other.close(order)
    after = apply(over, second, other.author)
    assert after.state is over.state
    assert after.payments[-1].unapplied_minor == 1250
    assert after.unapplied_minor == 1250
    assert after.version == over.version + 1
    assert (after.told_total_minor, after.receipt_number) == (over.told_total_minor, over.receipt_number)
    assert apply(after, second, other.author) is after
    assert follow_up(over, second, other.author) is None


def test_two_tills_that_close_at_the_same_moment_both_keep_the_number_that_they_printed() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    first, second = till.close(order), other.close(order)
    both = apply(apply(order, first, till.author), second, other.author)
    assert both.receipt_number == first.receipt_number
    assert [(one.id, one.receipt_number) for one in both.payments] == [
        (first.payments[0].id, "till-ann-000097"),
        (second.payments[0].id, "till-ben-000097"),
    ]
    assert both.receipt_numbers == ("till-ann-000097", "till-ben-000097")


def test_a_bill_paid_in_two_parts_has_one_receipt() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    closed = apply(order, till.close(order, till.cash(1000), till.cash(250)), till.author)
    assert closed.receipt_numbers == ("till-ann-000097",)


@pytest.mark.parametrize("over", [False, True])
def test_a_close_that_was_never_right_is_refused_whatever_became_of_the_order(over: bool) -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    target = apply(order, till.close(order), till.author) if over else order
    half = till.cash(625)
    wrong = {
        "The payments are less than the total.": (till.cash(1249),),
        "The same payment is in it twice.": (half, half),
        "Less money was handed over than the payment says.": (till.cash(1250, tendered_minor=1300, tip_minor=51),),
    }
    for said, payments in wrong.items():
        assert refusal_of(target, till.close(order, *payments), till) == (Refusal.INVALID, said)


def test_the_money_counts_with_tax_on_top() -> None:
    till, _ = tills(inclusive=False)
    order = opened(till, "pizza", "beer")
    closed = apply(order, till.close(order), till.author)
    assert (closed.told_total_minor, closed.applied_minor, closed.unapplied_minor) == (1375 + 396, 1771, 0)
