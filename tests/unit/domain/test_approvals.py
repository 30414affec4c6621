"""What a person may not do alone: discounts above the cap of the role, and voids of what the kitchen has."""

from __future__ import annotations

import pytest

from shared.domain.approvals import Judge, refuse_unapproved
from shared.domain.commands import OrderOperation
from shared.domain.menu import Business, DiscountCap, Role
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.rules import apply
from tests.unit.domain.restaurant import Till, discount, ids_of, opened, tills, undo

ROLES = {"ann": Role.WAITER, "ben": Role.WAITER, "sara": Role.MANAGER, "olga": Role.OWNER, "chef": Role.CHEF}
BUSINESS = Business(version="1", name="Tests")
STRICT = BUSINESS.model_copy(update={"void_sent_needs_manager": True})


def refused(
    till: Till, order: Order, command: OrderOperation, business: Business = BUSINESS, *, by: str = "ann"
) -> str | None:
    """What is said to this person, None where nothing is."""
    command = command.model_copy(update={"actor_id": by})
    after = apply(order, command, till.author)
    judge = Judge(ROLES.get, business)
    try:
        refuse_unapproved(command, judge, before={order.id: order}, after={order.id: after})
    except CommandRejected as error:
        return error.message if error.refusal is Refusal.FORBIDDEN else str(error.refusal)
    return None


@pytest.mark.parametrize(
    ("by", "approved_by", "percent_bp", "is_fine"),
    [
        ("ann", None, 1000, True),
        ("ann", None, 1100, False),
        ("ann", "sara", 10_000, True),
        ("ann", "ben", 1100, False),
        ("ann", "ben", 100, False),
        ("ann", "nobody", 1100, False),
        ("ann", "chef", 1100, False),
        ("sara", None, 10_000, True),
        ("olga", None, 10_000, True),
        ("nobody", None, 100, False),
    ],
)
def test_above_the_cap_of_the_role_a_manager_has_to_approve(
    by: str, approved_by: str | None, percent_bp: int, is_fine: bool
) -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    for line_id in (None, order.lines[0].id):
        one = discount(till, line_id, percent_bp=percent_bp, approved_by=approved_by)
        assert (refused(till, order, till.change(1, one), by=by) is None) == is_fine


def test_an_amount_is_held_to_the_cap_by_what_it_takes_off_each_line() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    assert refused(till, order, till.change(1, discount(till, amount_minor=174))) is None
    assert refused(till, order, till.change(1, discount(till, amount_minor=178))) is not None
    cake = order.lines[1].id
    assert refused(till, order, till.change(1, discount(till, cake, amount_minor=50))) is None
    words = refused(till, order, till.change(1, discount(till, cake, amount_minor=51)))
    assert words == "This is more than 10 % of Cake: a manager has to approve it."


def test_ten_times_ten_percent_is_more_than_ten_percent() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    order = apply(order, till.change(1, discount(till, percent_bp=1000)), till.author)
    assert refused(till, order, till.change(2, discount(till, percent_bp=1000))) is not None
    assert refused(till, order, till.change(2, discount(till, order.lines[0].id, percent_bp=1000))) is not None
    assert refused(till, order, till.change(1, *(discount(till, percent_bp=600) for _ in "ab"))) is not None


def test_less_of_a_line_may_not_lift_an_amount_above_the_cap() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    pizza, cake = ids_of(order)
    more = apply(order, till.change(1, till.quantity(cake, 4)), till.author)
    for line_id, amount_minor in ((cake, 200), (None, 320)):
        given = apply(more, till.change(2, discount(till, line_id, amount_minor=amount_minor)), till.author)
        fewer = till.change(3, till.quantity(cake, 1))
        words = refused(till, given, fewer)
        assert str(words).startswith("With less of Cake the discount is more than 10 % of ")
        assert refused(till, given, fewer, by="sara") is None
        assert refused(till, given, till.change(3, till.quantity(cake, 5))) is None
        (mark,) = (*given.discounts, *(one for line in given.lines for one in line.discounts))
        back = till.change(3, undo(till, mark.id, line_id), till.quantity(cake, 1))
        assert refused(till, given, back) is None
    assert refused(till, more, till.change(2, till.quantity(pizza, 1))) is None


def test_what_a_manager_gave_or_approved_leaves_the_others_their_own() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    given = till.change(1, discount(till, percent_bp=5000)).model_copy(update={"actor_id": "sara"})
    order = apply(order, given, till.author)
    order = apply(order, till.change(2, discount(till, percent_bp=5000, approved_by="olga")), till.author)
    assert refused(till, order, till.change(3, discount(till, percent_bp=1000))) is None


def test_the_business_says_who_may_take_off_how_much() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    caps = (DiscountCap(role=Role.WAITER, percent_bp=0), DiscountCap(role=Role.MANAGER, percent_bp=5000))
    strict = BUSINESS.model_copy(update={"discount_caps": caps})
    assert refused(till, order, till.change(1, discount(till, percent_bp=100)), strict) is not None
    half = till.change(1, discount(till, percent_bp=5000, approved_by="sara"))
    assert refused(till, order, half, strict) is None
    most = till.change(1, discount(till, percent_bp=5100, approved_by="sara"))
    assert refused(till, order, most, strict) is not None
    assert refused(till, order, most, strict, by="olga") is not None, "whose name stands there is asked"
    free = BUSINESS.model_copy(update={"discount_caps": ()})
    assert refused(till, order, till.change(1, discount(till, percent_bp=10_000)), free) is None


def test_a_void_of_what_the_kitchen_has_needs_a_manager_where_the_business_says_so() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    pizza, cake = ids_of(order)
    sent = apply(order, till.send(pizza), till.author)
    void = till.void_line(pizza)
    approved = void.model_copy(update={"approved_by": "sara"})
    assert refused(till, sent, till.change(2, void)) is None
    assert refused(till, sent, till.change(2, void), STRICT) is not None
    assert refused(till, sent, till.change(2, approved), STRICT) is None
    assert refused(till, sent, till.change(2, void), STRICT, by="sara") is None
    assert refused(till, sent, till.change(2, till.void_line(cake)), STRICT) is None
    assert refused(till, sent, till.change(2, void.model_copy(update={"approved_by": "ben"}))) is not None


def test_so_does_the_void_of_an_order_of_which_the_kitchen_has_something() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    sent = apply(order, till.send(order.lines[0].id), till.author)
    void = till.void(*ids_of(order))
    assert refused(till, order, void, STRICT) is None
    assert refused(till, sent, void) is None
    assert refused(till, sent, void, STRICT) is not None
    assert refused(till, sent, void.model_copy(update={"approved_by": "sara"}), STRICT) is None
    assert refused(till, sent, void.model_copy(update={"approved_by": "ben"})) is not None
