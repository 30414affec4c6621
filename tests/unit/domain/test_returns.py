"""Refunds: lines of a paid bill are taken back once, and no more is given back than was paid."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shared.domain.approvals import Judge, refuse_unapproved
from shared.domain.bill import Method
from shared.domain.lines import Author
from shared.domain.menu import Business, Role
from shared.domain.order import Order, OrderState
from shared.domain.refunds import RefundOrder
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.returns import left_of_payment, refund
from shared.domain.rules import apply
from shared.domain.together import apply_all
from shared.domain.totals import cost_of, totals_of_order
from shared.ids import StaffId
from tests.unit.domain.restaurant import Till, discount, ids_of, opened, refusal_of, tills, ulid
from tests.unit.domain.two_orders import OTHER_ID, merge

GONE_ON = Refusal.INVALID_STATE_TRANSITION


def paid(till: Till, *items: str, extra_minor: int = 0) -> Order:
    """An order that was paid, with so much more than it cost."""
    order = opened(till, *items)
    total_minor = totals_of_order(order).total_minor
    return apply(order, till.close(order, till.cash(total_minor + extra_minor)), till.author)


def test_an_order_is_given_back_wholly() -> None:
    till, _ = tills()
    order = paid(till, "pizza", "beer")
    command = till.refund(*ids_of(order), minor=(1583,))
    after = apply(order, command, till.author)
    (made,) = after.returns
    assert (after.state, after.is_open, after.left_to_refund_minor) == (OrderState.REFUNDED, False, 0)
    assert (made.id, made.number, made.amount_minor, made.surplus_minor) == (command.id, None, 1583, 0)
    assert (made.given_by, made.approved_by, made.reason) == ("Ann", "sara", "cold")
    assert totals_of_order(after).total_minor == 1583, "the bill stays what it was"


def test_line_by_line_it_comes_to_the_same_and_only_the_last_one_refunds_the_order() -> None:
    till, _ = tills(inclusive=False)
    order = opened(till, "pizza", "cake", "pizza", "beer")
    order = apply(order, till.change(1, discount(till, amount_minor=777)), till.author)
    order = apply(order, till.close(order), till.author)
    total_minor, states = totals_of_order(order).total_minor, []
    for line_id in ids_of(order):
        order = apply(order, till.refund(line_id, minor=(cost_of(order, [line_id]),)), till.author)
        states.append(order.state)
    assert sum(one.amount_minor for one in order.returns) == total_minor
    assert states == [OrderState.CLOSED] * 3 + [OrderState.REFUNDED]


def test_what_the_order_could_not_use_is_given_back_without_a_line() -> None:
    till, _ = tills()
    order = paid(till, "pizza", extra_minor=340)
    assert order.unapplied_minor == 340
    order = apply(order, till.refund(minor=(340,)), till.author)
    assert (order.state, order.unapplied_minor, order.returns[0].surplus_minor) == (OrderState.CLOSED, 0, 340)
    order = apply(order, till.refund(*ids_of(order), minor=(1250,)), till.author)
    assert (order.state, order.left_to_refund_minor) == (OrderState.REFUNDED, 0)


def test_of_two_managers_who_give_back_the_same_money_the_second_meets_a_conflict() -> None:
    """It was right on his screen. As a mistake of his it would hold its order until somebody discards it."""
    till, other = tills()
    order = paid(till, "pizza", extra_minor=340)
    order = apply(order, till.refund(minor=(340,)), till.author)
    words = "What order A-1 could not use was given back already."
    assert refusal_of(order, other.refund(minor=(340,)), other) == (GONE_ON, words)
    assert refusal_of(order, other.refund(minor=(341,)), other)[0] is Refusal.INVALID


def test_money_that_comes_late_for_a_refunded_order_is_kept_and_can_be_given_back() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    late = other.close(order)
    order = apply(order, till.close(order), till.author)
    order = apply(order, till.refund(*ids_of(order), minor=(1250,)), till.author)
    order = apply(order, late, other.author)
    assert (order.state, order.unapplied_minor) == (OrderState.REFUNDED, 1250)
    assert apply(order, other.refund(minor=(1250,)), other.author).unapplied_minor == 0


def test_a_refund_that_comes_again_gives_nothing_back_under_whatever_name() -> None:
    till, other = tills()
    order = paid(till, "pizza", "beer")
    command = till.refund(order.lines[0].id, minor=(1000, 250))
    after = apply(order, command, till.author)
    assert apply(after, command, till.author) is after
    assert apply(after, command.model_copy(update={"id": other.operation_id()}), other.author) is after
    part = command.model_copy(update={"id": other.operation_id(), "refunds": (*command.refunds, *_money(till, 5))})
    assert refusal_of(after, part, other)[0] is Refusal.INVALID


def test_more_than_was_paid_is_refused_and_more_than_is_left_by_now_is_a_conflict() -> None:
    till, other = tills()
    order = paid(till, "pizza", "beer")
    pizza, beer = ids_of(order)
    assert refusal_of(order, till.refund(pizza, beer, minor=(1584,)), till) == (
        Refusal.INVALID,
        "This is more than was paid for order A-1.",
    )
    assert refusal_of(order, till.refund(beer, minor=(334,)), till) == (
        Refusal.INVALID,
        "This is more than these lines cost.",
    )
    after = apply(order, till.refund(pizza, minor=(1250,)), till.author)
    assert refusal_of(after, other.refund(pizza, minor=(1250,)), other) == (GONE_ON, "Pizza was taken back already.")
    assert refusal_of(after, other.refund(beer, minor=(1000,)), other)[0] is GONE_ON


def test_less_may_be_given_back_than_the_lines_cost() -> None:
    till, _ = tills()
    order = paid(till, "pizza")
    after = apply(order, till.refund(*ids_of(order), minor=(1000,)), till.author)
    assert (after.state, after.left_to_refund_minor) == (OrderState.REFUNDED, 250)
    assert refusal_of(after, till.refund(minor=(250,)), till)[0] is Refusal.INVALID


def test_what_nobody_paid_is_not_taken_back() -> None:
    till, other = tills()
    order = opened(till, "pizza", "cake")
    pizza, cake = ids_of(order)
    assert refusal_of(order, till.refund(pizza, minor=(1,)), till)[0] is GONE_ON
    order = apply(order, till.change(1, till.void_line(cake)), till.author)
    shown = order
    order = apply(order, other.change(2, added := other.add("beer")), other.author)
    order = apply(order, till.close(shown), till.author)
    assert refusal_of(order, till.refund(cake, minor=(1,)), till) == (
        Refusal.INVALID,
        "Cake was voided: nobody paid for it.",
    )
    assert refusal_of(order, till.refund(added.line.id, minor=(1,)), till)[0] is GONE_ON
    assert refusal_of(order, till.refund(ulid(77), minor=(1,)), till)[0] is Refusal.INVALID
    assert refusal_of(order, till.refund(), till) == (Refusal.INVALID, "There is nothing to give back in it.")


def test_a_card_gets_back_what_was_paid_with_it_and_no_more() -> None:
    till, _ = tills()
    order = paid(till, "pizza", "beer")
    by_card = order.payments[0].model_copy(update={"method": Method.CARD})
    order = order.model_copy(update={"payments": (by_card,)})
    pizza, beer = ids_of(order)
    command = till.refund(pizza, minor=(1250,))

    def of_card(command: RefundOrder, payment_id: str | None = by_card.id) -> RefundOrder:
        named = {"method": Method.CARD, "payment_id": payment_id}
        return command.model_copy(update={"refunds": tuple(o.model_copy(update=named) for o in command.refunds)})

    after = apply(order, of_card(command), till.author)
    assert left_of_payment(after, by_card.id) == 333
    words = "That is more than is left of this payment."
    assert refusal_of(after, of_card(till.refund(beer, minor=(300, 34))), till) == (GONE_ON, words)
    assert refusal_of(order, of_card(till.refund(pizza, minor=(1250, 334))), till) == (Refusal.INVALID, words)
    for other in (None, ulid(77)):
        assert refusal_of(order, of_card(command, other), till)[0] is Refusal.INVALID
    mobile = command.refunds[0].model_copy(update={"method": Method.MOBILE_MONEY, "payment_id": by_card.id})
    assert refusal_of(order, command.model_copy(update={"refunds": (mobile,)}), till)[0] is Refusal.INVALID
    assert apply(order, command, till.author).left_to_refund_minor == 333, "cash may go back for a card"
    twice = command.model_copy(update={"refunds": command.refunds * 2})
    assert refusal_of(order, twice, till) == (Refusal.INVALID, "The same money is in it twice.")


def test_money_of_a_merged_order_is_given_back_where_it_was_taken() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    there = apply(None, Till(other.author, other.names, OTHER_ID).create(), other.author)
    orders = {str(order.id): order, str(there.id): there}
    close = till.close(order)
    orders |= apply_all(orders, merge(till, OTHER_ID, *ids_of(order)), till.author)
    orders |= apply_all(orders, close, till.author)
    assert orders[order.id].unapplied_minor == 1250
    orders |= apply_all(orders, till.refund(minor=(1250,)), till.author)
    assert (orders[order.id].unapplied_minor, orders[OTHER_ID].returns) == (0, ())


@pytest.mark.parametrize(
    ("by", "approved_by", "is_fine"),
    [("ann", None, False), ("ann", "ben", False), ("ann", "sara", True), ("sara", None, True)],
)
def test_a_manager_gives_back_or_approves(by: str, approved_by: str | None, is_fine: bool) -> None:
    till, _ = tills()
    roles = {"ann": Role.WAITER, "ben": Role.WAITER, "sara": Role.MANAGER}
    order = paid(till, "pizza")
    named = {"actor_id": StaffId(by), "approved_by": approved_by}
    command = till.refund(*ids_of(order), minor=(1250,)).model_copy(update=named)
    orders = {str(order.id): order}
    try:
        refuse_unapproved(command, Judge(roles.get, Business(version="1", name="T")), before=orders, after=orders)
    except CommandRejected as error:
        assert (is_fine, error.refusal) == (False, Refusal.FORBIDDEN)  # noqa: PT017 - fine is no error
    else:
        assert is_fine


Rule = Callable[[Order, RefundOrder, Author], Order]


def believes_every_sum(order: Order, command: RefundOrder, author: Author) -> Order:
    """Whatever is asked for is given back."""
    more = order.payments[0].model_copy(update={"amount_minor": 10**9, "unapplied_minor": 10**9})
    after = refund(order.model_copy(update={"payments": (more,)}), command, author)
    return after.model_copy(update={"payments": order.payments})


def forgets_what_was_taken_back(order: Order, command: RefundOrder, author: Author) -> Order:
    """A line may be taken back again."""
    bare = order.model_copy(update={"returns": (), "state": OrderState.CLOSED})
    after = refund(bare, command, author)
    return after.model_copy(update={"returns": (*order.returns, *after.returns)})


def never_more_than_was_paid(rule: Rule) -> None:
    """Whatever is tried, what is given back comes to what was paid at most, and a line is taken back once."""

    @settings(max_examples=80, phases=[Phase.generate])
    @given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 2000)), max_size=5), st.integers(0, 300))
    def run(tries: list[tuple[int, int]], extra_minor: int) -> None:
        till, _ = tills()
        order = paid(till, "pizza", "cake", "beer", extra_minor=extra_minor)
        taken_minor = sum(payment.amount_minor for payment in order.payments)
        for chosen, wanted in tries:
            named = [line.id for place, line in enumerate(order.lines) if chosen >> place & 1]
            amount = wanted if chosen < 8 else cost_of(order, named)
            try:
                order = rule(order, till.refund(*named, minor=(amount,) if amount else ()), till.author)
            except CommandRejected:
                continue
            back = [line_id for one in order.returns for line_id in one.line_ids]
            assert len(set(back)) == len(back)
            assert sum(one.amount_minor for one in order.returns) <= taken_minor
            assert order.unapplied_minor >= 0

    run()


def test_never_more_is_given_back_than_was_paid() -> None:
    never_more_than_was_paid(refund)


@pytest.mark.parametrize("mutant", [believes_every_sum, forgets_what_was_taken_back])
def test_a_rule_that_gives_back_too_much_is_caught(mutant: Rule) -> None:
    with pytest.raises(AssertionError):
        never_more_than_was_paid(mutant)


def _money(till: Till, minor: int) -> tuple[object, ...]:
    return till.refund(minor=(minor,)).refunds
