"""What a command makes of an order and what goes with it: tickets, the follow-up order, the invoice number, alerts."""

from __future__ import annotations

from reference_server.effect import Alert, Effect, Invoice, ReturnNote
from reference_server.orders import moves, once
from reference_server.orders.told import completed, differing_prices, unknown_tables
from reference_server.payments import claims, refunding
from reference_server.storage import entities, numbers
from reference_server.storage.catalogue import Restaurant
from reference_server.storage.seam import Connection
from shared.business_time import month_of
from shared.domain import tickets
from shared.domain.closing import follow_up
from shared.domain.commands import (
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    MoveTable,
    Operation,
    OrderOperation,
    SendToKitchen,
    SetSeat,
    VoidLine,
    VoidOrder,
)
from shared.domain.heirs import heir_of
from shared.domain.lines import Author
from shared.domain.order import Order, OrderState
from shared.domain.refunds import RefundOrder
from shared.domain.rules import apply, progress
from shared.domain.ticket import Ticket
from shared.domain.totals import totals_of_order


def decide(
    tx: Connection, restaurant: Restaurant, *, command: OrderOperation, order: Order | None, author: Author, now_ms: int
) -> Effect:
    """The effect of a command. Only reads; raises CommandRejected, and then nothing will change."""
    command = claims.proven(tx, completed(tx, command, restaurant), order)
    if order is not None:
        moves.refuse_itself(command, order)
    if order is not None and moves.is_shared(command, order):
        return _moved(tx, restaurant, command=command, before=order, author=author)
    elsewhere = once.counted_elsewhere(tx, command, order)
    after = apply(order, command, author, elsewhere=frozenset(elsewhere))
    status = 201 if isinstance(command, CreateOrder) else 200
    alerts = once.doubts(tx, command, after, elsewhere=elsewhere, restaurant=restaurant)
    if after is order:
        return Effect(after, status=status, alerts=alerts)
    used = once.first_used(command, before=order, after=after)
    once.refuse_used(tx, used, order=after)
    if isinstance(command, CloseOrder) and order is not None:
        effect = _closed(tx, restaurant, command=command, before=order, after=after, author=author, now_ms=now_ms)
    elif isinstance(command, RefundOrder):
        effect = _refunded(tx, restaurant, after, now_ms=now_ms)
    else:
        told = differing_prices(command, after, restaurant)
        astray = unknown_tables(command, before=(order,), after=(after,), restaurant=restaurant)
        alerts = (*told, *astray, *alerts)
        made = tickets_after(tx, command, after)
        if isinstance(command, SendToKitchen):
            after = progress(after, made)
        return Effect(after, (after, *made, *claims.on_bill(tx, used)), status, alerts=alerts, used=used)
    changed = (*effect.changed, *claims.on_bill(tx, used))
    return effect._replace(changed=changed, used=used, alerts=(*effect.alerts, *alerts))


def _moved(tx: Connection, restaurant: Restaurant, *, command: OrderOperation, before: Order, author: Author) -> Effect:
    """A command about several orders: it changes all of them in one transaction, each under a revision of its own.

    What comes late for a merged order is done at its heir, which then is `home`.
    """
    known = {before.id: before, **moves.others_of(tx, command, before)}
    after, others = moves.applied(command, before, known, author=author)
    home = heir_of(known, before.id) or before
    at_home = next((one for one in others if one.id == home.id), after)
    used = once.first_used(command, before=home, after=at_home)
    once.refuse_used(tx, used, order=at_home)
    if at_home is home and after is before and all(one is known.get(one.id) for one in others):
        return Effect(after, others=others)
    made = tickets_after(tx, command, at_home)
    if isinstance(command, SendToKitchen):
        others = tuple(progress(one, made) if one is at_home else one for one in others)
    tickets = moves.carried(tx, others, own=made)
    changed = tuple(one for one in (after, *others) if one is not known.get(one.id))
    told = differing_prices(command, at_home, restaurant)
    astray = unknown_tables(command, before=known.values(), after=(after, *others), restaurant=restaurant)
    return Effect(after, (*changed, *tickets), others=others, alerts=(*told, *astray), used=used, used_by=home.id)


def tickets_after(tx: Connection, command: Operation, order: Order) -> tuple[Ticket, ...]:
    """The tickets that a send made, or those that follow what else changed on their order.

    A ticket may be here before its send: the kitchen reported it after a restore.
    """
    match command:
        case SendToKitchen():
            made = tickets.made_by(order, command)
            return tuple(entities.ticket(tx, ticket.id) or ticket for ticket in made)
        case VoidOrder():
            pass
        case ChangeOrder() if any(isinstance(one, VoidLine | MoveTable | SetSeat) for one in command.changes):
            pass
        case _:
            return ()
    changed = []
    for mark in order.tickets:
        ticket = entities.ticket(tx, mark.id)
        if ticket is not None and (reflected := tickets.reflect(ticket, order)) is not ticket:
            changed.append(reflected)
    return tuple(changed)


def _closed(
    tx: Connection,
    restaurant: Restaurant,
    *,
    command: CloseOrder,
    before: Order,
    after: Order,
    author: Author,
    now_ms: int,
) -> Effect:
    """A close: its number if it is the one that closed, the order that takes the late lines, the money left over."""
    invoice = None
    if before.is_open and after.state is OrderState.CLOSED:
        month = month_of(now_ms, restaurant.business.timezone)
        invoice = Invoice(numbers.next_invoice_number(tx, month=month), month, after.id)
        after = after.model_copy(update={"invoice_number": invoice.number})
    late = follow_up(before, command, author)
    if late is not None:
        late = entities.order(tx, late.id) or late
    known = {payment.id for payment in before.payments}
    surplus_minor = sum(payment.unapplied_minor for payment in after.payments if payment.id not in known)
    alerts = _shortfall(after, restaurant) if invoice is not None else ()
    if surplus_minor:
        alerts = (*alerts, surplus_alert(after, restaurant, surplus_minor=surplus_minor))
    return Effect(
        after,
        (after,) if late is None else (after, late),
        surplus_minor=surplus_minor,
        follow_up=late,
        invoice=invoice,
        alerts=alerts,
    )


def _refunded(tx: Connection, restaurant: Restaurant, after: Order, *, now_ms: int) -> Effect:
    """A refund, which is the last of its order's returns, and its number."""
    month = month_of(now_ms, restaurant.business.timezone)
    *before, made = after.returns
    refunding.refuse_all(tx, made)
    note = ReturnNote(numbers.next_return_number(tx, month=month), month, after.id, made.id)
    returns = (*before, made.model_copy(update={"number": note.number}))
    after = after.model_copy(update={"returns": returns})
    return Effect(after, (after,), return_notes=(note,))


def _shortfall(order: Order, restaurant: Restaurant) -> tuple[Alert, ...]:
    """A told total is honoured; what its lines cost more by then is reported."""
    due_minor = totals_of_order(order).total_minor
    if order.applied_minor >= due_minor:
        return ()
    where = restaurant.floor.table_name(order.table_id)
    text = restaurant.business.currency.text
    paid, due = text(order.applied_minor, symbol=True), text(due_minor, symbol=True)
    message = f"Order {order.number} ({where}) was closed with {paid}; by then its lines cost {due}."
    return (Alert("told_total", order.id, message),)


def surplus_alert(order: Order, restaurant: Restaurant, *, surplus_minor: int) -> Alert:
    """The question about money that an order could not use."""
    where = restaurant.floor.table_name(order.table_id)
    amount = restaurant.business.currency.text(surplus_minor, symbol=True)
    return Alert("surplus", order.id, f"Order {order.number} ({where}) was paid too much: refund {amount}?")
