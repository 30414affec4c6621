"""Opening sessions of PostgreSQL so that a commit is a promise, and a pool of them for reading."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from reference_server.storage.postgres_connection import (
    PostgresConnection,
    Session,
    in_our_words,
    prepare_session,
)
from shared.clock import Clock
from shared.errors import BadSettings, DatabaseBusy, DatabaseError, DatabaseReadOnly, DatabaseUnsafe

OLDEST_VERSION: Final = 130000
#: After so many uses a session is opened anew, so that no memory of the server's grows for ever.
USES: Final = 7_500


@dataclass(frozen=True, slots=True)
class PoolSize:
    """How many sessions there are and for how long; the figures are the contract's (row P33).

    Of the most, one writes and one listens; the others read.
    """

    least: int = 5
    most: int = 20
    uses: int = USES
    idle_s: float = 30.0
    wait_s: float = 30.0


#: What each session is told. A process that stands still in a transaction holds up the others for `idle` at most.
_SETTINGS: Final = (
    "-c statement_timeout=30s",
    "-c idle_in_transaction_session_timeout=30s",
    "-c synchronous_commit=on",
    "-c default_transaction_isolation=read\\ committed",
    "-c timezone=UTC",
)
_DEFAULTS: Final[dict[str, Any]] = {
    "connect_timeout": 2,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "evertill-server",
}
_STANDS: Final = (
    "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('server_encoding'),"
    " current_setting('server_version_num')::int, pg_is_in_recovery(), current_schema()"
)


class SessionMaker:
    """Opens sessions at one address."""

    def __init__(self, url: str) -> None:
        """`url` as PostgreSQL has it: `postgresql://user@host/name`. Raises BadSettings."""
        try:
            given = conninfo_to_dict(url)
        except psycopg.Error as error:
            raise BadSettings(
                str(error),
                title="This is not the address of a database",
                advice="It looks like postgresql://evertill@db.house/evertill.",
            ) from error
        options = " ".join((*_SETTINGS, str(given.get("options") or "")))
        self._conninfo = make_conninfo("", **{**_DEFAULTS, **given, "options": options, "client_encoding": "UTF8"})
        self.place = f"{given.get('host') or 'this machine'}/{given.get('dbname') or ''}"

    def open(self) -> Session:
        """A session ready for work. Raises what psycopg raises."""
        session: Session = psycopg.connect(self._conninfo, autocommit=True)
        prepare_session(session)
        return session

    def open_in_words(self) -> Session:
        """The first one, looked at: a database that can't keep a promise is not used. Raises a DatabaseError."""
        try:
            session = self.open()
            row = session.execute(_STANDS).fetchone()
        except psycopg.Error as error:
            raise in_our_words(error) from error
        assert row is not None, "settings are always there"
        fsync, whole_pages, encoding, version, is_copy, schema = row
        trouble: DatabaseError | None = None
        if fsync != "on" or whole_pages != "on":
            trouble = DatabaseUnsafe(
                f"{self.place}: fsync is {fsync}, full_page_writes is {whole_pages}",
                title="This PostgreSQL does not keep what it has taken through a power cut",
                advice="Set fsync and full_page_writes to on in its settings, then start again.",
            )
        elif encoding != "UTF8" or version < OLDEST_VERSION or schema is None:
            trouble = DatabaseUnsafe(
                f"{self.place}: encoding {encoding}, version {version}, schema {schema}",
                title="This database can't be used",
                advice="It takes PostgreSQL 13 or newer, encoding UTF8, and a schema that is there.",
            )
        elif is_copy:
            trouble = DatabaseReadOnly(
                f"{self.place}: it is in recovery",
                title="This PostgreSQL is a standby",
                advice="Name the primary, or several hosts with target_session_attrs=read-write.",
            )
        if trouble is not None:
            session.close()
            raise trouble
        return session


class Pool:
    """Sessions for reading. What broke is thrown away, what was used much or stood long is closed."""

    def __init__(self, open_session: Callable[[], Session], *, size: PoolSize, clock: Clock) -> None:
        """Opens none yet."""
        self._profile: Callable[[str, int], None] | None = None
        self._open = open_session
        self._size = size
        self._clock = clock
        self._door = threading.Lock()
        self._room = threading.Semaphore(self.most)
        self._idle: deque[tuple[float, PostgresConnection]] = deque()
        self._open_now = 0
        self._closed = False

    def set_profile(self, callable: Callable[[str, int], None] | None) -> None:  # noqa: A002 - the name is apsw's
        """Let each session tell how long its statements took."""
        self._profile = callable

    @property
    def most(self) -> int:
        """How many may read at once."""
        return self._size.most - 2

    def figures(self) -> tuple[int, int]:
        """How many are open, and how many of them have nothing to do: for metrics."""
        with self._door:
            return self._open_now, len(self._idle)

    @contextmanager
    def connection(self) -> Iterator[PostgresConnection]:
        """One for a while, nobody else's. Raises DatabaseBusy when none gets free in time, and what psycopg raises."""
        if not self._room.acquire(timeout=self._size.wait_s):
            raise DatabaseBusy(f"{self.most} sessions are in use")
        try:
            one = self._take()
            try:
                yield one
            finally:
                self._put_back(one)
        finally:
            self._room.release()

    def forget_idle(self) -> None:
        """The server went away: what nobody uses is broken too."""
        with self._door:
            gone = [one for _, one in self._idle]
            self._idle.clear()
            self._open_now -= len(gone)
        for one in gone:
            one.close()

    def close(self) -> None:
        """Close all, those in use when they come back."""
        self._closed = True
        self.forget_idle()

    def _take(self) -> PostgresConnection:
        with self._door:
            if self._idle:
                return self._idle.pop()[1]
            self._open_now += 1
        try:
            one = PostgresConnection(self._open, self._clock)
        except BaseException:
            with self._door:
                self._open_now -= 1
            raise
        one.set_profile(self._profile)
        return one

    def _put_back(self, one: PostgresConnection) -> None:
        one.settle()
        if one.in_transaction:
            with suppress(psycopg.Error):
                one.run("ROLLBACK")
        now_s = self._clock.monotonic_s()
        is_spent = self._closed or one.is_lost or one.in_transaction or one.uses >= self._size.uses
        gone = [one] if is_spent else []
        with self._door:
            if not is_spent:
                self._idle.append((now_s, one))
            while self._idle and self._open_now > self._size.least and now_s - self._idle[0][0] > self._size.idle_s:
                gone.append(self._idle.popleft()[1])
                self._open_now -= 1
            self._open_now -= is_spent
        for old in gone:
            old.close()
