"""Pure: which tickets a send makes, what a mark does to one, and how a ticket follows its order."""

from typing import assert_never

from shared.domain.commands import SendToKitchen, TicketOperation
from shared.domain.marks import (
    BumpTicket,
    PrioritiseTicket,
    ReadyItem,
    ReadyTicket,
    RecallTicket,
    SeenTicket,
    StartTicket,
)
from shared.domain.order import Line, Order
from shared.domain.ticket import OtherOrder, Stage, Ticket, TicketItem
from shared.ids import TicketId, derived_id


def made_by(order: Order, command: SendToKitchen) -> tuple[Ticket, ...]:
    """The tickets that a send made, one a station, read from the order just after it.

    To be asked only when the send changed the order: a repeated one would give its tickets again, as new.
    """
    tickets = []
    for mark in order.tickets:
        lines = [line for line in order.lines if line.ticket_id == mark.id]
        if mark.id != TicketId(derived_id(command.id, mark.station)) or not lines:
            continue
        tickets.append(
            Ticket(
                id=mark.id,
                order_id=order.id,
                order_number=order.number,
                station=mark.station,
                table_id=order.table_id,
                channel=order.channel.value,
                waiter_name=order.waiter_name,
                sent_at=command.at,
                updated_at=command.at,
                paper_at=command.paper_at,
                items=tuple(_item(line) for line in lines),
                version=1,
                applied=(command.id,),
            )
        )
    return tuple(tickets)


def mark(ticket: Ticket, command: TicketOperation) -> Ticket:
    """The ticket after a mark; the same object when the mark brings nothing new.

    The state is (round, stage) and the greatest wins, so late and doubled marks never undo anything, in any order.
    """
    if command.id in ticket.applied:
        return ticket
    match command:
        case StartTicket():
            update = _advance(ticket, command.round, Stage.IN_PROGRESS)
        case ReadyTicket():
            update = _advance(ticket, command.round, Stage.READY)
        case BumpTicket():
            update = _advance(ticket, command.round, Stage.BUMPED)
        case RecallTicket():
            update = _advance(ticket, command.round + 1, Stage.READY)
        case SeenTicket():
            update = {} if ticket.seen_at is not None else {"seen_at": command.at}
        case ReadyItem():
            update = _done(ticket, command.line_id)
        case PrioritiseTicket():
            said, known = (command.turn + 1, command.level), (ticket.priority_turn, ticket.priority)
            update = {"priority_turn": said[0], "priority": said[1]} if said > known else {}
        case _:
            assert_never(command)
    if not update:
        return ticket
    update |= {
        "updated_at": command.at,
        "applied": (*ticket.applied, command.id),
        "version": ticket.version + 1,
    }
    return ticket.model_copy(update=update)


def reflect(ticket: Ticket, order: Order) -> Ticket:
    """The ticket with what changed on its order since; the same object if nothing did.

    Lines can be voided or meant for another seat after they were sent, and the order can move to another table. Of a
    line that another order took over only that one has something to say.
    """
    lines = {line.id: line for line in order.lines if line.moved_to is None}
    items = tuple(
        _following(item, lines[item.line_id], order) if item.line_id in lines else item for item in ticket.items
    )
    is_its_own = any(item.on is None and item.line_id in lines for item in items)
    table_id = order.table_id if is_its_own else ticket.table_id
    if items == ticket.items and ticket.table_id == table_id:
        return ticket
    return ticket.model_copy(update={"items": items, "table_id": table_id, "version": ticket.version + 1})


def carried(ticket: Ticket, target: Order) -> Ticket:
    """The ticket after lines of it came to another order.

    It stays one ticket, which a cook may be at: it goes along when nothing of it is left on the order before, and else
    says of each line that went for which order that is.
    """
    here = {line.id for line in target.lines if line.moved_to is None}
    on = None if ticket.order_id == target.id else _other(target)
    items = tuple(item.model_copy(update={"on": on}) if item.line_id in here else item for item in ticket.items)
    update: dict[str, object] = {"version": ticket.version + 1}
    if on is not None and all(item.on is not None or item.voided for item in items):
        items = tuple(item.model_copy(update={"on": None}) if item.line_id in here else item for item in items)
        update |= {"order_id": target.id, "order_number": target.number, "table_id": target.table_id}
        update |= {"channel": target.channel.value, "waiter_name": target.waiter_name}
    return ticket.model_copy(update={**update, "items": items})


def _other(order: Order) -> OtherOrder:
    return OtherOrder(order_id=order.id, order_number=order.number, table_id=order.table_id)


def _following(item: TicketItem, line: Line, order: Order) -> TicketItem:
    voided = item.voided or line.voided
    on = None if item.on is None else _other(order)
    if (item.voided, item.seat, item.on) == (voided, line.seat, on):
        return item
    return item.model_copy(update={"voided": voided, "seat": line.seat, "on": on})


def _item(line: Line) -> TicketItem:
    return TicketItem(
        line_id=line.id,
        name=line.name,
        quantity=line.quantity,
        modifiers=tuple(choice.name for choice in line.modifiers),
        note=line.note,
        seat=line.seat,
        course=line.course,
    )


def _advance(ticket: Ticket, round_: int, stage: Stage) -> dict[str, object]:
    if (round_, stage.rank) <= (ticket.round, ticket.status.rank):
        return {}
    return {"round": round_, "status": stage}


def _done(ticket: Ticket, line_id: str) -> dict[str, object]:
    items = tuple(
        item.model_copy(update={"done": True}) if item.line_id == line_id and not item.done else item
        for item in ticket.items
    )
    return {} if items == ticket.items else {"items": items}
