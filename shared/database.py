"""The only module that opens SQLite files: safe opening, and the writer thread that commits in groups."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, Generic, Literal, Self, TypeAlias, TypeVar

import apsw

from shared.database_errors import database_errors, in_our_words
from shared.disk import make_private, sync_file, sync_folder
from shared.errors import DatabaseReadOnly, DatabaseUnsafe, WriterClosed, WriterFull

T = TypeVar("T")

#: What the store's and the server's functions are handed; they never open one themselves.
Connection: TypeAlias = apsw.Connection
Synchronous: TypeAlias = Literal["FULL", "NORMAL", "OFF"]

#: How long a write waits for another process's transaction, and a read for another process's recovery of the file.
WRITER_BUSY_TIMEOUT_S: Final = 5.0
READER_BUSY_TIMEOUT_S: Final = 2.0
#: The log is copied into the file every so many pages (4 MiB), and cut back to so many bytes if a reader let it grow.
CHECKPOINT_PAGES: Final = 1_000
LOG_LIMIT_BYTES: Final = 64 * 1024 * 1024
#: At most so many writes share one commit, and at most so many wait for the disk.
GROUP_LIMIT: Final = 256
WAITING_LIMIT: Final = 10_000

_LEVELS: Final[dict[Synchronous, int]] = {"OFF": 0, "NORMAL": 1, "FULL": 2}
_STATEMENTS_KEPT: Final = 256


def open_writer(path: Path, *, synchronous: Synchronous = "FULL", vfs: str | None = None) -> Connection:
    """Open (or make, 0600, with its folder) the file for its only writing connection, so that a commit is a promise.

    Journal mode WAL and `synchronous=FULL` are read back after they were set: a file system or VFS that does not take
    them gives DatabaseUnsafe here instead of lost taps later. `synchronous` is for the negative controls of the
    power-cut tests, nothing else passes it. A `vfs` named by a test has no memory to share between connections, so
    the file is then locked for this connection alone. Raises the errors of `database_errors`.
    """
    with database_errors(path):
        if vfs is None:
            make_private(path)
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        connection = Connection(str(path), flags=flags, vfs=vfs, statementcachesize=_STATEMENTS_KEPT)
        try:
            if connection.readonly("main"):
                raise DatabaseReadOnly(str(path))
            connection.set_busy_timeout(int(WRITER_BUSY_TIMEOUT_S * 1000))
            if vfs is not None:
                connection.pragma("locking_mode", "EXCLUSIVE")
            connection.pragma("journal_mode", "WAL")
            connection.pragma("synchronous", synchronous)
            connection.pragma("foreign_keys", 1)
            connection.pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            connection.pragma("journal_size_limit", LOG_LIMIT_BYTES)
            _require_safe(connection, path, synchronous=synchronous)
        except BaseException:
            connection.close()
            raise
    return connection


def open_reader(path: Path) -> Connection:
    """Open an existing file for reading only: `query_only`, and closing it leaves the log alone.

    It sees what was committed when its statement or transaction began, and never waits for a commit. Use it in one
    thread at a time. Raises the errors of `database_errors`; a file that is not there is DatabaseReadOnly.
    """
    with database_errors(path):
        flags = apsw.SQLITE_OPEN_READWRITE
        connection = Connection(str(path), flags=flags, statementcachesize=_STATEMENTS_KEPT)
        try:
            connection.set_busy_timeout(int(READER_BUSY_TIMEOUT_S * 1000))
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            connection.pragma("query_only", 1)
            connection.pragma("schema_version")
        except BaseException:
            connection.close()
            raise
    return connection


def copy_database(source: Path, target: Path) -> None:
    """Copy what is committed in `source`, log included, page by page into the new file `target`, durably.

    The copy appears under its name whole or not at all. Raises the errors of `database_errors`.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    with database_errors(target):
        unfinished.unlink(missing_ok=True)
        make_private(unfinished)
        with closing(open_reader(source)) as reader, closing(Connection(str(unfinished))) as copy:
            copy.pragma("journal_mode", "OFF")
            with copy.backup("main", reader, "main") as backup:
                backup.step()
        sync_file(unfinished)
        unfinished.replace(target)
        sync_folder(target.parent)


def _require_safe(connection: Connection, path: Path, *, synchronous: Synchronous) -> None:
    """Read back the two settings that every promise stands on; raises DatabaseUnsafe."""
    mode = connection.pragma("journal_mode")
    level = connection.pragma("synchronous")
    if mode != "wal" or level != _LEVELS[synchronous]:
        raise DatabaseUnsafe(f"{path}: journal_mode is {mode}, synchronous is {level}")


class _Job(Generic[T]):
    """One piece of work, its outcome until the commit returned, and the future through which its caller learns it."""

    __slots__ = ("error", "future", "value", "work")

    value: T

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.error: BaseException | None = None
        self.future: Future[T] = Future()

    def tell(self) -> None:
        """Resolve the future with the outcome."""
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


def run_inline(connection: Connection, work: Callable[[Connection], T]) -> T:
    """Do `work` in a transaction of its own, committed when this returns: the writer's path without its thread.

    For simulations, tests and programs without a window. Raises what `work` raised, or a DatabaseError about the
    disk; then nothing of it is stored.
    """
    job = _Job(work)
    _commit_group(connection, [job])
    return job.future.result()


class Writer:
    """The thread that owns the only writing connection and turns all that waits into one commit.

    Callers hand in functions and get futures. A future is resolved only after the commit that holds its work returned,
    in the order of `submit`. Grouping is natural: what came while the disk was busy goes together, nothing waits for
    company. A failing member rolls back alone. When SQLite gives up the whole group (full disk, I/O error, failed
    commit), each member is tried again alone, so **work may run more than once**: it does nothing but use the
    connection that it is given, and leaves BEGIN and COMMIT to the writer.
    """

    def __init__(
        self, connection: Connection, *, group_limit: int = GROUP_LIMIT, waiting_limit: int = WAITING_LIMIT
    ) -> None:
        """Takes over `connection`: from here on nobody else may use it, and `close` closes it."""
        self._connection = connection
        self._group_limit = group_limit
        self._waiting_limit = waiting_limit
        self._queue: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Queue `work`; never blocks and never raises.

        The future holds the result once it is durable, or the error: what `work` raised, a DatabaseError about the
        disk, WriterFull when `waiting_limit` others wait already, WriterClosed after `close`. A future cancelled
        before its turn is skipped.
        """
        job = _Job(work)
        with self._door:
            if self._closed:
                job.error = WriterClosed()
            elif self._queue.qsize() >= self._waiting_limit:
                job.error = WriterFull(f"{self._waiting_limit} writes are waiting")
            else:
                self._queue.put(job)
                return job.future
        job.tell()
        return job.future

    def waiting(self) -> int:
        """How many writes are queued now, for metrics."""
        return self._queue.qsize()

    def close(self) -> None:
        """Take no more work, finish what waits, end the thread, close the connection. May be called again."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        """The thread: take one, take what else waits, commit them, again; ends at the None that `close` put last."""
        while group := self._take():
            _commit_group(self._connection, group)

    def _take(self) -> list[_Job[Any]]:
        """Wait for one job and take what else waits; empty when only the end is left."""
        group: list[_Job[Any]] = []
        while not group or (len(group) < self._group_limit and not self._queue.empty()):
            job = self._queue.get()
            if job is None:
                if group:
                    self._queue.put(None)
                break
            group.append(job)
        return group


def _commit_group(connection: Connection, group: Sequence[_Job[Any]]) -> None:
    """Do the work of all, make it durable, then resolve the futures in order. Each learns its own error here only."""
    group = [job for job in group if job.future.set_running_or_notify_cancel()]
    if len(group) > 1 and _together(connection, group):
        for job in group:
            job.tell()
        return
    for job in group:
        _alone(connection, job)
        job.tell()


def _together(connection: Connection, group: Sequence[_Job[Any]]) -> bool:
    """All members in one transaction, each in its savepoint. False: nothing is stored, each must be tried alone."""
    try:
        _begin(connection)
    except apsw.Error as error:
        for job in group:
            job.error = _words(connection, error)
        return True
    try:
        for job in group:
            connection.execute("SAVEPOINT member")
            if not _member(connection, job):
                connection.execute("ROLLBACK TO member")
            connection.execute("RELEASE member")
        connection.execute("COMMIT")
    except apsw.Error:
        _roll_back(connection)
        return False
    return True


def _alone(connection: Connection, job: _Job[Any]) -> None:
    """One member in a transaction of its own, its outcome left in the job."""
    try:
        _begin(connection)
        if _member(connection, job):
            connection.execute("COMMIT")
    except apsw.Error as error:
        job.error = _words(connection, error)
    _roll_back(connection)


def _member(connection: Connection, job: _Job[Any]) -> bool:
    """Run one piece of work, its outcome left in the job; False if it failed. Nothing it raises gets further."""
    job.error = None
    try:
        job.value = job.work(connection)
    except BaseException as error:
        job.error = _words(connection, error)
        return False
    return True


def _begin(connection: Connection) -> None:
    """Start the transaction with the write lock taken, so that what work reads is what it writes upon."""
    _roll_back(connection)
    connection.execute("BEGIN IMMEDIATE")


def _roll_back(connection: Connection) -> None:
    """End the open transaction, if SQLite has not ended it itself; what it can't end now is ended at the next begin."""
    if connection.in_transaction:
        with suppress(apsw.Error):
            connection.execute("ROLLBACK")


def _words(connection: Connection, error: BaseException) -> BaseException:
    return in_our_words(error, Path(connection.filename))
