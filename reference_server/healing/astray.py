"""Lines that a restored server has on no order or on two, since no report has told of both: a person hears of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from reference_server.effect import Alert, Used
from reference_server.healing.reasons import keep_true
from reference_server.storage import alerts, changes, entities, used_ids
from reference_server.storage.seam import Connection
from shared.domain.order import Line, Order

KIND: Final = "healing"
MOST_NAMES: Final = 5
"""So many dishes are named at most; the order itself shows them all."""

_LATE: Final = "A till that has not reported may put it right when it comes: look at it."


def tell(tx: Connection, *, by: str, now_ms: int) -> None:
    """Raise an alert for each order that was healed, and from which lines went where they are not, or are still.

    Those that were raised before and are not so any more are closed: nobody has to look at them.
    """
    waiting = [one for one in alerts.waiting(tx, kind=KIND) if one.message.endswith(_LATE)]
    orders = {str(order.id): order for order in entities.orders_since(tx, changes.last_beginning(tx))}
    for order_id in {one.entity_id for one in waiting} - orders.keys():
        order = entities.order(tx, order_id)
        if order is not None:
            orders[order_id] = order
    found = [alert for order in orders.values() for alert in _alerts_of(tx, order)]
    keep_true(tx, found, waiting=waiting, by=by, now_ms=now_ms)


def _alerts_of(tx: Connection, order: Order) -> Iterator[Alert]:
    """What a person has to know of the lines of this order. Only reads."""
    gone = [line for line in order.lines if line.moved_to is not None and not _is_known(tx, line)]
    if gone:
        words = f"{_names(gone)} went from order {order.number} to another one, which this server lacks since it was"
        yield Alert(KIND, order.id, f"{words} restored. {_LATE}")
    for other, lines in _twice(tx, order):
        words = f"{_names(lines)} stands on order {other.number} and on order {order.number} since this server was"
        yield Alert(KIND, order.id, f"{words} restored: it went from one to the other. {_LATE}")


def _is_known(tx: Connection, line: Line) -> bool:
    """Whether the order to which a line went has it, or had it."""
    order = None if line.moved_to is None else entities.order(tx, line.moved_to)
    return order is not None and order.line(line.id) is not None


def _twice(tx: Connection, order: Order) -> Iterator[tuple[Order, list[Line]]]:
    """The orders on which lines of this one stand too."""
    first = used_ids.orders_of(tx, Used.LINE, [line.id for line in order.standing_lines])
    for other_id in dict.fromkeys(one for one in first.values() if one != order.id):
        other = entities.order(tx, other_id)
        both = [] if other is None else [line for line in other.standing_lines if first.get(line.id) == other_id]
        if other is not None and both:
            yield other, both


def _names(lines: Iterable[Line]) -> str:
    names = list(dict.fromkeys(line.name for line in lines))
    return ", ".join(names[:MOST_NAMES]) + (" ..." if len(names) > MOST_NAMES else "")
