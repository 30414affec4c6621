"""What only the running server knows of itself, for those who operate it: since when, who is there, what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Final, Protocol

from reference_server.exchange import Fact
from reference_server.figures.metrics import Metrics
from reference_server.storage.seam import Room

#: A device counts as connected for so long after it asked for anything; tills and kitchens ask every second.
CONNECTED_S: Final = 30.0
#: Names of devices that are kept; more than these no house has.
MOST_DEVICES: Final = 10_000


class Streams(Protocol):
    """The open streams of changes."""

    def count(self) -> int:
        """How many there are."""


class Watch:
    """One for each running server. Nothing is lost with it: all of it is true of this process only."""

    def __init__(self) -> None:
        self.started_ms: int | None = None
        self.started_s = 0.0
        self.cleaned_ms: int | None = None
        self.expects_backups = False
        self.backed_up_ms: int | None = None
        self.backup_trouble = ""
        self.room: Room | None = None
        self.streams: Streams | None = None
        self._healing = "NONE"
        self._asked_s: dict[str, float] = {}

    @cached_property
    def metrics(self) -> Metrics:
        """Made when the first figure comes: a server in a simulation counts nothing."""
        return Metrics()

    def begin(self, room: Room, streams: Streams, *, now_ms: int, now_s: float) -> None:
        """The server runs from now on, over this storage and with these streams."""
        self.room, self.streams = room, streams
        self.started_ms, self.started_s = now_ms, now_s
        metrics = self.metrics
        metrics.gauge("db_writes_waiting", "Writes that wait for the disk", room.waiting)
        metrics.gauge("db_pool_saturation", "How full the queue or pool of the database is, 0 to 1", room.saturation)
        metrics.gauge("db_size_bytes", "What the files of the database take", lambda: room.size_bytes() or 0)
        metrics.gauge("disk_free_bytes", "What is free where they lie", lambda: room.free_bytes() or 0)
        metrics.gauge("streams_open", "Open streams of changes", streams.count)

    def asked(self, device_id: str, now_s: float) -> None:
        """A device asked for something."""
        if device_id in self._asked_s or len(self._asked_s) < MOST_DEVICES:
            self._asked_s[device_id] = now_s

    def notice(self, facts: Iterable[Fact], say: Callable[..., None]) -> None:
        """Tell the log when a healing has come further."""
        for fact in facts:
            if fact.name == "healing" and fact.type != self._healing:
                self._healing = fact.type
                say("healing", phase=fact.type)

    def connected(self, now_s: float) -> tuple[str, ...]:
        """The ids of the devices that asked for something just now."""
        return tuple(sorted(one for one, asked_s in self._asked_s.items() if now_s - asked_s <= CONNECTED_S))
