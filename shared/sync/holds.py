"""Pure: what keeps operations back although the link is up: a hold by the server, a pause, calm after an outage."""

from typing import Final

from shared.sync.actions import Cause

#: A hold of so many seconds or more is followed by its whole spread, a shorter one by its share.
WHOLE_SPREAD_S: Final = 2.0
#: However long a server asks us to stay away, it is asked again after this.
LONGEST_HOLD_S: Final = 300.0
#: While the queue is paused an authenticated read goes so often ...
PAUSE_PROBE_S: Final = 5.0
#: ... and at last only so often, where reads pass and sends are refused in turn.
LONGEST_PAUSE_PROBE_S: Final = 60.0


class Holds:
    """A *hold* ends by itself and keeps everything but heartbeats back. *Calm* ends by itself and keeps sends back.

    A *pause* (device unknown, update needed, history lost) keeps sends back until an authenticated read passes.
    """

    def __init__(self, now_s: float) -> None:
        self.paused: Cause | None = None
        self.held_until_s = now_s
        self.busy_until_s = now_s
        self.calm_until_s = now_s
        self._spread_s = 0.0
        self._probe_s = PAUSE_PROBE_S

    def hold(self, now_s: float, hold_s: float | None, *, busy: bool, spread_s: float) -> None:
        """The server asked us to stay away for `hold_s` (None: it did not); `busy` when it has too much to do.

        Then it told all devices the same, and each stays away for `spread_s` more, or for its share after a hold of
        less than two seconds: in a moment less gathers. The first figure of a hold counts, the largest of
        several would bring them together again.
        """
        if hold_s is None:
            return
        until_s = now_s + min(hold_s, LONGEST_HOLD_S)
        if busy:
            if now_s >= self.busy_until_s:
                self._spread_s = spread_s * min(1.0, hold_s / WHOLE_SPREAD_S)
            until_s += self._spread_s
            self.busy_until_s = max(self.busy_until_s, until_s)
        self.held_until_s = max(self.held_until_s, until_s)

    def calm(self, until_s: float) -> None:
        """Send nothing before this moment."""
        self.calm_until_s = max(self.calm_until_s, until_s)

    def pause(self, cause: Cause) -> float:
        """Send nothing until `resume`. Returns in how many seconds a read should try: longer each time in a row."""
        self.paused = cause
        probe_s = self._probe_s
        self._probe_s = min(2 * probe_s, LONGEST_PAUSE_PROBE_S)
        return probe_s

    def resume(self) -> bool:
        """A read passed. True if this ended a pause; the next one is not probed faster until a send was accepted."""
        was_paused = self.paused is not None
        self.paused = None
        return was_paused

    def accepted(self) -> None:
        """An operation was accepted, so whatever paused us is mended."""
        self._probe_s = PAUSE_PROBE_S

    def be_impatient(self, now_s: float) -> None:
        """A person asks for it: end the calm, probe a pause fast again. A hold stays, the server asked for it."""
        self.calm_until_s = now_s
        self._probe_s = PAUSE_PROBE_S
