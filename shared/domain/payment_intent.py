"""Pure: a payment by card or mobile money on its way through the gateway, and what each of its words makes of it.

The guest's money moves elsewhere, so that nobody here can undo it or look: all that there is are the gateway's words,
and some of them get lost. Hence the rules: an intent is durable before the gateway hears of it; once it may have heard,
it is only asked, never told to charge again; what was not approved in time is ended at the gateway until that has said
what became of the money. A state that a person was told is never taken back, but for the worse news.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, assert_never

from pydantic import Field

from shared.domain.bill import Method
from shared.domain.command import Command
from shared.domain.model import MAX_MINOR, AnOrderId, APaymentId, Minor, Model, Moment
from shared.times import from_rfc3339

EXPIRES_MS: Final = 2 * 60 * 1000
"""So long a guest may take to pay; what is approved later is voided, or waits for its refund."""

BY_GATEWAY: Final = frozenset({Method.CARD, Method.MOBILE_MONEY})
"""The ways to pay that need the gateway. Cash needs none and is always recorded."""

MAX_REFERENCE_CHARS: Final = 64
MAX_REASON_CHARS: Final = 200

Reference = Annotated[str, Field(max_length=MAX_REFERENCE_CHARS)]


class IntentState(StrEnum):
    """How far an intent is."""

    CREATED = "CREATED"
    """It is written down, and the gateway has not been called."""
    IN_DOUBT = "IN_DOUBT"
    """The gateway is being called, or it was and gave no answer: it may have charged. It is only asked from here on."""
    PENDING = "PENDING"
    """The gateway waits for the guest."""
    APPROVED = "APPROVED"
    """Charged, and on no bill yet."""
    RECORDED = "RECORDED"
    """Charged, and a payment of its order."""
    DECLINED = "DECLINED"
    """Not charged: the gateway or the guest said no."""
    EXPIRED = "EXPIRED"
    """Not approved in time. Until `is_cleared` the gateway may still have charged, and is told to end it."""
    VOIDED = "VOIDED"
    """It was approved too late, and the gateway has taken the charge back."""
    UNAPPLIED = "UNAPPLIED"
    """It was approved too late and can't be taken back: the money stands on its order as not applied."""

    @property
    def is_paid(self) -> bool:
        """Whether a bill may count on the money."""
        return self in (IntentState.APPROVED, IntentState.RECORDED)

    @property
    def is_waiting(self) -> bool:
        """Whether the person at the till still waits for a word."""
        return self in (IntentState.CREATED, IntentState.IN_DOUBT, IntentState.PENDING)

    @property
    def holds_money(self) -> bool:
        """Whether the guest's money is here, or may be soon: nobody else may ask for the same."""
        return self.is_waiting or self is IntentState.APPROVED


class OpenIntent(Command):
    """Ask a guest for money by card or mobile money."""

    intent_id: APaymentId
    order_id: AnOrderId
    method: Method
    amount: Annotated[int, Field(ge=1, le=MAX_MINOR)]
    """What counts for the bill."""
    tip: Minor = 0


class PaymentIntent(Model):
    """One wish to be paid by card or mobile money. Its ULID is the payment's own, and the gateway's key."""

    id: APaymentId
    order_id: AnOrderId
    method: Method
    amount_minor: Minor
    """What counts for the bill."""
    tip_minor: Minor = 0
    state: IntentState = IntentState.CREATED
    created_at: Moment
    expires_at: Moment
    reference: Reference = ""
    """What the gateway calls the charge."""
    reason: Annotated[str, Field(max_length=MAX_REASON_CHARS)] = ""
    """Why it was declined, in the gateway's words."""
    device: str = ""
    """Who asked for it."""
    version: int = 1
    is_cleared: bool = False
    """The gateway has said that nothing is charged under an expired intent, and that nothing will be."""

    @property
    def charge_minor(self) -> int:
        """What the guest's account pays: amount and tip."""
        return self.amount_minor + self.tip_minor

    @property
    def is_over(self) -> bool:
        """Whether the gateway has nothing more to say about it."""
        return not self.state.is_waiting and (self.state is not IntentState.EXPIRED or self.is_cleared)


@dataclass(frozen=True, slots=True)
class Approved:
    """The guest's account was charged. `reference` is the gateway's own name for it."""

    reference: str


@dataclass(frozen=True, slots=True)
class Declined:
    """Nothing was charged, and under this key nothing will be."""

    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The gateway waits for the guest."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """The gateway has never heard of this key."""


@dataclass(frozen=True, slots=True)
class NoWord:
    """No answer in time, or none that can be read: anything may have happened."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """Ended: nothing is charged under this key, and nothing will be, whatever still arrives."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """It was charged, and the charge was voided."""

    reference: str


@dataclass(frozen=True, slots=True)
class Kept:
    """It was charged and can't be voided any more: only a refund brings the money back."""

    reference: str


Word = Approved | Declined | Waiting | Unheard | NoWord
"""What a gateway says of a charge, told to make it or asked about it."""

LastWord = Cleared | TakenBack | Kept | Waiting | NoWord
"""What a gateway says when it is told to end a charge."""


class Step(StrEnum):
    """What is to be done about an intent at the gateway."""

    CALL = "CALL"
    """Tell it to charge: for the first and only time."""
    ASK = "ASK"
    """Ask what became of it."""
    CLEAR = "CLEAR"
    """Tell it to end it: nobody waits for this payment any more."""


def next_step(intent: PaymentIntent, *, now_ms: int) -> Step | None:
    """What is due at the gateway; None when it has said its last word.

    An intent that is found not called after its time is asked about, not called and not just forgotten: a server that
    was restored from an older copy has such ones, and the gateway knows better.
    """
    match intent.state:
        case IntentState.CREATED:
            return Step.CALL if now_ms < expires_ms(intent) else Step.ASK
        case IntentState.IN_DOUBT | IntentState.PENDING:
            return Step.ASK
        case IntentState.EXPIRED:
            return None if intent.is_cleared else Step.CLEAR
        case _:
            return None


def called(intent: PaymentIntent) -> PaymentIntent:
    """The intent as it is written down before the gateway is told to charge. Only one that was never called may be."""
    if intent.state is not IntentState.CREATED:
        raise ValueError(f"an intent that is {intent.state} was called before")
    return _with(intent, IntentState.IN_DOUBT)


def heard(intent: PaymentIntent, word: Word | LastWord, *, now_ms: int, listened_ms: int = EXPIRES_MS) -> PaymentIntent:
    """The intent after a word of the gateway; the very same object when that changed nothing.

    Whoever has not heard *approved* by the end of the two minutes hears *expired*; while nobody was told so, an
    approval that comes a moment later is in time. A gateway that is silent says *expired* only to a server that has
    listened for two minutes: one that was restored would give up what its till has been told was approved.
    """
    if intent.state.is_waiting:
        is_up = now_ms >= expires_ms(intent) and (listened_ms >= EXPIRES_MS or not isinstance(word, NoWord))
        return _while_waiting(intent, word, is_up=is_up)
    if intent.state is IntentState.EXPIRED:
        return _after_expiry(intent, word)
    if intent.state is IntentState.DECLINED and isinstance(word, Approved | Kept):
        return _with(intent, IntentState.EXPIRED, reference=word.reference)  # nobody waits for it: to be taken back
    return intent


def recorded(intent: PaymentIntent) -> PaymentIntent:
    """The intent once its money stands on a bill."""
    if not intent.state.is_paid:
        raise ValueError(f"an intent that is {intent.state} has no money for a bill")
    return _with(intent, IntentState.RECORDED)


def told_again(told: PaymentIntent) -> PaymentIntent:
    """The intent as a restored server takes it from a device that knows more, without any word of the gateway.

    What was charged waits for its bill, which comes after it; what still waited may have been charged, and is in doubt.
    """
    if told.state is IntentState.RECORDED:
        return _with(told, IntentState.APPROVED)
    return _with(told, IntentState.IN_DOUBT) if told.state.is_waiting else told


def expires_ms(intent: PaymentIntent) -> int:
    """When it expires, in ms since 1970 of the server's clock."""
    return from_rfc3339(intent.expires_at)


def _while_waiting(intent: PaymentIntent, word: Word | LastWord, *, is_up: bool) -> PaymentIntent:
    """`is_up`: without an approval its time is over."""
    match word:
        case Approved(reference) | Kept(reference):
            return _with(intent, IntentState.APPROVED, reference=reference)
        case Declined(reason):
            return _with(intent, IntentState.DECLINED, reason=reason[:MAX_REASON_CHARS])
        case Cleared():
            return _with(intent, IntentState.EXPIRED, is_cleared=True)
        case TakenBack(reference):
            return _with(intent, IntentState.VOIDED, reference=reference)
        case Waiting() | Unheard() | NoWord():
            if is_up:
                return _with(intent, IntentState.EXPIRED)
            return _with(intent, IntentState.PENDING) if isinstance(word, Waiting) else intent
        case _:
            assert_never(word)


def _after_expiry(intent: PaymentIntent, word: Word | LastWord) -> PaymentIntent:
    match word:
        case TakenBack(reference):
            return _with(intent, IntentState.VOIDED, reference=reference)
        case Kept(reference):
            return _with(intent, IntentState.UNAPPLIED, reference=reference)
        case Cleared() | Declined():
            return _with(intent, IntentState.EXPIRED, is_cleared=True)
        case Approved(reference):
            return _with(intent, IntentState.EXPIRED, reference=reference, is_cleared=False)
        case Waiting() | Unheard() | NoWord():
            return intent
        case _:
            assert_never(word)


def _with(
    intent: PaymentIntent,
    state: IntentState,
    *,
    reference: str | None = None,
    reason: str | None = None,
    is_cleared: bool | None = None,
) -> PaymentIntent:
    update = {
        "state": state,
        "reference": intent.reference if reference is None else reference[:MAX_REFERENCE_CHARS],
        "reason": intent.reason if reason is None else reason,
        "is_cleared": intent.is_cleared if is_cleared is None else is_cleared,
    }
    if all(getattr(intent, name) == value for name, value in update.items()):
        return intent
    return intent.model_copy(update={**update, "version": intent.version + 1})
