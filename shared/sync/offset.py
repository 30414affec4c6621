"""Pure: how far the server's clock is ahead of ours, from the times in its heartbeats."""

from collections import deque
from statistics import median_low
from typing import Final

#: A time that travelled longer says too little about now.
LONGEST_ROUND_TRIP_S: Final = 1.0
#: The median of so many: a clock that really stepped is believed after three heartbeats, one odd answer of five never.
SAMPLES: Final = 5
#: A difference below this is the noise of the line; following it would only write to the disk.
WORTH_KEEPING_MS: Final = 100


class ClockOffset:
    """The offset in milliseconds to add to this device's wall clock; starts with the one last stored."""

    def __init__(self, stored_ms: int = 0) -> None:
        self.ms = stored_ms
        self._samples: deque[int] = deque(maxlen=SAMPLES)

    def learn(self, *, server_ms: int, received_ms: int, round_trip_s: float) -> bool:
        """Take in one heartbeat: the server's time in it, our wall clock when it came. True if `ms` has changed.

        The server wrote its time about half a round trip before we read it.
        """
        if not 0 <= round_trip_s <= LONGEST_ROUND_TRIP_S:
            return False
        self._samples.append(server_ms - received_ms + round(round_trip_s * 500))
        found_ms = median_low(self._samples)
        if abs(found_ms - self.ms) < WORTH_KEEPING_MS:
            return False
        self.ms = found_ms
        return True
