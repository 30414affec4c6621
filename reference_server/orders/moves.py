"""What a command does that is about several orders: to each of them, and to the tickets whose lines went along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reference_server.storage import entities
from reference_server.storage.seam import Connection
from shared.domain import tickets
from shared.domain.commands import CloseOrder, OrderOperation
from shared.domain.lines import Author
from shared.domain.moves import MergeOrder, SplitOrder
from shared.domain.order import Line, Order
from shared.domain.refunds import RefundOrder
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.ticket import Ticket
from shared.domain.together import apply_all, orders_of
from shared.ids import LineId


def is_shared(command: OrderOperation, order: Order) -> bool:
    """Whether a command is about more orders than its own: it names them, or its own was merged. Money stays."""
    is_money = isinstance(command, CloseOrder | RefundOrder)
    return len(orders_of(command)) > 1 or (order.merged_into is not None and not is_money)


def refuse_itself(command: OrderOperation, order: Order) -> None:
    """Raises CommandRejected for a merge or a split that names its own order as the other; a transfer is refused so."""
    other = command.into_order_id if isinstance(command, MergeOrder) else None
    other = command.new_order_id if isinstance(command, SplitOrder) else other
    if other == command.order_id:
        raise CommandRejected(Refusal.INVALID, f"These lines are on order {order.number} already.")


def others_of(tx: Connection, command: OrderOperation, order: Order) -> dict[str, Order]:
    """The other orders that a command is about, as far as they are here, with the heirs of those that were merged."""
    waiting: list[str] = [*orders_of(command)[1:], *([] if order.merged_into is None else [order.merged_into])]
    found: dict[str, Order] = {}
    while waiting:
        order_id = waiting.pop(0)
        other = None if order_id in (order.id, *found) else entities.order(tx, order_id)
        if other is not None:
            found[order_id] = other
            waiting += [] if other.merged_into is None else [other.merged_into]
    return found


def applied(
    command: OrderOperation, order: Order, others: Mapping[str, Order], *, author: Author
) -> tuple[Order, tuple[Order, ...]]:
    """The order and the others after the command; the very same objects where nothing changed."""
    after = {**others, order.id: order}
    after |= apply_all(after, command, author)
    own = after.pop(order.id)
    return own, tuple(after.values())


def carried(tx: Connection, orders: Iterable[Order], *, own: Iterable[Ticket]) -> tuple[Ticket, ...]:
    """The tickets of lines that are new on these orders, as they follow them there.

    `own` are tickets that changed with the order which the lines left.
    """
    changed = {ticket.id: ticket for ticket in own}
    for order in orders:
        before = entities.order(tx, order.id)
        known = set() if before is None else {line.id for line in before.lines if line.moved_to is None}
        for ticket_id in dict.fromkeys(line.ticket_id for line in order.lines if _is_new(line, known)):
            ticket = None if ticket_id is None else changed.get(ticket_id) or entities.ticket(tx, ticket_id)
            if ticket is not None:
                changed[ticket.id] = tickets.carried(ticket, order)
    return tuple(changed.values())


def _is_new(line: Line, known: set[LineId]) -> bool:
    return line.moved_to is None and line.id not in known
