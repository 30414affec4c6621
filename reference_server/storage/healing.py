"""What devices reported after a restore, until it is done again: one healing at a time, each step a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reference_server.storage.seam import Connection
from shared.wire.healing import Phase, Retained


@dataclass(frozen=True, slots=True)
class Healing:
    """The healing that is under way, or the last one."""

    name: str
    phase: Phase


def current(tx: Connection) -> Healing | None:
    """The healing that is under way or the last one; None on a server that never lost anything."""
    row = tx.execute("SELECT name, phase FROM healing").fetchone()
    return None if row is None else Healing(row[0], Phase(row[1]))


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a healing began: the device, what people call it, the cursor that it had seen, and when that was."""

    device: str
    name: str
    seen: str
    at_ms: int


def beginning(tx: Connection) -> Beginning | None:
    """How the healing that is under way, or the last one, began; None where an older program did not write it down."""
    row = tx.execute(
        "SELECT device.id, device.name, begun_seen, opened_at FROM healing JOIN device ON device.id = begun_by"
    ).fetchone()
    return None if row is None else Beginning(*row)


def begin(tx: Connection, *, name: str, by: str, seen: str, now_ms: int) -> Healing:
    """Wait for a report of every till and kitchen screen that may work here. What was reported before stays.

    `by` is the device whose cursor `seen` this server does not hold.
    """
    tx.execute("DELETE FROM healing_device")
    tx.execute(
        "INSERT INTO healing_device (device) SELECT id FROM device"
        " WHERE kind IN ('pos', 'kds') AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
        (now_ms,),
    )
    tx.execute(
        "INSERT INTO healing (one, name, phase, opened_at, begun_by, begun_seen) VALUES (1, ?, 'REPORTING', ?, ?, ?)"
        " ON CONFLICT (one) DO UPDATE SET name = excluded.name, phase = excluded.phase, opened_at = excluded.opened_at,"
        " begun_by = excluded.begun_by, begun_seen = excluded.begun_seen",
        (name, now_ms, by, seen),
    )
    return Healing(name, Phase.REPORTING)


def forget_reports(tx: Connection) -> None:
    """Nothing that was reported is to be done again, and nobody is waited for."""
    for table in ("healing_operation", "healing_version", "healing_device"):
        tx.execute(f"DELETE FROM {table}")  # noqa: S608 - one of ours


def go_to(tx: Connection, phase: Phase) -> None:
    """The healing comes to its next phase."""
    tx.execute("UPDATE healing SET phase = ?", (phase.value,))


def is_awaited(tx: Connection, device: str) -> bool:
    """Whether this device was enrolled when the healing began and has not reported yet."""
    return bool(
        tx.execute(
            "SELECT EXISTS (SELECT 1 FROM healing_device WHERE device = ? AND reported_at IS NULL)", (device,)
        ).get
    )


def has_reported(tx: Connection, device: str) -> bool:
    """Whether this device's report is whole."""
    return bool(
        tx.execute(
            "SELECT EXISTS (SELECT 1 FROM healing_device WHERE device = ? AND reported_at IS NOT NULL)", (device,)
        ).get
    )


def seen_by(tx: Connection, device: str) -> int:
    """The highest revision that this device knew of when its report was whole; 0 if it never was."""
    found = tx.execute("SELECT seen FROM healing_device WHERE device = ?", (device,)).get
    return int(found or 0)


def await_again(tx: Connection, device: str) -> None:
    """Its report was whole once, and it has seen more since then."""
    tx.execute("UPDATE healing_device SET reported_at = NULL WHERE device = ?", (device,))


def awaited(tx: Connection) -> tuple[str, ...]:
    """The names of the devices that still have to report; one that was signed off meanwhile is not waited for."""
    rows = tx.execute(
        "SELECT device.name FROM healing_device JOIN device ON device.id = healing_device.device"
        " WHERE reported_at IS NULL AND revoked_at IS NULL ORDER BY device.name"
    )
    return tuple(str(row[0]) for row in rows)


def reported(tx: Connection, device: str, *, seen: int, now_ms: int) -> None:
    """This device's report is whole; `seen` is the highest revision that it knew of."""
    tx.execute(
        "INSERT INTO healing_device (device, seen, reported_at) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (device) DO UPDATE SET reported_at = excluded.reported_at,"
        " seen = CASE WHEN excluded.seen > healing_device.seen THEN excluded.seen ELSE healing_device.seen END",
        (device, seen, now_ms),
    )


def keep(tx: Connection, operation: Retained, *, device: str, revision: int, made_it: bool) -> None:
    """Remember an operation that has to be done again; one that was reported already stays as it is.

    `made_it`: the revision is its own. Otherwise it is the head that its answer named, so it comes after that.
    """
    tx.execute(
        "INSERT INTO healing_operation (id, device, seq, revision, made_it, body) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO NOTHING",
        (operation.id, device, operation.seq, revision, int(made_it), operation.to_json()),
    )


def kept(tx: Connection, ids: Iterable[str]) -> tuple[str, ...]:
    """Which of these are remembered to be done again."""
    found = (tx.execute("SELECT id FROM healing_operation WHERE id = ?", (one,)).get for one in ids)
    return tuple(str(one) for one in found if one is not None)


def next_to_do(tx: Connection, *, limit: int) -> Sequence[tuple[str, bytes]]:
    """Device and report of what comes next in the old order, of devices whose report is whole."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        "SELECT device, body FROM healing_operation"
        " WHERE device IN (SELECT device FROM healing_device WHERE reported_at IS NOT NULL)"
        " ORDER BY revision, made_it DESC, device, seq LIMIT ?",
        (limit,),
    ).fetchall()
    return rows


def drop(tx: Connection, operation_id: str) -> None:
    """It is done."""
    tx.execute("DELETE FROM healing_operation WHERE id = ?", (operation_id,))


def highest_seen(tx: Connection) -> int:
    """The highest revision of the lost history that anybody has reported."""
    return int(
        tx.execute(
            "SELECT coalesce(max(highest), 0) FROM (SELECT max(revision) AS highest FROM healing_operation"
            " UNION ALL SELECT max(seen) FROM healing_device) AS reports"
        ).get
    )


def keep_version(tx: Connection, order_id: str, version: int) -> None:
    """A waiting change of this order was made on this version of it."""
    tx.execute(
        "INSERT INTO healing_version (order_id, version) VALUES (?, ?)"
        " ON CONFLICT (order_id) DO UPDATE SET version = excluded.version"
        " WHERE excluded.version > healing_version.version",
        (order_id, version),
    )


def take_versions(tx: Connection) -> list[tuple[str, int]]:
    """The versions that were kept; they are not kept any longer."""
    taken = "DELETE FROM healing_version RETURNING order_id, version"
    rows: Sequence[tuple[Any, ...]] = tx.execute(taken).fetchall()
    return [(str(order_id), int(version)) for order_id, version in rows]
