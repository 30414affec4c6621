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
