"""Where the library `limits` keeps its counts: in memory, by our clock, and never more than so many."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from limits.storage import Storage

from shared.clock import Clock

#: Callers that are counted at once; when more come, the oldest count is let go.
MOST_COUNTS: Final = 10_000


class MemoryCounts(Storage):
    """Counts in fixed windows. The library's own memory asks the system's clock, needs a thread and has no bound."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock, *, most: int = MOST_COUNTS) -> None:
        super().__init__()
        self._clock = clock
        self._most = most
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """Nothing here fails."""
        return ()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in a window that begins now if none is open. Gives the count of the window."""
        now_s = self._clock.monotonic_s()
        count, ends_s = self._windows.get(key, (0, 0.0))
        if ends_s <= now_s:
            self._windows.pop(key, None)
            if len(self._windows) >= self._most:
                self._windows.popitem(last=False)
            count, ends_s = 0, now_s + expiry
        self._windows[key] = (count + amount, ends_s)
        return count + amount

    def get(self, key: str) -> int:
        """The count of the window that is open."""
        count, ends_s = self._windows.get(key, (0, 0.0))
        return count if ends_s > self._clock.monotonic_s() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, as a monotonic moment."""
        return self._windows.get(key, (0, 0.0))[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int | None:
        """Let go of all counts."""
        count = len(self._windows)
        self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        """Let go of one count."""
        self._windows.pop(key, None)

    def __len__(self) -> int:
        return len(self._windows)
