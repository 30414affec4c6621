"""At which table each device looks, and until when that holds."""

from __future__ import annotations

from reference_server.storage.seam import Connection


def come(tx: Connection, device_id: str, *, table_id: str, actor_id: str, until_ms: int) -> None:
    """The device looks at this table, and at no other."""
    tx.execute(
        "INSERT INTO presence (device_id, table_id, actor_id, until) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (device_id) DO UPDATE SET table_id = excluded.table_id, actor_id = excluded.actor_id,"
        " until = excluded.until",
        (device_id, table_id, actor_id, until_ms),
    )


def leave(tx: Connection, device_id: str, *, table_id: str) -> None:
    """The device looks at this table no more; a word that comes late takes it from no other."""
    tx.execute("DELETE FROM presence WHERE device_id = ? AND table_id = ?", (device_id, table_id))


def at_table(tx: Connection, table_id: str, *, now_ms: int) -> list[tuple[str, str, int]]:
    """Who looks at a table now: device, person, and until when."""
    found = tx.execute(
        "SELECT device_id, actor_id, until FROM presence WHERE table_id = ? AND until > ? ORDER BY device_id LIMIT 100",
        (table_id, now_ms),
    )
    return [(str(device_id), str(actor_id), int(until_ms)) for device_id, actor_id, until_ms in found]
