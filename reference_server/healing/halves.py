"""A move that one of its orders has heard of already, and the other not: after a restore its other half is done too.

Where a till lost the answer to a move, or another till reported first, one order may be told as it was after the move
before anybody has done anything to the other one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from reference_server.effect import Effect, Used
from reference_server.orders import moves, once
from reference_server.storage import entities, used_ids
from reference_server.storage.seam import Connection
from shared.domain import tickets
from shared.domain.commands import ChangeOrder, Operation, OrderOperation, SendToKitchen
from shared.domain.heirs import heir_of
from shared.domain.lines import Author
from shared.domain.moves import MergeOrder, SplitOrder, TransferLines
from shared.domain.order import Order, TicketMark
from shared.domain.ticket import Ticket
from shared.domain.versioned import Versioned
from shared.ids import LineId, OrderId, TicketId, derived_id


def sent(tx: Connection, order: Order, command: Operation) -> tuple[Ticket, ...]:
    """The tickets of a send that are not here: a ticket has left the order's marks where all its lines went on."""
    if not isinstance(command, SendToKitchen) or command.id not in order.applied:
        return ()
    has = {mark.id for mark in order.tickets}
    gone = {line.ticket_id: line for line in order.lines if line.ticket_id is not None and line.ticket_id not in has}
    marks = tuple(
        TicketMark(id=ticket_id, station=line.station)
        for ticket_id, line in gone.items()
        if ticket_id == derived_id(command.id, line.station) and entities.ticket(tx, ticket_id) is None
    )
    return tickets.made_by(order.model_copy(update={"tickets": marks}), command) if marks else ()


def completed(tx: Connection, command: Operation, effect: Effect, *, author: Author) -> Effect:
    """The effect as it was told, with the other half of the move where no answer shows it. Only reads."""
    own = effect.primary
    if not isinstance(own, Order):
        return effect
    changed = (*effect.changed, *sent(tx, own, command))
    last = {one.id: one for one in (*changed, *_brought(tx, own, changed))}
    effect = effect._replace(changed=tuple(last.values()))
    other = done(tx, command, own, author=author, told=effect.changed)
    if other is None:
        others = _others(tx, command, own, told=effect.changed)
        known = {one.id: one for one in effect.changed if isinstance(one, Ticket)}
        went = _tickets(tx, (own, *others.values()), known=known)
        return effect._replace(changed=(*effect.changed, *_carried(own, others.values(), went)))
    last |= {one.id: one for one in other.changed}
    return effect._replace(changed=tuple(last.values()), others=other.others)


def _brought(tx: Connection, order: Order, changed: tuple[Versioned, ...]) -> tuple[Ticket, ...]:
    """The tickets of lines that are new on an order and were sent from another one, as they follow them."""
    before = entities.order(tx, order.id)
    known = set() if before is None else {line.id for line in before.lines if line.moved_to is None}
    came = {line.id: line.ticket_id for line in order.lines if line.moved_to is None and line.id not in known}
    own = {one.id: one for one in changed if isinstance(one, Ticket)}
    here = (own.get(one) or entities.ticket(tx, one) for one in dict.fromkeys(came.values()) if one is not None)
    return tuple(
        tickets.carried(ticket, order)
        for ticket in here
        if ticket is not None and ticket.order_id != order.id and any(item.line_id in came for item in ticket.items)
    )


def done(
    tx: Connection,
    command: Operation,
    own: Order,
    *,
    author: Author,
    told: tuple[Versioned, ...] = (),
    shown: tuple[Versioned, ...] = (),
) -> Effect | None:
    """The effect of a move of which one half is here; None of anything else. Only reads.

    `told` is what is as good as here, `shown` what the answer to the move showed: how far the heir was at a merge. What
    the half that is here has brought along is no second use of it. Raises CommandRejected.
    """
    if not isinstance(command, ChangeOrder | SplitOrder | MergeOrder):
        return None
    others = _others(tx, command, own, told=told)
    if not _is_half(command, own, others):
        return None
    if isinstance(command, ChangeOrder | SplitOrder):
        command = command.model_copy(update={"base_version": own.version})
    known = {one.id: one for one in told if isinstance(one, Ticket)}
    went = _tickets(tx, (own, *others.values()), known=known)
    marked = _marked(own, went)
    after, made = moves.applied(command, marked, others, author=author)
    after = own if after is marked else _as_shown(after, shown)
    changed = tuple(one for one in (after, *made) if one is not own and one is not others.get(one.id))
    used = once.first_used(command, before=own, after=after)
    ours = {kind: used_ids.orders_of(tx, kind, [one for of, one in used if of is kind]) for kind in Used}
    return Effect(
        after,
        (*changed, *_carried(after, made, went)),
        others=made,
        used=tuple((kind, one) for kind, one in used if one not in ours[kind]),
    )


def _others(tx: Connection, command: Operation, own: Order, *, told: tuple[Versioned, ...]) -> dict[str, Order]:
    """The orders that lines come to, as they are here or as good as here."""
    if not isinstance(command, ChangeOrder | SplitOrder | MergeOrder):
        return {}
    others = moves.others_of(tx, command, own)
    return others | {one.id: one for one in told if isinstance(one, Order) and one.id in others}


def _as_shown(after: Order, shown: tuple[Versioned, ...]) -> Order:
    """An order that was merged, with its heir's version of then: by that it is judged what comes late."""
    then = next((one for one in shown if isinstance(one, Order) and one.id == after.id), None)
    if then is None or then.merged_into != after.merged_into:
        return after
    return after.model_copy(update={"heir_version": then.heir_version})


def _is_half(command: ChangeOrder | SplitOrder | MergeOrder, own: Order, others: Mapping[str, Order]) -> bool:
    if own.merged_into is not None and not isinstance(command, MergeOrder):
        return False
    orders = {**others, own.id: own}
    for order_id, move_id in _moves(command):
        other = heir_of(orders, order_id)
        if (move_id in own.applied) != (other is not None and move_id in other.applied):
            return True
    return False


def _moves(command: OrderOperation) -> Iterator[tuple[OrderId, str]]:
    """The orders that lines come to, each with the id by which both know of it."""
    if isinstance(command, SplitOrder):
        yield command.new_order_id, command.id
    elif isinstance(command, MergeOrder):
        yield command.into_order_id, command.id
    elif isinstance(command, ChangeOrder):
        yield from ((one.to_order_id, one.id) for one in command.changes if isinstance(one, TransferLines))


def _tickets(tx: Connection, orders: Iterable[Order], *, known: Mapping[TicketId, Ticket]) -> dict[TicketId, Ticket]:
    """The tickets of lines that are or were on these orders, as they are here."""
    ids = dict.fromkeys(line.ticket_id for order in orders for line in order.lines)
    found = {one: known.get(one) or entities.ticket(tx, one) for one in ids if one is not None}
    return {one: ticket for one, ticket in found.items() if ticket is not None}


def _marked(own: Order, here: Mapping[TicketId, Ticket]) -> Order:
    """The order with marks of all its tickets: those whose lines have left it are on their way with these."""
    has = {mark.id for mark in own.tickets}
    lacks = dict.fromkeys(line.ticket_id for line in own.lines if line.ticket_id not in has)
    marks = tuple(_mark_of(here[one]) for one in lacks if one is not None and one in here)
    return own.model_copy(update={"tickets": (*own.tickets, *marks)}) if marks else own


def _mark_of(ticket: Ticket) -> TicketMark:
    return TicketMark(
        id=ticket.id,
        station=ticket.station,
        round=ticket.round,
        stage=ticket.status,
        seen=ticket.seen_at is not None,
    )


def _carried(after: Order, made: Iterable[Order], here: Mapping[TicketId, Ticket]) -> tuple[Ticket, ...]:
    """The tickets of the lines that have left the order, as they follow them."""
    changed: dict[TicketId, Ticket] = {}
    for order in made:
        came = {line.id for line in after.lines if line.moved_to == order.id}
        sent_ids = (line.ticket_id for line in order.lines if line.id in came and line.ticket_id is not None)
        for ticket_id in dict.fromkeys(sent_ids):
            ticket = changed.get(ticket_id) or here.get(ticket_id)
            if ticket is not None and not _follows(ticket, order, came):
                changed[ticket.id] = tickets.carried(ticket, order)
    return tuple(changed.values())


def _follows(ticket: Ticket, order: Order, came: Collection[LineId]) -> bool:
    """Whether a ticket says already that these lines of it are for this order."""
    where = (ticket.order_id if item.on is None else item.on.order_id for item in ticket.items if item.line_id in came)
    return all(one == order.id for one in where)
