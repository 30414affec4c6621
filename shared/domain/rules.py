"""Pure: what each command does to an order. The server decides with it, the till predicts with it.

`apply` first asks *is this already in?* and only then *is it allowed?*, so that a command may arrive any number of
times. It returns the very same object when nothing changed. How lines change stands in `lines`, how a bill is closed
in `closing`.
"""

from typing import assert_never

from shared.domain import lines
from shared.domain.closing import close
from shared.domain.commands import (
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    OrderOperation,
    SendToKitchen,
    ServeOrder,
    VoidOrder,
)
from shared.domain.kitchen_state import kitchen_state
from shared.domain.lines import Author
from shared.domain.moves import MergeOrder, SplitOrder
from shared.domain.order import Line, Order, OrderState, Stamp, TicketMark
from shared.domain.refunds import RefundOrder
from shared.domain.rejections import CommandRejected, Refusal, over
from shared.domain.returns import refund
from shared.domain.ticket import Ticket
from shared.ids import StationId, TicketId, derived_id

__all__ = ["Author", "apply", "progress"]


def apply(
    order: Order | None, command: OrderOperation, author: Author, *, elsewhere: frozenset[str] = frozenset()
) -> Order:
    """The order after the command, one version up; the same object if the command was in already.

    `order` is None when nobody knows it here yet; `elsewhere` are payments that count on another order, which only a
    server knows. Raises CommandRejected, and then nothing has changed.
    """
    if isinstance(command, CreateOrder):
        return _create(order, command, author)
    if order is None:
        raise CommandRejected(Refusal.NOT_FOUND, "This order is not known here.")
    if command.id in order.applied:
        return order
    match command:
        case ChangeOrder():
            return lines.change(order, command, author)
        case SendToKitchen():
            return _send(order, command)
        case ServeOrder():
            return _serve(order, command)
        case CloseOrder():
            return close(order, command, author, elsewhere=elsewhere)
        case VoidOrder():
            return _void(order, command, author)
        case RefundOrder():
            return refund(order, command, author)
        case MergeOrder() | SplitOrder():
            raise AssertionError("this is about two orders: see together.apply_all")
        case _:
            assert_never(command)


def progress(order: Order, tickets: tuple[Ticket, ...]) -> Order:
    """The order after its tickets moved on in the kitchen: its marks follow theirs, and its state the marks.

    The greatest (round, stage) wins, so that an old word about a ticket undoes nothing. What was served stays served:
    a cook who bumps late takes no plate off the table; only a new send opens it again.
    """
    newest = {ticket.id: ticket for ticket in tickets}
    marks = tuple(_moved_on(mark, newest[mark.id]) if mark.id in newest else mark for mark in order.tickets)
    if marks == order.tickets:
        return order
    in_kitchen = order.is_open and order.state is not OrderState.SERVED
    state = kitchen_state(marks) if in_kitchen else order.state
    return order.model_copy(update={"tickets": marks, "state": state, "version": order.version + 1})


def _moved_on(mark: TicketMark, ticket: Ticket) -> TicketMark:
    seen = mark.seen or ticket.seen_at is not None
    if (ticket.round, ticket.status.rank) > (mark.round, mark.stage.rank):
        return mark.model_copy(update={"round": ticket.round, "stage": ticket.status, "seen": seen})
    return mark if seen == mark.seen else mark.model_copy(update={"seen": seen})


def _create(order: Order | None, command: CreateOrder, author: Author) -> Order:
    if order is not None:
        if command.id in order.applied or (order.was_foreseen and not command.items):
            return order  # two tills can foresee one follow-up order: it is or was there, and no more is asked for
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"Order {order.number} exists already.")
    if command.number is None:
        raise CommandRejected(Refusal.INVALID, "An order needs its number.")
    stamp = Stamp(version=1, device=author.device_id)
    items = lines.added((), command.items, stamp)
    lines.refuse_too_dear(items, prices_include_tax=author.prices_include_tax)
    return Order(
        id=command.order_id,
        number=command.number,
        version=1,
        table_id=command.table_id,
        channel=command.channel,
        guests=command.guests,
        waiter_id=command.actor_id,
        waiter_name=author.actor_name,
        opened_at=command.at,
        prices_include_tax=author.prices_include_tax,
        lines=items,
        table_stamp=stamp,
        guests_stamp=stamp,
        applied=(command.id,),
    )


def _send(order: Order, command: SendToKitchen) -> Order:
    """Mark the named lines as sent, and those of later courses as held. A closed order too: it must still be cooked.

    Lines that the kitchen has already are in; one that was voided meanwhile is left out. What was fired is not held.
    """
    known = {line.id: line for line in order.lines}
    missing = [line_id for line_id in command.named_ids if line_id not in known]
    unsent = [known[i] for i in command.named_ids if i in known and known[i].ticket_id is None]
    to_hold = {i for i in command.held_ids or () if i in known and not known[i].held} - set(command.line_ids)
    if not missing and all(line.held and line.id not in command.line_ids for line in unsent):
        return order
    if order.state is OrderState.VOIDED:
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"Order {order.number} was voided.")
    if missing:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION, f"Order {order.number} does not have {len(missing)} of the lines to send."
        )
    for line in unsent:
        lines.refuse_moved(line)
    to_send = {line.id for line in unsent if not line.voided}.intersection(command.line_ids)
    ticket_of: dict[StationId, TicketId] = {}
    sent: list[Line] = []
    for line in order.lines:
        if line.id in to_send:
            if line.station not in ticket_of:
                ticket_of[line.station] = TicketId(derived_id(command.id, line.station))
            update = {"ticket_id": ticket_of[line.station], "sent_at": command.at, "held": False}
            sent.append(line.model_copy(update=update))
        elif line.id in to_hold and line.stands and line.ticket_id is None:
            sent.append(line.model_copy(update={"held": True}))
        else:
            sent.append(line)
    marks = order.tickets + tuple(TicketMark(id=ticket_id, station=name) for name, ticket_id in ticket_of.items())
    return order.model_copy(
        update={
            "lines": tuple(sent),
            "tickets": marks,
            "state": kitchen_state(marks) if order.is_open else order.state,
            "applied": (*order.applied, command.id),
            "version": order.version + 1,
        }
    )


def _serve(order: Order, command: ServeOrder) -> Order:
    """All that the screen showed is at the table; a line that it did not show keeps the order from being served."""
    _refuse_closed(order)
    state = order.state if _unnamed(order, command.line_ids) else OrderState.SERVED
    applied = (*order.applied, command.id)
    return order.model_copy(update={"state": state, "applied": applied, "version": order.version + 1})


def _void(order: Order, command: VoidOrder, author: Author) -> Order:
    """Cancel what the screen showed, whole or not at all: a line that it did not show is somebody else's guest."""
    _refuse_closed(order)
    unnamed = _unnamed(order, command.line_ids)
    if unnamed:
        raise CommandRejected(Refusal.STALE_WRITE, f"{unnamed[0].name} was added on another device.")
    stamp = Stamp(version=order.version + 1, device=author.device_id)
    voided = {"voided": True, "void_reason": command.reason, "stamp": stamp}
    update = {
        "state": OrderState.VOIDED,
        "void_reason": command.reason,
        "closed_at": command.at,
        "lines": tuple(line.model_copy(update=voided) if line.stands else line for line in order.lines),
        "applied": (*order.applied, command.id),
        "version": order.version + 1,
    }
    return order.model_copy(update=update)


def _unnamed(order: Order, line_ids: tuple[str, ...]) -> tuple[Line, ...]:
    """The standing lines that a command did not name: its screen did not show them."""
    named = set(line_ids)
    return tuple(line for line in order.standing_lines if line.id not in named)


def _refuse_closed(order: Order) -> None:
    if not order.is_open:
        raise over(order)
