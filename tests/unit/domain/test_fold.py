"""The fold: the server's last word and what it has not settled, as one view that never raises."""

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings

from shared.domain.closing import follow_up
from shared.domain.commands import OrderOperation
from shared.domain.fold import step
from shared.domain.lines import Author
from shared.domain.order import Order, Orders
from shared.domain.rejections import CommandRejected
from shared.domain.rules import apply
from shared.domain.together import apply_all
from tests.unit.domain.restaurant import Till, fold, fold_follow_up, opened, tills, ulid
from tests.unit.domain.strategies import Step
from tests.unit.domain.two_orders import nights_of_two_orders


def by(till: Till, *commands: OrderOperation) -> list[tuple[OrderOperation, Author]]:
    """Operations of one till, in their order."""
    return [(command, till.author) for command in commands]


def test_a_view_without_operations_is_what_the_server_said() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    assert fold(order, []).order is order
    assert fold(None, []).order is None


def test_unsettled_operations_stand_on_the_server_s_word_in_their_order() -> None:
    till, _ = tills()
    create, add = till.create(), till.add()
    change, send = till.change(0, add), till.send(add.line.id)
    folded = fold(None, by(till, create, change, send))
    assert folded.order is not None
    assert folded.order.lines[0].ticket_id is not None
    assert folded.skipped == ()


def test_what_does_not_fit_is_skipped_and_named_and_the_rest_goes_on() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    line_id = order.lines[0].id
    server = apply(order, other.change(1, other.quantity(line_id, 2)), other.author)
    stale, guests = till.change(1, till.quantity(line_id, 3)), till.change(1, till.guests(5))
    folded = fold(server, by(till, stale, guests))
    assert folded.skipped == (stale.id,)
    assert folded.order is not None
    assert (folded.order.lines[0].quantity, folded.order.guests) == (2, 5)


def test_operations_about_an_order_that_nobody_created_are_all_skipped() -> None:
    till, _ = tills()
    change, serve = till.change(0, till.add()), till.serve(ulid(50))
    folded = fold(None, by(till, change, serve))
    assert (folded.order, folded.skipped) == (None, (change.id, serve.id))


def test_an_operation_that_the_server_s_word_holds_already_is_not_skipped() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    change = till.change(1, till.guests(5))
    server = apply(order, change, till.author)
    folded = fold(server, by(till, change))
    assert folded.order is server
    assert folded.skipped == ()


def test_the_order_that_a_close_leaves_over_is_folded_as_the_server_makes_it() -> None:
    till, other = tills()
    shown = opened(till, "pizza")
    order = apply(shown, other.change(1, other.add("beer")), other.author)
    close = till.close(shown)
    late = fold_follow_up(order, close, till.author)
    assert late is not None
    assert late == follow_up(order, close, till.author)
    assert [line.name for line in late.lines] == ["Beer"]


def test_a_close_that_names_all_or_comes_too_late_or_is_refused_leaves_nothing_over() -> None:
    till, other = tills()
    shown = opened(till, "pizza")
    order = apply(shown, other.change(1, other.add("beer")), other.author)
    close = till.close(shown)
    too_little = till.close(shown, till.cash(1))
    assert fold_follow_up(order, till.close(order), till.author) is None
    assert fold_follow_up(apply(order, close, till.author), close, till.author) is None
    assert fold_follow_up(apply(order, other.close(order), other.author), close, till.author) is None
    assert fold_follow_up(order, too_little, till.author) is None
    assert fold_follow_up(None, close, till.author) is None


def test_what_was_folded_once_is_found_again_by_the_very_same_objects_alone() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    operations = by(till, till.change(1, till.add()), till.change(1, till.guests(5)))
    first = fold(order, operations).order
    assert fold(order, operations).order is first
    equal = fold(order.model_copy(), operations).order
    assert equal == first
    assert equal is not first
    by_another = fold(order, [(command, other.author) for command, _ in operations]).order
    assert by_another is not None
    assert by_another.guests_stamp.device == other.author.device_id


def test_a_refusal_is_told_again_each_time() -> None:
    till, _ = tills()
    late = till.change(0, till.add())
    assert [fold(None, by(till, late)).skipped for _ in range(2)] == [(late.id,), (late.id,)]


def asked_twice(night: tuple[Step, ...], do: Callable[[Orders, OrderOperation, Author], Orders]) -> None:
    """Each step gives what the rules about all orders give, and so it does when it is found again."""
    orders: dict[str, Order] = {}
    for one in night:
        told = [said(impl, orders, one) for impl in (apply_all, do, do)]
        assert told[1:] == [told[0], told[0]]
        orders = told[0] or orders


def said(do: Callable[[Orders, OrderOperation, Author], Orders], orders: Orders, one: Step) -> dict[str, Order] | None:
    try:
        return {**orders, **do(orders, one.command, one.author)}
    except CommandRejected:
        return None


@settings(max_examples=60)
@given(night=nights_of_two_orders())
def test_a_step_that_is_found_again_says_what_the_rules_say(night: tuple[Step, ...]) -> None:
    asked_twice(night, step)


def test_a_step_that_forgets_the_other_orders_is_caught() -> None:
    def alone(orders: Orders, command: OrderOperation, author: Author) -> Orders:
        mine = {order_id: one for order_id, one in orders.items() if order_id == command.order_id}
        return {order_id: one for order_id, one in step(mine, command, author).items() if order_id == command.order_id}

    @settings(max_examples=200, phases=[Phase.generate], derandomize=True, database=None)
    @given(night=nights_of_two_orders())
    def play(night: tuple[Step, ...]) -> None:
        asked_twice(night, alone)

    with pytest.raises(AssertionError):
        play()
