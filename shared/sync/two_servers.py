"""Pure: notices that two servers answer under one name in turn: what was lost a moment ago is there, and lost again."""

from collections import deque
from typing import Final

#: So often within the window history was there and then lost. A copy that was put back, and a better one, are two.
MOST_LOSSES: Final = 2
WINDOW_S: Final = 600.0


class InTurn:
    """Told of every read whether the server held what was seen."""

    def __init__(self) -> None:
        self._held = True
        self._losses: deque[float] = deque(maxlen=MOST_LOSSES + 1)

    def heard(self, now_s: float, *, is_lost: bool) -> bool:
        """Whether two servers answer in turn. It is over when nothing was lost anew for as long as the window."""
        if is_lost and self._held:
            self._losses.append(now_s)
        self._held = not is_lost
        if self._losses and now_s - self._losses[-1] > WINDOW_S:
            self._losses.clear()
        return len(self._losses) > MOST_LOSSES and self._losses[-1] - self._losses[0] <= WINDOW_S
