"""The outbox: operations that the server has not settled, appended by taps, taken and settled by the worker.

All functions run inside a transaction of the writer that the caller opened.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, assert_never

from shared.database import Connection
from shared.domain.commands import Operation
from shared.store import alerts, dependants, entities
from shared.store.dependants import Unsettled
from shared.store.frozen import command_in, remember
from shared.store.outcomes import Accepted, Deferred, Failed, FailReason, Flight, Outcome, Status, Taken
from shared.wire.requests import Kind, encode, entity_of

OP_VERSION: Final = 10
"""The version of the operations' bodies that this program writes; a server accepts every version ever released."""

MAX_ERROR_CHARS: Final = 500

LONGEST_DELAY_MS: Final = 300_000
"""No operation ever waits longer than this, whatever a server asked for or a clock did."""

#: Every row that is read has one of each: found here in a fraction of the time that its class takes.
_STATUSES: Final = {str(one): one for one in Status}
_KINDS: Final = {str(one): one for one in Kind}

#: The place is the seq that AUTOINCREMENT is about to give: one more than the highest that this file ever had.
_APPEND: Final = """
    INSERT INTO operation (place, id, kind, op_version, method, path, body, entity_id, created_at, status, actor)
    VALUES (coalesce(?, (SELECT seq FROM sqlite_sequence WHERE name = 'operation') + 1, 1),
            ?, ?, ?, ?, ?, ?, ?, ?, 'PENDING', ?) ON CONFLICT (id) DO NOTHING"""

#: In these words SQLite knows that the index of what waits will do, and leaves the years of settled ones alone.
_WAITING: Final = "status IN ('PENDING', 'REPLAYING')"

#: The end of a shift goes when nothing that its till did before is unsettled, whatever its lane.
_FIRST_IN_ITS_LANES: Final = f"""FROM operation AS o
    WHERE {_WAITING} AND status = 'PENDING' AND NOT EXISTS (
        SELECT 1 FROM operation_lane AS mine JOIN operation_lane AS other
        ON other.lane = mine.lane AND (other.place, other.seq) < (mine.place, mine.seq) WHERE mine.seq = o.seq)
    AND NOT (o.kind = 'close_shift' AND EXISTS (
        SELECT 1 FROM operation_lane AS before WHERE (before.place, before.seq) < (o.place, o.seq)))
    """  # noqa: S608 - a constant

#: In the order of the index: it is read only until the hand is full.
_READY: Final = f"SELECT seq {_FIRST_IN_ITS_LANES} AND not_before <= ? ORDER BY place, seq LIMIT ?"
_FEWEST_ATTEMPTS: Final = _READY.replace("ORDER BY", "ORDER BY attempts,")

#: First in its lanes or not: what was never sent has no such moment, and to ask once in vain is cheap.
_NEXT_DUE: Final = f"""
    SELECT min(not_before) FROM operation
    WHERE {_WAITING} AND status = 'PENDING' AND not_before > ?"""  # noqa: S608 - a constant

#: All that go, in one statement: each row is sent as it stands after that.
_MARK: Final = """
    UPDATE operation SET status = 'REPLAYING', sends = sends + 1 WHERE seq IN (SELECT value FROM json_each(?))
    RETURNING seq, id, kind, method, path, body, entity_id, sends, attempts, created_at,
        (SELECT group_concat(lane, ' ') FROM operation_lane AS l WHERE l.seq = operation.seq)"""

_UNSETTLED: Final = f"WHERE seq = ? AND id = ? AND {_WAITING}"
_SUCCEEDED: Final = f"""
    UPDATE operation SET status = 'SUCCESS', last_status = ?, last_error = NULL, first_answer = ?, revision = ?,
        settled_at = ? {_UNSETTLED}"""  # noqa: S608 - a constant
_PUT_OFF: Final = f"""
    UPDATE operation SET status = 'PENDING', not_before = ?, attempts = attempts + ?, last_status = ?, last_error = ?
    {_UNSETTLED}"""  # noqa: S608 - a constant


def append(tx: Connection, command: Operation, *, now_ms: int, place: int | None = None) -> int | None:
    """Queue a command under its own ULID, behind all others or at the place of one that is settled.

    Returns its seq, or None when this very command is in the outbox already.
    """
    encoded = encode(command)
    request = (encoded.kind, OP_VERSION, encoded.method, encoded.path, encoded.body, entity_of(command))
    tx.execute(_APPEND, (place, command.id, *request, now_ms, command.actor_id))
    if not tx.changes():
        return None
    remember(command, encoded)
    seq = tx.last_insert_rowid()
    for lane in encoded.lanes:
        tx.execute("INSERT INTO operation_lane (lane, place, seq) VALUES (?, ?, ?)", (lane, place or seq, seq))
    return seq


def knows(tx: Connection, operation_id: str) -> bool:
    """Whether the outbox holds, or ever held and still remembers, this operation."""
    return tx.execute("SELECT 1 FROM operation WHERE id = ?", (operation_id,)).fetchone() is not None


def take(tx: Connection, *, limit: int, now_ms: int, fewest_attempts: bool = False) -> Taken:
    """Mark up to `limit` ready operations as REPLAYING and hand them out, oldest place first.

    With `fewest_attempts` first those that failed least, as the probes of a server that answers nothing but errors.

    Ready is what is first among the unsettled in every lane that it names and whose `not_before` has passed. The mark
    is durable before anything is sent; the row stays until the server's answer is stored. With a full hand more may be
    ready, so that it does not matter when the next one is due.
    """
    ready: Sequence[tuple[Any, ...]] = tx.execute(
        _FEWEST_ATTEMPTS if fewest_attempts else _READY, (now_ms, limit)
    ).fetchall()
    seqs = [seq for (seq,) in ready]
    return hand_out(tx, seqs, now_ms=now_ms) if len(seqs) < limit else full_hand(tx, seqs)


def hand_out(tx: Connection, seqs: Sequence[int], *, now_ms: int) -> Taken:
    """Mark these operations as REPLAYING, and say when the next one is due."""
    return Taken(_mark_replaying(tx, seqs), tx.execute(_NEXT_DUE, (now_ms,)).get)


def full_hand(tx: Connection, seqs: Sequence[int]) -> Taken:
    """The same where more is ready: it is asked for again in any case, and whoever is due next is found then.

    To look for that means to look at all that waits.
    """
    return Taken(_mark_replaying(tx, seqs), None)


def _mark_replaying(tx: Connection, seqs: Sequence[int]) -> tuple[Flight, ...]:
    """They are on their way from here on, in this order."""
    if not seqs:
        return ()
    flights = {row[0]: _flight(row) for row in tx.execute(_MARK, (json.dumps(seqs),)).fetchall()}
    return tuple(flights[seq] for seq in seqs)


def settle(tx: Connection, flight: Flight, outcome: Outcome, *, now_ms: int) -> frozenset[str]:
    """Store what became of a sent operation, together with what the answer said of its order or ticket.

    Returns the ids that changed. An operation that is settled already (its answer came twice) stays as it is.
    """
    changed = set(flight.lanes)
    match outcome:
        case Accepted():
            told = (outcome.status, outcome.answer, outcome.cursor, now_ms)
            tx.execute(_SUCCEEDED, (*told, flight.seq, flight.id))
            if not tx.changes():
                return frozenset()
            changed |= entities.put_all(tx, outcome.entities)
            leave_lanes(tx, flight.seq)
            if outcome.surplus_minor:
                alerts.raise_surplus(tx, flight, surplus_minor=outcome.surplus_minor, now_ms=now_ms)
                changed.add("alerts")
        case Deferred():
            when = (outcome.not_before_ms, int(outcome.counts), outcome.status, outcome.error[:MAX_ERROR_CHARS])
            tx.execute(_PUT_OFF, (*when, flight.seq, flight.id))
            if not tx.changes():
                return frozenset()
        case Failed():
            if tx.execute(f"SELECT 1 FROM operation {_UNSETTLED}", (flight.seq, flight.id)).fetchone() is None:  # noqa: S608
                return frozenset()
            changed |= entities.put_all(tx, outcome.entities)
            following = behind(tx, flight.seq)
            fail(tx, flight.seq, outcome, now_ms=now_ms)
            alerts.raise_failed(tx, flight, outcome, now_ms=now_ms)
            if outcome.reason is FailReason.CONFLICT:
                with_it = Failed(FailReason.CONFLICT, None, outcome.message, b"")
                changed |= take_along(tx, flight, following, outcome=with_it, now_ms=now_ms)
            changed.add("alerts")
        case _:
            assert_never(outcome)
    return frozenset(changed)


def reset_replaying(tx: Connection, *, now_ms: int) -> int:
    """After the sender lock was taken: what was on its way when the last sender ended goes again, under the same id.

    Returns how many operations were on their way.
    """
    bring_near(tx, now_ms=now_ms)
    tx.execute(f"UPDATE operation SET status = 'PENDING' WHERE {_WAITING} AND status = 'REPLAYING'")  # noqa: S608
    return tx.changes()


def bring_near(tx: Connection, *, now_ms: int) -> None:
    """After a step of the clock: nothing waits longer than the longest delay for a moment that was named before it."""
    longest_ms = now_ms + LONGEST_DELAY_MS
    tx.execute(
        f"UPDATE operation SET not_before = ? WHERE {_WAITING} AND status = 'PENDING' AND not_before > ?",  # noqa: S608
        (longest_ms, longest_ms),
    )


def release_unanswered(tx: Connection, *, now_ms: int) -> int:
    """The link came back: what waits only because nobody answered is due now. Returns how many that are."""
    tx.execute(
        f"""UPDATE operation SET not_before = 0
            WHERE {_WAITING} AND status = 'PENDING' AND last_status IS NULL AND not_before > ?""",  # noqa: S608
        (now_ms,),
    )
    return tx.changes()


def waiting(tx: Connection) -> int:
    """How many operations have not been settled, those that need a person not counted."""
    row = tx.execute(f"SELECT count(*) FROM operation WHERE {_WAITING}").fetchone()  # noqa: S608
    return 0 if row is None else int(str(row[0]))


def unsettled(tx: Connection, lane: str) -> tuple[Unsettled, ...]:
    """The operations that are in the fold of a lane, in their order."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        """SELECT o.seq, o.place, o.status, o.reason, o.kind, o.sends, o.id, o.path, o.body
           FROM operation_lane AS l JOIN operation AS o ON o.seq = l.seq
           WHERE l.lane = ? ORDER BY l.place, l.seq""",
        (lane,),
    ).fetchall()
    found = []
    for seq, place, status, reason, name, sends, operation_id, path, body in rows:
        kind = _KINDS[name]
        command = command_in(kind, operation_id, path=path, body=body)
        why = None if reason is None else FailReason(reason)
        found.append(Unsettled(seq, place, _STATUSES[status], why, kind, sends, command))
    return tuple(found)


def lanes_of(tx: Connection, seq: int) -> tuple[str, ...]:
    """The lanes that an operation still stands in; none once it is settled."""
    rows = tx.execute("SELECT lane FROM operation_lane WHERE seq = ? ORDER BY lane", (seq,)).fetchall()
    return tuple(str(lane) for (lane,) in rows)


def behind(tx: Connection, seq: int) -> tuple[Unsettled, ...]:
    """What stands behind this one in its lanes, in the order in which it was made.

    Also on the orders to which an operation among it carries lines, or which a close among it leaves over.
    """
    found: dict[int, Unsettled] = {}
    lanes = list(lanes_of(tx, seq))
    place: int = tx.execute("SELECT place FROM operation WHERE seq = ?", (seq,)).get
    for lane in lanes:
        for one in unsettled(tx, lane):
            if (one.place, one.seq) > (place, seq):
                found[one.seq] = one
                lanes += [other for other in lanes_of(tx, one.seq) if other not in lanes]
    return tuple(sorted(found.values(), key=lambda one: (one.place, one.seq)))


def take_along(
    tx: Connection, flight: Flight, following: Iterable[Unsettled], *, outcome: Failed, now_ms: int
) -> set[str]:
    """What will not happen takes along what depends on it: see `dependants.of`. Those with money still go.

    `following` is what `behind` said before it left its lanes. Returns the lanes that changed.
    """
    command = command_in(flight.kind, flight.id, path=flight.path, body=flight.body)
    changed: set[str] = set()
    for later in dependants.of(command, following):
        changed |= set(lanes_of(tx, later.seq))
        fail(tx, later.seq, outcome, now_ms=now_ms)
    return changed


def fail(tx: Connection, seq: int, outcome: Failed, *, now_ms: int) -> None:
    """Mark it so; what no person has to decide leaves its lanes."""
    settled_at = None if outcome.reason.holds else now_ms
    tx.execute(
        """UPDATE operation SET status = 'FAILED', reason = ?, last_status = ?, last_error = ?, first_answer = ?,
           attempts = attempts + ?, settled_at = ? WHERE seq = ?""",
        (
            outcome.reason,
            outcome.status,
            outcome.message[:MAX_ERROR_CHARS],
            outcome.answer,
            int(outcome.status is not None),
            settled_at,
            seq,
        ),
    )
    if not outcome.reason.holds:
        leave_lanes(tx, seq)


def leave_lanes(tx: Connection, seq: int) -> None:
    """It is settled: whatever stood behind it may go, and the fold is without it."""
    tx.execute("DELETE FROM operation_lane WHERE seq = ?", (seq,))


def _flight(row: tuple[Any, ...]) -> Flight:
    seq, operation_id, kind, method, path, body, entity_id, sends, attempts, created_at, named = row
    lanes = tuple(sorted((named or "").split()))
    return Flight(
        seq, operation_id, _KINDS[kind], method, path, body, lanes, entity_id, sends, attempts, created_at_ms=created_at
    )
