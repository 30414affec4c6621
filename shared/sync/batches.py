"""Pure: whether operations go together in one request now, and how many at most. Moments are monotonic seconds."""

from collections.abc import Collection
from typing import Final

from shared.wire.batch import MAX_OPERATIONS

CAPABILITY: Final = "batch"
#: After a request of several that got no answer all go one by one for so long: one of them may be why.
ALONE_S: Final = 15.0


class Batches:
    """Several go together only where the server announces it, and not soon after that went wrong."""

    def __init__(self) -> None:
        self._announced = False
        self._most = MAX_OPERATIONS
        self._alone_until_s = 0.0

    def heard(self, capabilities: Collection[str]) -> None:
        """What the server said of itself at the last heartbeat."""
        self._announced = CAPABILITY in capabilities

    def most(self, now_s: float) -> int:
        """How many may go in one request now; 0 when each goes alone."""
        return self._most if self._announced and self._most > 1 and now_s >= self._alone_until_s else 0

    def failed(self, now_s: float, *, too_many: int = 0) -> None:
        """A request of several brought nothing; `too_many` were more than the server, or somebody before it, reads."""
        if too_many:
            self._most = min(self._most, max(1, too_many // 2))
        else:
            self._alone_until_s = now_s + ALONE_S
