"""Pure: the state of the link to the server, moved by heartbeats and probes alone, never by an operation's time-out.

Up, a heartbeat goes every second; without a good one for 2.5 s the link is down. Down, probes go at 0.5 s growing to
5 s, with jitter, and two good ones in a row bring it back, so that it never flickers.
"""

import math
from collections import deque
from statistics import median_low
from typing import Final, Protocol

from shared.sync.actions import Cause, LinkState

BEAT_EVERY_S: Final = 1.0
#: Offline shows within 3 s: this, and what a screen needs to paint.
DOWN_AFTER_S: Final = 2.5
OFFLINE_AFTER_S: Final = 10.0
#: The second good beat is asked for so soon after the first.
CONFIRM_AFTER_S: Final = 0.5
BEATS_TO_COME_BACK: Final = 2
#: The median round trip of the last beats from which the line is called slow, and below which it no longer is.
SLOW_FROM_S: Final = 0.3
SLOW_UNTIL_S: Final = 0.2
ROUND_TRIPS: Final = 3
#: One beat at a time, and one more beside it when a person or the machine's network asks for one at once.
BEATS_AT_ONCE: Final = 2


class Delays(Protocol):
    """The delays that the engine needs; `chance` is between 0 and 1. `shared.sync.backoff` has them."""

    def probe_delay_s(self, misses: int, chance: float) -> float:
        """Seconds until the next probe after so many misses in a row, counted from 1."""
        ...

    def after_outage_s(self, chance: float) -> float:
        """Seconds to wait before the first send after an outage."""
        ...


class Link:
    """Whether the server can be talked to. Moments are monotonic seconds, handed in."""

    def __init__(self, now_s: float, delays: Delays) -> None:
        """Starts looking for the server: not up, and not called offline before `OFFLINE_AFTER_S`."""
        self.is_up = False
        self.cause: Cause | None = None
        self.last_good_s: float | None = None
        self.next_beat_s = now_s
        self._delays = delays
        self._lost_s = now_s
        self._sent_s = now_s
        self._beating = 0
        self._at_once = False
        self._outage = False
        self._misses = 0
        self._streak = 0
        self._slow = False
        self._round_trips: deque[float] = deque(maxlen=ROUND_TRIPS)

    def state(self, now_s: float) -> LinkState:
        """What the beats say of the link."""
        if self.is_up:
            return LinkState.SLOW if self._slow else LinkState.CONNECTED
        return LinkState.OFFLINE if now_s >= self._lost_s + OFFLINE_AFTER_S else LinkState.RECONNECTING

    def tick(self, now_s: float) -> None:
        """Notice that good beats stayed away."""
        if self.is_up and self.last_good_s is not None and now_s >= self.last_good_s + DOWN_AFTER_S:
            self.is_up = False
            self.cause = self.cause or Cause.NO_SERVER
            self._lost_s = self.last_good_s
            self._outage = True
            self._misses = self._streak = 0
            self._slow = False
            self._round_trips.clear()

    def beat_due(self, now_s: float) -> bool:
        """Whether a beat has to go now."""
        return now_s >= self.next_beat_s and self._beating < (BEATS_AT_ONCE if self._at_once else 1)

    def sent(self, now_s: float) -> None:
        """A beat goes."""
        self._beating += 1
        self._at_once = False
        self._sent_s = now_s
        self.next_beat_s = now_s + BEAT_EVERY_S

    def passed(self, now_s: float, *, round_trip_s: float) -> bool:
        """A beat came back good. True if this brought the link up after an outage."""
        self._beating -= 1
        self.last_good_s = now_s
        self._streak += 1
        self._judge_speed(round_trip_s)
        if self.is_up:
            self.cause = None
            return False
        if self._outage and self._streak < BEATS_TO_COME_BACK:
            self.next_beat_s = now_s + CONFIRM_AFTER_S
            return False
        self.is_up = True
        self.cause = None
        self.next_beat_s = max(now_s, self._sent_s + BEAT_EVERY_S)
        return self._outage

    def missed(self, now_s: float, *, sent_s: float, cause: Cause, chance: float) -> None:
        """A beat was not answered, or not by a server that proves to be ours and well.

        One that was sent before another came back good (it hung in a network that is gone) says nothing any more.
        """
        self._beating -= 1
        if self.last_good_s is not None and sent_s < self.last_good_s:
            return
        self._streak = 0
        self._outage = True
        self.cause = cause
        if self.is_up:
            self.next_beat_s = max(now_s, self._sent_s + BEAT_EVERY_S)
        else:
            self._misses += 1
            self.next_beat_s = now_s + self._delays.probe_delay_s(self._misses, chance)

    def probe_at_once(self, now_s: float) -> None:
        """The machine's network changed, or a person said *Try now*: the next beat goes now, and delays start anew."""
        self.next_beat_s = now_s
        self._at_once = True
        self._misses = 0

    def wake_s(self, now_s: float) -> float:
        """The next moment at which time alone changes something here."""
        wake_s = self.next_beat_s if self._beating < (BEATS_AT_ONCE if self._at_once else 1) else math.inf
        if self.is_up and self.last_good_s is not None:
            return min(wake_s, self.last_good_s + DOWN_AFTER_S)
        offline_s = self._lost_s + OFFLINE_AFTER_S
        return min(wake_s, offline_s) if offline_s > now_s else wake_s

    def _judge_speed(self, round_trip_s: float) -> None:
        """Slow or not, with a gap between the two limits so that the word does not flicker."""
        self._round_trips.append(round_trip_s)
        if len(self._round_trips) == ROUND_TRIPS:
            usual_s = median_low(self._round_trips)
            self._slow = usual_s >= (SLOW_UNTIL_S if self._slow else SLOW_FROM_S)
