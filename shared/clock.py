"""The only module that reads the machine's clock; all others are handed a `Clock` or a moment."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Two readings, because a wall clock may be set back by hand and a stopwatch may not."""

    def now_ms(self) -> int:
        """The moment, in milliseconds since 1970-01-01 UTC. May jump in both directions: name with it, never order."""
        ...

    def monotonic_s(self) -> float:
        """Seconds since some fixed moment of this process's life; never goes back. For waits and durations only."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        """The machine's wall clock, in milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """The machine's stopwatch, in seconds."""
        return time.monotonic()


class SteadyClock:
    """The wall clock as it stood at the start, moved on by the stopwatch: who sets the machine's clock moves no age.

    What the start had wrong, the offset to the server's time makes good, and once learned that stays true however the
    machine's clock is set while the program runs.
    """

    def __init__(self, clock: Clock) -> None:
        """`clock` is read for its wall clock now, and from then on only as a stopwatch."""
        self._clock = clock
        self._start_ms = clock.now_ms()
        self._start_s = clock.monotonic_s()

    def now_ms(self) -> int:
        """The moment, in milliseconds since 1970-01-01 UTC; never goes back, never jumps."""
        return self._start_ms + int((self._clock.monotonic_s() - self._start_s) * 1000)

    def monotonic_s(self) -> float:
        """The stopwatch, in seconds."""
        return self._clock.monotonic_s()
