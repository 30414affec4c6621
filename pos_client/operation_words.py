"""Pure: why an operation of the sync panel is where it is, and what became of it, in plain words."""

from typing import Final

from pos_client import words
from shared.qt.tokens import Tone
from shared.terminal import FIXED, Cause, FailReason, LinkState, LinkView, OperationRow, Resolution, Status


def operation_state(row: OperationRow, link: LinkView, *, now_ms: int) -> tuple[str, Tone]:
    """Why an operation is where it is, in plain words."""
    if row.status is Status.SUCCESS:
        return "Sent", Tone.OK
    if row.status is Status.FAILED:
        return _failed(row), Tone.BAD
    if row.status is Status.REPLAYING:
        return "On its way", Tone.INFO
    if row.behind_seq is not None:
        return f"Behind {row.behind_seq}", Tone.WARN
    if link.cause in words.HOLDING or not link.state.is_up:
        return words.offline_reason(link), Tone.WARN
    wait_s = (row.not_before_ms - now_ms + 999) // 1000
    if wait_s > 0:
        return f"No answer yet · next try in {wait_s} s" if row.sends else f"Next try in {wait_s} s", Tone.WARN
    return "Next to go", Tone.INFO


TOO_MANY_TITLE: Final = "Too many offline operations. Please connect to sync."
_KEPT: Final = "Nothing that was saved here is lost. Tell whoever looks after this till."
_LASTS: Final = (*(one for one in words.HOLDING if one is not Cause.SERVER_BUSY), Cause.OTHER_SERVER)
"""Causes that do not pass by themselves: all that hold the queue but a busy server."""


def standstill(link: LinkView, *, waiting: int) -> tuple[str, str]:
    """What keeps the queue here and does not pass by itself, and what that means; both empty where nothing does."""
    lasts = link.cause in _LASTS
    reason = link.trouble.rstrip(".") or (words.offline_reason(link) if lasts or not link.state.is_up else "")
    if waiting > words.TOO_MANY and reason:  # while they go out, nobody has to connect anything
        return TOO_MANY_TITLE, f"{reason}. Orders are still taken."
    if link.trouble:
        return reason, _KEPT
    return (reason, words.offline_promise(link)) if lasts else ("", "")


def connected(link: LinkView) -> str:
    """How a link is that is up."""
    if link.delayed:
        return "Connected, news comes late"
    return "Connected, slow line" if link.state is LinkState.SLOW else "Connected"


ENDED: dict[str, str] = {
    FIXED: "Changed, and sent again under another name",
    Resolution.REFUNDED: "Money given back, on record",
    Resolution.RECORDED: "Money booked by hand, on record",
    Resolution.MOVED: "Money counted on another order, on record",
}
"""What was decided about what the server did not take; all else was tried again."""


def _failed(row: OperationRow) -> str:
    said = f": {row.error}" if row.error else ""
    match row.reason:
        case FailReason.CONFLICT:
            return f"Not applied{said}"
        case FailReason.DISCARDED:
            return row.error if row.went_without else "Discarded"
        case _ if row.is_settled:
            return f"{ENDED.get(row.choice, 'Tried again under another name')}{said}"
        case FailReason.EXHAUSTED:
            return f"Given up after {row.attempts} tries{said}"
        case FailReason.MISMATCH:
            return f"Another operation has its id{said}"
        case _:
            return f"Server said{said}" if said else "The server refused it"
