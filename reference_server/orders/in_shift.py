"""What a bill means to the shift that it names: its drawer has the money, also where nobody knows the shift yet."""

from __future__ import annotations

from dataclasses import replace

from reference_server.effect import Alert, Booked, Effect, Ended
from reference_server.storage import shifts
from reference_server.storage.catalogue import Restaurant
from reference_server.storage.seam import Connection
from shared.domain.commands import CloseOrder, Operation, VoidOrder
from shared.domain.lines import Author
from shared.domain.order import Order, OrderState
from shared.domain.shift import ended, named
from shared.ids import ShiftId


def with_shift(
    tx: Connection,
    restaurant: Restaurant,
    *,
    command: Operation,
    before: Order | None,
    effect: Effect,
    author: Author,
) -> Effect:
    """The effect with what its shift gets of it. Only reads.

    A shift that is named before it is known is made empty. Money for one that was closed meanwhile is recorded as late.
    """
    after = effect.primary
    if not isinstance(after, Order) or after is before:
        return effect
    told = command.shift_id if isinstance(command, CloseOrder | VoidOrder) else None
    new = _moved(after, before)
    ids = dict.fromkeys(one for one in (told, *(one.shift_id for one in new)) if one is not None)
    if not ids:
        return effect
    found = {one: shifts.shift(tx, one) for one in ids}
    made = tuple(named(ShiftId(one), author) for one, shift in found.items() if shift is None)
    closed = {one for one, shift in found.items() if shift is not None and not shift.is_open}
    booked = tuple(replace(one, late=one.shift_id in closed) for one in new)
    is_over = (before is None or before.is_open) and after.state in (OrderState.CLOSED, OrderState.VOIDED)
    return effect._replace(
        changed=(*effect.changed, *made),
        booked=booked,
        ended=(Ended(next(iter(ids)), ended(after)),) if is_over and after.merged_into is None else (),
        alerts=(*effect.alerts, *(_late(one, after, restaurant) for one in booked if one.late)),
    )


def _moved(after: Order, before: Order | None) -> tuple[Booked, ...]:
    """The money of a shift that went in or out since."""
    if not (after.payments or after.returns):
        return ()
    known: set[str] = set()
    if before is not None:
        counted = (one.id for one in before.payments if one.shift_id is not None)
        known = {*counted, *(one.id for one in before.returns)}
    paid = [
        Booked(
            id=one.id,
            shift_id=one.shift_id,
            order_id=after.id,
            method=one.method,
            amount_minor=one.amount_minor,
            tip_minor=one.tip_minor,
        )
        for one in after.payments
        if one.shift_id is not None and one.id not in known
    ]
    given = [
        Booked(
            id=each.id, shift_id=one.shift_id, order_id=after.id, method=each.method, amount_minor=-each.amount_minor
        )
        for one in after.returns
        if one.shift_id is not None and one.id not in known
        for each in one.money
    ]
    return (*paid, *given)


def _late(booked: Booked, order: Order, restaurant: Restaurant) -> Alert:
    amount = restaurant.business.currency.text(booked.amount_minor + booked.tip_minor, symbol=True)
    words = f"{amount} for order {order.number} came when its shift was closed: it is recorded as late."
    return Alert("shift_late", booked.shift_id, words)
