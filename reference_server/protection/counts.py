"""Where counts of callers stand: in memory, by our clock, and never more than so many."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from shared.clock import Clock

#: Callers that are counted at once; when more come, the oldest count is let go.
MOST_COUNTS: Final = 10_000


class MemoryCounts:
    """This process's own. The library's memory asks the system's clock, needs a thread and has no bound."""

    def __init__(self, clock: Clock, *, most: int = MOST_COUNTS) -> None:
        self._clock = clock
        self._most = most
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def incr(self, key: str, expiry_s: int, amount: int = 1) -> int:
        """See Counts."""
        now_s = self._clock.monotonic_s()
        count, ends_s = self._windows.get(key, (0, 0.0))
        if ends_s <= now_s:
            self._windows.pop(key, None)
            if len(self._windows) >= self._most:
                self._windows.popitem(last=False)
            count, ends_s = 0, now_s + expiry_s
        self._windows[key] = (count + amount, ends_s)
        return count + amount

    async def get(self, key: str) -> int:
        """See Counts."""
        count, ends_s = self._windows.get(key, (0, 0.0))
        return count if ends_s > self._clock.monotonic_s() else 0

    async def left_s(self, key: str) -> float:
        """See Counts."""
        return self._windows.get(key, (0, 0.0))[1] - self._clock.monotonic_s()

    async def close(self) -> None:
        """See Counts."""
        self._windows.clear()

    def __len__(self) -> int:
        return len(self._windows)
