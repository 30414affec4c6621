"""A file's database in memory while a world is played: the same tables and pragmas, and no disk to write to."""

from contextlib import closing
from pathlib import Path

import apsw

from shared.database import Connection


def taken_up(connection: Connection) -> Connection:
    """What is committed in this database, in memory; the file is closed."""
    with closing(connection):
        return copied(connection)


def copied(connection: Connection) -> Connection:
    """What is committed in this database, in another one in memory."""
    memory = _copied(connection, Connection(":memory:", statementcachesize=256))
    memory.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    memory.pragma("foreign_keys", 1)
    return memory


def put_down(connection: Connection, path: Path) -> None:
    """Write what is committed into the file of this path, for those who look at it afterwards, and close it."""
    path.unlink(missing_ok=True)
    with closing(connection), closing(Connection(str(path))) as file:
        file.pragma("journal_mode", "OFF")
        file.pragma("synchronous", "OFF")
        _copied(connection, file)


def _copied(source: Connection, target: Connection) -> Connection:
    with target.backup("main", source, "main") as backup:
        backup.step()
    return target
