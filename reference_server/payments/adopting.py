"""After a restore: what devices know of card payments, taken from their first answers. No gateway is called."""

from __future__ import annotations

from pydantic import ValidationError

from reference_server.effect import Effect
from reference_server.storage import payment_intents
from reference_server.storage.seam import Connection
from shared.domain.bill import Payment
from shared.domain.order import Order
from shared.domain.payment_intent import (
    BY_GATEWAY,
    EXPIRES_MS,
    IntentState,
    OpenIntent,
    PaymentIntent,
    told_again,
)
from shared.domain.versioned import Versioned
from shared.times import from_rfc3339, to_rfc3339


def effect(tx: Connection, command: OpenIntent, answer: bytes, *, device: str) -> Effect:
    """The intent as its device heard of it last; one that is here is further, since the gateway is asked here."""
    here = payment_intents.get(tx, command.intent_id)
    if here is not None:
        return Effect(here, status=201)
    try:
        told = PaymentIntent.model_validate_json(answer)
    except ValidationError:
        told = None
    if told is None or (told.id, told.order_id) != (command.intent_id, command.order_id):
        told = PaymentIntent(
            id=command.intent_id,
            order_id=command.order_id,
            method=command.method,
            amount_minor=command.amount,
            tip_minor=command.tip,
            created_at=command.at,
            expires_at=to_rfc3339(from_rfc3339(command.at) + EXPIRES_MS),
            device=device,
        )
    adopted = told_again(told)
    return Effect(adopted, (adopted,), status=201)


def prove(tx: Connection, shown: tuple[Versioned, ...], *, device: str) -> None:
    """Write down what the bills that an operation was answered with prove to have been charged, whatever is here of it.

    Before a close is done again, which counts only on what was charged.
    """
    bills = (one for one in shown if isinstance(one, Order))
    for order in bills:
        for payment in order.payments:
            here = payment_intents.get(tx, payment.id) if payment.method in BY_GATEWAY else None
            if payment.method in BY_GATEWAY and (here is None or not here.state.is_paid) and not is_late(payment):
                intent = _charged(payment, order, device=device)
                payment_intents.put(tx, intent, next_ms=from_rfc3339(intent.created_at))


def is_late(payment: Payment) -> bool:
    """Whether no bill counted on it: it was approved too late, and the gateway is asked what became of it."""
    return payment.receipt_number is None and payment.unapplied_minor == payment.amount_minor


def _charged(payment: Payment, order: Order, *, device: str) -> PaymentIntent:
    return PaymentIntent(
        id=payment.id,
        order_id=order.id,
        method=payment.method,
        amount_minor=payment.amount_minor,
        tip_minor=payment.tip_minor,
        state=IntentState.APPROVED,
        created_at=payment.taken_at,
        expires_at=to_rfc3339(from_rfc3339(payment.taken_at) + EXPIRES_MS),
        reference=payment.reference or "",
        device=device,
    )
