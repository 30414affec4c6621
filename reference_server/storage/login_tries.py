"""Wrong PINs: counted by device and person, and by person over all devices that the person does not use."""

from __future__ import annotations

from dataclasses import dataclass

from reference_server.storage.seam import Connection


@dataclass(frozen=True, slots=True)
class Tries:
    """What stands against a person on a device: wrong tries since the last lock, locks since the last right PIN.

    Moments are in milliseconds of server time, 0 for never.
    """

    wrong: int = 0
    last_ms: int = 0
    locks: int = 0
    right_ms: int = 0


def at_device(tx: Connection, *, device_id: str, staff_id: str) -> Tries:
    """What stands against this person on this device."""
    row = tx.execute(
        "SELECT wrong, last_at, locks, right_at FROM login_try WHERE device_id = ? AND staff_id = ?",
        (device_id, staff_id),
    ).fetchone()
    return Tries() if row is None else Tries(*row)


def keep(tx: Connection, tries: Tries, *, device_id: str, staff_id: str) -> None:
    """Let this stand against the person on the device."""
    tx.execute(
        "INSERT INTO login_try (device_id, staff_id, wrong, last_at, locks, right_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (device_id, staff_id) DO UPDATE SET wrong = excluded.wrong, last_at = excluded.last_at,"
        " locks = excluded.locks, right_at = excluded.right_at",
        (device_id, staff_id, tries.wrong, tries.last_ms, tries.locks, tries.right_ms),
    )


def elsewhere(tx: Connection, staff_id: str) -> Tries:
    """What stands against this person from all devices that the person does not use."""
    row = tx.execute("SELECT wrong, last_at FROM person_try WHERE staff_id = ?", (staff_id,)).fetchone()
    return Tries() if row is None else Tries(*row)


def keep_elsewhere(tx: Connection, staff_id: str, *, wrong: int, now_ms: int) -> None:
    """Let this many wrong tries stand against the person, the last one now."""
    tx.execute(
        "INSERT INTO person_try (staff_id, wrong, last_at) VALUES (?, ?, ?)"
        " ON CONFLICT (staff_id) DO UPDATE SET wrong = excluded.wrong, last_at = excluded.last_at",
        (staff_id, wrong, now_ms),
    )
