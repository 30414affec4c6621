"""Pure: what the till says in words: sync pill, badges, stages of a line, states of an operation."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.menu import MenuItem
from shared.money import Currency
from shared.qt.icons import IconName
from shared.qt.tokens import Tone
from shared.terminal import (
    Cause,
    LineRow,
    LineStage,
    LinkView,
    OrderView,
    RefusedTap,
    SyncBadge,
)
from shared.times import from_rfc3339

ON_THIS_TILL = (LineStage.SAVING, LineStage.SAVED)
"""Stages of a line that was sent from here and of which the server has said nothing yet."""

SHORT_NAME = 14
"""Letters of a name that a button in the head has room for."""
HOLDING = (
    Cause.SERVER_BUSY,
    Cause.DEVICE_UNKNOWN,
    Cause.NEEDS_UPDATE,
    Cause.HISTORY_LOST,
    Cause.OTHER_BRANCH,
    Cause.TWO_SERVERS,
)
"""Causes for which nothing goes out although the server answers."""


@dataclass(frozen=True, slots=True)
class Words:
    """A state for a person: the words, how loud, and its icon."""

    text: str
    tone: Tone
    icon: IconName


class Way(StrEnum):
    """Where the button of a notice leads."""

    NEW_ORDER = "new"
    END = "end"
    HEIR = "heir"
    SYNC = "sync"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said over the menu of an order that is not as usual, and the words of the way on."""

    title: str
    text: str
    action: str
    way: Way
    tone: Tone


def dish_foot(item: MenuItem, currency: Currency) -> str:
    """What stands under a dish: its price, and how many are left where somebody counts."""
    if item.sold_out:
        return "Sold out"
    price = currency.text(item.price_minor)
    return price if item.remaining is None else f"{price} · {item.remaining} left"


def not_to_be_had(item: MenuItem | None, name: str) -> str:
    """Why this dish can't be put on an order now; empty when it can."""
    if item is None:
        return f"{name} is not on the menu any more."
    return f"{item.name} is sold out." if item.sold_out else ""


def short_name(name: str) -> str:
    """A person's name for a button: in full where it is short, else the first name and an initial."""
    first, *others = name.split() or [""]
    if len(name) <= SHORT_NAME or not others:
        return name
    return f"{first} {others[0][0]}."


def place(name: str) -> str:
    """How a table is called: Table 5; a name that is a word stands by itself."""
    return f"Table {name}" if name[:1].isdigit() else name


def refusal(refused: RefusedTap) -> str:
    """A tap that was not saved, and what helps."""
    return f"{refused.title.rstrip('.')}. {refused.advice}"


TOO_MANY = 100
"""With more operations than that waiting the till asks to be connected; it goes on selling."""


def pill(link: LinkView, *, waiting: int, attention: int, house: int = 0) -> Words:
    """The badge that is on every screen; the worst wins. Offline is no alarm: the till works.

    *Synced* is said only while the server is heard, nothing waits, and its news arrives. `house` counts what the server
    tells a manager: said quietly, where nothing else has to be.
    """
    count = f" · {waiting} waiting" if waiting else ""
    if attention:
        return Words(f"Needs you · {attention}", Tone.BAD, IconName.WARNING)
    if link.cause is Cause.DEVICE_UNKNOWN:
        return Words("Enrol this till again", Tone.BAD, IconName.WARNING)
    if link.cause is Cause.NEEDS_UPDATE:
        return Words("Needs an update", Tone.WARN, IconName.WARNING)
    if link.cause is Cause.HISTORY_LOST:
        return Words(f"Server restored{count}", Tone.WARN, IconName.WARNING)
    if link.cause is Cause.OTHER_BRANCH:
        return Words(f"Another branch's server{count}", Tone.BAD, IconName.WARNING)
    if link.cause is Cause.OTHER_SERVER:
        return Words(f"Not our server{count}", Tone.BAD, IconName.WARNING)
    if link.cause is Cause.TWO_SERVERS:
        return Words(f"Two servers answer{count}", Tone.BAD, IconName.WARNING)
    if link.trouble:
        return Words(f"Sync stands still{count}", Tone.WARN, IconName.WARNING)
    if not link.state.is_up:
        if waiting > TOO_MANY:
            return Words(f"Connect to sync{count}", Tone.BAD, IconName.OFFLINE)
        if link.last_good_ms is None and link.cause is None:
            return Words(f"Connecting{count}", Tone.INFO, IconName.SYNCING)
        return Words(f"Offline{count}", Tone.WARN, IconName.OFFLINE)
    if link.cause is Cause.SERVER_BUSY and waiting:
        return Words(f"Server busy{count}", Tone.WARN, IconName.CLOCK)
    if waiting:
        return Words(f"Syncing{count}", Tone.INFO, IconName.SYNCING)
    if link.delayed:
        return Words("Catching up", Tone.INFO, IconName.SYNCING)
    return Words(f"Synced · {house} for you" if house else "Synced", Tone.OK, IconName.SYNCED)


def order_badge(view: OrderView) -> Words:
    """The badge of one order."""
    if view.saving:
        return Words("Saving", Tone.INFO, IconName.SYNCING)
    match view.badge:
        case SyncBadge.NEEDS_YOU:
            return Words("Sync failed · tap to see", Tone.BAD, IconName.WARNING)
        case SyncBadge.SYNCING:
            return Words(f"Syncing · {view.waiting} waiting", Tone.INFO, IconName.SYNCING)
        case SyncBadge.NOT_SYNCED:
            return Words("Not synced yet" if view.waiting else "Not sent yet", Tone.WARN, IconName.UPLOAD)
        case SyncBadge.SYNCED:
            return Words("Synced", Tone.OK, IconName.SYNCED)


def over_badge(view: OrderView) -> Words:
    """The badge of an order that is over, with its receipt: of one that was merged nothing was voided."""
    number = view.receipt_number or view.invoice_number or ""
    state = "Merged" if view.is_merged else view.state.capitalize()
    return Words(f"{state} · {number}" if number else state, Tone.NEUTRAL, IconName.CHECK)


def stage(line: LineRow, *, now_ms: int) -> tuple[str, Tone]:
    """How far a line is, as the waiter reads it; empty for a new one that is safely in the draft."""
    match line.stage:
        case LineStage.NEW:
            return ("Saving", Tone.NEUTRAL) if line.saving else ("", Tone.NEUTRAL)
        case LineStage.HELD:
            return "Saving" if line.saving else f"Held · course {line.course}", Tone.NEUTRAL
        case LineStage.SAVING:
            return "Saving", Tone.NEUTRAL
        case LineStage.SAVED:
            return "Saved here", Tone.WARN
        case LineStage.SENT:
            return "Sent", Tone.INFO
        case LineStage.SEEN:
            return f"On the kitchen screen {age(line.sent_at, now_ms=now_ms)}".rstrip(), Tone.INFO
        case LineStage.STARTED:
            return f"Started {age(line.sent_at, now_ms=now_ms)}".rstrip(), Tone.OK
        case LineStage.READY:
            return "Ready", Tone.OK
        case LineStage.NEEDS_YOU:
            return "Needs you", Tone.BAD
        case LineStage.VOIDED:
            return "Voided", Tone.NEUTRAL


def age(moment: str | None, *, now_ms: int) -> str:
    """Minutes and seconds since a moment, as 4:10; never negative; empty without a moment."""
    if not moment:
        return ""
    seconds = max(0, now_ms - from_rfc3339(moment)) // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"


def kitchen_line(view: OrderView, *, now_ms: int) -> str:
    """One phrase about where an order stands, for the list: what lags furthest behind is said first."""
    new = len(view.unsent_ids)
    if new:
        return f"{new} new {'item' if new == 1 else 'items'}"
    lines = [line for line in view.lines if line.stage not in (LineStage.VOIDED, LineStage.HELD)]
    stages = [line.stage for line in lines]
    here, ready = sum(one in ON_THIS_TILL for one in stages), stages.count(LineStage.READY)
    if not stages or LineStage.NEEDS_YOU in stages:
        return ""
    if here:
        return f"{here} saved here" if LineStage.SAVING not in stages else "Saving"
    if ready:
        return "Ready" if ready == len(stages) else f"{ready} of {len(stages)} ready"
    since = age(min((line.sent_at for line in lines if line.sent_at), default=None), now_ms=now_ms)
    return f"{'Sent' if LineStage.SENT in stages else 'In kitchen'} {since}".rstrip()


def progress(view: OrderView) -> str:
    """How many lines of an order are how far; *sent* are only those that the server has."""
    stages = [line.stage for line in view.lines if line.stage is not LineStage.VOIDED]
    groups = (
        *((LineStage.NEW, "new"), (LineStage.SAVING, "saving"), (LineStage.SAVED, "saved here")),
        *((LineStage.NEEDS_YOU, "held"), (LineStage.HELD, "for later")),
    )
    counts = [(sum(stage is one for stage in stages), word) for one, word in groups]
    sent = (len(stages) - sum(count for count, _ in counts), "sent")
    return " · ".join(f"{count} {word}" for count, word in (*counts, sent) if count)


def offline_reason(link: LinkView) -> str:
    """Why nothing goes out."""
    match link.cause:
        case Cause.NO_NETWORK:
            return "Waiting for network"
        case Cause.SERVER_BUSY:
            return "The server is busy"
        case Cause.DEVICE_UNKNOWN:
            return "This till must be enrolled again"
        case Cause.NEEDS_UPDATE:
            return "This till needs an update"
        case Cause.HISTORY_LOST:
            return "The server was restored from an older copy"
        case Cause.OTHER_BRANCH:
            return "This server is of another branch than this till's file"
        case Cause.OTHER_SERVER:
            return "Who answers is not our server"
        case Cause.TWO_SERVERS:
            return "Two servers answer under one name"
        case _:
            return "Waiting for the server"


def offline_promise(link: LinkView) -> str:
    """What becomes of orders meanwhile: until when they stay on this till."""
    match link.cause:
        case Cause.NO_NETWORK:
            until = "the network is back"
        case Cause.DEVICE_UNKNOWN:
            until = "it is enrolled again"
        case Cause.NEEDS_UPDATE:
            until = "it is updated"
        case Cause.OTHER_BRANCH:
            until = "it is enrolled at its own server"
        case Cause.OTHER_SERVER:
            until = "our own server answers"
        case Cause.TWO_SERVERS:
            until = "one of the two is off"
        case Cause.HISTORY_LOST:
            return "Selling goes on; nothing is sent until all tills and kitchen screens have told it what it lost."
        case _:
            until = "the server is back"
    return f"Orders are saved on this till and sent when {until}."
