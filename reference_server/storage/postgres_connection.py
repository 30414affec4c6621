"""A session of PostgreSQL that answers like the seam's connection: its parameters, its rows, what its errors mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import NumericBinaryLoader
from psycopg.types.string import StrBinaryDumper

from shared.clock import Clock
from shared.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseError,
    DatabaseReadOnly,
    DiskFailing,
    DiskFull,
)

Session = psycopg.Connection[tuple[Any, ...]]

#: So many statements of a session stay prepared.
STATEMENTS_KEPT: Final = 256

_OPEN: Final = (TransactionStatus.ACTIVE, TransactionStatus.INTRANS, TransactionStatus.INERROR)
#: Text in quotes, names in quotes and comments stay as they are; a question mark outside of them is a parameter.
_PARAMETER: Final = re.compile(r"('(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*)|\?(\d*)")
_AWAY: Final = "PostgreSQL can't do this now"
_COMES_BACK: Final = "Look that it runs and takes connections; what was not saved is sent again by itself."


class _Text(StrBinaryDumper):
    """Text as text, whatever it stands beside. No column can hold a NUL: SQLite's could, and finds nothing by it."""

    def dump(self, obj: str) -> Buffer | None:
        """The bytes as they travel."""
        return super().dump(obj.replace("\x00", "\ufffd"))


class _Integer(Dumper):
    """Every whole number as one type, so that a statement is prepared once; truth is 0 and 1."""

    oid = psycopg.adapters.types["int8"].oid

    def dump(self, obj: int) -> Buffer | None:
        """The bytes as they travel."""
        return str(int(obj)).encode()


class _Numeric(NumericBinaryLoader):
    """Sums of whole numbers come as numerics and are whole numbers again."""

    def load(self, data: Buffer) -> Any:
        """The number as Python's."""
        found = super().load(data)
        return int(found) if found == found.to_integral_value() else found


class PostgresRows:
    """What a statement found; all of it is here already."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._left = iter(rows)

    @property
    def get(self) -> Any:
        """None for no row, the value of one row with one column, else tuples, as apsw has it."""
        found = [row[0] if len(row) == 1 else row for row in self._left]
        return None if not found else found[0] if len(found) == 1 else found

    def fetchone(self) -> Any:
        """The next row, or None."""
        return next(self._left, None)

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        return list(self._left)

    def __iter__(self) -> Iterator[Any]:
        return self._left


class PostgresConnection:
    """Fits `seam.Connection`. For one thread at a time, and never used while a transaction of another is open."""

    errors: tuple[type[Exception], ...] = (psycopg.Error, DatabaseError)

    def __init__(self, open_session: Callable[[], Session], clock: Clock) -> None:
        """Opens a session. Raises what psycopg raises."""
        self._open = open_session
        self._session = open_session()
        self._clock = clock
        self._profile: Callable[[str, int], None] | None = None
        self.uses = 0

    def set_profile(self, callable: Callable[[str, int], None] | None) -> None:  # noqa: A002 - the name is apsw's
        """After each statement, call this with its text and how many nanoseconds it took; or no more."""
        self._profile = callable

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, also one that can only be rolled back."""
        return self._session.info.transaction_status in _OPEN

    @property
    def is_lost(self) -> bool:
        """Whether the line to the server broke, or the server ended the session."""
        return self._session.closed

    def execute(self, statements: str, bindings: Sequence[Any] | None = None) -> PostgresRows:
        """Run one statement."""
        started_s = self._clock.monotonic_s() if self._profile is not None else 0.0
        with psycopg.RawCursor(self._session) as cursor:
            cursor.execute(in_dollars(statements).encode(), bindings, binary=True)
            found = cursor.fetchall() if cursor.description is not None else []
        if self._profile is not None:
            self._profile(statements, int((self._clock.monotonic_s() - started_s) * 1e9))
        return PostgresRows(found)

    def executemany(self, statements: str, sequenceofbindings: Iterable[Sequence[Any]]) -> PostgresRows:
        """Run it once for each of these."""
        with psycopg.RawCursor(self._session) as cursor:
            cursor.executemany(in_dollars(statements).encode(), sequenceofbindings)
        return PostgresRows([])

    def run(self, script: str) -> Any:
        """Several statements in one message; the first column of the first row of the last one, if it has any."""
        with psycopg.RawCursor(self._session) as cursor:
            cursor.execute(script.encode())
            while cursor.nextset():
                pass
            row = cursor.fetchone() if cursor.description is not None else None
        return None if row is None else row[0]

    def begin(self) -> None:
        """For reading: all of it sees one moment of what was committed."""
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        """End it. A transaction in which a statement failed is none any more, and PostgreSQL would not say so."""
        self.require_whole()
        self.run("COMMIT")

    def require_whole(self) -> None:
        """Raise what PostgreSQL raises for a statement in a transaction that has failed already."""
        if self._session.info.transaction_status is TransactionStatus.INERROR:
            raise errors.InFailedSqlTransaction("a statement in it failed, and nobody minded")

    def settle(self) -> None:
        """One more use of this session is over."""
        self.uses += 1

    def in_words(self, error: BaseException) -> BaseException:
        """See `in_our_words`."""
        return in_our_words(error)

    def reopen(self) -> None:
        """Another session in place of this one. Raises what psycopg raises, and then this one stays lost."""
        self._session.close()
        self._session = self._open()
        self.uses = 0

    def close(self) -> None:
        """Let go of it; what was begun is rolled back by the server."""
        self._session.close()


def prepare_session(session: Session) -> None:
    """Let a new session take and give values as the seam has them."""
    session.prepared_max = STATEMENTS_KEPT
    session.adapters.register_dumper(str, _Text)
    session.adapters.register_dumper(int, _Integer)
    session.adapters.register_dumper(bool, _Integer)
    session.adapters.register_loader("numeric", _Numeric)


@lru_cache(maxsize=1024)
def in_dollars(sql: str) -> str:
    """The statement with `$1` for `?` and `?1`; a bare one is the next after the greatest before it, as in SQLite."""
    greatest = 0

    def dollar(found: re.Match[str]) -> str:
        nonlocal greatest
        if found[1] is not None:
            return found[1]
        number = int(found[2]) if found[2] else greatest + 1
        greatest = max(greatest, number)
        return f"${number}"

    return _PARAMETER.sub(dollar, sql)


def in_our_words(error: BaseException) -> BaseException:
    """The DatabaseError that says what `error` means for a person, or `error` itself if it says nothing."""
    detail = f"{type(error).__name__}: {error}"
    match error:
        case errors.DiskFull():
            return DiskFull(detail, title="The disk of PostgreSQL is full")
        case errors.IoError():
            return DiskFailing(detail)
        case errors.DataCorrupted() | errors.IndexCorrupted():
            return DatabaseDamaged(detail, title="PostgreSQL says that its data is damaged", advice="Ask for help.")
        case errors.ReadOnlySqlTransaction() | errors.InsufficientPrivilege():
            return DatabaseReadOnly(detail, title="This database can't be written")
        case psycopg.OperationalError() | psycopg.InterfaceError() | errors.IdleInTransactionSessionTimeout():
            return DatabaseBusy(detail, title=_AWAY, advice=_COMES_BACK)
        case _:
            return error


def is_of_the_line(error: psycopg.Error) -> bool:
    """Whether it is about the session and not about what it was asked: it broke, or the server ended it."""
    state = error.sqlstate
    return isinstance(error, psycopg.OperationalError) and (state is None or state.startswith(("08", "57P")))
