"""Discounts: what they take off each line, that nothing falls below 0, and that the marks stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shared.domain.closing import follow_up
from shared.domain.discounts import MAX_DISCOUNTS, left_of
from shared.domain.order import Order, OrderState, Stamp
from shared.domain.rejections import Refusal
from shared.domain.rules import apply
from shared.domain.together import apply_all
from shared.domain.totals import TaxPart, totals_of_order
from shared.ids import LineId
from shared.wire.requests import BadRequest, Kind, decode
from tests.unit.domain.restaurant import Till, discount, ids_of, new_line, opened, refusal_of, tills, ulid, undo
from tests.unit.domain.two_orders import OTHER_ID, transfer


def with_discount(
    till: Till,
    order: Order,
    line_id: str | None = None,
    *,
    percent_bp: int | None = None,
    amount_minor: int | None = None,
) -> Order:
    """The order after one discount more."""
    one = discount(till, line_id, percent_bp=percent_bp, amount_minor=amount_minor)
    return apply(order, till.change(order.version, one), till.author)


def test_a_percentage_of_the_whole_order_is_rounded_line_by_line_and_tax_is_on_what_is_left() -> None:
    till, _ = tills()
    order = with_discount(till, opened(till, "pizza", "cake", "beer"), percent_bp=1000)
    totals = totals_of_order(order)
    assert (totals.subtotal_minor, totals.discount_minor, totals.total_minor) == (2082, 125 + 50 + 33, 1874)
    assert totals.tax_parts == (TaxPart(700, 420, 29), TaxPart(1000, 1023, 102), TaxPart(1900, 252, 48))


def test_tax_on_top_is_on_what_is_left_too() -> None:
    till, _ = tills(inclusive=False)
    order = with_discount(till, opened(till, "pizza"), amount_minor=250)
    totals = totals_of_order(order)
    assert (totals.tax_parts, totals.total_minor) == ((TaxPart(1000, 1000, 100),), 1100)


def test_a_line_s_own_discount_takes_off_that_line_alone() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    order = with_discount(till, order, ids_of(order)[1], percent_bp=5000)
    assert left_of(order.lines, order.discounts) == {order.lines[0].id: 1250, order.lines[1].id: 249}


def test_an_amount_for_the_whole_order_is_shared_out_to_the_unit() -> None:
    """10.00 off 12.50 + 4.99 + 3.33: the parts are 600.38, 239.67 and 159.94; the last two bear the units over."""
    till, _ = tills()
    order = with_discount(till, opened(till, "pizza", "cake", "beer"), amount_minor=1000)
    assert list(left_of(order.lines, order.discounts).values()) == [650, 259, 173]


def test_more_than_the_bill_takes_all_of_it_and_no_more() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "beer")
    order = with_discount(till, order, order.lines[0].id, amount_minor=9999)
    assert totals_of_order(order).total_minor == 333
    order = with_discount(till, with_discount(till, order, amount_minor=9999), amount_minor=1)
    assert totals_of_order(order).total_minor == 0
    assert apply(order, till.close(order, till.cash(0)), till.author).state is OrderState.CLOSED


def test_each_discount_is_on_what_the_ones_before_it_left() -> None:
    till, _ = tills()
    order = with_discount(till, with_discount(till, opened(till, "pizza"), percent_bp=1000), percent_bp=1000)
    assert totals_of_order(order).total_minor == 1250 - 125 - 113


def test_a_discount_that_is_taken_back_stays_as_a_mark_and_does_not_come_back() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    for line_id in (None, order.lines[0].id):
        given = till.change(order.version, discount(till, line_id, percent_bp=2000))
        order = apply(order, given, till.author)
        mark = (order.discounts if line_id is None else order.lines[0].discounts)[-1]
        order = apply(order, other.change(order.version, undo(other, mark.id, line_id)), other.author)
        marks = order.discounts if line_id is None else order.lines[0].discounts
        assert [one.removed for one in marks] == [True]
        assert totals_of_order(order).total_minor == 1250
        assert apply(order, given, till.author) is order
        late = till.change(order.version, given.changes[0])
        assert apply(order, late, till.author) is order


def test_a_mark_says_who_gave_it_why_and_who_allowed_it() -> None:
    till, _ = tills()
    one = discount(till, percent_bp=2000, approved_by="sara")
    order = apply(opened(till, "pizza"), till.change(1, one), till.author)
    mark = order.discounts[0]
    assert (mark.given_by, mark.approved_by, mark.reason, mark.percent_bp) == ("ann", "sara", "a regular", 2000)
    assert order.discounts_stamp == Stamp(version=2, device="till-ann")


def test_a_discount_of_the_whole_order_by_another_device_makes_one_stale() -> None:
    till, other = tills()
    order = with_discount(till, opened(till, "pizza", "cake"), percent_bp=1000)
    second = other.change(1, discount(other, percent_bp=1000))
    assert refusal_of(order, second, other) == (
        Refusal.STALE_WRITE,
        "The discount of this order was changed on another device.",
    )
    line = other.change(1, discount(other, order.lines[0].id, percent_bp=1000))
    assert apply(order, line, other.author).lines[0].discounts, "a line is another place"


def test_what_is_voided_moved_or_unknown_gets_no_discount() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    pizza, cake = ids_of(order)
    order = apply(order, till.change(1, till.void_line(pizza)), till.author)
    assert refusal_of(order, till.change(2, discount(till, pizza, percent_bp=1)), till)[0] is (
        Refusal.INVALID_STATE_TRANSITION
    )
    unknown = refusal_of(order, till.change(2, discount(till, ulid(77), percent_bp=1)), till)
    assert unknown[0] is Refusal.INVALID_STATE_TRANSITION
    assert refusal_of(order, till.change(2, undo(till, ulid(78))), till) == (
        Refusal.INVALID,
        "There is no such discount here.",
    )
    closed = apply(order, till.close(order), till.author)
    for late in (discount(till, percent_bp=1), discount(till, cake, percent_bp=1), undo(till, ulid(78))):
        assert refusal_of(closed, till.change(3, late), till)[0] is Refusal.INVALID_STATE_TRANSITION


def test_there_is_an_end_to_haggling() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    many = [discount(till, percent_bp=1) for _ in range(MAX_DISCOUNTS)]
    order = apply(order, till.change(1, *many), till.author)
    assert refusal_of(order, till.change(2, discount(till, percent_bp=1)), till)[0] is Refusal.INVALID


def test_a_line_takes_its_own_discount_along_and_its_part_of_the_whole_order_s() -> None:
    till, other = tills()
    order = opened(till, "pizza", "cake")
    order = with_discount(till, order, order.lines[0].id, percent_bp=2000)
    order = with_discount(till, order, percent_bp=1000)
    there = apply(None, Till(other.author, other.names, OTHER_ID).create(), other.author)
    orders: dict[str, Order] = {order.id: order, there.id: there}
    orders |= apply_all(orders, till.change(order.version, transfer(till, OTHER_ID, order.lines[0].id)), till.author)
    assert totals_of_order(orders[order.id]).total_minor == 499 - 50
    assert totals_of_order(orders[OTHER_ID]).total_minor == 1000 - 100


def test_late_lines_keep_their_own_discounts_on_the_follow_up_order() -> None:
    till, other = tills()
    shown = opened(till, "pizza")
    order = apply(shown, other.change(1, added := other.add("beer")), other.author)
    order = with_discount(other, order, added.line.id, amount_minor=33)
    late = follow_up(order, till.close(shown), till.author)
    assert late is not None
    assert totals_of_order(late).total_minor == 300


def test_a_bill_closes_with_the_discount_that_the_guest_was_told() -> None:
    till, other = tills()
    order = with_discount(till, opened(till, "pizza"), percent_bp=1000)
    close = till.close(order)
    assert (close.total_minor, apply(order, close, till.author).unapplied_minor) == (1125, 0)
    more = with_discount(other, order, order.lines[0].id, amount_minor=1000)
    assert apply(more, close, till.author).unapplied_minor == 1125 - 225


@pytest.mark.parametrize("both", ["", ',"percentBp":100,"amountMinor":5', ',"percentBp":0', ',"percentBp":10001'])
def test_a_discount_is_a_percentage_or_an_amount(both: str) -> None:
    body = '{"actorId":"ann","at":"2015-11-27T19:41:05.250Z","baseVersion":1,"changes":[{"type":"applyDiscount",'
    body += f'"id":"{ulid(5)}","reason":"x"{both}}}]}}'
    with pytest.raises(BadRequest) as caught:
        decode(Kind.CHANGE_ORDER, operation_id=ulid(1), path=f"/pos/orders/{ulid(0)}", body=body.encode())
    assert len(caught.value.errors) == 1
    assert caught.value.errors[0][0].startswith("changes.0")


Left = Callable[[Order], dict[LineId, int]]


def really(order: Order) -> dict[LineId, int]:
    """What the rules say is left of each line."""
    return left_of(order.lines, order.discounts)


def gives_more_than_there_is(order: Order) -> dict[LineId, int]:
    """An amount comes off whole, also where it is more than the bill."""
    left = left_of(order.lines, order.discounts, counts=lambda one: one.amount_minor is None)
    amounts = sum(one.amount_minor or 0 for one in order.discounts)
    first = order.lines[0].id
    return {**left, first: left[first] - amounts}


def drops_the_units_over(order: Order) -> dict[LineId, int]:
    """Each line bears its part of an amount cut to the unit, and what is over is nobody's."""
    left = left_of(order.lines, (), counts=lambda _: True)
    for one in order.discounts:
        total = sum(left.values())
        off = total * (one.percent_bp or 0) // 10_000 if one.amount_minor is None else min(total, one.amount_minor)
        left = {line_id: minor - (minor * off // total if total else 0) for line_id, minor in left.items()}
    return left


def nothing_is_lost(left: Left) -> None:
    """No line falls below 0, and an amount for the whole order is taken off to the unit, as far as there is so much."""

    @settings(max_examples=100, phases=[Phase.generate])
    @given(
        st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 12_000)), min_size=1, max_size=6),
        st.lists(st.tuples(st.integers(-5, 5), st.booleans(), st.integers(1, 10_000)), min_size=1, max_size=5),
    )
    def run(prices: list[tuple[int, int]], discounts: list[tuple[int, bool, int]]) -> None:
        till, _ = tills()
        lines = [
            new_line(till.names.new()).model_copy(update={"price_minor": minor, "tax_bp": bp % 10_001})
            for minor, bp in prices
        ]
        order = apply(None, till.create(*lines), till.author)
        for place, is_amount, value in discounts:
            line_id = None if place < 0 else order.lines[place % len(lines)].id
            before = sum(left(order).values())
            percent_bp, amount_minor = (None, value) if is_amount else (value, None)
            order = with_discount(till, order, line_id, percent_bp=percent_bp, amount_minor=amount_minor)
            assert all(0 <= left(order)[line.id] <= line.total_minor for line in order.lines)
            if line_id is None and amount_minor is not None:
                assert sum(left(order).values()) == before - min(before, amount_minor)
        totals = totals_of_order(order)
        assert totals.subtotal_minor - totals.discount_minor == sum(left_of(order.lines, order.discounts).values())

    run()


def test_no_line_falls_below_0_and_no_unit_is_lost() -> None:
    nothing_is_lost(really)


@pytest.mark.parametrize("mutant", [gives_more_than_there_is, drops_the_units_over])
def test_a_discount_that_falls_below_0_or_loses_a_unit_is_caught(mutant: Left) -> None:
    with pytest.raises(AssertionError):
        nothing_is_lost(mutant)
