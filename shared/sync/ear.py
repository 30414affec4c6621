"""Pure: whether to listen to the server's stream of changes, when to try again, and how often to poll meanwhile."""

import math
from typing import Final

from shared.sync.link import Delays

#: Without a stream a page is asked for so often ...
PULL_EVERY_S: Final = 4.0
#: ... and while one lives everything is asked for so often, against whatever a stream may have left out.
WHOLE_EVERY_S: Final = 60.0
#: News that a heartbeat tells of is left to the stream for so long before it is asked for.
STREAM_FIRST_S: Final = 0.9


class Ear:
    """One stream at a time. `lives` from its first word until it is over. Moments are monotonic seconds."""

    def __init__(self, delays: Delays) -> None:
        self.offered = False
        self.lives = False
        self._delays = delays
        self._listening = False
        self._failures = 0
        self._next_s = -math.inf
        self._whole_s = math.inf
        self._whole_asked = False

    @property
    def next_s(self) -> float:
        """When to listen again, never while somebody does or where the server has no stream."""
        return self._next_s if self.offered and not self._listening else math.inf

    def sent(self) -> None:
        """Somebody listens."""
        self._listening = True

    def heard(self, now_s: float) -> bool:
        """The stream said something. True if it was its first word.

        The minute after which everything is asked for goes on from stream to stream, however short each one lives.
        """
        if self.lives:
            return False
        self.lives = True
        self._failures = 0
        self._whole_s = max(now_s + PULL_EVERY_S, min(self._whole_s, now_s + WHOLE_EVERY_S))
        return True

    def ended(self, now_s: float, *, moved: bool, chance: float) -> None:
        """The stream is over. `moved`: only because another read came before it, so it begins anew at once."""
        self._listening = self.lives = False
        self._next_s = now_s
        if not moved:
            self._failures += 1
            self._next_s += self._delays.probe_delay_s(self._failures, chance)

    def whole_due(self, now_s: float) -> bool:
        """Whether the pull that goes now has to ask for everything; the next one that does is a minute away."""
        if not self.lives or now_s < self._whole_s:
            return False
        self._whole_s = now_s + WHOLE_EVERY_S
        self._whole_asked = True
        return True

    def pulled(self, now_s: float, *, whole: bool) -> None:
        """A pull is over. Where it had to ask for everything and not all came, it is asked for again soon."""
        if self._whole_asked and not whole:
            self._whole_s = now_s + PULL_EVERY_S
        self._whole_asked = False

    def next_pull_s(self, now_s: float) -> float:
        """When the next pull goes if nothing else asks for one."""
        return self._whole_s if self.lives else now_s + PULL_EVERY_S

    def covers(self, now_s: float, behind_s: float) -> bool:
        """Whether news that is known of since `behind_s` may still come by the stream."""
        return self.lives and now_s < behind_s + STREAM_FIRST_S
