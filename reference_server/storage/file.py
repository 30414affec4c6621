"""The server's one file: a writer thread that commits in groups, and a reader for the loop's own thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeVar

from reference_server.storage import histories
from reference_server.storage.schema import APPLICATION_ID, MIGRATIONS
from reference_server.storage.timing import Timing
from reference_server.storage.turns import Turns
from shared.clock import SystemClock
from shared.database import (
    WAITING_LIMIT,
    WRITER_BUSY_TIMEOUT_S,
    Connection,
    Writer,
    close_untouched,
    open_reader,
    open_writer,
    run_inline,
)
from shared.disk import OUR_DISK, Disk
from shared.migrations import migrate

T = TypeVar("T")

FILE_NAME: Final = "server.sqlite"
#: The log is copied into the file every so many pages (16 MiB). A write has a dozen, many of them the same as the last
#: one's: copied four times as seldom as a till's they cost a third.
LOG_PAGES: Final = 4_000


class Storage:
    """SQLite behind two doors: `write` for transactions, `read` for what was committed."""

    def __init__(self, data: Path, *, history: str = "", timing: Timing | None = None) -> None:
        """Open the file in this folder, making it if it is not there. Raises a DatabaseError in plain words.

        `history` is the name that a new file's history gets. With `timing` all work is timed.
        """
        self.path = data / FILE_NAME
        connection, self.upgraded = _opened(self.path)
        try:
            if history:
                run_inline(connection, partial(histories.give_name, ulid=history))
            self._reader = open_reader(self.path)
        except BaseException:
            close_untouched(connection)
            raise
        self._timing = timing
        if timing is not None:
            timing.follow(self._reader)
        committed, lock = None if timing is None else timing.told.committed, threading.Lock()
        self._connection = connection
        self._copied: Future[None] | None = None
        self._writer = Writer(connection, committed=committed, turn=lock)
        patience_s = WRITER_BUSY_TIMEOUT_S
        self._turns = Turns(
            connection, lock, SystemClock(), submit=self._writer.submit, done=self._in_turn, patience_s=patience_s
        )

    def write(self, work: Callable[[Connection], T]) -> Future[T]:
        """Do `work` in a transaction; the future is resolved when it is durable. See `shared.database.Writer`."""
        return self._writer.submit(work if self._timing is None else partial(self._timing.write, work))

    def promise(self, work: Callable[[Connection], T]) -> asyncio.Future[T]:
        """The same for the loop, in its own thread where that holds it up no longer than handing it on."""
        return self._turns.promise(work if self._timing is None else partial(self._timing.write, work))

    def _in_turn(self, size: int) -> None:
        """So many writes were done in the loop's thread. The writer's own copies the log into the file, as ever."""
        if self._timing is not None:
            self._timing.told.committed(size)
        is_long = self._connection.log_pages >= self._connection.checkpoint_pages
        if is_long and (self._copied is None or self._copied.done()):
            self._copied = self._writer.submit(_nothing)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do `work` now, in this thread, on one moment of what was committed. One thread at a time."""
        self._reader.execute("BEGIN")
        try:
            return work(self._reader) if self._timing is None else self._timing.read(work, self._reader)
        finally:
            self._reader.execute("COMMIT")

    async def fetch(self, work: Callable[[Connection], T]) -> T:
        """The same for the loop, which a read of this file never holds up."""
        return self.read(work)

    def hear(self, heard: Callable[[], object]) -> Callable[[], None]:  # noqa: ARG002 - one server has the file
        """No other process serves from it: there is nothing to hear."""
        return lambda: None

    def waiting(self) -> int:
        """How many writes wait for the disk."""
        return self._writer.waiting() + len(self._turns)

    def saturation(self) -> float:
        """How full the queue of writes is: at 1 they are refused."""
        return self.waiting() / WAITING_LIMIT

    def size_bytes(self) -> int | None:
        """What the file and its log take; None where the disk does not say."""
        try:
            return sum(OUR_DISK.size_bytes(one) for one in (self.path, self.path.with_name(f"{FILE_NAME}-wal")))
        except OSError:
            return None

    def free_bytes(self) -> int | None:
        """What is free on its disk; None where the disk does not say."""
        try:
            return OUR_DISK.free_bytes(self.path)
        except OSError:
            return None

    def close(self) -> None:
        """Finish what waits and let go of the file."""
        self._turns.close()
        self._writer.close()
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _nothing(_: Connection) -> None:
    """A write that is none: after it the writer does what could wait."""


def open_server_file(path: Path, *, disk: Disk = OUR_DISK) -> Connection:
    """Open or make the server's file for its writer and bring its tables up to date. Raises a DatabaseError."""
    return _opened(path, disk=disk)[0]


def _opened(path: Path, *, disk: Disk = OUR_DISK) -> tuple[Connection, int]:
    """The same, and how many steps of migration that took."""
    connection = open_writer(path, application_id=APPLICATION_ID, disk=disk)
    connection.checkpoint_pages = LOG_PAGES
    try:
        return connection, migrate(connection, path, MIGRATIONS, disk=disk)
    except BaseException:
        close_untouched(connection)
        raise
