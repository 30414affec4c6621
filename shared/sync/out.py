"""Who is out on an errand, and what comes back: heard in the loop's own turn, never in between."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


class Out:
    """Belongs to one loop. `stirred` is set when somebody is back, or something was said on the way."""

    def __init__(self, note: Callable[[BaseException], None]) -> None:
        """`note` hears of mistakes, before whoever sent the errand does."""
        self.stirred = asyncio.Event()
        self._note = note
        self._running: set[asyncio.Task[Any]] = set()
        self._back: deque[Callable[[], None]] = deque()
        self._ending = False

    def send(
        self, errand: Coroutine[Any, Any, T], done: Callable[[T], None], lost: Callable[[BaseException], None]
    ) -> None:
        """Send somebody out; when they are back, the next `hear` calls `done`, or `lost` if they met a mistake.

        Being called off by anybody but `end` is one too: whoever sent them waits for a word.
        """

        def back(task: asyncio.Task[T]) -> None:
            self._running.discard(task)
            if not (self._ending and task.cancelled()):
                self.say(partial(self._came_back, task, done, lost))

        task = asyncio.get_running_loop().create_task(errand)
        self._running.add(task)
        task.add_done_callback(back)

    def say(self, news: Callable[[], None]) -> None:
        """Let the next `hear` hear this."""
        self._back.append(news)
        self.stirred.set()

    def hear(self) -> None:
        """All that came back since the last time, in its order."""
        while self._back:
            self._back.popleft()()

    async def end(self) -> None:
        """Call everybody off; what had come back is heard."""
        self._ending = True
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self.hear()

    def _came_back(
        self, task: asyncio.Task[T], done: Callable[[T], None], lost: Callable[[BaseException], None]
    ) -> None:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            done(task.result())
        else:
            self._note(error)
            lost(error)
