"""Pure: tells a tap that was meant from one that was not: the board moves under the finger."""

from collections.abc import Callable, Mapping
from typing import Final

SAME_TAP_S: Final = 0.4
"""A second tap within this time is the usual double tap: platforms count 0.4 to 0.5 s between the two."""
SETTLED_S: Final = 0.3
"""A person sees, decides and stops a moving hand in some 0.25 s (simple reaction time), so what has come under a
finger more recently is not what the finger was sent to."""


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


class Places:
    """Since when each target stands where it stands."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[object, float]] = {}

    def put(self, rects: Mapping[str, object], *, now_s: float) -> None:
        """The targets stand here from now on (monotonic seconds), or still do."""
        known = self._since
        self._since = {
            key: known[key] if key in known and known[key][0] == rect else (rect, now_s) for key, rect in rects.items()
        }

    def has_settled(self, key: str, *, now_s: float) -> bool:
        """Whether a finger that comes down on it now can have been meant for it."""
        return key in self._since and now_s - self._since[key][1] >= SETTLED_S


class Finger:
    """One finger on the board: where it is, what it was sent to, and whether its tap is an intention of its own."""

    def __init__(self, monotonic_s: Callable[[], float], *, reach_px: int) -> None:
        """`monotonic_s` is a stopwatch in seconds; `reach_px` as for `TapGuard`."""
        self._monotonic_s = monotonic_s
        self._guard = TapGuard(reach_px=reach_px)
        self._places = Places()
        self._place = (0, 0)
        self._aim: object = None

    def targets_are(self, rects: Mapping[str, object]) -> None:
        """The targets stand here."""
        self._places.put(rects, now_s=self._monotonic_s())

    def comes_down(self, x: float, y: float) -> None:
        """It touches the screen here (pixels)."""
        self._place = (round(x), round(y))

    def takes_aim(self, at: object) -> None:
        """What its target said when it was pressed."""
        self._aim = at

    def may_tap(self, key: str) -> bool:
        """Not twice by one finger, and nothing that moved under it."""
        now_s = self._monotonic_s()
        return self._guard.is_new(self._place, now_s=now_s) and self._places.has_settled(key, now_s=now_s)

    def meant(self, found: object) -> bool:
        """Whether its target still says what it said; then this was the tap."""
        if found != self._aim:
            return False
        self._guard.counted(self._place, now_s=self._monotonic_s())
        return True
