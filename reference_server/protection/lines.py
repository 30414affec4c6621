"""The lines that callers come on: a slow one is given up, none holds up another, and there are never too many.

uvicorn waits for ever for the rest of a request or for a reader, and takes every line that comes. Here each line has
a moment by which the next thing has to have happened, looked at once a second for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from reference_server.protection.line import Line, LineLimits


class Lines:
    """All lines of one server: counted by caller, and looked after by `look`."""

    def __init__(self, limits: LineLimits | None = None, *, refused: Callable[[int], str] = lambda _: "") -> None:
        """`refused` is told of each thing that was no request, with the status; it gives the name that this gets."""
        self.limits = limits or LineLimits()
        self.refused = refused
        self.open: dict[Line, None] = {}
        self._of: Counter[str] = Counter()
        self.given_up = 0

    def protocol(self) -> type[Line]:
        """What uvicorn makes of each line."""
        lines = self

        class OneOfThese(Line):
            def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], **_: Any) -> None:
                super().__init__(config, server_state, app_state, lines=lines)

        return OneOfThese

    def look(self, now_s: float) -> None:
        """Give up whoever is late at this moment of the loop's time."""
        for line in [line for line in self.open if line.is_late(now_s)]:
            self.give_up(line)

    def give_up_all(self) -> None:
        """End every line: the server stops, and has waited for its callers."""
        for line in list(self.open):
            self.give_up(line)

    def add(self, line: Line) -> bool:
        """Take a new line; False for one too many of its caller, or when there are as many as can be.

        Then the oldest that never asked anything makes room, else the oldest that asks nothing now.
        """
        if self._of[line.caller] >= self.limits.of_one_caller:
            return False
        if len(self.open) >= self.limits.lines:
            least = min(self.open, key=_worth)
            if not least.is_idle:
                return False
            self.give_up(least)
        self.open[line] = None
        self._of[line.caller] += 1
        return True

    def give_up(self, line: Line) -> None:
        """End a line at once, whatever is still to be written on it."""
        self.given_up += 1
        self.drop(line)
        line.transport.abort()

    def drop(self, line: Line) -> None:
        """It is gone."""
        if line in self.open:
            del self.open[line]
            self._of[line.caller] -= 1
            if not self._of[line.caller]:
                del self._of[line.caller]


def _worth(line: Line) -> tuple[bool, bool]:
    """By which lines make room: the least first, among equals the oldest."""
    return line.has_asked, not line.is_idle
