"""What a mark makes of a ticket, and how the orders that carry it follow."""

from __future__ import annotations

from reference_server.effect import Effect
from reference_server.storage import entities
from reference_server.storage.seam import Connection
from shared.domain import tickets
from shared.domain.commands import TicketOperation
from shared.domain.order import Order
from shared.domain.rules import progress
from shared.domain.ticket import Ticket
from shared.ids import OrderId


def decide(tx: Connection, *, command: TicketOperation, ticket: Ticket) -> Effect:
    """The effect of a mark: the ticket first, then its orders. Nothing new is no change and answers the ticket."""
    after = tickets.mark(ticket, command)
    return Effect(ticket) if after is ticket else moved(tx, after)


def moved(tx: Connection, after: Ticket) -> Effect:
    """A ticket that is new or further on, with its orders, which follow it."""
    orders = tuple(moved for order in _carriers(tx, after) if (moved := progress(order, (after,))) is not order)
    return Effect(after, (after, *orders))


def _carriers(tx: Connection, ticket: Ticket) -> tuple[Order, ...]:
    """The orders that lines of the ticket are on, and the follow-up orders that took those over, however often."""
    carriers: dict[str, Order] = {}
    waiting: list[OrderId] = [ticket.order_id, *(item.on.order_id for item in ticket.items if item.on is not None)]
    while waiting:
        order = entities.order(tx, waiting.pop(0))
        if order is not None and order.id not in carriers and any(mark.id == ticket.id for mark in order.tickets):
            carriers[order.id] = order
            waiting += dict.fromkeys(line.moved_to for line in order.lines if line.moved_to is not None)
    return tuple(carriers.values())
