"""Going over from the file to PostgreSQL: every row of every table, in one transaction, into an empty database."""

from __future__ import annotations

from typing import Any

from reference_server.storage import histories
from reference_server.storage.postgres_schema import tables_in_order
from reference_server.storage.seam import Connection
from shared.database import Connection as FileConnection
from shared.errors import DatabaseForeign


def move(tx: Connection, file: FileConnection) -> int:
    """Copy what is in the file; how many rows that were, 0 when all of it was here already. Raises DatabaseForeign.

    The file has the newest schema and nobody else writes to it.
    """
    tables = tables_in_order()
    there = {table: _count(file, table) for table in tables}
    here = {table: _count(tx, table) for table in tables}
    if histories.name(tx) == histories.name(file) and here == there:
        return 0
    if any(here.values()):
        raise DatabaseForeign(
            f"{sum(here.values())} rows",
            title="There is something in this database already",
            advice="Make an empty one, or name another schema in its address. Nothing was changed.",
        )
    for table in tables:
        _copy(tx, file, table)
    return sum(there.values())


def _copy(tx: Connection, file: FileConnection, table: str) -> None:
    """One table. What it numbers itself goes on behind the greatest number that was copied."""
    columns = file.execute(f"PRAGMA table_info({table})").fetchall()
    names = ", ".join(str(column[1]) for column in columns)
    marks = ", ".join("?" for _ in columns)
    rows: Any = file.execute(f"SELECT {names} FROM {table}")  # noqa: S608 - names of our own tables
    tx.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - as above
    for _, name, kind, _, _, key in columns:
        if kind == "INTEGER" and key:
            tx.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{name}'), max({name}))"  # noqa: S608 - as above
                f" FROM {table} HAVING max({name}) IS NOT NULL"
            )


def _count(tx: Connection, table: str) -> int:
    return int(tx.execute(f"SELECT count(*) FROM {table}").get)  # noqa: S608 - as above
