"""What holds of lines that go from one order to another, whatever two tills do; and that a mistake in it is caught."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings

from shared.domain.commands import CreateOrder, OrderOperation
from shared.domain.lines import Author
from shared.domain.order import Line, Order, Orders, OrderState
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.rules import apply
from shared.domain.together import apply_all, orders_of
from shared.domain.totals import totals_of_order
from shared.ids import OrderId
from tests.unit.domain.restaurant import ORDER_ID, Till, ids_of, new_line, opened, tills, ulid
from tests.unit.domain.strategies import Step
from tests.unit.domain.two_orders import OTHER_ID, merge, nights_of_two_orders, split, transfer

ApplyAll = Callable[[Orders, OrderOperation, Author], dict[str, Order]]


def played(impl: ApplyAll, night: tuple[Step, ...]) -> Iterator[tuple[Step, dict[str, Order], dict[str, Order]]]:
    """Each step that was accepted, with all orders before it and after it; what is refused leaves no trace."""
    orders: dict[str, Order] = {}
    for step in night:
        shown = {order_id: order.to_json() for order_id, order in orders.items()}
        try:
            changed = impl(orders, step.command, step.author)
        except CommandRejected:
            changed = {}
        assert shown == {order_id: order.to_json() for order_id, order in orders.items()}, (
            "it changed what it was given"
        )
        if changed:
            after = {**orders, **changed}
            yield step, orders, after
            orders = after


def standing(orders: dict[str, Order]) -> list[str]:
    return sorted(line.id for order in orders.values() for line in order.standing_lines)


def money(orders: dict[str, Order]) -> int:
    return sum(totals_of_order(order).subtotal_minor for order in orders.values())


def no_line_is_lost_or_doubled(impl: ApplyAll, night: tuple[Step, ...]) -> None:
    """Carrying lines changes neither which lines stand nor what they cost together; each stands on one order."""
    for step, before, after in played(impl, night):
        lines = standing(after)
        assert len(lines) == len(set(lines))
        added = {line_id for line_id in lines if line_id not in known(before)}
        if len(orders_of(step.command)) > 1:
            assert set(lines) == {*standing(before), *added}
            new = [line for order in after.values() for line in order.standing_lines if line.id in added]
            assert money(after) == money(before) + sum(line.total_minor for line in new)


def known(orders: dict[str, Order]) -> set[str]:
    return {line.id for order in orders.values() for line in order.lines}


def what_moved_is_where_its_mark_says(impl: ApplyAll, night: tuple[Step, ...]) -> None:
    """From wherever a line was, its marks lead to where it is, with all that it is; its kitchen marks are there."""
    for _, _, after in played(impl, night):
        for order in after.values():
            for line in order.lines:
                there = followed(after, line)
                assert line.moved_to is None or there.item_id == line.item_id
            sent = {line.ticket_id for line in order.standing_lines} - {None}
            assert sent <= {mark.id for mark in order.tickets}
            here = {line.ticket_id for line in order.lines if line.moved_to is None} - {None}
            assert not order.is_open or {mark.id for mark in order.tickets} <= here


def followed(orders: dict[str, Order], line: Line) -> Line:
    while line.moved_to is not None:
        found = orders[line.moved_to].line(line.id)
        assert found is not None
        line = found
    return line


def doubled_commands_change_nothing(impl: ApplyAll, night: tuple[Step, ...]) -> None:
    """What was accepted once does nothing when it comes again, at once or after all that followed."""
    steps, orders = [], {}
    for step, _, after in played(impl, night):
        assert impl(after, step.command, step.author) == {}
        steps.append(step)
        orders = after
    for step in steps:
        assert impl(orders, step.command, step.author) == {}


def each_changed_order_counts_one(impl: ApplyAll, night: tuple[Step, ...]) -> None:
    """One version up for each order that changed, and the others are the very same objects."""
    for step, before, after in played(impl, night):
        for order_id, order in after.items():
            version = before[order_id].version if order_id in before else 0
            assert order is before.get(order_id) or order.version == version + 1
            assert Order.model_validate_json(order.to_json()) == order
        assert isinstance(step.command, CreateOrder) or step.command.order_id in before


def money_stays_where_it_was_taken(impl: ApplyAll, night: tuple[Step, ...]) -> None:
    """No payment goes from one order to another or is forgotten."""
    for _, before, after in played(impl, night):
        for order_id, order in before.items():
            assert after[order_id].payments[: len(order.payments)] == order.payments
        payments = [payment.id for order in after.values() for payment in order.payments]
        assert len(payments) == len(set(payments))


PROPERTIES = (
    no_line_is_lost_or_doubled,
    what_moved_is_where_its_mark_says,
    doubled_commands_change_nothing,
    each_changed_order_counts_one,
    money_stays_where_it_was_taken,
)


@settings(max_examples=60)
@given(night=nights_of_two_orders())
def test_it_holds_of_any_night_on_two_orders(night: tuple[Step, ...]) -> None:
    for check in PROPERTIES:
        check(apply_all, night)


def test_many_of_the_nights_carry_lines() -> None:
    carried: list[bool] = []

    @settings(max_examples=100, phases=[Phase.generate], derandomize=True)
    @given(night=nights_of_two_orders())
    def count(night: tuple[Step, ...]) -> None:
        accepted = [step.command for step, _, _ in played(apply_all, night)]
        carried.append(any(len(orders_of(command)) > 1 for command in accepted))

    count()
    assert sum(carried) > len(carried) // 3


def keeps_the_line(orders: Orders, command: OrderOperation, author: Author) -> dict[str, Order]:
    """The line comes to the other order and stays on its own."""
    changed = apply_all(orders, command, author)
    if len(orders_of(command)) > 1 and command.order_id in changed:
        order = changed[command.order_id]
        lines = tuple(
            line.model_copy(update={"moved_to": None}) if line.moved_to in orders else line for line in order.lines
        )
        changed[order.id] = order.model_copy(update={"lines": lines})
    return changed


def forgets_the_other_half(orders: Orders, command: OrderOperation, author: Author) -> dict[str, Order]:
    """The line leaves its order and comes to none."""
    changed = apply_all(orders, command, author)
    return {key: one for key, one in changed.items() if key == command.order_id or len(orders_of(command)) == 1}


def leaves_the_tickets(orders: Orders, command: OrderOperation, author: Author) -> dict[str, Order]:
    """What the kitchen is doing stays with the order that the line left."""
    changed = apply_all(orders, command, author)
    if len(orders_of(command)) > 1:
        for order_id, order in changed.items():
            if order_id in orders:
                changed[order_id] = order.model_copy(update={"tickets": orders[order_id].tickets})
    return changed


def receives_again(orders: Orders, command: OrderOperation, author: Author) -> dict[str, Order]:
    """The other order does not remember the transfer."""
    changed = apply_all(orders, command, author)
    for order_id in orders_of(command)[1:]:
        if order_id in changed and order_id in orders:
            changed[order_id] = changed[order_id].model_copy(update={"applied": orders[order_id].applied})
    return changed


@pytest.mark.parametrize(
    ("check", "mutant"),
    [
        (no_line_is_lost_or_doubled, keeps_the_line),
        (no_line_is_lost_or_doubled, forgets_the_other_half),
        (what_moved_is_where_its_mark_says, leaves_the_tickets),
        (doubled_commands_change_nothing, receives_again),
    ],
)
def test_a_mistake_in_carrying_lines_is_caught(
    check: Callable[[ApplyAll, tuple[Step, ...]], None], mutant: ApplyAll
) -> None:
    @settings(max_examples=300, phases=[Phase.generate])
    @given(night=nights_of_two_orders())
    def run(night: tuple[Step, ...]) -> None:
        check(apply_all, night)
        check(mutant, night)

    with pytest.raises((AssertionError, CommandRejected)):
        run()


def two_orders() -> tuple[Till, Till, dict[str, Order]]:
    """Two tills, each with an order of one line."""
    ann, ben = tills()
    ben = replace(ben, order_id=OTHER_ID)
    orders: dict[str, Order] = {}
    for till, item in ((ann, "pizza"), (ben, "cake")):
        orders |= apply_all(orders, till.create(new_line(till.names.new(), item)), till.author)
    return ann, ben, orders


def refusal(orders: Orders, command: OrderOperation, till: Till) -> tuple[Refusal, str]:
    with pytest.raises(CommandRejected) as caught:
        apply_all(orders, command, till.author)
    return caught.value.refusal, caught.value.message


def test_a_line_goes_only_to_an_open_order_that_counts_tax_alike() -> None:
    ann, ben, orders = two_orders()
    pizza = orders[ORDER_ID].lines[0].id
    move = ann.change(1, transfer(ann, OTHER_ID, pizza))
    closed = orders | apply_all(orders, ben.close(orders[OTHER_ID]), ben.author)
    message = "Order A-1 is closed. The lines stay on order A-1."
    assert refusal(closed, move, ann) == (Refusal.INVALID_STATE_TRANSITION, message)
    other = orders | {OTHER_ID: orders[OTHER_ID].model_copy(update={"prices_include_tax": False})}
    assert refusal(other, move, ann)[0] is Refusal.INVALID
    assert refusal({ORDER_ID: orders[ORDER_ID]}, move, ann)[0] is Refusal.INVALID_STATE_TRANSITION
    assert refusal(orders, ann.change(1, transfer(ann, ORDER_ID, pizza)), ann)[0] is Refusal.INVALID


def test_where_lines_have_come_already_the_order_may_be_paid_before_the_other_hears_of_it() -> None:
    ann, ben, before = two_orders()
    pizza = before[ORDER_ID].lines[0].id
    for move in (ann.change(1, transfer(ann, OTHER_ID, pizza)), split(ann, OrderId(ulid(77)), pizza, base_version=1)):
        *_, target_id = orders_of(move)
        after = before | apply_all(before, move, ann.author)
        paid = after | apply_all(after, replace(ben, order_id=target_id).close(after[target_id]), ben.author)
        half = paid | {ORDER_ID: before[ORDER_ID]}
        assert half | apply_all(half, move, ann.author) == paid


def test_a_line_that_another_till_changed_since_is_stale_and_no_line_goes() -> None:
    ann, ben, orders = two_orders()
    pizza = orders[ORDER_ID].lines[0].id
    other = replace(ben, order_id=ORDER_ID)
    orders |= apply_all(orders, other.change(1, other.note(pizza, "no salt"), other.add("beer")), other.author)
    beer = orders[ORDER_ID].lines[1].id
    move = ann.change(1, transfer(ann, OTHER_ID, beer), transfer(ann, OTHER_ID, pizza))
    assert refusal(orders, move, ann)[0] is Refusal.STALE_WRITE


def test_an_order_can_not_become_larger_or_dearer_than_one_can_be() -> None:
    ann, ben, orders = two_orders()
    pizza = orders[ORDER_ID].lines[0].id
    move = ann.change(1, transfer(ann, OTHER_ID, pizza))
    cake = orders[OTHER_ID].lines[0]
    many = tuple(cake.model_copy(update={"id": ben.names.new()}) for _ in range(300))
    full = orders | {OTHER_ID: orders[OTHER_ID].model_copy(update={"lines": many})}
    assert refusal(full, move, ann)[0] is Refusal.INVALID
    gold = cake.model_copy(update={"price_minor": 10**12})
    dear = orders | {OTHER_ID: orders[OTHER_ID].model_copy(update={"lines": (gold,)})}
    assert refusal(dear, move, ann)[0] is Refusal.INVALID


def test_what_was_served_stays_served_where_nothing_else_is_to_come() -> None:
    ann, ben, orders = two_orders()
    pizza, cake = orders[ORDER_ID].lines[0].id, orders[OTHER_ID].lines[0].id
    for command in (ann.send(pizza), ann.serve(pizza)):
        orders |= apply_all(orders, command, ann.author)
    move = ann.change(9, transfer(ann, OTHER_ID, pizza)).model_copy(update={"base_version": 3})
    unsent = orders | apply_all(orders, move, ann.author)
    assert unsent[OTHER_ID].state is OrderState.SENT
    for command in (ben.send(cake), ben.serve(cake)):
        orders |= apply_all(orders, command, ben.author)
    served = orders | apply_all(orders, move, ann.author)
    assert [served[one].state for one in (ORDER_ID, OTHER_ID)] == [OrderState.SERVED, OrderState.SERVED]


def test_the_rules_of_one_order_decide_about_no_merge_and_no_split() -> None:
    ann, _, orders = two_orders()
    for command in (merge(ann, OTHER_ID), split(ann, OTHER_ID, orders[ORDER_ID].lines[0].id, base_version=1)):
        with pytest.raises(AssertionError, match="about two orders"):
            apply(orders[ORDER_ID], command, ann.author)


def test_lines_that_were_to_go_to_the_heir_of_their_merged_order_are_there_already() -> None:
    ann, ben = tills()
    order, there = opened(ann, "pizza", "cake"), apply(None, replace(ben, order_id=OTHER_ID).create(), ben.author)
    late = ann.change(order.version, transfer(ann, OTHER_ID, order.lines[0].id))
    seated = ann.change(order.version, transfer(ann, OTHER_ID, order.lines[0].id), ann.seat(order.lines[1].id, 3))
    orders: dict[str, Order] = {order.id: order, there.id: there}
    orders |= apply_all(orders, merge(ben, OTHER_ID, *ids_of(order)), ben.author)
    assert apply_all(orders, late, ann.author) == {}
    orders |= apply_all(orders, seated, ann.author)
    assert [(line.seat, line.moved_to) for line in orders[OTHER_ID].lines] == [(None, None), (3, None)]
