"""Money of a card payment that goes back: refused beyond what was charged, kept before the gateway hears of it.

Whoever decides about a refund asks `refuse_too_much`, and writes with `keep` in the transaction of its effect; the
cashier then tells the gateway, again and again under the refund's own ULID until that has answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from reference_server.effect import Booked, Effect
from reference_server.storage import entities, payment_intents, shifts
from reference_server.storage.payment_intents import RefundRow
from reference_server.storage.seam import Connection
from shared.domain.bill import Method, Return
from shared.domain.order import Order
from shared.domain.payment_intent import IntentState, PaymentIntent
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.returns import not_given_back
from shared.ids import OperationId


@dataclass(frozen=True, slots=True)
class CardRefund:
    """So much of the payment `payment_id` (its intent's ULID) goes back, under a ULID of its own."""

    id: str
    payment_id: str
    amount_minor: int


def left_minor(tx: Connection, payment_id: str) -> int:
    """What can still go back of a payment by card or mobile money: charged, tip included, less what was refunded."""
    intent = payment_intents.get(tx, payment_id)
    return 0 if intent is None or not _is_here(intent) else _left(tx, intent)


def refuse_too_much(tx: Connection, refund: CardRefund) -> None:
    """Raises CommandRejected where this is more than the guest paid, or where nothing was charged. Only reads.

    A refund that is known is done already: a retry is never too much.
    """
    known = payment_intents.refund(tx, refund.id)
    if known is not None:
        if (known.intent_id, known.amount_minor) != (refund.payment_id, refund.amount_minor):
            raise CommandRejected(Refusal.INVALID, "There is another refund with this id.")
        return
    intent = payment_intents.get(tx, refund.payment_id)
    if intent is None or not _is_here(intent):
        raise CommandRejected(Refusal.INVALID, "Nothing was charged for this payment, so nothing can go back.")
    if refund.amount_minor <= 0 or refund.amount_minor > _left(tx, intent):
        raise CommandRejected(Refusal.INVALID, "That is more than is left of this payment.")


def keep(tx: Connection, refund: CardRefund, *, now_ms: int) -> None:
    """Let the gateway give it back as soon as this transaction is durable. Once, however often it is kept."""
    row = RefundRow(refund.id, refund.payment_id, refund.amount_minor)
    payment_intents.add_refund(tx, row, now_ms=now_ms)


def refuse_all(tx: Connection, made: Return) -> None:
    """Raises CommandRejected where a gateway can't give a part of this return back. Only reads."""
    for one in _parts(made):
        refuse_too_much(tx, one)


def keep_all(tx: Connection, effect: Effect, *, now_ms: int) -> None:
    """Let the gateway give back its parts of the returns that are new. Under their own ULIDs: twice does no harm."""
    new = {note.return_id for note in effect.return_notes}
    for order in (one for one in effect.changed if isinstance(one, Order)):
        for made in order.returns:
            for part in _parts(made) if made.id in new else ():
                keep(tx, part, now_ms=now_ms)


def refused(tx: Connection, row: RefundRow, *, now_ms: int) -> None:
    """The gateway does not give it back: neither the order nor its shift says any longer that it did.

    So the order owes it to the guest, like money that it could not use, and it can be given back in another way.
    """
    intent = payment_intents.get(tx, row.intent_id)
    order = None if intent is None else entities.order(tx, intent.order_id)
    after = order if order is None else not_given_back(order, row.id)
    if order is None or after is None or after is order:
        return
    entities.store(tx, (after,), by=OperationId(shifts.refused_id(row.id)), at_ms=now_ms)
    made = next(one for one in order.returns if any(money.id == row.id for money in one.money))
    shift = None if made.shift_id is None else shifts.shift(tx, made.shift_id)
    if shift is None:
        return
    method = next(money.method for money in made.money if money.id == row.id)
    back = Booked(
        id=shifts.refused_id(row.id),
        shift_id=shift.id,
        order_id=order.id,
        method=method,
        amount_minor=row.amount_minor,
        late=not shift.is_open,
    )
    shifts.book(tx, (back,), (), at_ms=now_ms)


def _parts(made: Return) -> tuple[CardRefund, ...]:
    """What of a return a gateway gives back; what it has refused for good it is not told again."""
    return tuple(
        CardRefund(one.id, one.payment_id, one.amount_minor)
        for one in made.money
        if one.method is not Method.CASH and one.payment_id is not None and not one.refused
    )


def _is_here(intent: PaymentIntent) -> bool:
    return intent.state.is_paid or intent.state is IntentState.UNAPPLIED


def _left(tx: Connection, intent: PaymentIntent) -> int:
    return intent.charge_minor - payment_intents.refunded_minor(tx, intent.id)
