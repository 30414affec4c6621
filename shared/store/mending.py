"""What a person does about an operation that the server refused: try it again, discard it, or say where money went.

An operation is never edited or deleted: trying again after a final answer is a new operation in the old one's place,
with the same bytes and so the same ULIDs inside, and discarding is a mark on the old one. Money is never discarded: it
is resolved, and what became of it is kept.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from shared.database import Connection
from shared.errors import EvertillError
from shared.store import alerts, left_over, outbox
from shared.store.outcomes import Failed, FailReason, Flight, Status
from shared.wire.requests import MARK_KINDS, MONEY_KINDS, Kind

_COLUMNS: Final = "seq, status, reason, kind, method, path, body, entity_id, sends, attempts, created_at"


FIXED: Final = "fix"
"""What is kept of a refusal that was answered by changing what had been refused."""


class Resolution(StrEnum):
    """What became of money that the server did not take; as it is kept in the alert."""

    REFUNDED = "refunded"
    RECORDED = "recorded"
    MOVED = "moved"


class NotMendable(EvertillError):
    """What a person asked for can't be done with this operation."""

    title = "This operation can't be changed any more"
    advice = "Look at the list again: it may have gone through meanwhile."


@dataclass(frozen=True, slots=True)
class Held:
    """An operation that keeps its lane until a person decides."""

    flight: Flight
    reason: FailReason


def retry(tx: Connection, operation_id: str, *, new_id: str, actor_id: str, now_ms: int) -> frozenset[str]:
    """Let a refused operation go again. `new_id` was made when its button was shown: a second tap changes nothing.

    After a final answer it goes as a new operation in the old place, with the same bytes; the server has to judge it
    anew. So does one whose id the server has for something else: the ULIDs inside are still its own, so that nothing of
    it can be done twice. One that the server only failed on goes under its own id, since it may have happened. Returns
    the ids that changed.
    """
    if outbox.knows(tx, new_id):
        return frozenset()
    found = held(tx, operation_id)
    if found is None:
        return frozenset()
    flight = found.flight
    if found.reason is FailReason.EXHAUSTED:
        tx.execute(
            "UPDATE operation SET status = 'PENDING', reason = NULL, attempts = 0, not_before = 0 WHERE seq = ?",
            (flight.seq,),
        )
    else:
        _replace(tx, flight, new_id=new_id, now_ms=now_ms)
    alerts.record_choice_on(tx, flight.seq, choice="retry", actor_id=actor_id, now_ms=now_ms)
    return frozenset({*flight.lanes, "alerts"})


def may_have_happened(tx: Connection, operation_id: str) -> bool:
    """Whether the server has to be asked before this may be given up: it only ever failed on it."""
    found = held(tx, operation_id)
    return found is not None and found.reason is FailReason.EXHAUSTED


def discard(
    tx: Connection, operation_id: str, *, actor_id: str, now_ms: int, is_unknown: bool = False
) -> frozenset[str]:
    """Give up a refused operation, with all that waits behind it and is about the lines that it would have made.

    It leaves the fold at once and its order goes on. Whether the person may is the caller's to check. Returns the ids
    that changed. Raises NotMendable for money, and for what may have happened on the server all the same:
    `is_unknown` says that the server was asked and does not know it.
    """
    found = held(tx, operation_id)
    if found is None:
        return frozenset()
    flight = found.flight
    if flight.kind in MONEY_KINDS or (flight.kind is Kind.CREATE_ORDER and _has_money(tx, flight)):
        raise NotMendable(
            f"{operation_id}: money",
            title="Money that was taken can't be discarded",
            advice="Try it again. If the server goes on refusing it, a manager can say what became of the money.",
        )
    refuse_what_may_have_happened(found, is_unknown=is_unknown)
    tx.execute("UPDATE operation SET reason = 'DISCARDED', settled_at = ? WHERE seq = ?", (now_ms, flight.seq))
    behind = outbox.behind(tx, flight.seq)
    outbox.leave_lanes(tx, flight.seq)
    given_up = Failed(FailReason.DISCARDED, None, "Discarded together with what it depends on.", b"")
    changed = outbox.take_along(tx, flight, behind, outcome=given_up, now_ms=now_ms)
    changed |= left_over.after_a_split(tx, flight.seq, given_up, now_ms=now_ms)
    alerts.record_choice_on(tx, flight.seq, choice="discard", actor_id=actor_id, now_ms=now_ms)
    return frozenset({*flight.lanes, *changed, "alerts"})


def resolve(
    tx: Connection,
    operation_id: str,
    *,
    resolution: Resolution,
    actor_id: str,
    now_ms: int,
    is_unknown: bool = False,
) -> frozenset[str]:
    """Money that the server does not take was given back, or is in the books by hand: so the operation ends, on record.

    It leaves the fold: its order is as the server has it, and what was tapped on the order that it was to leave over
    goes as if nothing had been. Whether the person may is the caller's to check. Returns the ids that changed. Raises
    NotMendable where there is no money, and for what may have happened on the server all the same.
    """
    found = held(tx, operation_id)
    if found is None:
        return frozenset()
    flight = found.flight
    if flight.kind not in MONEY_KINDS:
        raise NotMendable(f"{operation_id}: no money", advice="There is no money in it. Try it again, or discard it.")
    refuse_what_may_have_happened(found, is_unknown=is_unknown)
    tx.execute("UPDATE operation SET settled_at = ? WHERE seq = ?", (now_ms, flight.seq))
    outbox.leave_lanes(tx, flight.seq)
    changed = left_over.without_a_close(tx, flight, now_ms=now_ms)
    alerts.record_resolution(tx, flight, reason=found.reason, choice=resolution, actor_id=actor_id, now_ms=now_ms)
    return frozenset({*flight.lanes, *changed, "alerts"})


def is_mark(tx: Connection, operation_id: str) -> bool:
    """Whether this is a mark of the kitchen, about which whoever stands there may decide."""
    found = held(tx, operation_id)
    return found is not None and found.flight.kind in MARK_KINDS


def has_strange_id(tx: Connection, operation_id: str) -> bool:
    """Whether the server has something else under this operation's id, which is a fault of the program."""
    found = held(tx, operation_id)
    return found is not None and found.reason is FailReason.MISMATCH


def refuse_what_may_have_happened(found: Held, *, is_unknown: bool) -> None:
    """Raise NotMendable for what the server only failed on, unless it was asked and does not know it."""
    if found.reason is FailReason.EXHAUSTED and not is_unknown:
        raise NotMendable(
            f"{found.flight.id}: {found.reason}",
            title="This may have happened on the server all the same",
            advice="Try it again: it keeps its name, so the server does it once at most.",
        )


def held(tx: Connection, operation_id: str) -> Held | None:
    """The operation, if a person's decision is still wanted. None when it was decided or settled meanwhile."""
    row: tuple[Any, ...] | None = tx.execute(
        f"SELECT {_COLUMNS} FROM operation WHERE id = ? AND settled_at IS NULL",  # noqa: S608 - a constant
        (operation_id,),
    ).fetchone()
    if row is None or Status(row[1]) is not Status.FAILED:
        return None
    seq, _, reason, kind, method, path, body, entity_id, sends, attempts, created_at = row
    return Held(
        Flight(
            seq=seq,
            id=operation_id,
            kind=Kind(kind),
            method=method,
            path=path,
            body=body,
            lanes=outbox.lanes_of(tx, seq),
            entity_id=entity_id,
            sends=sends,
            attempts=attempts,
            created_at_ms=created_at,
        ),
        FailReason(reason),
    )


def _replace(tx: Connection, flight: Flight, *, new_id: str, now_ms: int) -> None:
    """A new operation with the old one's bytes, place and lanes. The old one has been decided."""
    tx.execute(
        """INSERT INTO operation (place, id, kind, op_version, method, path, body, entity_id, created_at, status, actor,
           replaces) SELECT place, ?, kind, op_version, method, path, body, entity_id, created_at, 'PENDING', actor, seq
           FROM operation WHERE seq = ?""",
        (new_id, flight.seq),
    )
    seq = tx.last_insert_rowid()
    tx.execute("UPDATE operation_lane SET seq = ? WHERE seq = ?", (seq, flight.seq))
    tx.execute("UPDATE operation SET settled_at = ? WHERE seq = ?", (now_ms, flight.seq))


def _has_money(tx: Connection, flight: Flight) -> bool:
    return any(one.kind in MONEY_KINDS for lane in flight.lanes for one in outbox.unsettled(tx, lane))
