"""The server's one file: a writer thread that commits in groups, and a reader for the loop's own thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Final, Self, TypeVar

from reference_server.storage.schema import APPLICATION_ID, MIGRATIONS
from shared.database import Connection, Writer, close_untouched, open_reader, open_writer
from shared.migrations import migrate

T = TypeVar("T")

FILE_NAME: Final = "server.sqlite"


class Storage:
    """SQLite behind two doors: `write` for transactions, `read` for what was committed."""

    def __init__(self, data: Path) -> None:
        """Open the file in this folder, making it if it is not there. Raises a DatabaseError in plain words."""
        self.path = data / FILE_NAME
        connection = open_writer(self.path, application_id=APPLICATION_ID)
        try:
            migrate(connection, self.path, MIGRATIONS)
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
