"""The server's one file: a writer thread that commits in groups, and a reader for the loop's own thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeVar

from reference_server.storage import histories
from reference_server.storage.schema import APPLICATION_ID, MIGRATIONS
from shared.database import Connection, Writer, close_untouched, open_reader, open_writer, run_inline
from shared.disk import OUR_DISK, Disk
from shared.migrations import migrate

T = TypeVar("T")

FILE_NAME: Final = "server.sqlite"


class Storage:
    """SQLite behind two doors: `write` for transactions, `read` for what was committed."""

    def __init__(self, data: Path, *, history: str = "") -> None:
        """Open the file in this folder, making it if it is not there. Raises a DatabaseError in plain words.

        `history` is the name that a new file's history gets.
        """
        self.path = data / FILE_NAME
        connection = open_server_file(self.path)
        try:
            if history:
                run_inline(connection, partial(histories.give_name, ulid=history))
            self._reader = open_reader(self.path)
        except BaseException:
            close_untouched(connection)
            raise
        self._writer = Writer(connection)

    def write(self, work: Callable[[Connection], T]) -> Future[T]:
        """Do `work` in a transaction; the future is resolved when it is durable. See `shared.database.Writer`."""
        return self._writer.submit(work)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do `work` now, in this thread, on one moment of what was committed. One thread at a time."""
        self._reader.execute("BEGIN")
        try:
            return work(self._reader)
        finally:
            self._reader.execute("COMMIT")

    def close(self) -> None:
        """Finish what waits and let go of the file."""
        self._writer.close()
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_server_file(path: Path, *, disk: Disk = OUR_DISK) -> Connection:
    """Open or make the server's file for its writer and bring its tables up to date. Raises a DatabaseError."""
    connection = open_writer(path, application_id=APPLICATION_ID, disk=disk)
    try:
        migrate(connection, path, MIGRATIONS, disk=disk)
    except BaseException:
        close_untouched(connection)
        raise
    return connection
