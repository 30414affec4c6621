"""The seam to a payment gateway: what one has to be able to do, whoever it is. The bundled one is in `simulated`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from shared.domain.payment_intent import LastWord, NoWord, PaymentIntent, Word

CALL_LIMIT_S: Final = 10.0
"""A gateway's method ends within this time, with `NoWord` if it has heard nothing until then."""


@dataclass(frozen=True, slots=True)
class Refunded:
    """The money is on its way back to the guest. `reference` is the gateway's own name for it."""

    reference: str


@dataclass(frozen=True, slots=True)
class RefundRefused:
    """The gateway does not give it back, and never will under this key: why, in its words."""

    reason: str


RefundWord = Refunded | RefundRefused | NoWord
"""What a gateway says of a refund; after `NoWord` it is told again under the same key."""


class Gateway(Protocol):
    """Moves guests' money. Called from threads, several at once, and never inside a transaction.

    Every method ends within `CALL_LIMIT_S`, and raises nothing for what a network may do: that is `NoWord`. A gateway
    keeps to its keys: told twice to do the same under one key, it does it once and says what became of it.
    """

    def charge(self, intent: PaymentIntent, *, currency: str) -> Word:
        """Charge `intent.charge_minor` in the smallest unit of the currency (ISO 4217), under the intent's ULID."""
        ...

    def state(self, intent_id: str) -> Word:
        """What became of the charge under this key. Moves no money."""
        ...

    def end(self, intent_id: str) -> LastWord:
        """Make sure that nothing is charged under this key, now or later; void it if it was.

        A key that the gateway has not heard of is closed all the same, for a charge that is still on its way.
        """
        ...

    def refund(self, intent_id: str, *, refund_id: str, amount_minor: int) -> RefundWord:
        """Give a part of a charge back, under a ULID of its own. More than is left of the charge is refused."""
        ...
