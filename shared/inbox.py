"""Where one thread waits for what others lay down: a lock for a bell, which wakes it sooner than a queue does."""

import threading
from collections import deque
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_FOR_EVER: Final = -1.0


class Inbox(Generic[T]):
    """What was laid down first is taken first.

    `put` is called by one thread at a time, which the caller's own lock sees to; `wait` and `take` by one thread only.
    """

    def __init__(self) -> None:
        """Empty, and silent."""
        self._things: deque[T] = deque()
        self._bell = threading.Lock()
        self._bell.acquire()

    def __len__(self) -> int:
        """How much lies there."""
        return len(self._things)

    def put(self, thing: T) -> None:
        """Lay it down, and then ring, so that whoever hears it finds it."""
        self._things.append(thing)
        self.ring()

    def ring(self) -> None:
        """Wake who waits. A bell that rings already says it as well."""
        if self._bell.locked():
            self._bell.release()

    def wait(self, timeout_s: float | None) -> bool:
        """Until something lies there, for ever with None; False when nothing came in time.

        A bell says only that it is worth a look: what it rang for may have been taken without it.
        """
        while not self._things:
            if timeout_s == 0:
                return False
            if not self._bell.acquire(timeout=_FOR_EVER if timeout_s is None else timeout_s):
                return False
        return True

    def take(self) -> T:
        """What was laid down first."""
        return self._things.popleft()
