"""What a device's file tells the server to compare, and what is remembered of the last comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from pydantic_core import from_json, to_json

from shared.database import Connection
from shared.domain.shift_commands import Series
from shared.store import alerts, meta
from shared.store.outcomes import FailReason, Status
from shared.wire.agreement import AgreeAnswer, Became, Difference, Differs, Named
from shared.wire.fingerprint import fingerprint
from shared.wire.requests import MONEY_KINDS, Kind, shift_lane

LOOK_BACK_MS: Final = 6 * 24 * 3600 * 1000
"""So far back the first comparison goes: a day less than settled operations are kept."""
OVERLAP_MS: Final = 3600 * 1000
"""Each goes back behind the one before by so much, so that nothing falls between two."""
NAMED_TO_A_PERSON: Final = 5

_AT: Final = "agreed_at"
_COMPARED: Final = "agreed_compared"
_DIFFERING: Final = "agreed_differing"
_TOLD: Final = "agreed_told"

_RECENT: Final = """
    SELECT seq FROM operation WHERE settled_at >= :since
    UNION ALL SELECT seq FROM operation WHERE status IN ('PENDING', 'REPLAYING')
    UNION ALL SELECT seq FROM operation WHERE status = 'FAILED' AND settled_at IS NULL"""
_PAGE: Final = f"""
    SELECT seq, id, kind, method, path, body, status, reason FROM operation
    WHERE seq > :after AND (seq >= :first OR seq IN ({_RECENT})) ORDER BY seq LIMIT :limit"""  # noqa: S608 - our own text
_FIRST: Final = f"""
    SELECT min(seq) FROM operation
    WHERE seq IN ({_RECENT}) AND created_at BETWEEN :since AND :now"""  # noqa: S608 - our own text
_OF_SHIFT: Final = """
    SELECT seq, id, kind, method, path, body, status, reason FROM operation
    WHERE seq > :after AND seq BETWEEN :first AND :last ORDER BY seq LIMIT :limit"""
_TO_COMPARE: Final = """
    SELECT entity_id, body FROM operation AS o WHERE kind = 'close_shift' AND status = 'SUCCESS' AND NOT EXISTS (
        SELECT 1 FROM server_shift WHERE id = o.entity_id AND agreed_at IS NOT NULL) ORDER BY seq LIMIT 1"""
_AGREED: Final = """
    INSERT INTO server_shift (id, agreed_at, agreement) VALUES (?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET agreed_at = excluded.agreed_at, agreement = excluded.agreement"""
#: What the hourly comparison does not look for. The rest it has told already, where it found anything just now.
_OF_SHIFTS_ALONE: Final = (Differs.OTHER_SUM, Differs.LATE)
_NOT_DONE: Final = (FailReason.CONFLICT, FailReason.INVALID, FailReason.REFUSED, FailReason.DISCARDED)
_NO_SEQ: Final = 2**62


@dataclass(frozen=True, slots=True)
class Agreed:
    """The last comparison: when by the server's time (ms), of how many operations, and how many differences."""

    at_ms: int
    compared: int
    differing: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some operations as they stand in the file; the fingerprints are made where nobody waits for them."""

    rows: Sequence[tuple[Any, ...]]

    @property
    def last_seq(self) -> int:
        """The place of the last one."""
        return int(self.rows[-1][0])

    def named(self) -> tuple[Named, ...]:
        """What the server is told of each."""
        return tuple(_named(row) for row in self.rows)


def since_ms(tx: Connection, *, now_ms: int) -> int:
    """From which moment of the server's time on all is named."""
    last = last_agreed(tx)
    earliest_ms = now_ms - LOOK_BACK_MS
    return earliest_ms if last is None else max(earliest_ms, min(last.at_ms, now_ms) - OVERLAP_MS)


def first_seq(tx: Connection, *, since_ms: int, now_ms: int) -> int | None:
    """The first operation from which on none may be missing; None if there is none.

    Those that bear a moment outside of this time are left out: beyond what is kept here rows have gone rightly.
    """
    found = tx.execute(_FIRST, {"since": since_ms, "now": now_ms}).get
    return None if found is None else int(found)


def page(tx: Connection, *, since_ms: int, first_seq: int | None, after_seq: int, limit: int) -> Page:
    """The next operations from `first_seq` on, and of those before it what was settled since then or still is not."""
    first = _NO_SEQ if first_seq is None else first_seq
    return Page(tx.execute(_PAGE, {"since": since_ms, "first": first, "after": after_seq, "limit": limit}).fetchall())


@dataclass(frozen=True, slots=True)
class ClosedShift:
    """A shift whose end the server has, and that was not compared yet, with its till's own counts."""

    shift_id: str
    series: Series


def shift_to_compare(tx: Connection) -> ClosedShift | None:
    """The oldest shift that was closed here and is to be compared; one that told no counts never is."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(_TO_COMPARE).fetchall()
    for shift_id, body in rows:
        series = from_json(bytes(body)).get("series")
        if series is not None:
            return ClosedShift(str(shift_id), Series.model_validate_json(to_json(series)))
        tx.execute(_AGREED, (shift_id, 0, None))
    return None


def page_of_shift(tx: Connection, *, shift: ClosedShift, after_seq: int, limit: int) -> Page:
    """The next operations between the opening of a shift and its end."""
    ends = {"first": shift.series.first_seq, "last": shift.series.last_seq}
    return Page(tx.execute(_OF_SHIFT, {"after": after_seq, "limit": limit, **ends}).fetchall())


def store_of_shift(tx: Connection, told: AgreeAnswer, *, shift: ClosedShift, now_ms: int) -> frozenset[str]:
    """Keep what the server said of a shift, for its report, and tell a person what differs."""
    tx.execute(_AGREED, (shift.shift_id, now_ms, told.to_json()))
    changed = {shift_lane(shift.shift_id)}
    was_told = alerts.differences_were_raised(tx, now_ms=now_ms)
    new = [one for one in told.differences if not was_told or one.kind in _OF_SHIFTS_ALONE]
    if new:
        count = told.count - len(told.differences) + len(new)
        alerts.raise_differences(tx, _words(new, count=count), now_ms=now_ms)
        changed.add("alerts")
    return frozenset(changed)


def store(tx: Connection, told: AgreeAnswer, *, now_ms: int) -> frozenset[str]:
    """Remember what the server said, and tell a person what differs, once. Returns what changed on the screens.

    What the server did while it was asked is here by now, and no difference.
    """
    differing = [one for one in told.differences if one.kind is not Differs.UNNAMED or not _is_here(tx, one.what)]
    count = told.count - len(told.differences) + len(differing)
    for name, value in ((_AT, now_ms), (_COMPARED, told.compared), (_DIFFERING, count)):
        meta.put(tx, name, str(value))
    mark = sha256("\n".join(sorted(f"{one.kind} {one.what}" for one in differing)).encode()).hexdigest()
    if not differing or meta.get(tx, _TOLD) == mark:
        return frozenset()
    meta.put(tx, _TOLD, mark)
    alerts.raise_differences(tx, _words(differing, count=count), now_ms=now_ms)
    return frozenset({"alerts"})


def last_agreed(tx: Connection) -> Agreed | None:
    """The last comparison with the server; None before the first one."""
    if meta.get(tx, _AT) is None:
        return None
    return Agreed(meta.number(tx, _AT), meta.number(tx, _COMPARED), meta.number(tx, _DIFFERING))


def _is_here(tx: Connection, operation_id: str) -> bool:
    return bool(tx.execute("SELECT EXISTS (SELECT 1 FROM operation WHERE id = ?)", (operation_id,)).get)


def _words(differing: Sequence[Difference], *, count: int) -> str:
    """The first few, each in the server's words, and how many more."""
    said = [f"{one.message} ({one.what})" for one in differing[:NAMED_TO_A_PERSON]]
    more = count - len(said)
    return " ".join([*said, *([f"And {more} more."] if more > 0 else [])])


def _named(row: tuple[Any, ...]) -> Named:
    seq, operation_id, kind, method, path, body, status, reason = row
    read = from_json(bytes(body))
    receipt = read.get("receiptNumber") if Kind(kind) in MONEY_KINDS else None
    return Named(
        id=operation_id,
        seq=seq,
        sha256=fingerprint(method, path, read).hex(),
        became=_became(Status(status), reason),
        receipt=receipt,
    )


def _became(status: Status, reason: str | None) -> Became:
    if status is Status.SUCCESS:
        return Became.DONE
    return Became.NOT_DONE if reason in _NOT_DONE else Became.OPEN
