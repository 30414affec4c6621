"""Pure: the chores of a device whose link is up: asking for the catalogue, tidying the file, comparing."""

import math
from collections.abc import Collection
from typing import Final

from shared.sync.actions import Action, Collect, FetchCatalog, Tidy
from shared.wire.requests import Kind

AGREES: Final = "agree"
"""The capability of a server that compares."""
CATALOG_EVERY_S: Final = 30.0
CATALOG_AGAIN_S: Final = 5.0
#: The file is tidied when the link has been up so long (by then the server's time is known well), then once an hour.
TIDY_AFTER_S: Final = 60.0
TIDY_EVERY_S: Final = 3600.0
#: While a guest pays it is asked so often how far that is.
COLLECT_EVERY_S: Final = 1.0
#: Where one tidying does not suffice the next follows, with room for taps between.
TIDY_AGAIN_S: Final = 1.0


class Chores:
    """When each is due. Moments are monotonic seconds."""

    def __init__(self, now_s: float, *, collects: bool = False) -> None:
        """`collects`: this is a till, where guests pay by card and mobile money."""
        self._collects, self._collecting = collects, False
        self._collect_s = now_s
        self._woken = False
        self._fetching = self._tidying = self._agrees = self._is_news = False
        self._catalog_tag = ""
        self._catalog_s = now_s
        self._tidy_s = now_s + TIDY_AFTER_S

    def woke(self) -> None:
        """A guest wants to pay by card."""
        self._woken = True

    def came_up(self, now_s: float) -> None:
        """The link is up again."""
        self._collect_s = now_s
        self._catalog_s = now_s
        self._tidy_s = max(self._tidy_s, now_s + TIDY_AFTER_S)

    def passed(self, kind: Kind, now_s: float) -> None:
        """The server decided on an operation. After the end of a shift nobody waits an hour for the comparison."""
        if kind is Kind.CLOSE_SHIFT:
            self._tidy_s = min(self._tidy_s, now_s + TIDY_AGAIN_S)

    def heard(self, capabilities: Collection[str]) -> None:
        """What the server said of itself at the last heartbeat."""
        self._agrees = AGREES in capabilities

    def catalog_is(self, tag: str, now_s: float) -> None:
        """By which tag the server's catalogue goes; with another it is asked for at once, or again if it is just now.

        The first one that is heard is that of the catalogue which is asked for when the link comes up.
        """
        if self._catalog_tag and tag != self._catalog_tag:
            self._is_news = self._fetching
            self._catalog_s = now_s
        self._catalog_tag = tag or self._catalog_tag

    def due(self, now_s: float) -> list[Action]:
        """What goes now, and is under way from here on."""
        found: list[Action] = []
        if not self._fetching and now_s >= self._catalog_s:
            self._fetching = True
            found.append(FetchCatalog())
        if not self._tidying and now_s >= self._tidy_s:
            self._tidying = True
            found.append(Tidy(agree=self._agrees))
        if self._collects and not self._collecting and (self._woken or now_s >= self._collect_s):
            self._collecting, self._woken = True, False
            found.append(Collect())
        return found

    def moments_s(self) -> list[float]:
        """When the next ones are due."""
        moments = [] if self._collecting or not self._collects else [self._collect_s]
        return moments + ([] if self._fetching else [self._catalog_s]) + ([] if self._tidying else [self._tidy_s])

    def fetched(self, now_s: float, *, whole: bool) -> None:
        """The catalogue was asked for; `whole` if every part of it came or had not changed."""
        self._fetching = False
        self._catalog_s = now_s + (0.0 if self._is_news else CATALOG_EVERY_S if whole else CATALOG_AGAIN_S)
        self._is_news = False

    def tidied(self, now_s: float, *, has_more: bool) -> None:
        """The file was tidied, or it could not be and another time will do."""
        self._tidying = False
        self._tidy_s = now_s + (TIDY_AGAIN_S if has_more else TIDY_EVERY_S)

    def collected(self, now_s: float, *, is_open: bool) -> None:
        """It was asked how far the payments are; `is_open` if that is not over for all of them."""
        self._collecting = False
        self._collect_s = now_s + COLLECT_EVERY_S if is_open else math.inf
