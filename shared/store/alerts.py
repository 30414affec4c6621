"""What a person must know, until somebody's choice is recorded; in words, with the consequence first."""

from typing import Final

from shared.database import Connection
from shared.store.outcomes import Failed, FailReason, Flight
from shared.wire.requests import DRAWER_KINDS, Kind

WHAT_IT_WAS: Final[dict[Kind, str]] = {
    Kind.CREATE_ORDER: "Create order",
    Kind.CHANGE_ORDER: "Change order",
    Kind.SEND_TO_KITCHEN: "Send to kitchen",
    Kind.SERVE_ORDER: "Served",
    Kind.CLOSE_ORDER: "Payment and close",
    Kind.VOID_ORDER: "Void order",
    Kind.MERGE_ORDER: "Merge orders",
    Kind.SPLIT_ORDER: "Split order",
    Kind.FIRE_COURSE: "Fire course",
    Kind.REFUND_ORDER: "Refund",
    Kind.START_TICKET: "Start",
    Kind.READY_TICKET: "Ready",
    Kind.BUMP_TICKET: "Bump",
    Kind.RECALL_TICKET: "Recall",
    Kind.SEEN_TICKET: "Seen in the kitchen",
    Kind.READY_ITEM: "Item ready",
    Kind.OPEN_SHIFT: "Open shift",
    Kind.MOVE_CASH: "Cash in or out",
    Kind.CLOSE_SHIFT: "Close shift",
    Kind.CLOCK: "Clock in or out",
    Kind.CLOSE_DAY: "Close the day",
    Kind.PRIORITISE_TICKET: "Priority",
    Kind.CLOSE_ALERT: "Close an alert",
}
"""What each kind of operation is called on the screens."""

KEPT: Final = "Nothing is lost: it is kept on this till, and what follows it waits."
"""What a refusal means for the rest, and that leaving it alone loses nothing."""

MONEY_NOT_THERE: Final = "The money that was taken is not on the server: refund it, or take it on another order."
"""A server that keeps our contract records cash whatever became of the order; one that does not has refused it."""

NOT_APPLIED: Final = {Kind.CLOSE_ALERT: "Somebody else has answered this already"}
"""The title of a conflict, where what was not applied is no change of anything."""

DONE_TWICE: Final = "If money was given back for it here too, that was once too often: look at the drawer."
"""What a manager has to know whose word about an alert was the second."""

NO_MONEY_OUT: Final = "No money goes out for it. What was given all the same is missing from the drawer."
"""What follows where the server did not take a refund: it alone knows all that was given back."""

OTHER_REPORT: Final = "The server keeps this shift as it knew it: compare its report with the drawer."
"""What follows where the server has another story of a shift."""

SURPLUS: Final = "SURPLUS"
"""The kind of alert about money that an order does not owe; its detail is the amount in minor units."""


AGREEMENT: Final = "AGREEMENT"
"""The kind of alert about what differs between this device's file and the server."""


def raise_failed(tx: Connection, flight: Flight, outcome: Failed, *, now_ms: int) -> None:
    """Tell a person about an operation that will not go again by itself."""
    what = WHAT_IT_WAS[flight.kind]
    match outcome.reason:
        case FailReason.CONFLICT:
            title = NOT_APPLIED.get(flight.kind, f"{what} was not applied")
            detail = f"{outcome.message} {_what_stands(flight.kind)}"
        case FailReason.EXHAUSTED:
            title = f"{what} could not be delivered"
            detail = f"The server failed on it ten times. {outcome.message} {KEPT}"
        case FailReason.MISMATCH:
            title = f"{what} met another operation with its id"
            detail = f"This is a fault of the program: export the diagnostics. A manager can end it. {KEPT}"
        case _:
            title, detail = f"{what} was refused", f"{outcome.message} {KEPT}"
    _insert(tx, outcome.reason, seq=flight.seq, entity_id=flight.entity_id, title=title, detail=detail, now_ms=now_ms)


def raise_not_made(tx: Connection, seq: int, *, order_id: str, why: str, now_ms: int) -> None:
    """Tell a person that there is no order for what was tapped: it was to be left over from a bill, and nothing was."""
    _insert(
        tx,
        FailReason.CONFLICT,
        seq=seq,
        entity_id=order_id,
        title="There is no order for this any more",
        detail=why,
        now_ms=now_ms,
    )


def raise_surplus(tx: Connection, flight: Flight, *, surplus_minor: int, now_ms: int) -> None:
    """Tell a person that money was taken which the order does not owe; the amount is in minor units."""
    _insert(
        tx,
        SURPLUS,
        seq=flight.seq,
        entity_id=flight.entity_id,
        title="More was paid than the order owes",
        detail=f"{surplus_minor}",
        now_ms=now_ms,
    )


def raise_differences(tx: Connection, words: str, *, now_ms: int) -> None:
    """Tell a person that this device and the server do not have the same."""
    title = "This device and the server differ"
    detail = f"{words} Export the diagnostics and ask whoever looks after your server."
    tx.execute(
        "INSERT INTO alert (kind, title, detail, raised_at) VALUES (?, ?, ?, ?)", (AGREEMENT, title, detail, now_ms)
    )


def differences_were_raised(tx: Connection, *, now_ms: int) -> bool:
    """Whether a person was told at this very moment that device and server differ."""
    told = "SELECT EXISTS (SELECT 1 FROM alert WHERE kind = ? AND raised_at = ?)"
    return bool(tx.execute(told, (AGREEMENT, now_ms)).get)


def record_choice(tx: Connection, alert_id: int, *, choice: str, actor_id: str, now_ms: int) -> None:
    """Remember what a person decided about an alert; the first choice stays."""
    tx.execute(
        "UPDATE alert SET choice = ?, chosen_by = ?, chosen_at = ? WHERE id = ? AND choice IS NULL",
        (choice, actor_id, now_ms, alert_id),
    )


def record_choice_on(tx: Connection, seq: int, *, choice: str, actor_id: str, now_ms: int) -> None:
    """Whoever decides about an operation has thereby answered what was told about it."""
    tx.execute(
        "UPDATE alert SET choice = ?, chosen_by = ?, chosen_at = ? WHERE operation_seq = ? AND choice IS NULL",
        (choice, actor_id, now_ms, seq),
    )


def record_resolution(
    tx: Connection, flight: Flight, *, reason: FailReason, choice: str, actor_id: str, now_ms: int
) -> None:
    """What a manager says about money is kept in any case, also where somebody has put the alert away before."""
    record_choice_on(tx, flight.seq, choice=choice, actor_id=actor_id, now_ms=now_ms)
    if not tx.changes():
        title = f"{WHAT_IT_WAS[flight.kind]} was resolved by hand"
        _insert(tx, reason, seq=flight.seq, entity_id=flight.entity_id, title=title, detail="", now_ms=now_ms)
        record_choice_on(tx, flight.seq, choice=choice, actor_id=actor_id, now_ms=now_ms)


def _what_stands(kind: Kind) -> str:
    """What is so after a conflict, and what a person has to know about the money in it."""
    match kind:
        case Kind.CLOSE_ORDER:
            return MONEY_NOT_THERE
        case Kind.REFUND_ORDER:
            return NO_MONEY_OUT
        case Kind.CLOSE_ALERT:
            return DONE_TWICE
        case _:
            return OTHER_REPORT if kind in DRAWER_KINDS else "The order now shows the server's version."


def _insert(tx: Connection, kind: str, *, seq: int, entity_id: str, title: str, detail: str, now_ms: int) -> None:
    tx.execute(
        """INSERT INTO alert (kind, operation_seq, entity_id, title, detail, raised_at) VALUES (?, ?, ?, ?, ?, ?)""",
        (kind, seq, entity_id, title, detail, now_ms),
    )
