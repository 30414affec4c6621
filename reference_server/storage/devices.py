"""Devices and their tokens; a token itself is stored nowhere, only its SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.database import Connection
from shared.domain.menu import Role
from shared.ids import DeviceId


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
    row = tx.execute(
        "SELECT id, name, kind, letter, role, expires_at, revoked_at FROM device WHERE token_sha256 = ?",
        (token_sha256,),
    ).fetchone()
    if row is None:
        return None
    role = None if row[4] is None else Role(row[4])
    return Device(DeviceId(row[0]), row[1], DeviceKind(row[2]), row[3], role, expires_at=row[5], revoked_at=row[6])


def letters(tx: Connection) -> frozenset[str]:
    """The letters that tills have, or had: a letter is never given twice, since its receipt numbers must not repeat."""
    return frozenset(row[0] for row in tx.execute("SELECT letter FROM device WHERE letter IS NOT NULL"))


def revoke(tx: Connection, device_id: DeviceId, *, now_ms: int) -> bool:
    """Let the device's token count no more from now on; False when there is no such device."""
    return (
        tx.execute("UPDATE device SET revoked_at = ? WHERE id = ? RETURNING 1", (now_ms, device_id)).fetchone()
        is not None
    )
