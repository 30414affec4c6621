"""What a first answer told of an order or ticket, and what follows from taking it as it was told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from reference_server.effect import Effect, Invoice, ReturnNote, Used
from reference_server.kitchen import decide as kitchen
from reference_server.orders import decide as orders
from reference_server.orders import moves
from reference_server.payments import adopting, claims
from reference_server.storage import entities, numbers, payment_intents, used_ids
from reference_server.storage.catalogue import Restaurant
from reference_server.storage.seam import Connection
from shared.domain import tickets
from shared.domain.bill import Payment
from shared.domain.closing import follow_up, follow_up_id
from shared.domain.commands import CloseOrder, Operation, SendToKitchen
from shared.domain.lines import Author
from shared.domain.order import Order, OrderState
from shared.domain.rules import progress
from shared.domain.ticket import Ticket
from shared.ids import OperationId, StaffId, TicketId, derived_id, is_ulid
from shared.times import to_rfc3339
from shared.wire.answers import OrderAnswer
from shared.wire.healing import Retained
from shared.wire.payments import INTENTS


def shown(lost: Retained, entity_id: str) -> tuple[Order | Ticket, ...]:
    """What the first answer shows, the order or ticket itself first; nothing when it is of another kind of server."""
    try:
        if lost.path.startswith(INTENTS):
            return ()
        if lost.path.startswith("/kds/"):
            ticket = Ticket.model_validate_json(lost.answer)
            return (ticket,) if ticket.id == entity_id else ()
        answer = OrderAnswer.model_validate_json(lost.answer)
    except ValidationError:
        return ()
    if answer.id != entity_id:
        return ()
    order = Order.model_construct(**{name: getattr(answer, name) for name in Order.model_fields})
    follow_ups = () if answer.follow_up is None else (answer.follow_up,)
    return (order, *follow_ups, *answer.others)


def fits(tx: Connection, one: Order | Ticket) -> bool:
    """Whether all that happened here to this order or ticket had happened to it when it was shown."""
    here = entities.order(tx, one.id) if isinstance(one, Order) else entities.ticket(tx, one.id)
    return here is None or (here.version <= one.version and set(here.applied) <= set(one.applied))


def fits_all(tx: Connection, command: Operation, shown: tuple[Order | Ticket, ...]) -> bool:
    """Whether what was shown can be taken as it is.

    Lines that went from one order to another are taken with both or not at all; a follow-up order may be further here.
    """
    return all(fits(tx, one) for one in (shown[:1] if isinstance(command, CloseOrder) else shown))


def effect(tx: Connection, command: Operation, shown: tuple[Order | Ticket, ...], *, now_ms: int) -> Effect:
    """Take what was shown, with the tickets and orders that follow it. Only reads.

    When a cook went on with a ticket is not known where only its order tells of it: it is now that it is heard of. A
    kitchen that begins anew is shown what was done today.
    """
    first = shown[0]
    if isinstance(first, Ticket):
        return kitchen.moved(tx, first) if _is_new(tx, first) else Effect(first)
    taken = tuple(progress(one, _tickets(tx, one)) for one in shown if isinstance(one, Order) and fits(tx, one))
    made = _tickets_after(tx, command, taken, now=to_rfc3339(now_ms))
    if not isinstance(command, CloseOrder):
        made = moves.carried(tx, taken[1:], own=made)
    both: tuple[Order | Ticket, ...] = (*taken, *_left_over(tx, taken), *made)
    changed = tuple(one for one in both if _is_new(tx, one))
    used = _used(tx, taken[0])
    return Effect(
        taken[0],
        (*changed, *claims.on_bill(tx, used)),
        invoice=_invoice(tx, taken[0]),
        return_notes=_notes(tx, taken[0]),
        used=used,
    )


def with_surplus(tx: Connection, effect: Effect, restaurant: Restaurant) -> Effect:
    """The effect with the alert of money that its order could not use: it was lost with the server's file.

    Not of what was given back since, nor of a card that was approved too late: of that the gateway is asked again.
    """
    order = effect.primary
    if not isinstance(order, Order):
        return effect
    new = {one for kind, one in effect.used if kind is Used.PAYMENT}
    over = (one for one in order.payments if one.id in new and not _is_asked_about(tx, one))
    surplus_minor = min(sum(payment.unapplied_minor for payment in over), order.unapplied_minor)
    if surplus_minor <= 0:
        return effect
    alert = orders.surplus_alert(order, restaurant, surplus_minor=surplus_minor)
    return effect._replace(alerts=(*effect.alerts, alert))


def _is_asked_about(tx: Connection, payment: Payment) -> bool:
    return adopting.is_late(payment) and payment_intents.get(tx, payment.id) is not None


def _left_over(tx: Connection, taken: tuple[Order, ...]) -> tuple[Order, ...]:
    """The follow-up order as it began, where the answer shows that lines went there and nobody has shown it yet.

    A till that heard of its close by asking for the order was not told of the follow-up order in the same answer.
    """
    order, late_id = taken[0], follow_up_id(taken[0].id)
    stay = tuple(line.id for line in order.lines if line.moved_to != late_id)
    if len(stay) == len(order.lines) or entities.order(tx, late_id) is not None or any(o.id == late_id for o in taken):
        return ()
    lines = tuple(line.model_copy(update={"moved_to": None}) if line.id not in stay else line for line in order.lines)
    *others, last = order.applied
    before = order.model_copy(update={"state": OrderState.NEW, "lines": lines, "applied": tuple(others)})
    at = order.closed_at or order.opened_at
    close = CloseOrder.model_construct(
        id=OperationId(last),
        actor_id=StaffId(order.waiter_id),
        at=at,
        order_id=order.id,
        line_ids=stay,
        total_minor=order.told_total_minor or 0,
    )
    late = follow_up(before, close, Author(order.table_stamp.device, order.waiter_name))
    return () if late is None else (late,)


def _is_new(tx: Connection, one: Order | Ticket) -> bool:
    here = entities.order_body(tx, one.id) if isinstance(one, Order) else entities.ticket_body(tx, one.id)
    return here != one.to_json()


def _tickets(tx: Connection, order: Order) -> tuple[Ticket, ...]:
    found = (entities.ticket(tx, mark.id) for mark in order.tickets)
    return tuple(ticket for ticket in found if ticket is not None)


def _tickets_after(tx: Connection, command: Operation, taken: tuple[Order, ...], *, now: str) -> tuple[Ticket, ...]:
    """The tickets as the command left them and the marks tell of them, and those of sends that nobody has reported."""
    about = taken[:1] if isinstance(command, CloseOrder) else taken
    here = {ticket.id: ticket for order in about for ticket in _tickets(tx, order)}
    after = here | {ticket.id: ticket for order in about for ticket in orders.tickets_after(tx, command, order)}
    missing = {ticket.id: ticket for order in about for ticket in _sent_by_others(order) if ticket.id not in after}
    after |= missing
    for order in about:
        after |= {ticket.id: ticket for ticket in _as_marked(order, after, now=now)}
    return tuple(ticket for ticket in after.values() if ticket is not here.get(ticket.id))


def _as_marked(order: Order, known: Mapping[TicketId, Ticket], *, now: str) -> Iterator[Ticket]:
    """The tickets that are not as far on as their order was told to be: a cook's answer was lost, or nobody has it."""
    for mark in order.tickets:
        ticket = known.get(mark.id)
        if ticket is not None and (mark.round, mark.stage.rank) > (ticket.round, ticket.status.rank):
            further = {"round": mark.round, "status": mark.stage, "version": ticket.version + 1, "updated_at": now}
            yield ticket.model_copy(update=further)


def _sent_by_others(order: Order) -> Iterator[Ticket]:
    """The tickets that an order's own lines and marks tell of, as they were sent."""
    for mark in order.tickets:
        lines = [line for line in order.lines if line.ticket_id == mark.id]
        sender = next((one for one in order.applied if is_ulid(one) and derived_id(one, mark.station) == mark.id), None)
        if sender is None or not lines:
            continue
        send = SendToKitchen(
            id=OperationId(sender),
            actor_id=StaffId(order.waiter_id),
            at=lines[0].sent_at or order.opened_at,
            order_id=order.id,
            line_ids=tuple(line.id for line in lines),
        )
        yield next(ticket for ticket in tickets.made_by(order, send) if ticket.id == mark.id)


def _invoice(tx: Connection, order: Order) -> Invoice | None:
    """The number that the order was shown with, if it is not written down yet."""
    held = order.invoice_number
    if held is None or not numbers.is_invoice(held) or numbers.invoice_of(tx, order.id) is not None:
        return None
    return Invoice(held, held.split("-")[1], order.id)


def _notes(tx: Connection, order: Order) -> tuple[ReturnNote, ...]:
    """The numbers of returns that the order was shown with, as far as they are not written down yet."""
    return tuple(
        ReturnNote(one.number, one.number.split("-")[1], order.id, one.id)
        for one in order.returns
        if one.number is not None and numbers.is_return(one.number) and not numbers.is_noted(tx, one.id)
    )


def _used(tx: Connection, order: Order) -> tuple[tuple[Used, str], ...]:
    """The ULIDs that an order brings with it; a follow-up order's lines were given to the one before it."""
    payments = [str(payment.id) for payment in order.payments]
    ids = {Used.PAYMENT: [*payments, *(str(money.id) for one in order.returns for money in one.money)]}
    if order.follows is None:
        ids[Used.LINE] = [str(line.id) for line in order.lines]
        ids[Used.CHANGE] = [str(change_id) for change_id in order.applied]
    known = {kind: used_ids.orders_of(tx, kind, of_kind) for kind, of_kind in ids.items()}
    return tuple((kind, each) for kind, of_kind in ids.items() for each in of_kind if each not in known[kind])
