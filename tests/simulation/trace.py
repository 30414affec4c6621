"""What happened in a world, each send, answer and commit, as one figure: two plays of one seed have the same."""

import hashlib

from tests.simulation.virtual_time import VirtualLoop

#: So many events are written down at once.
AT_ONCE = 1_000


class Trace:
    """A hash over all events in their order, each with its moment. Nobody changes an event after it was noted."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._hash = hashlib.blake2b(digest_size=16)
        self._events: list[tuple[object, ...]] = []

    def note(self, *event: object) -> None:
        """One more event."""
        self._events.append((self._loop.time(), event))
        if len(self._events) == AT_ONCE:
            self._write_down()

    @property
    def figure(self) -> str:
        """All events until now."""
        self._write_down()
        return self._hash.hexdigest()

    def _write_down(self) -> None:
        self._hash.update(repr(self._events).encode())
        self._events.clear()
