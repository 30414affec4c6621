"""An asyncio loop whose time is made up: when everybody waits, time jumps to the next thing that happens."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from shared.database import Connection, run_inline

T = TypeVar("T")

START_MS = 1_448_653_265_250


class _JumpingSelector(selectors.SelectSelector):
    """Never waits: instead of waiting for `timeout`, it tells how long it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.jump: Callable[[float], None] = lambda _: None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "nothing will ever happen again"
            self.jump(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs hours in milliseconds and always the same way, as long as nothing in it comes from another thread."""

    def __init__(self, start_s: float = 1_000.0) -> None:
        self.now_s = start_s
        selector = _JumpingSelector()
        selector.jump = self._jump
        super().__init__(selector)

    def time(self) -> float:
        return self.now_s

    def run_for(self, seconds: float) -> None:
        """Let so many seconds go by."""
        done = self.create_future()
        self.call_later(seconds, done.set_result, None)
        self.run_until_complete(done)

    def finish(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.run_until_complete(coroutine)

    def _jump(self, seconds: float) -> None:
        self.now_s += max(0.0, seconds)


async def passing(seconds: float) -> None:
    """Wait in the loop's own time."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    loop.call_later(seconds, done.set_result, None)
    await done


class VirtualClock:
    """The loop's time as a `Clock`; the wall clock can be set wrong."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._start_s = loop.now_s
        self.wrong_by_ms = 0

    def now_ms(self) -> int:
        return self.true_ms() + self.wrong_by_ms

    def true_ms(self) -> int:
        return START_MS + round((self._loop.now_s - self._start_s) * 1000)

    def monotonic_s(self) -> float:
        return self._loop.now_s


class InlineWriter:
    """Does the work at once in the caller's thread, each in a transaction of its own, and counts them.

    `failing` makes the disk refuse: it is asked before each piece of work and gives the error to fail with, or None.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.commits = 0
        self.failing: Callable[[], Exception | None] = lambda: None

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        future: Future[T] = Future()
        error = self.failing()
        if error is not None:
            future.set_exception(error)
            return future
        try:
            future.set_result(run_inline(self._connection, work))
        except (ValueError, RuntimeError, TypeError) as mistake:
            future.set_exception(mistake)
        self.commits += 1
        return future
