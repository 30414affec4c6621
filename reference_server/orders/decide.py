"""What a command makes of an order and what goes with it: tickets, the follow-up order, the invoice number, alerts."""

from __future__ import annotations

from typing import TypeVar

from reference_server.business_time import month_of
from reference_server.deps import Deps
from reference_server.effect import Alert, Effect, Invoice
from reference_server.storage import catalogue, entities, numbers
from shared.database import Connection
from shared.domain import tickets
from shared.domain.closing import follow_up
from shared.domain.commands import (
    AddLine,
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    MoveTable,
    NewLine,
    OrderOperation,
    SendToKitchen,
    VoidLine,
    VoidOrder,
)
from shared.domain.lines import Author
from shared.domain.menu import Menu, complete
from shared.domain.order import Order, OrderState
from shared.domain.rules import apply
from shared.domain.ticket import Ticket
from shared.money import Currency

C = TypeVar("C", bound=OrderOperation)


def decide(
    tx: Connection, deps: Deps, *, command: OrderOperation, order: Order | None, author: Author, now_ms: int
) -> Effect:
    """The effect of a command. Only reads; raises CommandRejected, and then nothing will change."""
    menu = deps.catalogue.menu(tx)
    command = _completed(tx, command, menu)
    after = apply(order, command, author)
    status = 201 if isinstance(command, CreateOrder) else 200
    if after is order:
        return Effect(after, status=status)
    alerts = _told_prices(command, after, menu=menu, currency=deps.catalogue.business(tx).currency)
    if isinstance(command, CloseOrder) and order is not None:
        return _closed(tx, deps, command=command, before=order, after=after, author=author, now_ms=now_ms)
    return Effect(after, (after, *_tickets(tx, command, after)), status, alerts=alerts)


def _tickets(tx: Connection, command: OrderOperation, order: Order) -> tuple[Ticket, ...]:
    """The tickets that a send made, or those that follow what else changed on their order."""
    match command:
        case SendToKitchen():
            return tickets.made_by(order, command)
        case VoidOrder():
            pass
        case ChangeOrder() if any(isinstance(one, VoidLine | MoveTable) for one in command.changes):
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
    tx: Connection, deps: Deps, *, command: CloseOrder, before: Order, after: Order, author: Author, now_ms: int
) -> Effect:
    """A close: its number if it is the one that closed, the order that takes the late lines, the money left over."""
    invoice = None
    if before.is_open and after.state is OrderState.CLOSED:
        month = month_of(now_ms, deps.catalogue.business(tx).timezone)
        invoice = Invoice(numbers.next_invoice_number(tx, month=month), month, after.id)
        after = after.model_copy(update={"invoice_number": invoice.number})
    late = follow_up(before, command, author)
    known = {payment.id for payment in before.payments}
    surplus_minor = sum(payment.unapplied_minor for payment in after.payments if payment.id not in known)
    alerts = (_surplus(tx, deps, order=after, surplus_minor=surplus_minor),) if surplus_minor else ()
    return Effect(
        after,
        (after,) if late is None else (after, late),
        surplus_minor=surplus_minor,
        follow_up=late,
        invoice=invoice,
        alerts=alerts,
    )


def _surplus(tx: Connection, deps: Deps, *, order: Order, surplus_minor: int) -> Alert:
    business = deps.catalogue.business(tx)
    where = deps.catalogue.floor(tx).table_name(order.table_id)
    amount = business.currency.text(surplus_minor, symbol=True)
    return Alert("surplus", order.id, f"Order {order.number} ({where}) was paid too much: refund {amount}?")


def _completed(tx: Connection, command: OrderOperation, menu: Menu) -> OrderOperation:
    """The command with its new lines filled in from the menu."""
    match command:
        case CreateOrder():
            items = tuple(_complete(tx, line, menu) for line in command.items)
            return command.model_copy(update={"items": items}) if items else command
        case ChangeOrder():
            changes = tuple(
                one.model_copy(update={"line": _complete(tx, one.line, menu)}) if isinstance(one, AddLine) else one
                for one in command.changes
            )
            return command.model_copy(update={"changes": changes})
        case _:
            return command


def _complete(tx: Connection, line: NewLine, menu: Menu) -> NewLine:
    """Fill a line in; one that was sold in full from an older menu is a fact and stays as it was told."""
    told = None not in (line.name, line.price_minor, line.tax_bp, line.station)
    if told and menu.item(line.item_id) is None and catalogue.was_sold(tx, line.item_id):
        return line
    return complete(line, menu)


def _told_prices(command: OrderOperation, order: Order, *, menu: Menu, currency: Currency) -> tuple[Alert, ...]:
    """One alert for the lines whose told price is not the menu's: recorded, flagged, never refused."""
    match command:
        case CreateOrder():
            new = command.items
        case ChangeOrder():
            new = tuple(one.line for one in command.changes if isinstance(one, AddLine))
        case _:
            return ()
    differing = []
    for line in new:
        item = menu.item(line.item_id)
        if item is None:
            differing.append(f"{line.name} is not on the menu any more")
        elif line.price_minor is not None and item.price_minor != line.price_minor:
            told, listed = currency.text(line.price_minor), currency.text(item.price_minor)
            differing.append(f"{line.name} was sold at {told}, the menu says {listed}")
    if not differing:
        return ()
    return (Alert("told_price", order.id, f"Order {order.number}: {'; '.join(differing[:20])}."),)
