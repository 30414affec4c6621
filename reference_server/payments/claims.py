"""A close that was paid through the gateway: only what was charged counts, and it counts as what was charged."""

from __future__ import annotations

from collections.abc import Iterable

from reference_server.effect import Used
from reference_server.storage import payment_intents
from reference_server.storage.seam import Connection
from shared.domain.cancelling import cancelled
from shared.domain.commands import CloseOrder, NewPayment, OrderOperation
from shared.domain.order import Order
from shared.domain.payment_intent import BY_GATEWAY, IntentState, PaymentIntent, recorded
from shared.domain.rejections import CommandRejected, Refusal


def proven(tx: Connection, command: OrderOperation, order: Order | None) -> OrderOperation:
    """The command with its payments by card and mobile money as the gateway charged them; cash stays as it was told.

    Only reads. Raises CommandRejected for a payment that nobody was charged for, whatever became of the order: money
    that nobody took would wait for its refund. One that the gateway has not spoken of here is no verdict: a till may
    have seen it approved by a server that was put back to an older copy since.
    """
    if not isinstance(command, CloseOrder) or all(one.method not in BY_GATEWAY for one in command.payments):
        return command
    stored = frozenset() if order is None else frozenset(payment.id for payment in order.payments)
    payments = tuple(
        one if one.method not in BY_GATEWAY or one.id in stored else _charged(tx, one, command)
        for one in command.payments
    )
    return command.model_copy(update={"payments": payments})


def on_bill(tx: Connection, used: Iterable[tuple[Used, str]]) -> tuple[PaymentIntent, ...]:
    """The intents of the payments that an order is given now, as they are once they stand on it. Cash has none."""
    found = (payment_intents.get(tx, one) for kind, one in used if kind is Used.PAYMENT)
    return tuple(recorded(intent) for intent in found if intent is not None and intent.state is IntentState.APPROVED)


def not_waited_for(tx: Connection, before: Order | None, after: Order) -> tuple[PaymentIntent, ...]:
    """The intents that are still asked for where the order is over by now, each as one that was cancelled.

    A guest who confirms in a moment would pay for what was paid, voided or carried away: the gateway is told to end it.
    What is approved already is a fact. Only reads.
    """
    if before is None or not before.is_open or after.is_open:
        return ()
    how = "merged into another" if after.merged_into is not None else after.state.lower()
    asked = (one for one in payment_intents.of_order(tx, after.id) if one.state.is_waiting)
    return tuple(cancelled(one, reason=f"The order was {how} meanwhile.") for one in asked)


def _charged(tx: Connection, payment: NewPayment, command: CloseOrder) -> NewPayment:
    """What was charged for this payment. It is for one order; where that was merged, the close still names it."""
    intent = payment_intents.get(tx, payment.id)
    if intent is None or intent.order_id != command.order_id or intent.method is not payment.method:
        raise CommandRejected(
            Refusal.INVALID, "Card and mobile money need an approved payment of this order. Take cash, or ask for one."
        )
    if intent.state.is_waiting:
        raise CommandRejected(Refusal.NOT_YET, "Whether this payment was approved is not known yet.")
    if not intent.state.is_paid:
        raise CommandRejected(
            Refusal.INVALID, f"This payment was not approved: it is {intent.state.lower().replace('_', ' ')}."
        )
    if payment.amount > intent.amount_minor:
        raise CommandRejected(Refusal.INVALID, "Less was charged than this payment says.")
    charged = {
        "amount": intent.amount_minor,
        "tip": intent.tip_minor,
        "tendered": intent.charge_minor,
        "reference": intent.reference or None,
    }
    return payment.model_copy(update=charged)
