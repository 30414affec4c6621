"""Courses: a send may hold the later ones, and a fire sends what its screen showed, and nothing else."""

from __future__ import annotations

from shared.domain.closing import follow_up
from shared.domain.order import Order, OrderState
from shared.domain.rejections import Refusal
from shared.domain.rules import apply
from shared.domain.tickets import made_by
from shared.domain.together import apply_all
from tests.unit.domain.restaurant import Till, new_line, refusal_of, tills, ulid
from tests.unit.domain.two_orders import OTHER_ID, merge


def three_courses(till: Till) -> Order:
    """A beer, then a pizza, then two cakes; nothing is sent."""
    lines = [new_line(till.names.new(), item) for item in ("beer", "pizza", "cake", "cake")]
    courses = (1, 2, 3, 3)
    made = [line.model_copy(update={"course": course}) for line, course in zip(lines, courses, strict=True)]
    return apply(None, till.create(*made), till.author)


def ids(order: Order) -> tuple[str, ...]:
    return tuple(line.id for line in order.lines)


def test_a_send_holds_the_later_courses_and_the_kitchen_hears_of_the_first() -> None:
    till, _ = tills()
    order = three_courses(till)
    beer, *later = ids(order)
    send = till.send(beer, held=tuple(later))
    order = apply(order, send, till.author)
    assert [line.held for line in order.lines] == [False, True, True, True]
    assert [[item.line_id for item in ticket.items] for ticket in made_by(order, send)] == [[beer]]
    assert [line.id for line in order.next_course] == later[:1]
    assert apply(order, send, till.author) is order


def test_a_fire_sends_the_course_that_was_shown_and_no_other() -> None:
    till, other = tills()
    order = three_courses(till)
    beer, pizza, *cakes = ids(order)
    order = apply(order, till.send(beer, held=(pizza, *cakes)), till.author)
    fire = other.fire(pizza)
    order = apply(order, fire, other.author)
    assert [line.held for line in order.lines] == [False, False, True, True]
    (ticket,) = made_by(order, fire)
    assert [(item.line_id, item.course) for item in ticket.items] == [(pizza, 2)]
    assert [line.id for line in order.next_course] == cakes
    assert apply(order, till.fire(pizza), till.author) is order, "two who fire one course cook it once"


def test_what_was_held_is_changed_like_what_is_new_and_not_fired_when_it_was_voided() -> None:
    till, _ = tills()
    order = three_courses(till)
    beer, pizza, cake, second = ids(order)
    order = apply(order, till.send(beer, held=(pizza, cake, second)), till.author)
    order = apply(order, till.change(order.version, till.quantity(pizza, 3), till.void_line(cake)), till.author)
    fire = till.fire(pizza, cake, second)
    order = apply(order, fire, till.author)
    cooked = [item.line_id for ticket in made_by(order, fire) for item in ticket.items]
    assert cooked == [pizza, second]
    assert order.next_course == ()


def test_a_line_that_the_kitchen_has_is_not_held_any_more() -> None:
    till, other = tills()
    order = three_courses(till)
    beer, pizza, *_ = ids(order)
    order = apply(order, other.send(pizza), other.author)
    after = apply(order, till.send(beer, held=(pizza,)), till.author)
    assert not any(line.held for line in after.lines)
    assert apply(after, till.send(beer, held=(pizza,)), till.author) is after


def test_a_fire_of_what_is_not_there_is_refused() -> None:
    till, _ = tills()
    order = three_courses(till)
    assert refusal_of(order, till.fire(ulid(77)), till)[0] is Refusal.INVALID_STATE_TRANSITION
    assert refusal_of(order, till.send(order.lines[0].id, held=(ulid(77),)), till)[0] is (
        Refusal.INVALID_STATE_TRANSITION
    )


def test_what_is_held_goes_along_and_is_fired_where_it_is() -> None:
    till, other = tills()
    order = three_courses(till)
    beer, pizza, *cakes = ids(order)
    order = apply(order, till.send(beer, held=(pizza, *cakes)), till.author)
    there = apply(None, Till(other.author, other.names, OTHER_ID).create(), other.author)
    orders = {str(order.id): order, str(there.id): there}
    fire, hold = other.fire(pizza), till.send(*cakes[:1], held=tuple(cakes[1:]))
    orders |= apply_all(orders, merge(till, OTHER_ID, *ids(order)), till.author)
    assert [line.held for line in orders[OTHER_ID].lines] == [False, True, True, True]
    orders |= apply_all(orders, fire, other.author)
    orders |= apply_all(orders, hold, till.author)
    assert [line.held for line in orders[OTHER_ID].lines] == [False, False, False, True]


def test_a_closed_order_is_still_fired_and_what_it_leaves_over_stays_held() -> None:
    till, other = tills()
    order = three_courses(till)
    beer, pizza, *cakes = ids(order)
    order = apply(order, till.send(beer, held=(pizza, *cakes)), till.author)
    shown = order
    close = till.close(shown).model_copy(update={"line_ids": (beer, pizza)})
    late = follow_up(order, close, till.author)
    assert late is not None
    assert [line.held for line in late.lines] == [True, True]
    closed = apply(order, close, till.author)
    fired = apply(closed, other.fire(pizza), other.author)
    assert (fired.state, fired.line(pizza) and fired.line(pizza).held) == (OrderState.CLOSED, False)  # type: ignore[union-attr]
