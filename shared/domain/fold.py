"""Pure: the fold, which makes a view from the server's last word and the operations that it has not settled."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain import tickets
from shared.domain.commands import OrderOperation, TicketOperation
from shared.domain.lines import Author
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected
from shared.domain.rules import apply
from shared.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Folded:
    """An order as this device sees it. The rules could not apply the `skipped`: they wait for the server's word."""

    order: Order | None
    skipped: tuple[str, ...] = ()


def fold(server: Order | None, operations: Iterable[tuple[OrderOperation, Author]]) -> Folded:
    """What the server said with the unsettled operations on it, in their order; what does not fit is skipped."""
    order = server
    skipped: list[str] = []
    for operation, author in operations:
        try:
            order = apply(order, operation, author)
        except CommandRejected:
            skipped.append(operation.id)
    return Folded(order, tuple(skipped))


def fold_ticket(server: Ticket, operations: Iterable[TicketOperation]) -> Ticket:
    """The ticket with this device's unsettled marks on it; marks always fit."""
    ticket = server
    for operation in operations:
        ticket = tickets.mark(ticket, operation)
    return ticket
