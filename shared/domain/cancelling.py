"""Pure: a payment by card or mobile money that nobody waits for any more, because a person said so."""

from __future__ import annotations

from typing import Final

from shared.domain.command import Command
from shared.domain.model import APaymentId
from shared.domain.payment_intent import IntentState, PaymentIntent
from shared.domain.rejections import CommandRejected, Refusal

CANCELLED: Final = "It was cancelled."


class CancelIntent(Command):
    """Stop asking a guest for money by card or mobile money."""

    intent_id: APaymentId


def cancelled(intent: PaymentIntent, *, reason: str = CANCELLED) -> PaymentIntent:
    """The intent as if its time were over; the very same object where nobody waits for it already. `reason` says why.

    The gateway may have charged by now, so it is told to end it like any that ran out of time: what is approved later
    is taken back. Raises CommandRejected for what the guest has paid: that is a fact.
    """
    if intent.state.is_paid:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION, "The guest has paid by now. Close the order with it, then give it back."
        )
    if not intent.state.is_waiting:
        return intent
    over = {"state": IntentState.EXPIRED, "reason": reason, "is_cleared": False, "version": intent.version + 1}
    return intent.model_copy(update=over)
