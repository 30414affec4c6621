"""What is left of a dish: said by a person, counted down by every sale, and never a reason to refuse one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from reference_server.deps import Deps
from reference_server.effect import Alert, Effect
from reference_server.exchange import Problem, Response
from reference_server.storage import catalogue, entities
from reference_server.storage.catalogue import Restaurant
from reference_server.storage.seam import Connection
from shared.domain.menu import MenuItem
from shared.domain.order import Order
from shared.ids import ItemId, OperationId
from shared.times import to_rfc3339
from shared.wire.catalogue import AvailabilityAnswer, AvailabilityRequest

Counted = Callable[[Connection, Restaurant, Effect], Effect]


def set_availability(tx: Connection, deps: Deps, *, item_id: str, asked: AvailabilityRequest) -> Response:
    """`PUT /menu/items/{id}/availability`. Raises the 404 for a dish that is not on the menu."""
    item = deps.catalogue.now(tx).items.get(ItemId(item_id))
    if item is None:
        raise Problem(404, "This is not on the menu.")
    now_ms = deps.clock.now_ms()
    now = to_rfc3339(now_ms)
    at, by = min(asked.at or now, now), asked.id or OperationId(deps.ulids.new())
    if (at, by) > (item.set_at or "", item.set_by or ""):
        is_gone = asked.sold_out or asked.remaining == 0
        item = item.model_copy(
            update={"sold_out": is_gone, "remaining": asked.remaining, "set_at": at, "set_by": by},
        )
        catalogue.put_items(tx, {item.id: item}, now_ms=now_ms)
    told = AvailabilityAnswer(
        item_id=item.id, sold_out=item.sold_out, remaining=item.remaining, set_at=item.set_at or at
    )
    return Response(200, told.to_json())


def counted(tx: Connection, restaurant: Restaurant, effect: Effect) -> Effect:
    """The effect with what it sells taken off what is left, and what it gives back put on again. Only reads.

    What was sold although nothing was left is honoured: a till that did not know it had told a guest. A person hears.
    """
    orders = [one for one in effect.changed if isinstance(one, Order)]
    if not any(line.item_id in restaurant.scarce for order in orders for line in order.lines):
        return effect  # an order keeps all the lines that it ever had
    sold: Counter[str] = Counter()
    for order in orders:
        sold.update(_sold(order))
        before = entities.order(tx, order.id)
        if before is not None:
            sold.subtract(_sold(before))
    items: list[MenuItem] = []
    over: list[str] = []
    for item_id, number in sold.items():
        item = restaurant.scarce.get(ItemId(item_id))
        if item is None or not number:
            continue
        left = 0 if item.remaining is None else item.remaining
        if number > left:
            over.append(f"{number - left} × {item.name}")
        if item.remaining is not None:
            left = max(0, left - number)
            items.append(item.model_copy(update={"remaining": left, "sold_out": left == 0}))
    alerts = effect.alerts
    if over:
        words = f"Order {orders[0].number}: {', '.join(over)} sold, and nothing was left. Tell the guest, or cook it."
        alerts = (*alerts, Alert("sold_out", orders[0].id, words))
    return effect._replace(alerts=alerts, items=tuple(items))


def _sold(order: Order) -> Counter[str]:
    """How many of each dish an order takes: not what went elsewhere, nor what was voided before it was cooked."""
    found: Counter[str] = Counter()
    for line in order.lines:
        if line.moved_to is None and not (line.voided and line.ticket_id is None):
            found[line.item_id] += line.quantity
    return found
