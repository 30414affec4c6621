"""Pure: the fold, which makes a view from the server's last word and the operations that it has not settled."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain import tickets
from shared.domain.closing import follow_up
from shared.domain.commands import CloseOrder, OrderOperation, TicketOperation
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


def fold_follow_up(before: Order | None, close: CloseOrder, author: Author) -> Order | None:
    """The order that a close of `before` leaves over, as the server will make it; None when it leaves nothing.

    A close that the rules refuse, or an order that is closed already, leaves nothing.
    """
    if before is None or fold(before, [(close, author)]).order is before:
        return None
    return follow_up(before, close, author)


def fold_ticket(server: Ticket, operations: Iterable[TicketOperation]) -> Ticket:
    """The ticket with this device's unsettled marks on it; marks always fit."""
    ticket = server
    for operation in operations:
        ticket = tickets.mark(ticket, operation)
    return ticket
