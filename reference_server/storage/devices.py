"""Devices and their tokens; a token itself is stored nowhere, only its SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from reference_server.storage import changes
from reference_server.storage.seam import Connection
from shared.domain.menu import Role
from shared.ids import DeviceId
from shared.wire.healing import Phase

_SELECT: Final = "SELECT id, name, kind, letter, role, expires_at, revoked_at, created_at FROM device"
_AT_THE_DOOR: Final = """
SELECT device.id, device.name, device.kind, letter, role, expires_at, revoked_at, created_at, phase, operation_id
FROM device LEFT JOIN healing ON healing.one = 1 LEFT JOIN change ON change.revision = ?2 WHERE token_sha256 = ?1
"""


SPENT_LETTERS: Final = """
-- The letters that tills had before. Nobody knows all the numbers that were given under them.
CREATE TABLE spent_letter (
    letter TEXT PRIMARY KEY,
    device_id TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
"""


class DeviceKind(StrEnum):
    """What a device is for."""

    POS = "pos"
    KDS = "kds"
    SCRIPT = "script"


@dataclass(frozen=True, slots=True)
class Device:
    """Somebody's token. `letter` begins a till's order numbers; `role` is what it may do as itself."""

    id: DeviceId
    name: str
    kind: DeviceKind
    letter: str | None
    role: Role | None
    expires_at: int | None = None
    revoked_at: int | None = None
    created_at: int = 0


def add(tx: Connection, device: Device, *, token_sha256: bytes, now_ms: int) -> None:
    """Write down a new device. Raises a constraint error when its letter is taken."""
    tx.execute(
        "INSERT INTO device (id, name, kind, letter, role, token_sha256, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            device.id,
            device.name,
            device.kind.value,
            device.letter,
            None if device.role is None else device.role.value,
            token_sha256,
            now_ms,
            device.expires_at,
        ),
    )


def renew(tx: Connection, device_id: DeviceId, *, token_sha256: bytes) -> Device | None:
    """Give a device a new token in place of its old one, whatever had become of that; None when there is none such."""
    tx.execute(
        "UPDATE device SET token_sha256 = ?, revoked_at = NULL, expires_at = NULL WHERE id = ?",
        (token_sha256, device_id),
    )
    return by_token(tx, token_sha256)


def by_token(tx: Connection, token_sha256: bytes) -> Device | None:
    """The device whose token has this hash, revoked or not."""
    row = tx.execute(_SELECT + " WHERE token_sha256 = ?", (token_sha256,)).fetchone()
    return None if row is None else _device(row)


class Visitor(NamedTuple):
    """Who stands at the door, and what is asked of whoever comes there: all of it is read at once.

    `phase` is that of the healing that is under way or the last one, None before the first. `is_of_here`: what the
    device has seen is of this history, or it has seen nothing.
    """

    device: Device | None
    phase: Phase | None = None
    is_of_here: bool = False


def at_the_door(tx: Connection, token_sha256: bytes | None, *, seen: str) -> Visitor:
    """The device whose token has this hash, revoked or not, which says that it has seen this cursor."""
    revision, by = changes.parts_of(seen) or (0, "")
    row = None if token_sha256 is None else tx.execute(_AT_THE_DOOR, (token_sha256, revision)).fetchone()
    if row is None:
        return Visitor(None)
    return Visitor(_device(row[:8]), None if row[8] is None else Phase(row[8]), not seen or row[9] == by)


def by_id(tx: Connection, device_id: str) -> Device | None:
    """The device with this id, revoked or not."""
    row = tx.execute(_SELECT + " WHERE id = ?", (device_id,)).fetchone()
    return None if row is None else _device(row)


def everyone(tx: Connection) -> tuple[Device, ...]:
    """All devices that ever were, in the order in which they came."""
    return tuple(_device(row) for row in tx.execute(_SELECT + " ORDER BY created_at, id"))


def count(tx: Connection) -> int:
    """How many devices may speak to this server; scripts are none."""
    found = tx.execute("SELECT count(*) FROM device WHERE revoked_at IS NULL AND kind <> ?", (DeviceKind.SCRIPT.value,))
    return int(found.get)


def letters(tx: Connection) -> frozenset[str]:
    """The letters that tills have, or had: a letter is never given twice, since its receipt numbers must not repeat."""
    found = tx.execute("SELECT letter FROM device WHERE letter IS NOT NULL UNION SELECT letter FROM spent_letter")
    return frozenset(row[0] for row in found)


def give_letter(tx: Connection, device_id: DeviceId, letter: str, *, now_ms: int) -> None:
    """Let a till go on under another letter; its old one is spent. Raises a constraint error when it is taken."""
    tx.execute(
        "INSERT INTO spent_letter (letter, device_id, at) SELECT letter, id, ? FROM device"
        " WHERE id = ? AND letter IS NOT NULL",
        (now_ms, device_id),
    )
    tx.execute("UPDATE device SET letter = ? WHERE id = ?", (letter, device_id))


def revoke(tx: Connection, device_id: DeviceId, *, now_ms: int) -> bool:
    """Let the device's token count no more from now on; False when there is no such device.

    One that was signed off before keeps the moment of that.
    """
    sql = "UPDATE device SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? RETURNING 1"
    return tx.execute(sql, (now_ms, device_id)).fetchone() is not None


@lru_cache(maxsize=256)
def _device(row: tuple[Any, ...]) -> Device:
    """What a row says; the same row is met with every request of its device."""
    role = None if row[4] is None else Role(row[4])
    return Device(DeviceId(row[0]), row[1], DeviceKind(row[2]), row[3], role, *row[5:])
