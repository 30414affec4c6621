"""Create, send, serve and void: what each does to an order, and what the rules say instead."""

import pytest

from shared.domain.commands import OrderOperation
from shared.domain.marks import BumpTicket, ReadyTicket, RecallTicket, SeenTicket, StartTicket
from shared.domain.order import Order, OrderState, Stamp
from shared.domain.rejections import Refusal
from shared.domain.rules import apply, progress
from shared.domain.ticket import Stage, Ticket
from shared.domain.tickets import made_by, mark
from shared.ids import OperationId, derived_id
from tests.unit.domain.restaurant import (
    ACTORS,
    AT,
    BAR,
    KITCHEN,
    TABLE_5,
    Till,
    ids_of,
    new_line,
    opened,
    refusal_of,
    tills,
    ulid,
)


def in_kitchen(till: Till, *items: str) -> tuple[Order, tuple[Ticket, ...]]:
    """An order with all its lines sent, and the tickets of that."""
    order = opened(till, *items)
    send = till.send(*ids_of(order))
    after = apply(order, send, till.author)
    return after, made_by(after, send)


def marked(ticket: Ticket, kind: type[StartTicket | ReadyTicket | BumpTicket | RecallTicket | SeenTicket]) -> Ticket:
    """The ticket after one mark of the round that it is in."""
    command = kind(
        id=OperationId(ulid(900 + ticket.version)),
        actor_id=ACTORS[0],
        at=AT,
        ticket_id=ticket.id,
        round=ticket.round,
        line_ids=tuple(item.line_id for item in ticket.items),
    )
    return mark(ticket, command)


def test_a_created_order_is_what_the_till_said() -> None:
    till, _ = tills()
    create = till.create(new_line(ulid(50)), new_line(ulid(51), "beer", quantity=3))
    order = apply(None, create, till.author)
    assert (order.id, order.number, order.version, order.state) == (create.order_id, "A-1", 1, OrderState.NEW)
    assert (order.table_id, order.guests, order.waiter_id, order.waiter_name) == (TABLE_5, 2, "ann", "Ann")
    assert [(line.name, line.quantity, line.course) for line in order.lines] == [("Pizza", 1, 1), ("Beer", 3, 1)]
    assert {line.stamp for line in order.lines} == {Stamp(version=1, device="till-ann")}
    assert order.opened_at == AT
    assert order.applied == (create.id,)


def test_a_create_with_one_line_twice_has_it_once() -> None:
    till, _ = tills()
    order = apply(None, till.create(new_line(ulid(50)), new_line(ulid(50), "beer")), till.author)
    assert [line.name for line in order.lines] == ["Pizza"]


def test_the_same_create_again_changes_nothing_and_another_one_is_refused() -> None:
    till, other = tills()
    create = till.create()
    order = apply(None, create, till.author)
    assert apply(order, create, till.author) is order
    assert refusal_of(order, other.create(), other) == (
        Refusal.INVALID_STATE_TRANSITION,
        "Order A-1 exists already.",
    )


def test_a_follow_up_order_that_two_tills_foresaw_is_made_once() -> None:
    till, other = tills()
    order = apply(None, till.create(number="A-1+"), till.author)
    assert apply(order, other.create(), other.author) is order
    with_a_line = other.create(new_line(ulid(50)))
    assert refusal_of(order, with_a_line, other)[0] is Refusal.INVALID_STATE_TRANSITION
    closed = order.model_copy(update={"state": OrderState.CLOSED})
    assert apply(closed, other.create(), other.author) is closed, (
        "what is rung up behind it says itself that it is late"
    )


def test_an_order_without_a_number_is_refused() -> None:
    till, _ = tills()
    assert refusal_of(None, till.create(number=None), till) == (Refusal.INVALID, "An order needs its number.")


def test_what_is_not_on_the_menu_is_refused() -> None:
    till, _ = tills()
    bare = new_line(ulid(50)).model_copy(update={"price_minor": None})
    assert refusal_of(None, till.create(bare), till) == (Refusal.INVALID, "Item pizza is not on the menu.")


def test_nothing_can_be_done_to_an_order_that_nobody_knows() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    commands: list[OrderOperation] = [
        till.change(1, till.guests(3)),
        till.send(*ids_of(order)),
        till.serve(*ids_of(order)),
        till.close(order),
        till.void(*ids_of(order)),
    ]
    for command in commands:
        assert refusal_of(None, command, till) == (Refusal.NOT_FOUND, "This order is not known here.")


def test_a_send_makes_one_ticket_a_station_and_leaves_other_lines_alone() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "beer", "cake", "bread")
    pizza, beer, cake, bread = order.lines
    send = till.send(pizza.id, beer.id, cake.id)
    sent = apply(order, send, till.author)
    kitchen, bar = derived_id(send.id, KITCHEN), derived_id(send.id, BAR)
    assert [line.ticket_id for line in sent.lines] == [kitchen, bar, kitchen, None]
    assert [line.sent_at for line in sent.lines] == [AT, AT, AT, None]
    assert sent.lines[3] == bread
    assert [(one.id, one.station, one.stage) for one in sent.tickets] == [
        (kitchen, KITCHEN, Stage.QUEUED),
        (bar, BAR, Stage.QUEUED),
    ]
    assert (sent.state, sent.version) == (OrderState.SENT, 2)


def test_lines_that_the_kitchen_has_are_not_sent_again_by_another_till() -> None:
    till, other = tills()
    order = opened(till, "pizza", "cake")
    first = apply(order, till.send(order.lines[0].id), till.author)
    assert apply(first, other.send(order.lines[0].id), other.author) is first
    second = apply(first, other.send(*ids_of(order)), other.author)
    assert second.lines[0] == first.lines[0]
    assert second.lines[1].ticket_id == second.tickets[1].id
    assert len(second.tickets) == 2


def test_a_line_that_was_voided_meanwhile_is_left_out_of_the_send() -> None:
    till, other = tills()
    order = opened(till, "pizza", "cake")
    voided = apply(order, other.change(1, other.void_line(order.lines[0].id)), other.author)
    sent = apply(voided, till.send(*ids_of(order)), till.author)
    assert [line.ticket_id is None for line in sent.lines] == [True, False]
    alone = till.send(order.lines[0].id)
    nothing_new = apply(voided, alone, till.author)
    assert (nothing_new.tickets, nothing_new.state, nothing_new.version) == ((), OrderState.NEW, 3)
    assert made_by(nothing_new, alone) == ()
    cancelled = apply(nothing_new, till.void(order.lines[1].id), till.author)
    assert apply(cancelled, alone, till.author) is cancelled


def test_a_closed_order_still_sends_what_was_paid_for() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    closed = apply(order, till.close(order), till.author)
    sent = apply(closed, other.send(*ids_of(order)), other.author)
    assert sent.state is OrderState.CLOSED
    assert sent.lines[0].ticket_id == sent.tickets[0].id


def test_a_voided_order_sends_nothing_more_and_knows_what_it_sent() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    send = till.send(order.lines[0].id)
    voided = apply(apply(order, send, till.author), till.void(*ids_of(order)), till.author)
    assert apply(voided, send, till.author) is voided
    assert refusal_of(voided, till.send(order.lines[1].id), till) == (
        Refusal.INVALID_STATE_TRANSITION,
        "Order A-1 was voided.",
    )


def test_a_line_that_the_order_does_not_have_is_not_sent_and_none_beside_it() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    assert refusal_of(order, till.send(*ids_of(order), ulid(777), ulid(778)), till) == (
        Refusal.INVALID_STATE_TRANSITION,
        "Order A-1 does not have 2 of the lines to send.",
    )


def test_a_line_that_another_order_took_over_is_sent_there() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    more = apply(order, other.change(1, other.add("beer")), other.author)
    close = till.close(order)
    closed = apply(more, close, till.author)
    assert refusal_of(closed, other.send(more.lines[1].id), other) == (
        Refusal.INVALID_STATE_TRANSITION,
        f"Beer moved to order {closed.lines[1].moved_to}.",
    )


def test_a_served_order_is_served_and_a_second_serve_is_remembered_too() -> None:
    till, other = tills()
    order, _ = in_kitchen(till, "pizza")
    served = apply(order, till.serve(*ids_of(order)), till.author)
    assert (served.state, served.version) == (OrderState.SERVED, order.version + 1)
    late = other.serve(*ids_of(order))
    again = apply(served, late, other.author)
    assert (again.state, again.version) == (OrderState.SERVED, served.version + 1)
    more = apply(again, till.change(0, till.add()), till.author)
    sent = apply(more, till.send(more.lines[1].id), till.author)
    assert sent.state is OrderState.SENT
    assert apply(sent, late, other.author) is sent


def test_a_line_that_the_waiter_had_not_seen_keeps_the_order_from_being_served() -> None:
    till, other = tills()
    order, _ = in_kitchen(till, "pizza")
    more = apply(order, other.change(2, other.add("cake")), other.author)
    serve = till.serve(*ids_of(order))
    after = apply(more, serve, till.author)
    assert (after.state, after.version) == (OrderState.SENT, more.version + 1)
    assert apply(after, serve, till.author) is after
    assert apply(order, serve, till.author).state is OrderState.SERVED


def test_a_voided_order_keeps_its_lines_marked() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    order = apply(order, till.change(1, till.void_line(order.lines[1].id, "dropped")), till.author)
    void = till.void(order.lines[0].id)
    voided = apply(order, void, till.author)
    assert (voided.state, voided.void_reason, voided.closed_at) == (OrderState.VOIDED, "left", void.at)
    assert [(line.voided, line.void_reason) for line in voided.lines] == [(True, "left"), (True, "dropped")]
    assert apply(voided, void, till.author) is voided


def test_a_void_is_refused_when_another_till_added_a_line_that_its_screen_had_not() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    more = apply(order, other.change(1, other.add("cake")), other.author)
    assert refusal_of(more, till.void(*ids_of(order)), till) == (
        Refusal.STALE_WRITE,
        "Cake was added on another device.",
    )
    assert apply(more, till.void(*ids_of(more)), till.author).state is OrderState.VOIDED


@pytest.mark.parametrize("end", ["close", "void"])
def test_what_is_over_is_neither_served_nor_voided(end: str) -> None:
    till, other = tills()
    order = opened(till, "pizza")
    over = apply(order, till.close(order) if end == "close" else till.void(*ids_of(order)), till.author)
    said = f"Order A-1 is {over.state.lower()}."
    assert refusal_of(over, other.serve(*ids_of(order)), other) == (Refusal.INVALID_STATE_TRANSITION, said)
    assert refusal_of(over, other.void(*ids_of(order)), other) == (Refusal.INVALID_STATE_TRANSITION, said)


def test_an_order_follows_its_tickets() -> None:
    order, (kitchen, bar) = in_kitchen(tills()[0], "pizza", "beer")
    assert progress(order, (kitchen, bar)) is order
    started = progress(order, (marked(kitchen, StartTicket),))
    assert (started.state, started.version) == (OrderState.IN_PROGRESS, order.version + 1)
    kitchen, bar = marked(kitchen, ReadyTicket), marked(bar, BumpTicket)
    assert progress(started, (kitchen,)).state is OrderState.IN_PROGRESS
    ready = progress(started, (kitchen, bar))
    assert (ready.state, [one.stage for one in ready.tickets]) == (OrderState.READY, [Stage.READY, Stage.BUMPED])
    recalled = progress(ready, (marked(bar, RecallTicket),))
    assert (recalled.tickets[1].round, recalled.tickets[1].stage) == (1, Stage.READY)


def test_a_seen_ticket_shows_on_the_order_and_stays_seen() -> None:
    order, (ticket,) = in_kitchen(tills()[0], "pizza")
    seen = progress(order, (marked(ticket, SeenTicket),))
    assert [one.seen for one in seen.tickets] == [True]
    assert seen.state is OrderState.SENT
    assert progress(seen, (ticket,)) is seen


def test_an_old_word_about_a_ticket_and_one_about_a_strange_ticket_change_nothing() -> None:
    order, (ticket,) = in_kitchen(tills()[0], "pizza")
    ready = progress(order, (marked(ticket, ReadyTicket),))
    assert progress(ready, (marked(ticket, StartTicket), ticket)) is ready
    strange = ticket.model_copy(update={"id": ulid(5), "status": Stage.READY})
    assert progress(order, (strange,)) is order


def test_what_was_served_stays_served_when_the_cook_bumps_late() -> None:
    till, _ = tills()
    order, (ticket,) = in_kitchen(till, "pizza")
    served = apply(order, till.serve(*ids_of(order)), till.author)
    bumped = progress(served, (marked(ticket, BumpTicket),))
    assert (bumped.state, bumped.tickets[0].stage) == (OrderState.SERVED, Stage.BUMPED)


def test_a_closed_order_stays_closed_while_the_kitchen_works() -> None:
    till, _ = tills()
    order, (ticket,) = in_kitchen(till, "pizza")
    closed = apply(order, till.close(order), till.author)
    assert progress(closed, (marked(ticket, ReadyTicket),)).state is OrderState.CLOSED
