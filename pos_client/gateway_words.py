"""Pure: card and mobile money in words: why they wait, how far a payment is, and what its end means for the guest."""

from dataclasses import dataclass
from typing import Final

from shared.domain.bill import Method
from shared.domain.payment_intent import EXPIRES_MS, IntentState, expires_ms
from shared.qt.icons import IconName
from shared.qt.tokens import Tone
from shared.terminal import CardPayment, OrderView, SyncBadge

NAMES: Final = {Method.CASH: "Cash", Method.CARD: "Card", Method.MOBILE_MONEY: "Mobile money"}
ICONS: Final = {Method.CASH: IconName.CASH, Method.CARD: IconName.CARD, Method.MOBILE_MONEY: IconName.PHONE}
AGAIN: Final = "Take cash, or ask once more."
STILL: Final = "What is approved late is taken back by itself, or a person is told."


@dataclass(frozen=True, slots=True)
class Said:
    """A state for the person at the till."""

    title: str
    text: str
    tone: Tone
    icon: IconName


def waits_for(view: OrderView) -> str:
    """What this order needs before it can be paid by card or mobile money; empty where nothing is missing."""
    if view.badge is SyncBadge.NEEDS_YOU:
        return "The server did not take all of this order. Take cash, or open sync and mend it."
    if view.unsent_ids:
        return "Some lines are not sent yet. Take cash, or go back and send them."
    if view.saving or view.badge is not SyncBadge.SYNCED or not view.server_knows:
        return "The server has not accepted all of this order yet. Take cash, or wait until it has."
    return ""


def why_not(desk_says: str, order_waits: str, *, is_up: bool) -> Said:
    """Why neither can be taken now, or that both can."""
    if not is_up:
        title, text = "Card and mobile money need a connection", "Take cash now, or wait for the network."
        return Said(title, text, Tone.WARN, IconName.OFFLINE)
    if desk_says:
        return Said(desk_says.removesuffix("."), "Take cash.", Tone.INFO, IconName.CASH)
    if order_waits:
        return Said("Card and mobile money wait for this order", order_waits, Tone.WARN, IconName.CLOCK)
    return Said("Cash, card or mobile money", "The server has accepted this order.", Tone.OK, IconName.CHECK)


def running(payment: CardPayment, *, now_ms: int, is_up: bool) -> Said:
    """How far a payment is of which nobody knows yet what becomes of it."""
    icon = ICONS[payment.method]
    if payment.cancel is not None:
        text = "The guest may still have paid: wait for the server's word. What is approved too late is taken back."
        return Said("Being cancelled", text, Tone.WARN, IconName.CLOCK)
    if payment.is_sent and not is_up:
        text = "Nobody knows yet whether the guest has paid. It is looked up when the server is back."
        return Said("The connection went away meanwhile", text, Tone.WARN, IconName.OFFLINE)
    match payment.state:
        case IntentState.CREATED:
            return Said("Saved here, on its way", "The guest is asked in a moment.", Tone.INFO, icon)
        case IntentState.PENDING:
            where = "at the card terminal" if payment.method is Method.CARD else "on their phone"
            return Said(f"The guest pays {where}", f"{_left(payment, now_ms=now_ms)} left.", Tone.INFO, icon)
        case _:
            text = "It is asked until there is a word. However long that takes, the guest is charged once at most."
            return Said("Waiting for the answer", text, Tone.INFO, icon)


CASH_ANYWAY: Final = Said(
    "The payment that was cancelled may still be charged",
    "If so it is taken back, or a person is told to give it back. Look at the guest's slip or phone first.",
    Tone.WARN,
    IconName.WARNING,
)


ONE_AT_A_TIME: Final = Said(
    "This order is being paid",
    "Cash and all else wait for the end of it, so that nobody pays twice.",
    Tone.INFO,
    IconName.CLOCK,
)


def to_ask(method: Method, *, is_asking: bool) -> Said:
    """Before the guest is asked, and in the moment in which that is written down."""
    if is_asking:
        return Said("Saving", "The guest is asked when it is on the disk.", Tone.INFO, ICONS[method])
    text = "The guest is asked for this sum. The order closes by itself when it is paid."
    return Said(NAMES[method], text, Tone.INFO, ICONS[method])


def ended(payment: CardPayment) -> Said | None:
    """What a payment that brought nothing means; None for one that was paid or that still runs."""
    name, icon = NAMES[payment.method], IconName.WARNING
    said = f"{payment.message.rstrip('.')}. " if payment.message else ""
    match payment.state:
        case IntentState.DECLINED:
            return Said(f"{name} was declined", f"{said}Nothing was charged. {AGAIN}", Tone.BAD, icon)
        case IntentState.EXPIRED if payment.cancel is not None or not payment.is_sent or said:
            rest = STILL if payment.is_sent else "Nothing was charged."
            return Said(f"{name} was given up", f"{said}{rest} {AGAIN}", Tone.WARN, icon)
        case IntentState.EXPIRED:
            return Said(f"{name} was not approved in time", f"{said}{STILL} {AGAIN}", Tone.WARN, icon)
        case IntentState.VOIDED:
            text = f"The charge was taken back: the guest has paid nothing. {AGAIN}"
            return Said(f"{name} was approved too late", text, Tone.WARN, icon)
        case IntentState.UNAPPLIED:
            text = "The guest was charged and it is on no bill. A manager has to give it back before more is taken."
            return Said(f"{name} was approved too late", text, Tone.BAD, icon)
        case _:
            return None


def _left(payment: CardPayment, *, now_ms: int) -> str:
    """Minutes and seconds that the guest has, never less than none."""
    ends_ms = payment.created_at_ms + EXPIRES_MS if payment.answer is None else expires_ms(payment.answer)
    seconds = max(0, ends_ms - now_ms) // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"
