"""Group commit: all that waits becomes one transaction, and nobody is told before it is durable, on any database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from shared.errors import DatabaseError, WriterClosed, WriterFull
from shared.inbox import Inbox

T = TypeVar("T")


class Transactional(Protocol):
    """What is asked of a connection here; pieces of work ask it for more."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, also one that can only be rolled back."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What its database raises; all else is a mistake of the work itself."""

    @property
    def is_lost(self) -> bool:
        """Whether it broke, so that nobody knows what became of the transaction that it was in."""

    def execute(self, statements: str, bindings: Any = None) -> Any:
        """Run SQL."""

    def begin(self) -> None:
        """Start a transaction with the write lock taken, so that what work reads is what it writes upon."""

    def commit(self) -> None:
        """Make it durable."""

    def close(self) -> None:
        """Let go of it."""

    def settle(self) -> None:
        """Called after a commit was told to all: what can wait until then is done now, and never fails."""

    def in_words(self, error: BaseException) -> BaseException:
        """The DatabaseError that says what `error` means, or `error` itself if it is not about the database."""


C = TypeVar("C", bound=Transactional)

#: At most so many writes share one commit, and at most so many wait for the disk.
GROUP_LIMIT: Final = 256
WAITING_LIMIT: Final = 10_000
#: Callers that wait for the same commit come back one after another; without this the first of them would go alone.
COMPANY_S: Final = 0.0005


class Job(Generic[T]):
    """One piece of work, its outcome until the commit returned, and its caller's future: a thread's or a loop's."""

    __slots__ = ("error", "future", "value", "work")

    value: T
    future: Any

    def __init__(self, work: Callable[[Any], T]) -> None:
        self.work = work
        self.error: BaseException | None = None

    def tell(self) -> None:
        """Resolve the future with the outcome."""
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


def run_inline(connection: C, work: Callable[[C], T]) -> T:
    """Do `work` in a transaction of its own, committed when this returns: the writer's path without its thread.

    For simulations, tests and programs without a window. Raises what `work` raised, or a DatabaseError about the
    disk; then nothing of it is stored.
    """
    one = Job(work)
    _alone(connection, one)
    connection.settle()
    if one.error is not None:
        raise one.error
    return one.value


def apart(tx: C, work: Callable[[C], T]) -> T | Exception:
    """Do `work` inside the caller's transaction: what it gave, or the mistake it met, with all that it wrote undone.

    Raises what is not this work's own: what is about the disk, and what ended the transaction.
    """
    one = Job(work)
    tx.execute("SAVEPOINT apart")
    if attempt(tx, one):
        tx.execute("RELEASE apart")
        return one.value
    error = one.error
    assert error is not None, "who fails has an error"
    if not isinstance(error, Exception) or isinstance(error, DatabaseError) or not tx.in_transaction:
        raise error
    tx.execute("ROLLBACK TO apart")
    tx.execute("RELEASE apart")
    return error


class GroupWriter(Generic[C]):
    """The thread that owns the only writing connection and turns all that waits into one commit.

    Callers hand in functions and get futures. A future is resolved only after the commit that holds its work returned,
    in the order of `submit`. Grouping is natural: what came while the disk was busy goes together. Only those who came
    together last time are given half a millisecond to come together again; who is alone never waits. A failing
    member rolls back alone. When the database gives up the whole group (full disk, I/O error, failed
    commit), each member is tried again alone, so **work may run more than once**: it does nothing but use the
    connection that it is given, and leaves BEGIN and COMMIT to the writer. When the connection is lost, all members
    are told so, since nobody knows whether the commit was.
    """

    def __init__(
        self,
        connection: C,
        *,
        group_limit: int = GROUP_LIMIT,
        waiting_limit: int = WAITING_LIMIT,
        company_s: float = COMPANY_S,
        committed: Callable[[int], None] | None = None,
        turn: AbstractContextManager[Any] | None = None,
    ) -> None:
        """Takes over `connection`: from here on nobody else may use it, and `close` closes it.

        `committed` is told, in the writer's thread, how many writes were done together. With a lock as `turn` others
        may use the connection too, who hold the lock and leave no transaction open.
        """
        self._connection = connection
        self._group_limit = group_limit
        self._waiting_limit = waiting_limit
        self._company_s = company_s
        self._committed = committed
        self._turn = turn or nullcontext()
        self._inbox: Inbox[Job[Any] | None] = Inbox()
        self._door = threading.Lock()
        self._closed = False
        self._last_size = 0
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[C], T]) -> Future[T]:
        """Queue `work`; never blocks and never raises.

        The future holds the result once it is durable, or the error: what `work` raised, a DatabaseError about the
        disk, WriterFull when `waiting_limit` others wait already, WriterClosed after `close`. A future cancelled
        before its turn is skipped.
        """
        job = Job(work)
        job.future = future = Future[T]()
        with self._door:
            if self._closed:
                job.error = WriterClosed()
            elif len(self._inbox) >= self._waiting_limit:
                job.error = WriterFull(f"{self._waiting_limit} writes are waiting")
            else:
                self._inbox.put(job)
                return future
        job.tell()
        return future

    def waiting(self) -> int:
        """How many writes are queued now, for metrics."""
        return len(self._inbox)

    def close(self) -> None:
        """Take no more work, finish what waits, end the thread, close the connection. May be called again."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._inbox.put(None)
        self._thread.join()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        """The thread: take one, take what else waits, commit them, again; ends at the None that `close` put last."""
        while group := self._take():
            with self._turn:
                _commit_group(self._connection, group)
            if self._committed is not None:
                self._committed(len(group))

    def _take(self) -> list[Job[Any]]:
        """Wait for one job and take what else waits; empty when only the end is left."""
        group: list[Job[Any]] = []
        while len(group) < self._group_limit and self._inbox.wait(self._patience_s(len(group))):
            job = self._inbox.take()
            if job is None:
                if group:
                    self._inbox.put(None)
                break
            group.append(job)
        self._last_size = len(group)
        return group

    def _patience_s(self, size: int) -> float | None:
        """How long a group of this size waits for one more: for the first, for ever."""
        if size == 0:
            return None
        return self._company_s if size < self._last_size else 0.0


def _commit_group(connection: Transactional, group: Sequence[Job[Any]]) -> None:
    """Do the work of all, make it durable, then resolve the futures in order. Each learns its own error here only."""
    group = [job for job in group if job.future.set_running_or_notify_cancel()]
    together = len(group) > 1 and _together(connection, group)
    for job in group:
        if not together:
            _alone(connection, job)
        job.tell()
    connection.settle()


def _together(connection: Transactional, group: Sequence[Job[Any]]) -> bool:
    """All members in one transaction, each in its savepoint. False: nothing is stored, each must be tried alone."""
    try:
        _begin(connection)
    except connection.errors as error:
        return _told(connection, group, error)
    try:
        for job in group:
            connection.execute("SAVEPOINT member")
            if not attempt(connection, job):
                connection.execute("ROLLBACK TO member")
            connection.execute("RELEASE member")
        connection.commit()
    except connection.errors as error:
        _roll_back(connection)
        return connection.is_lost and _told(connection, group, error)
    return True


def _told(connection: Transactional, group: Sequence[Job[Any]], error: Exception) -> bool:
    """What happened to the transaction happened to all of its members."""
    for job in group:
        job.error = _words(connection, error)
    return True


def _alone(connection: Transactional, job: Job[Any]) -> None:
    """One member in a transaction of its own, its outcome left in the job."""
    try:
        _begin(connection)
        if attempt(connection, job):
            connection.commit()
            return
    except connection.errors as error:
        job.error = _words(connection, error)
    _roll_back(connection)


def attempt(connection: Transactional, job: Job[Any]) -> bool:
    """Run one piece of work, its outcome left in the job; False if it failed. Nothing it raises gets further."""
    job.error = None
    try:
        job.value = job.work(connection)
    except BaseException as error:
        job.error = _words(connection, error)
        return False
    return True


def _begin(connection: Transactional) -> None:
    """Begin, with nothing left open from before."""
    _roll_back(connection)
    connection.begin()


def _roll_back(connection: Transactional) -> None:
    """End the open transaction, if it has not ended itself; what can't be ended now is ended at the next begin."""
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except connection.errors:
        pass  # as said above


def _words(connection: Transactional, error: BaseException) -> BaseException:
    """What the caller is told, with what the database said as its cause."""
    if (ours := connection.in_words(error)) is not error:
        ours.__cause__ = error
    return ours
