"""Pure: the fold, which makes a view from the server's last word and the operations that it has not settled."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.domain import tickets
from shared.domain.commands import CloseOrder, OrderOperation, TicketOperation
from shared.domain.lines import Author
from shared.domain.order import Order, Orders
from shared.domain.rejections import CommandRejected
from shared.domain.rules import apply
from shared.domain.ticket import Ticket
from shared.domain.together import apply_all, orders_of

STEPS_KEPT: Final = 512


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
            orders |= step(orders, operation, author)
        except CommandRejected:
            skipped.append(operation.id)
    return Folded(orders, tuple(skipped))


#: By the places in memory of order and command: two steps are one only if they are about the very same objects, which
#: never change. What is kept holds both, so that no other object gets their places. The last one used is the last one.
_kept: Final[OrderedDict[tuple[int, int], tuple[Order | None, OrderOperation, Author, Order]]] = OrderedDict()


def step(orders: Orders, command: OrderOperation, author: Author) -> Orders:
    """As `apply_all`, but found again if done lately: the rules are asked once about a tap, not at each later one.

    A view is folded anew at each tap, and all but its last step was done before. Where other orders make a difference
    it is done anew, and never kept. For any thread: who finds a step gone that another one has in hand does it again.
    """
    order = orders.get(command.order_id)
    place = (id(order), id(command))
    found = _kept.pop(place, None)
    if found is None or (found[2] is not author and found[2] != author):
        is_merged = order is not None and order.merged_into is not None
        if type(command) is CloseOrder or is_merged or len(orders_of(command)) > 1:
            return apply_all(orders, command, author)
        found = (order, command, author, apply(order, command, author))
    _kept[place] = found
    if len(_kept) > STEPS_KEPT:
        _kept.popitem(last=False)
    return {found[3].id: found[3]}


def fold_ticket(server: Ticket, operations: Iterable[TicketOperation]) -> Ticket:
    """The ticket with this device's unsettled marks on it; marks always fit."""
    ticket = server
    for operation in operations:
        ticket = tickets.mark(ticket, operation)
    return ticket
