"""How the files of a night are opened and changed behind the programs' backs."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared.database import Connection, open_writer


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """A file to operate on."""
    connection = open_writer(path)
    connection.pragma("foreign_keys", 0)
    yield connection
    connection.close()


def server_file(folder: Path) -> Path:
    """The server's file of a night."""
    return next((folder / "server").glob("*.sqlite"))


def paid_orders(tx: Connection) -> list[tuple[str, str]]:
    """Closed orders of one line at least: id and body."""
    rows = tx.execute("SELECT id, body FROM pos_order WHERE state = 'CLOSED' ORDER BY id").fetchall()
    return [(str(key), bytes(body).decode()) for key, body in rows]  # type: ignore[arg-type]


def edit(tx: Connection, table: str, key: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the body of one row."""
    body = json.loads(tx.execute(f"SELECT body FROM {table} WHERE id = ?", (key,)).get)
    change(body)
    tx.execute(f"UPDATE {table} SET body = ? WHERE id = ?", (json.dumps(body).encode(), key))
