"""Every line, change and payment carries its own ULID: what happens when one comes again on another order.

An order knows what is on itself (`rules.apply`). What is on another one only a server can know, so a till's fold does
not predict it. Why a line is refused and a payment is not: docs/decisions/0008.
"""

from __future__ import annotations

from reference_server.effect import Alert, Used
from reference_server.storage import entities, used_ids
from reference_server.storage.catalogue import Restaurant
from reference_server.storage.seam import Connection
from shared.domain.commands import CloseOrder, OrderOperation
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected, Refusal


def first_used(command: OrderOperation, *, before: Order | None, after: Order) -> tuple[tuple[Used, str], ...]:
    """Pure: the ULIDs that the command gives to the order; an order keeps all it had, and what is new stands behind.

    A line that moves to a follow-up order keeps its ULID there, and is none of these.
    """
    lines, payments, returns, applied = (
        (0, 0, 0, 0) if before is None else map(len, (before.lines, before.payments, before.returns, before.applied))
    )
    return (
        *((Used.LINE, str(line.id)) for line in after.lines[lines:]),
        *((Used.CHANGE, str(one)) for one in after.applied[applied:] if one != command.id),
        *((Used.PAYMENT, str(payment.id)) for payment in after.payments[payments:]),
        *((Used.PAYMENT, str(money.id)) for one in after.returns[returns:] for money in one.money),
    )


def refuse_used(tx: Connection, used: tuple[tuple[Used, str], ...], *, order: Order) -> None:
    """Raises CommandRejected when a part of it is on another order already: it makes no sense, now or ever.

    Of payments only those that are given back are asked for: `counted_elsewhere` has sorted out the others.
    """
    for kind, what in ((Used.LINE, "A line"), (Used.CHANGE, "A change"), (Used.PAYMENT, "Money")):
        ids = [one for of, one in used if of is kind]
        if ids and (known := used_ids.orders_of(tx, kind, ids)):
            other = _number(tx, next(iter(known.values())))
            raise CommandRejected(
                Refusal.INVALID, f"{what} of this is on order {other} already. It can't be on order {order.number} too."
            )


def counted_elsewhere(tx: Connection, command: OrderOperation, order: Order | None) -> dict[str, str]:
    """The payments of a close that are money of another order, each with that order's id."""
    if not isinstance(command, CloseOrder) or order is None:
        return {}
    found = used_ids.orders_of(tx, Used.PAYMENT, (payment.id for payment in command.payments))
    return {payment_id: order_id for payment_id, order_id in found.items() if order_id != order.id}


def doubts(
    tx: Connection, command: OrderOperation, order: Order, *, elsewhere: dict[str, str], restaurant: Restaurant
) -> tuple[Alert, ...]:
    """What a person must look at: one alert for each payment that counts on another order."""
    if not elsewhere or not isinstance(command, CloseOrder):
        return ()
    text, where = restaurant.business.currency.text, restaurant.floor.table_name(order.table_id)
    return tuple(
        Alert(
            "counted_elsewhere",
            order.id,
            f"Order {order.number} ({where}): the payment of {text(one.amount, symbol=True)} is on order"
            f" {_number(tx, elsewhere[one.id])} already and counts there only. Was it taken twice? (Payment {one.id})",
        )
        for one in command.payments
        if one.id in elsewhere
    )


def _number(tx: Connection, order_id: str) -> str:
    order = entities.order(tx, order_id)
    return order_id if order is None else order.number
