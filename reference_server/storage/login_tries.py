"""Wrong PINs, counted by device and person."""

from __future__ import annotations

from reference_server.storage.seam import Connection


def wrong_tries(tx: Connection, *, device_id: str, staff_id: str) -> tuple[int, int]:
    """How many wrong tries stand, and when the last one was in milliseconds of server time; (0, 0) for none."""
    row = tx.execute(
        "SELECT wrong, last_at FROM login_try WHERE device_id = ? AND staff_id = ?", (device_id, staff_id)
    ).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def count(tx: Connection, *, device_id: str, staff_id: str, wrong: int, now_ms: int) -> None:
    """Let this many wrong tries stand, the last one now."""
    tx.execute(
        "INSERT INTO login_try (device_id, staff_id, wrong, last_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (device_id, staff_id) DO UPDATE SET wrong = excluded.wrong, last_at = excluded.last_at",
        (device_id, staff_id, wrong, now_ms),
    )


def clear(tx: Connection, *, device_id: str, staff_id: str) -> None:
    """The PIN was right: nothing stands any more."""
    tx.execute("DELETE FROM login_try WHERE device_id = ? AND staff_id = ?", (device_id, staff_id))
