"""Pure: what the till says in words: sync pill, badges, stages of a line, states of an operation."""

from dataclasses import dataclass

from shared.domain.order import OrderState
from shared.qt.icons import IconName
from shared.qt.tokens import Tone
from shared.terminal import Cause, LineRow, LineStage, LinkView, OperationRow, OrderView, RefusedTap, Status, SyncBadge
from shared.times import from_rfc3339


@dataclass(frozen=True, slots=True)
class Words:
    """A state for a person: the words, how loud, and its icon."""

    text: str
    tone: Tone
    icon: IconName


@dataclass(frozen=True, slots=True)
class Closed:
    """What is said on an order that takes nothing more, and the words of the way on."""

    title: str
    text: str
    action: str


def closed(view: OrderView, *, here: bool) -> Closed | None:
    """What to say about an order that is not open; `here` tells whether it was this till that closed it."""
    if view.is_open:
        return None
    left = len(view.unsent_ids)
    done = "was voided" if view.state is OrderState.VOIDED else "is paid and closed"
    title = f"Order {view.number} {done}{'' if here else ' on another till'}"
    if not left:
        return Closed(title, "What comes now goes on a new order.", "New order")
    lines = f"{left} new {'line is' if left == 1 else 'lines are'} not on it and not sent."
    return Closed(title, f"{lines} Put {'it' if left == 1 else 'them'} on a new order.", "Put on a new order")


def place(name: str) -> str:
    """How a table is called: Table 5; a name that is a word stands by itself."""
    return f"Table {name}" if name[:1].isdigit() else name


def refusal(refused: RefusedTap) -> str:
    """A tap that was not saved, and what helps."""
    return f"{refused.title.rstrip('.')}. {refused.advice}"


def pill(link: LinkView, *, waiting: int, attention: int) -> Words:
    """The badge that is on every screen; the worst wins. Offline is no alarm: the till works."""
    if attention:
        return Words(f"Needs you · {attention}", Tone.BAD, IconName.WARNING)
    if link.cause is Cause.DEVICE_UNKNOWN:
        return Words("Enrol this till again", Tone.BAD, IconName.WARNING)
    if link.cause is Cause.NEEDS_UPDATE:
        return Words("Needs an update", Tone.WARN, IconName.WARNING)
    if not link.state.is_up:
        return Words(f"Offline · {waiting} waiting" if waiting else "Offline", Tone.WARN, IconName.OFFLINE)
    if waiting:
        return Words(f"Syncing · {waiting} waiting", Tone.INFO, IconName.SYNCING)
    return Words("Synced", Tone.OK, IconName.SYNCED)


def order_badge(view: OrderView) -> Words:
    """The badge of one order."""
    if view.saving:
        return Words("Saving", Tone.INFO, IconName.SYNCING)
    match view.badge:
        case SyncBadge.NEEDS_YOU:
            return Words("Sync failed · tap to fix", Tone.BAD, IconName.WARNING)
        case SyncBadge.SYNCING:
            return Words(f"Syncing · {view.waiting} waiting", Tone.INFO, IconName.SYNCING)
        case SyncBadge.NOT_SYNCED:
            return Words("Not synced yet" if view.waiting else "Not sent yet", Tone.WARN, IconName.UPLOAD)
        case SyncBadge.SYNCED:
            return Words("Synced", Tone.OK, IconName.SYNCED)


def stage(line: LineRow, *, now_ms: int) -> tuple[str, Tone]:
    """How far a line is, as the waiter reads it; empty for a new one that is safely in the draft."""
    match line.stage:
        case LineStage.NEW:
            return ("Saving", Tone.NEUTRAL) if line.saving else ("", Tone.NEUTRAL)
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
    """One phrase about where an order stands, for the floor and the list."""
    new = len(view.unsent_ids)
    if new:
        return f"{new} new {'item' if new == 1 else 'items'}"
    stages = [line.stage for line in view.lines if line.stage is not LineStage.VOIDED]
    if stages and all(one is LineStage.READY for one in stages):
        return "Ready"
    sent = [line.sent_at for line in view.lines if line.sent_at and line.stage is not LineStage.VOIDED]
    return f"In kitchen {age(min(sent), now_ms=now_ms)}" if sent else ""


def operation_state(row: OperationRow, link: LinkView, *, now_ms: int) -> tuple[str, Tone]:
    """Why an operation is where it is, in plain words."""
    if row.status is Status.SUCCESS:
        return "Sent", Tone.OK
    if row.status is Status.FAILED:
        return f"Server said: {row.error}" if row.error else "The server refused it", Tone.BAD
    if row.status is Status.REPLAYING:
        return "On its way", Tone.INFO
    if row.behind_seq is not None:
        return f"Behind {row.behind_seq}", Tone.WARN
    if not link.state.is_up:
        return offline_reason(link), Tone.WARN
    wait_s = (row.not_before_ms - now_ms + 999) // 1000
    if wait_s > 0:
        return f"Next try in {wait_s} s", Tone.WARN
    return "Next to go", Tone.INFO


def offline_reason(link: LinkView) -> str:
    """Why nothing goes out."""
    match link.cause:
        case Cause.NO_NETWORK:
            return "Waiting for network"
        case Cause.SERVER_BUSY:
            return "Server is busy"
        case Cause.DEVICE_UNKNOWN:
            return "This till must be enrolled again"
        case Cause.NEEDS_UPDATE:
            return "This till needs an update"
        case Cause.HISTORY_LOST:
            return "The server was restored; sending waits"
        case _:
            return "Waiting for the server"
