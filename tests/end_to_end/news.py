"""Waits for what a terminal announces, in a process of the tests."""

from __future__ import annotations

import threading
from collections.abc import Callable

from shared.clock import SystemClock
from shared.terminal import Terminal

WAIT_S = 180.0
"""Longer than anything stands still in a test: by the stopwatch, which goes on while the program itself is stopped."""


class News:
    """Wakes whoever waits here at each piece of news of one terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._heard = threading.Condition()
        terminal.subscribe(self._hear)

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Until it is so. Looked at after each piece of news and, for what is none, ten times a second."""
        clock = SystemClock()
        until_s = clock.monotonic_s() + WAIT_S
        with self._heard:
            while not is_so():
                if clock.monotonic_s() > until_s:
                    link, counts = self._terminal.link(), self._terminal.desk.counts()
                    raise SystemExit(f"{is_so} did not become so in {WAIT_S} s, with {counts} operations and {link}")
                self._heard.wait(0.1)

    def pause(self, timeout_s: float) -> None:
        """Until the next piece of news, or so long."""
        with self._heard:
            self._heard.wait(timeout_s)

    def _hear(self, _: frozenset[str]) -> None:
        with self._heard:
            self._heard.notify_all()
