"""Pure: tells the second tap of a clumsy finger from a second intention: the board moves under the finger between."""

from typing import Final

SAME_TAP_S: Final = 0.4
"""A second tap within this time is the usual double tap: platforms count 0.4 to 0.5 s between the two."""


class TapGuard:
    """Knows where the last tap that did something was, and when.

    What a tap did changes the board at once: the button under the finger is the next step, or another ticket's. So the
    same place for 0.4 s after means the same intention. A tap elsewhere is always a new one.
    """

    def __init__(self, *, reach_px: int) -> None:
        """`reach_px` is how far apart two taps of one finger may land."""
        self.reach_px = reach_px
        self._at_s: float | None = None
        self._place = (0, 0)

    def is_new(self, place: tuple[int, int], *, now_s: float) -> bool:
        """Whether a tap at this place (pixels) and moment (monotonic seconds) is an intention of its own."""
        if self._at_s is None or now_s - self._at_s >= SAME_TAP_S:
            return True
        return max(abs(place[0] - self._place[0]), abs(place[1] - self._place[1])) > self.reach_px

    def counted(self, place: tuple[int, int], *, now_s: float) -> None:
        """A tap did something here."""
        self._at_s, self._place = now_s, place

    def forget(self) -> None:
        """The next tap is new, wherever it is: something else was chosen in between."""
        self._at_s = None
