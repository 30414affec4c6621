"""How long the database is busy with what, and which statement was slow: its text, never what was put into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from shared.clock import Clock

T = TypeVar("T")
P = TypeVar("P", bound="Profiled")

SLOW_S: Final = 0.1
#: After a slow write, the statements of so many writes are timed. To time each statement of every write would cost a
#: tenth of the server; reads have few statements, and are timed always.
CLOSER_LOOK: Final = 1000
#: What a slow write is called as long as its statements are not timed.
UNNAMED: Final = "a write; should it happen again, its slow statement is named"


class Profiled(Protocol):
    """A connection that can tell how long each of its statements took, in nanoseconds."""

    def set_profile(self, callable: Callable[[str, int], None] | None) -> None:  # noqa: A002 - the name is apsw's
        """Call this after each statement, or no more."""


class Told(Protocol):
    """Who wants to know."""

    def read(self, duration_s: float) -> None:
        """A read had the database for so long."""

    def wrote(self, duration_s: float) -> None:
        """A write had it for so long, without the commit."""

    def committed(self, size: int) -> None:
        """So many writes went into one commit."""


class Timing:
    """Times the work of one storage. SQLite tells a statement's time in whole milliseconds."""

    def __init__(self, clock: Clock, *, told: Told, slow: Callable[[str, float], None], slow_s: float = SLOW_S) -> None:
        """`slow` is called with a statement and its seconds, from the thread that ran it."""
        self.told = told
        self._now_s = clock.monotonic_s
        self._slow = slow
        self._slow_s = slow_s
        self._look_closer = 0

    def follow(self, reader: Profiled) -> None:
        """Time every statement of this connection."""
        reader.set_profile(self._finished)

    def read(self, work: Callable[[P], T], tx: P) -> T:
        """Do a read, timed."""
        started_s = self._now_s()
        try:
            return work(tx)
        finally:
            self.told.read(self._now_s() - started_s)

    def write(self, work: Callable[[P], T], tx: P) -> T:
        """Do a write, timed; a slow one makes the next ones be looked at more closely."""
        closely = self._look_closer > 0
        if closely:
            self._look_closer -= 1
            tx.set_profile(self._finished)
        started_s = self._now_s()
        try:
            return work(tx)
        finally:
            duration_s = self._now_s() - started_s
            self.told.wrote(duration_s)
            if closely:
                tx.set_profile(None)
            if duration_s >= self._slow_s:
                self._look_closer = CLOSER_LOOK
                if not closely:
                    self._slow(UNNAMED, duration_s)

    def _finished(self, statement: str, duration_ns: int) -> None:
        if duration_ns >= self._slow_s * 1e9:
            self._slow(" ".join(statement.split()), duration_ns / 1e9)
