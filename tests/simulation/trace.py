"""What happened in a world, each send, answer and commit, as one figure: two plays of one seed have the same."""

import hashlib

from tests.simulation.virtual_time import VirtualLoop


class Trace:
    """A hash over all events in their order, each with its moment."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.events = 0
        self._loop = loop
        self._hash = hashlib.blake2b(digest_size=16)

    def note(self, *event: object) -> None:
        """One more event."""
        self.events += 1
        self._hash.update(f"{self._loop.time():.6f} {event!r}\n".encode())

    @property
    def figure(self) -> str:
        """All events until now."""
        return self._hash.hexdigest()
