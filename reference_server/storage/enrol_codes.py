"""Codes by which a device enrols itself once; of the secret part only the SHA-256 is stored."""

from __future__ import annotations

from dataclasses import dataclass

from reference_server.storage.devices import DeviceKind
from reference_server.storage.seam import Connection
from shared.ids import DeviceId


@dataclass(frozen=True, slots=True)
class EnrolCode:
    """What a code is good for. `device_id` is the device that it enrols again, or that it made when it was used."""

    name: str
    secret_sha256: bytes
    kind: DeviceKind
    device_name: str
    letter: str | None
    device_id: DeviceId | None
    expires_at: int
    wrong: int = 0
    used_at: int | None = None
    claim_sha256: bytes | None = None


def add(tx: Connection, code: EnrolCode) -> bool:
    """Write down a new code; False when its name is taken."""
    found = tx.execute(
        "INSERT INTO enrol_code (name, secret_sha256, kind, device_name, letter, device_id, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING RETURNING 1",
        (
            code.name,
            code.secret_sha256,
            code.kind.value,
            code.device_name,
            code.letter,
            code.device_id,
            code.expires_at,
        ),
    ).fetchone()
    return found is not None


def by_name(tx: Connection, name: str) -> EnrolCode | None:
    """The code with this name, whatever became of it."""
    row = tx.execute(
        "SELECT name, secret_sha256, kind, device_name, letter, device_id, expires_at, wrong, used_at, claim_sha256"
        " FROM enrol_code WHERE name = ?",
        (name,),
    ).fetchone()
    if row is None:
        return None
    return EnrolCode(row[0], row[1], DeviceKind(row[2]), *row[3:])


def count_wrong(tx: Connection, name: str) -> None:
    """Somebody knew the name and not the secret."""
    tx.execute("UPDATE enrol_code SET wrong = wrong + 1 WHERE name = ?", (name,))


def use(tx: Connection, name: str, *, device_id: DeviceId, claim_sha256: bytes | None, now_ms: int) -> None:
    """The code made this device, and makes no other."""
    tx.execute(
        "UPDATE enrol_code SET used_at = coalesce(used_at, ?), device_id = ?, claim_sha256 = ? WHERE name = ?",
        (now_ms, device_id, claim_sha256, name),
    )


def forget(tx: Connection, *, before_ms: int) -> None:
    """Let go of codes that ended before this moment."""
    tx.execute("DELETE FROM enrol_code WHERE expires_at < ?", (before_ms,))
