"""Pure: whether operations go together in one request now, and how many at most. Moments are monotonic seconds."""

from collections.abc import Collection
from enum import Enum
from typing import Final

from shared.wire.batch import CAPABILITY, FEWEST, MAX_OPERATIONS

#: What was too large is tried again after so many full requests that went well, after twice as many each time ...
GROW_AFTER: Final = 4
#: ... and at last once in so many: a limit that stays costs one request in 512.
GROW_AFTER_MOST: Final = 512
#: After a request of several that got no answer all go one by one for so long: what it was about may be why.
ALONE_S: Final = 15.0


class Came(Enum):
    """What came of a request of several as a whole. None of it says anything of any operation."""

    ANSWERED = "answered"
    """It came back, with answers."""
    HELD = "held"
    """The server takes nothing of ours for now, whatever it is: it said so."""
    TOO_LARGE = "too large"
    """It is more than the server, or somebody before it, reads."""
    SILENT = "silent"
    """No answer of our server's."""


class Batches:
    """Several go together only where the server announces it, one request of several at a time.

    What got no answer was perhaps too much for a thin line: half as many go in the next one, and twice as many again
    after one that came back. What was too large is a limit of this server, or of somebody before it: half as many go
    from then on, and more are tried seldom.
    """

    def __init__(self) -> None:
        self._announced = False
        self._is_out = False
        self._server = ""
        self._most = self._limit = MAX_OPERATIONS
        self._alone_until_s = 0.0
        self._well = 0
        self._tried = False
        self._patience = GROW_AFTER

    def heard(self, capabilities: Collection[str], *, server: str = "") -> None:
        """What the server said of itself at the last heartbeat; `server` is its history's name, if it tells one.

        What another one could not read says nothing of this one.
        """
        self._announced = CAPABILITY in capabilities
        if server and server != self._server:
            self._server = server
            self._limit, self._well, self._tried, self._patience = MAX_OPERATIONS, 0, False, GROW_AFTER

    def most(self, now_s: float) -> int:
        """How many may go in one request now; 0 when each goes alone."""
        may = self._announced and not self._is_out and self._limit >= FEWEST and now_s >= self._alone_until_s
        return min(self._most, self._limit) if may else 0

    def sent(self, count: int) -> None:
        """So many are on their way in one request."""
        self._is_out = self._is_out or count >= FEWEST

    def back(self, now_s: float, *, count: int, came: Came) -> None:
        """A request is back that held so many."""
        if came is Came.ANSWERED and count >= self._limit:
            self._went_well()
        if count < FEWEST:
            return
        self._is_out = False
        match came:
            case Came.ANSWERED:
                self._most = min(2 * self._most, MAX_OPERATIONS)
            case Came.TOO_LARGE:
                self._limit = max(min(self._limit, count // 2), 1)
                if self._tried:
                    self._patience = min(2 * self._patience, GROW_AFTER_MOST)
                self._well, self._tried = 0, False
            case Came.SILENT:
                self._most = max(count // 2, FEWEST)
                self._alone_until_s = now_s + ALONE_S
            case Came.HELD:
                pass

    def came_up(self) -> None:
        """The link was down, and is up: what got no answer before that says nothing of a line that is well.

        A server that was begun anew perhaps reads more than before.
        """
        self._alone_until_s = 0.0
        self._patience = GROW_AFTER

    def _went_well(self) -> None:
        """A request was as full as may be, and was read. After enough of them twice as many are tried."""
        self._well += 1
        if self._well < self._patience:
            return
        self._well = 0
        self._tried = self._limit < MAX_OPERATIONS
        if self._tried:
            self._limit = min(2 * self._limit, MAX_OPERATIONS)
        else:
            self._patience = GROW_AFTER
