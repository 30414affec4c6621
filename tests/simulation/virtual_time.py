"""An event loop in which waiting takes no time: the clock jumps to the next moment at which something is due."""

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any

START_MS = 1_764_358_800_000
"""2025-11-28T19:40:00Z, a Friday evening."""


class Jumps(selectors.SelectSelector):
    """Never waits and asks no system: what the loop would have waited for is added to the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Nothing is ever ready but time. Raises RuntimeError where nothing would ever happen again."""
        if timeout is None:
            raise RuntimeError("everybody waits, and nothing is due")
        self.now_s += max(0.0, timeout)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """As the loop expects it."""
        return super().get_map()


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on virtual time, and the clock that goes with it."""

    def __init__(self) -> None:
        self._jumps = Jumps()
        super().__init__(self._jumps)

    def time(self) -> float:
        """Seconds since the night began."""
        return self._jumps.now_s

    def _write_to_self(self) -> None:
        """Nobody sleeps in a system call who would have to be woken."""


class VirtualClock:
    """The clock of a program in the simulation; `wrong_ms` is how far its wall clock is off."""

    def __init__(self, loop: VirtualLoop, *, wrong_ms: int = 0) -> None:
        self._loop = loop
        self.wrong_ms = wrong_ms

    def now_ms(self) -> int:
        """The wall clock, in ms since 1970."""
        return START_MS + round(self._loop.time() * 1000) + self.wrong_ms

    def monotonic_s(self) -> float:
        """The stopwatch."""
        return self._loop.time()
