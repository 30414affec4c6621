"""Pure: the flashes of tickets that have just changed: why they flash, and which are lit at this moment."""

from collections.abc import Mapping
from typing import Final

FLASH_MS: Final = 400
"""Between two changes of light: 1.25 flashes a second, where three are the most that is safe for all (WCAG 2.3.1)."""
CHANGES: Final = 8
"""Changes of light for each ticket: four flashes in 3.2 s."""


class Flashes:
    """Counts down for each ticket."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}
        self._words: dict[str, str] = {}

    def begin(self, news: Mapping[str, str]) -> None:
        """Something happened to these tickets just now: what, in a word each."""
        self._left |= dict.fromkeys(news, CHANGES)
        self._words |= news

    def change(self) -> frozenset[str]:
        """The light changes. Returns the tickets whose look changed with it."""
        changed = frozenset(self._left)
        self._left = {key: left - 1 for key, left in self._left.items() if left > 1}
        return changed

    def word(self, ticket_id: str) -> str:
        """What happened to it within the last seconds; nothing when it does not flash."""
        return self._words[ticket_id] if ticket_id in self._left else ""

    def is_lit(self, ticket_id: str) -> bool:
        """Whether it is in the bright half of a flash."""
        return ticket_id in self._left and self._left[ticket_id] % 2 == 0

    @property
    def is_over(self) -> bool:
        """Whether nothing flashes any more."""
        return not self._left
