"""Opening the server's storage: the file in its folder, or the PostgreSQL that an address names."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from reference_server.storage.file import Storage as FileStorage
from reference_server.storage.file import open_server_file
from reference_server.storage.seam import Storage
from reference_server.storage.timing import Timing
from shared.clock import Clock
from shared.errors import BadSettings


def open_storage(
    data: Path, *, database: str, clock: Clock, history: str = "", name: str = "", timing: Timing | None = None
) -> Storage:
    """The storage, with its tables up to date; the caller closes it. Raises a DatabaseError or BadSettings in words.

    `database` is the address of a PostgreSQL, empty for the file in `data`. `history` is the name that a new branch's
    history gets, `name` this process's own among several. With `timing` all work is timed.
    """
    if not database:
        return FileStorage(data, history=history, timing=timing)
    try:
        from reference_server.storage.postgres import PostgresStorage  # noqa: PLC0415 - an extra, which few install
    except ImportError as error:
        raise BadSettings(
            f"{error}",
            title="The driver of PostgreSQL is not installed here",
            advice="Install the program with its extra `postgres`.",
        ) from error
    return PostgresStorage(database, clock=clock, history=history, name=name, timing=timing)


def move_file(path: Path, storage: Storage) -> int:
    """Copy a server's file into this empty storage on PostgreSQL; how many rows that were. Raises a DatabaseError."""
    from reference_server.storage.postgres_moving import move  # noqa: PLC0415 - as above

    with closing(open_server_file(path)) as file:
        return storage.write(lambda tx: move(tx, file)).result()
