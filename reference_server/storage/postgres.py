"""The server's tables in PostgreSQL: one writer thread that commits in groups, a pool for reading, and an ear.

Several server processes may stand on one database. Each writing transaction first locks the branch's row and holds it
until its commit, so that revisions become visible in their order whoever wrote them: a reader never sees one that has
a smaller one still to come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final, Self, TypeVar

import psycopg
from psycopg import sql

from reference_server.storage import histories
from reference_server.storage.postgres_connection import PostgresConnection, Session, in_our_words, is_of_the_line
from reference_server.storage.postgres_news import CHANNEL, Ear
from reference_server.storage.postgres_schema import NEWEST, bring_up
from reference_server.storage.postgres_sessions import USES, Pool, PoolSize, SessionMaker
from reference_server.storage.seam import Connection
from reference_server.storage.timing import Timing
from shared.clock import Clock
from shared.errors import DatabaseNewer
from shared.group_commit import WAITING_LIMIT, GroupWriter

T = TypeVar("T")

MEASURE_EVERY_S: Final = 60.0


class PostgresWriter(PostgresConnection):
    """The session that writes; opened anew when it broke while nobody used it, or was used often enough."""

    def __init__(self, open_session: Callable[[], Session], clock: Clock, *, name: str = "", uses: int = USES) -> None:
        """`name` is told with each commit, so that a process knows its own."""
        super().__init__(open_session, clock)
        self._most_uses = uses
        told = sql.Literal(name).as_string(self._session)
        self._end = f"SELECT pg_notify('{CHANNEL}', current_schema() || ' ' || {told}); COMMIT"

    def begin(self) -> None:
        """Start a transaction with the branch locked. Raises DatabaseNewer when another process upgraded the tables."""
        if self.is_lost or self.uses >= self._most_uses:
            self.reopen()
        try:
            self.lock_branch()
        except psycopg.OperationalError:
            if not self.is_lost:
                raise
            self.reopen()
            self.lock_branch()

    def lock_branch(self) -> None:
        """Begin, then wait for the branch's row: what is read after that is all that was ever committed."""
        found = self.run("BEGIN; SELECT schema_version FROM branch FOR UPDATE")
        if found != NEWEST:
            raise DatabaseNewer(f"schema {found}, this program knows {NEWEST}")

    def commit(self) -> None:
        """Make it durable, and tell the other processes."""
        self.require_whole()
        self.run(self._end)


class PostgresStorage:
    """Fits `seam.Storage`."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        history: str = "",
        name: str = "",
        timing: Timing | None = None,
        size: PoolSize | None = None,
        writer: type[PostgresWriter] = PostgresWriter,
    ) -> None:
        """Open the database and bring its tables up to date. Raises a DatabaseError or BadSettings in plain words.

        `history` is the name that a new branch's history gets, `name` this process's own. With `timing` all work is
        timed. A test passes a `writer` that is wrong.
        """
        size = size or PoolSize()
        self._name, self._clock = name, clock
        self._size_bytes: int | None = None
        self._measured_s: float | None = None
        self.sessions = SessionMaker(url)
        self._pool = Pool(self.sessions.open, size=size, clock=clock)
        self._timing = timing
        if timing is not None:
            timing.follow(self._pool)
        first = self.sessions.open_in_words()
        try:
            self.upgraded = bring_up(PostgresConnection(lambda: first, clock))
            connection = writer(self.sessions.open, clock, name=name, uses=size.uses)
        except psycopg.Error as error:
            raise in_our_words(error) from error
        finally:
            first.close()
        self._writer = GroupWriter(connection, committed=None if timing is None else timing.told.committed)
        self._threads = ThreadPoolExecutor(self._pool.most, thread_name_prefix="database-reader")
        if history:
            try:
                self.write(partial(histories.give_name, ulid=history)).result()
            except BaseException:
                self.close()
                raise

    def write(self, work: Callable[[Connection], T]) -> Future[T]:
        """Do `work` in a transaction; the future is resolved when it is durable. See `shared.group_commit`."""
        return self._writer.submit(work if self._timing is None else partial(self._timing.write, work))

    def promise(self, work: Callable[[Connection], T]) -> asyncio.Future[T]:
        """The same for the loop."""
        return asyncio.wrap_future(self.write(work))

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do `work` now, in this thread, on one moment of what was committed. Raises a DatabaseError.

        A line that broke while nobody used it is no reason to fail: the work is done again on a new one.
        """
        try:
            return self._read(work)
        except psycopg.Error as error:
            if not is_of_the_line(error):
                raise in_our_words(error) from error
            self._pool.forget_idle()
        try:
            return self._read(work)
        except psycopg.Error as error:
            raise in_our_words(error) from error

    async def fetch(self, work: Callable[[Connection], T]) -> T:
        """The same in a thread of the pool's, without holding up the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.read, work)

    def hear(self, heard: Callable[[], object]) -> Callable[[], None]:
        """Call this, in another thread, when another process has written; gives what ends that."""
        return Ear(self.sessions.open, name=self._name, heard=heard).close

    def waiting(self) -> int:
        """How many writes wait."""
        return self._writer.waiting()

    def saturation(self) -> float:
        """How full the queue of writes or the pool of readers is, whichever is fuller."""
        open_now, idle = self._pool.figures()
        return max(self._writer.waiting() / WAITING_LIMIT, (open_now - idle) / self._pool.most)

    def size_bytes(self) -> int | None:
        """How large the database was, a minute ago at most; None before the first read."""
        return self._size_bytes

    def free_bytes(self) -> int | None:
        """Its disk is another machine's, or may be."""
        return None

    def close(self) -> None:
        """Finish what waits and let go of the database."""
        self._writer.close()
        self._threads.shutdown()
        self._pool.close()

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._pool.connection() as connection:
            connection.begin()
            found = work(connection) if self._timing is None else self._timing.read(work, connection)
            self._measure(connection)
            connection.commit()
            return found

    def _measure(self, connection: PostgresConnection) -> None:
        """Now and then a read sees how large the database is: who asks for it may be inside a read himself."""
        now_s = self._clock.monotonic_s()
        if self._measured_s is None or now_s - self._measured_s >= MEASURE_EVERY_S:
            self._measured_s = now_s
            self._size_bytes = int(connection.execute("SELECT pg_database_size(current_database())").get)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
