"""The name of this branch's history: a ULID that the file got when it was made, and that every copy of it has."""

from __future__ import annotations

from reference_server.storage.seam import Connection


def name(tx: Connection) -> str:
    """The name; empty in a file that nobody has named yet."""
    found = tx.execute("SELECT name FROM history").get
    return "" if found is None else str(found)


def give_name(tx: Connection, ulid: str) -> None:
    """Name a new file's history; an older one keeps its own."""
    tx.execute("INSERT INTO history (one, name) VALUES (1, ?) ON CONFLICT (one) DO NOTHING", (ulid,))


def take_over(tx: Connection, ulid: str) -> None:
    """Let this file go on with a history whose own file is lost."""
    tx.execute(
        "INSERT INTO history (one, name) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET name = excluded.name", (ulid,)
    )
