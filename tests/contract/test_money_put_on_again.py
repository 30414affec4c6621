"""Money for dishes that an order kept out, since it was over: counted where they were put on again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.store import money_moved, panel
from tests.contract.house import House
from tests.contract.test_money_moved import PIZZA, bill_of, in_the_drawers, move, place_of
from tests.contract.two_tills import StoreTill, line_of, server_order


def drafted_and_paid(ann: StoreTill, ben: StoreTill, end: Callable[[StoreTill, str], object]) -> str:
    """Ben rings up a cake and takes money for all, while Ann ends the order that he has not heard of since."""
    five = ann.order("pizza")
    ann.deliver()
    ben.pull()
    end(ann, five)
    ann.deliver()
    ben.more(five, "cake")
    ben.pay(five)
    ben.deliver()
    ben.pull()
    return five


@pytest.mark.parametrize("is_taken_back", [False, True])
def test_money_for_what_a_paid_order_kept_out_counts_where_that_was_put_on_again(
    small_house: House, ann: StoreTill, ben: StoreTill, is_taken_back: bool
) -> None:
    """The guest ate the cake: to give all of the money back would be to give that away."""
    drafted_and_paid(ann, ben, StoreTill.pay)
    bill = bill_of(ben)
    kept_out, surplus = ben.alerts()
    assert surplus.detail.endswith(f"refund 17.49?{panel.FIRST_PUT_ON}")
    assert place_of(ben, bill) is None
    ben.put_on_again(kept_out.again_id)
    ben.deliver()
    (surplus,) = ben.alerts()
    assert (surplus.money_id, surplus.moves_to[:3]) == (bill, "B-1")
    assert surplus.detail.endswith("refund 17.49?")
    there = place_of(ben, bill)
    assert there is not None
    if is_taken_back:
        ben.void_line(there, line_of(ben, there, "cake"))
        ben.deliver()
        assert place_of(ben, bill) is None
        assert ben.alerts()[0].detail.endswith("refund 17.49?"), "somebody has decided about the cake"
        return
    move(ben, bill)
    ben.deliver()
    order = server_order(small_house, there)
    assert (order.is_open, order.applied_minor, order.unapplied_minor) == (False, 499, PIZZA)
    assert [one.gives_back for one in ben.alerts()] == ["12.50 in cash"]
    assert in_the_drawers(small_house) == 2 * PIZZA + 499


def test_what_was_added_to_the_heir_of_a_merged_order_is_paid_with_the_rest(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    six = ann.order("beer")
    five = drafted_and_paid(ann, ben, lambda till, order_id: till.merge(order_id, six))
    bill = bill_of(ben)
    move(ben, bill)
    ben.deliver()
    paid = server_order(small_house, six)
    assert [line.item_id for line in paid.standing_lines] == ["pizza", "cake"]
    assert (paid.applied_minor, paid.unapplied_minor, server_order(small_house, five).unapplied_minor) == (1749, 0, 0)
    assert ben.run(lambda tx: money_moved.is_for_more(tx, bill)) is False
