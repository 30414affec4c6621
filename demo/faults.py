"""What is wrong with one till's line just now, what shall be lost on it, and what was: the state of a `FaultProxy`."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

from demo.carried import done_by, operations_in
from demo.http_messages import Head

WRITES: Final = frozenset({"POST", "PATCH", "PUT"})
#: Requests whose answers were dropped last and not passed since; beyond so many nothing more is dropped.
NAMES_LIMIT: Final = 10_000


class Line(StrEnum):
    """How the line is."""

    UP = "up"
    """Everything passes, but for what is to be dropped or delayed."""
    RESET = "reset"
    """Gone, and known to be: open connections are reset, new ones refused."""
    SILENT = "silent"
    """Gone without a word: what is sent waits on the line, and arrives when it is restored, however late."""
    HANG = "hang"
    """The server accepts and never answers; what was asked meanwhile never reaches it."""
    GARBAGE = "garbage"
    """A captive portal: whatever is asked, the answer is a page of HTML with status 200."""


@dataclass(slots=True)
class Counts:
    """What passed and what was lost since the start; writes are POST, PATCH, PUT; one may hold several operations."""

    connections: int = 0
    requests: int = 0
    writes_answered: int = 0
    answers_dropped: int = 0
    dropped_after_2xx: int = 0
    operations_answered: int = 0
    operations_lost: int = 0
    """Of these, those that the server had done when the answer that said so was lost."""
    hung: int = 0
    garbage: int = 0
    broken: int = 0

    def as_dict(self) -> dict[str, int]:
        """For the control port and the night's report."""
        return asdict(self)


@dataclass(slots=True)
class Faults:
    """One line's faults. Chance comes from the seed alone, one number for each answered write."""

    chance: Random
    in_a_row_limit: int
    """No more answers in a row are dropped by chance for one request, so that a night ends."""
    line: Line = Line.UP
    delay_ms: int = 0
    drop_share: float = 0.0
    drop_next: int = 0
    counts: Counts = field(default_factory=Counts)
    _in_a_row: dict[str, int] = field(default_factory=dict)
    _flows: asyncio.Event = field(default_factory=asyncio.Event)

    def set_line(self, line: Line) -> None:
        """Change the line; whoever waits in `flowing` goes on if it flows again."""
        self.line = line
        if line in (Line.SILENT, Line.HANG):
            self._flows.clear()
        else:
            self._flows.set()

    async def flowing(self) -> None:
        """Wait while nothing passes."""
        await self._flows.wait()

    def lost(self, request: Head, answer: Head, body: bytes) -> None:
        """The answer was lost."""
        self.counts.answers_dropped += 1
        self.counts.dropped_after_2xx += 200 <= answer.status < 300
        self.counts.operations_lost += done_by(request, answer, body)

    def drops(self, request: Head, body: bytes) -> bool:
        """Whether the answer to `request` with this body shall be lost, now that the server has given it."""
        if request.method not in WRITES:
            return False
        operations = operations_in(request, body)
        self.counts.writes_answered += 1
        self.counts.operations_answered += len(operations)
        name = next(iter(operations), request.path)
        drawn = self.chance.random() < self.drop_share
        dropped_before = self._in_a_row.get(name, 0)
        if self.drop_next > 0:
            self.drop_next -= 1
        elif not drawn or dropped_before >= self.in_a_row_limit or len(self._in_a_row) >= NAMES_LIMIT:
            self._in_a_row.pop(name, None)
            return False
        self._in_a_row[name] = dropped_before + 1
        return True
