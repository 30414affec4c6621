"""What the areas ask of a storage: SQLite and PostgreSQL both fit, and no more of either is used outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from shared.group_commit import Transactional

T = TypeVar("T")


class Rows(Protocol):
    """What a statement found, each row as a tuple."""

    @property
    def get(self) -> Any:
        """All of it in its simplest form: None for no row, the value of one row with one column, else tuples."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Row by row."""


class Connection(Transactional, Protocol):
    """A connection inside a transaction. The SQL is what both databases know, its parameters are `?` and `?1`.

    Integers, text and bytes; truth is 0 and 1; `ON CONFLICT` and `RETURNING`; no rowid, no pragma, no functions of one
    database only. Rows may all be fetched at once: a statement that could find many has a LIMIT.
    """

    def execute(self, statements: str, bindings: Sequence[Any] | None = None) -> Rows:
        """Run one statement."""

    def executemany(self, statements: str, sequenceofbindings: Iterable[Sequence[Any]]) -> Rows:
        """Run it once for each of these."""

    def set_profile(self, callable: Callable[[str, int], None] | None) -> None:  # noqa: A002 - the name is apsw's
        """After each statement, call this with its text and how many nanoseconds it took; or no more."""


class Room(Protocol):
    """What a storage can tell of its place: sizes in bytes, None where it does not know."""

    def size_bytes(self) -> int | None:
        """What its files take."""

    def free_bytes(self) -> int | None:
        """What is free where they lie."""

    def waiting(self) -> int:
        """Writes that wait for the disk."""

    def saturation(self) -> float:
        """How full its queue or pool is, from 0 to 1, where it refuses."""


class Storage(Room, Protocol):
    """Two doors: one for transactions, one for what was committed."""

    @property
    def upgraded(self) -> int:
        """How many steps brought its tables up to date when it was opened."""

    def write(self, work: Callable[[Connection], T]) -> Future[T]:
        """Do `work` in a transaction; the future is resolved when it is durable. See `shared.group_commit`."""

    def promise(self, work: Callable[[Connection], T]) -> asyncio.Future[T]:
        """The same for the running loop; with as few threads as can be."""

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do `work` now, in this thread, on one moment of what was committed."""

    async def fetch(self, work: Callable[[Connection], T]) -> T:
        """The same without holding up the loop."""

    def hear(self, heard: Callable[[], object]) -> Callable[[], None]:
        """Call this, in another thread, when another process has written; gives what ends that."""

    def close(self) -> None:
        """Finish what waits and let go."""
