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
from shared.domain.lines import Author
from shared.domain.order import Order, OrderState, Stamp, TicketMark
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.ticket import Stage, Ticket
from shared.ids import StationId, TicketId, derived_id

__all__ = ["Author", "apply", "progress"]


def apply(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """The order after the command, one version up; the same object if the command was in already.

    `order` is None when nobody knows it here yet. Raises CommandRejected, and then nothing has changed.
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
            return close(order, command, author)
        case VoidOrder():
            return _void(order, command, author)
        case _:
            assert_never(command)


def progress(order: Order, tickets: tuple[Ticket, ...]) -> Order:
    """The order after its tickets moved on in the kitchen: its marks and its state follow theirs."""
    newest = {ticket.id: ticket for ticket in tickets}
    marks = tuple(
        mark.model_copy(
            update={
                "round": t.round,
                "stage": t.status,
                "seen": mark.seen or t.seen_at is not None,
            }
        )
        if (t := newest.get(mark.id)) is not None
        else mark
        for mark in order.tickets
    )
    if marks == order.tickets:
        return order
    moved_on = any(new.stage != old.stage for new, old in zip(marks, order.tickets, strict=True))
    state = _kitchen_state(marks) if order.is_open and moved_on else order.state
    return order.model_copy(update={"tickets": marks, "state": state, "version": order.version + 1})


def _create(order: Order | None, command: CreateOrder, author: Author) -> Order:
    if order is not None:
        if command.id in order.applied:
            return order
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"Order {order.number} exists already.")
    if command.number is None:
        raise CommandRejected(Refusal.INVALID, "An order needs its number.")
    stamp = Stamp(version=1, device=author.device_id)
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
        lines=lines.added((), command.items, stamp),
        table_stamp=stamp,
        guests_stamp=stamp,
        applied=(command.id,),
    )


def _send(order: Order, command: SendToKitchen) -> Order:
    """Mark the named lines as sent. A closed order too: food that was paid for must still be cooked."""
    if order.state is OrderState.VOIDED:
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"Order {order.number} was voided.")
    missing = [line_id for line_id in command.line_ids if order.line(line_id) is None]
    if missing:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION,
            f"Order {order.number} does not have {len(missing)} of the lines to send.",
        )
    named = set(command.line_ids)
    stations: list[StationId] = []
    sent = []
    for line in order.lines:
        if line.id in named and not line.voided and line.ticket_id is None:
            if line.station not in stations:
                stations.append(line.station)
            ticket_id = TicketId(derived_id(command.id, line.station))
            sent.append(line.model_copy(update={"ticket_id": ticket_id, "sent_at": command.at}))
        else:
            sent.append(line)
    if not stations:
        return order
    marks = order.tickets + tuple(
        TicketMark(id=TicketId(derived_id(command.id, station)), station=station) for station in stations
    )
    update = {
        "lines": tuple(sent),
        "tickets": marks,
        "state": _kitchen_state(marks) if order.is_open else order.state,
        "applied": (*order.applied, command.id),
        "version": order.version + 1,
    }
    return order.model_copy(update=update)


def _serve(order: Order, command: ServeOrder) -> Order:
    if not order.is_open:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION,
            f"Order {order.number} is {order.state.lower()}.",
        )
    if order.state is OrderState.SERVED:
        return order
    applied = (*order.applied, command.id)
    return order.model_copy(
        update={
            "state": OrderState.SERVED,
            "applied": applied,
            "version": order.version + 1,
        }
    )


def _void(order: Order, command: VoidOrder, author: Author) -> Order:
    if not order.is_open:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION,
            f"Order {order.number} is {order.state.lower()}.",
        )
    stamp = Stamp(version=order.version + 1, device=author.device_id)
    update = {
        "state": OrderState.VOIDED,
        "void_reason": command.reason,
        "closed_at": command.at,
        "lines": tuple(
            line.model_copy(update={"voided": True, "void_reason": command.reason, "stamp": stamp})
            if line.stands
            else line
            for line in order.lines
        ),
        "applied": (*order.applied, command.id),
        "version": order.version + 1,
    }
    return order.model_copy(update=update)


def _kitchen_state(marks: tuple[TicketMark, ...]) -> OrderState:
    if not marks:
        return OrderState.NEW
    ranks = [mark.stage.rank for mark in marks]
    if min(ranks) >= Stage.READY.rank:
        return OrderState.READY
    return OrderState.IN_PROGRESS if max(ranks) > Stage.QUEUED.rank else OrderState.SENT
