"""What the end of a business day finds: everything that is still open is named, and nothing of it is touched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from reference_server.area import Wish
from reference_server.effect import Effect
from reference_server.storage import entities, shifts
from reference_server.storage.seam import Connection
from shared.business_time import day_start_ms, zone
from shared.domain.business_day import MOST_NAMED, BusinessDay, StillOpen, closed
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.shift import Shift
from shared.domain.shift_commands import CloseDay
from shared.domain.totals import totals_of_order
from shared.times import from_rfc3339

_MOMENT: Final = "%Y-%m-%d"


def decide(tx: Connection, wish: Wish, *, command: CloseDay) -> Effect:
    """The effect of ending the day: one record. Orders and shifts that are open go on, and are named in words."""
    before = wish.entity
    assert before is None or isinstance(before, BusinessDay), "a business day's path names one"
    if before is not None:
        if command.id not in before.applied:
            raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, "This end of a day was told already.")
        return Effect(before, status=201)
    orders, count = entities.open_orders(tx, limit=MOST_NAMED)
    now = closed(
        command,
        wish.author,
        day=_day(from_rfc3339(command.at), wish.restaurant.business.timezone),
        orders=[_order(one, wish) for one in orders],
        count=count,
        shifts=[_shift(one, wish) for one in shifts.open_shifts(tx)],
    )
    return Effect(now, (now,), 201)


def _day(at_ms: int, timezone: str) -> str:
    """The date on which this business day began, in the house's own calendar."""
    start_ms = day_start_ms(at_ms, timezone)
    return datetime.fromtimestamp(start_ms / 1000, UTC).astimezone(zone(timezone)).strftime(_MOMENT)


def _order(order: Order, wish: Wish) -> StillOpen:
    business, floor = wish.restaurant.business, wish.restaurant.floor
    owed = business.currency.text(totals_of_order(order).total_minor - order.applied_minor, symbol=True)
    where = floor.table_name(order.table_id)
    where = f"Table {where}" if order.table_id is not None and where[:1].isdigit() else where
    return StillOpen(id=order.id, what=f"Order {order.number}, {where}, {owed}")


def _shift(shift: Shift, wish: Wish) -> StillOpen:
    by = shift.opened_by_name or "somebody"
    floated = wish.restaurant.business.currency.text(shift.float_minor, symbol=True)
    return StillOpen(id=shift.id, what=f"The shift of {by}, opened with {floated}")
