"""Pure: the fold, which makes a view from the server's last word and the operations that it has not settled."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain import tickets
from shared.domain.commands import OrderOperation, TicketOperation
from shared.domain.lines import Author
from shared.domain.rejections import CommandRejected
from shared.domain.ticket import Ticket
from shared.domain.together import Orders, apply_all


@dataclass(frozen=True, slots=True)
class Folded:
    """Orders as this device sees them. The rules could not apply the `skipped`: they wait for the server's word."""

    orders: Orders
    skipped: tuple[str, ...] = ()


def fold_all(server: Orders, operations: Iterable[tuple[OrderOperation, Author]]) -> Folded:
    """What the server said with the unsettled operations on it, in their order; what does not fit is skipped.

    With the orders that these operations make: the created ones, and what their closes leave over.
    """
    orders = dict(server)
    skipped: list[str] = []
    for operation, author in operations:
        try:
            orders |= apply_all(orders, operation, author)
        except CommandRejected:
            skipped.append(operation.id)
    return Folded(orders, tuple(skipped))


def fold_ticket(server: Ticket, operations: Iterable[TicketOperation]) -> Ticket:
    """The ticket with this device's unsettled marks on it; marks always fit."""
    ticket = server
    for operation in operations:
        ticket = tickets.mark(ticket, operation)
    return ticket
