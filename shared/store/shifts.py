"""A till's own shift: read from the operations that made it, so that nothing else has to agree with the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from shared.database import Connection
from shared.domain.commands import CloseOrder, OrderOperation, VoidOrder
from shared.domain.refunds import RefundOrder
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.shift_commands import CloseShift, HouseOperation, MoveCash, OpenShift, Series
from shared.ids import ShiftId
from shared.store import meta, outbox, receipts, till_reports
from shared.store.scenes import AuthorOf
from shared.wire.requests import lanes_of

#: What was given up or replaced opened and closed nothing; what the server refused stands until a person decides.
_COUNTS: Final = "(status <> 'FAILED' OR settled_at IS NULL)"
_OPENED: Final = f"""
    SELECT entity_id, seq FROM operation WHERE kind = 'open_shift' AND {_COUNTS} ORDER BY seq DESC LIMIT 1"""  # noqa: S608
_CLOSED: Final = f"""
    SELECT EXISTS (SELECT 1 FROM operation WHERE kind = 'close_shift' AND entity_id = ? AND {_COUNTS})"""  # noqa: S608
_OPEN_AT: Final = f"""
    SELECT entity_id FROM operation AS opened WHERE kind = 'open_shift' AND {_COUNTS} AND created_at <= ?1
    AND NOT EXISTS (SELECT 1 FROM operation WHERE kind = 'close_shift' AND entity_id = opened.entity_id
        AND {_COUNTS} AND created_at < ?1) ORDER BY seq DESC LIMIT 1"""  # noqa: S608
_NEXT_SEQ: Final = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'operation'), 0) + 1"


@dataclass(frozen=True, slots=True)
class Last:
    """The shift that this till opened last, and the place of its opening."""

    shift_id: ShiftId
    opened_seq: int
    is_open: bool


def last(tx: Connection) -> Last | None:
    """The shift that this till opened last; None if it never opened one that its file still knows of."""
    row: tuple[Any, ...] | None = tx.execute(_OPENED).fetchone()
    if row is None:
        return None
    return Last(ShiftId(row[0]), int(row[1]), is_open=not tx.execute(_CLOSED, (row[0],)).get)


def current(tx: Connection) -> Last | None:
    """The shift into whose drawer money goes now; None where none is open."""
    found = last(tx)
    return found if found is not None and found.is_open else None


def in_shift(tx: Connection, operation: OrderOperation, *, asked_ms: int | None = None) -> OrderOperation:
    """The operation with the name of the open shift, if it ends an order or gives money back.

    A guest who was asked at `asked_ms` (ms since 1970) may pay when the drawer is counted already: that is late money
    of the shift that asked, or it would stand on no report.
    """
    if not isinstance(operation, CloseOrder | VoidOrder | RefundOrder) or operation.shift_id is not None:
        return operation
    now = current(tx)
    shift_id = (None if asked_ms is None else _open_at(tx, asked_ms)) or (None if now is None else now.shift_id)
    return operation if shift_id is None else operation.model_copy(update={"shift_id": shift_id})


def _open_at(tx: Connection, moment_ms: int) -> ShiftId | None:
    """The shift that was open then, by the clock of the taps that opened and closed it."""
    row: tuple[Any, ...] | None = tx.execute(_OPEN_AT, (moment_ms,)).fetchone()
    return None if row is None else ShiftId(row[0])


def accept(tx: Connection, intent: HouseOperation, *, letter: str, author_of: AuthorOf, now_ms: int) -> frozenset[str]:
    """Queue an intention about the drawer, the clock or the day. Returns the lanes that changed.

    Raises CommandRejected where the rules refuse it on the shift as this till sees it; then nothing was written.
    """
    match intent:
        case OpenShift():
            if current(tx) is not None:
                raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, "A shift is open on this till. Close it first.")
            intent = intent.model_copy(update={"receipts": meta.number(tx, receipts.COUNT)})
        case MoveCash() | CloseShift():
            seen = till_reports.read(tx, intent.shift_id, author_of=author_of)
            if seen is None:
                raise CommandRejected(Refusal.NOT_FOUND, "This till has no such shift.")
            if not seen.shift.is_open:
                raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, "This shift was closed already.")
            till_reports.folded(seen.shift, intent, author_of)
            if isinstance(intent, CloseShift):
                intent = _counted(tx, intent, seen, letter=letter)
        case _:
            pass
    outbox.append(tx, intent, now_ms=now_ms)
    return frozenset(lanes_of(intent))


def _counted(tx: Connection, close: CloseShift, seen: till_reports.TillReport, *, letter: str) -> CloseShift:
    """The close with what this till reckons, and its own counts over the shift, the close itself included."""
    before, printed = seen.receipts_before, meta.number(tx, receipts.COUNT)
    has_printed = before is not None and printed > before
    series = Series(
        first_seq=seen.opened_seq,
        last_seq=int(tx.execute(_NEXT_SEQ).get),
        first_receipt=receipts.number(letter, before + 1) if before is not None and has_printed else None,
        last_receipt=receipts.number(letter, printed) if has_printed else None,
    )
    return close.model_copy(update={"expected_minor": seen.total.expected_minor, "series": series})
