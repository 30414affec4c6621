"""An event loop in which waiting takes no time: the clock jumps to the next moment at which something is due."""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import TypeVarTuple, Unpack

Ts = TypeVarTuple("Ts")

START_MS = 1_764_358_800_000
"""2025-11-28T19:40:00Z, a Friday evening."""


#: What is due within a billionth of a second is due together.
TOGETHER_S = 1e-9


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop on virtual time: it asks no system for anything, and what it would wait for is added to the clock.

    What is due is kept as (moment, number, handle), so that nothing of Python's is asked who comes first.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0
        self._due: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbers = itertools.count()

    def time(self) -> float:
        """Seconds since the night began."""
        return self._now_s

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """As the loop's own."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)  # type: ignore[attr-defined] # the loop's own
        return handle

    def call_later(
        self, delay: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """As the loop's own."""
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """As the loop's own."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._due, (when, next(self._numbers), handle))
        return handle

    def _run_once(self) -> None:
        """One round of what is ready; where nothing is, the clock jumps. RuntimeError where nothing is due either."""
        ready: deque[asyncio.Handle] = self._ready  # type: ignore[attr-defined] # the loop's own
        due = self._due
        while due and due[0][2].cancelled():
            heapq.heappop(due)
        if not ready and due:
            self._now_s = max(self._now_s, due[0][0])
        elif not ready and not self._stopping:  # type: ignore[attr-defined] # the loop's own
            raise RuntimeError("everybody waits, and nothing is due")
        while due and due[0][0] <= self._now_s + TOGETHER_S:
            ready.append(heapq.heappop(due)[2])
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()

    def _write_to_self(self) -> None:
        """Nobody sleeps in a system call who would have to be woken."""

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is left out when its moment comes."""


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
