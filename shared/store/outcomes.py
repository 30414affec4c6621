"""Pure: what the sync engine takes from the outbox, and what it says became of it; the words between store and sync."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.domain.versioned import Versioned
from shared.wire.requests import Kind


class Status(StrEnum):
    """Where an operation of the outbox stands."""

    PENDING = "PENDING"
    REPLAYING = "REPLAYING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


SENT_WITHOUT: Final = "Sent again without what was taken out"
"""What is kept of an operation that went again without lines which a person took out before it."""


class FailReason(StrEnum):
    """Why an operation failed. The first four hold their lane until a person decides; the others let it go on."""

    INVALID = "INVALID"
    REFUSED = "REFUSED"
    EXHAUSTED = "EXHAUSTED"
    MISMATCH = "MISMATCH"
    CONFLICT = "CONFLICT"
    DISCARDED = "DISCARDED"

    @property
    def holds(self) -> bool:
        """Whether the operation stays in the fold and keeps its lane."""
        return self not in (FailReason.CONFLICT, FailReason.DISCARDED)


@dataclass(frozen=True, slots=True)
class Flight:
    """An operation that is on its way: all needed to send it and judge the answer. Times in ms since 1970."""

    seq: int
    id: str
    kind: Kind
    method: str
    path: str
    body: bytes
    lanes: tuple[str, ...]
    entity_id: str
    """The order or ticket that an acceptance has to name."""
    sends: int
    """How often it has been sent, this time included."""
    attempts: int
    """How many answers spoke against it so far."""
    created_at_ms: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has it. `entities` are the server's last words that came with the answer, to be stored with it."""

    status: int
    answer: bytes
    entities: tuple[Versioned, ...]
    cursor: str | None
    surplus_minor: int = 0


@dataclass(frozen=True, slots=True)
class Deferred:
    """It has to go again, not before the given moment (corrected ms since 1970).

    `counts` says that the answer is evidence against this operation. `status` is None when there was no answer.
    """

    not_before_ms: int
    counts: bool
    status: int | None
    error: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It will not go again by itself. `message` is fit for a person; `entities` are what the server said instead."""

    reason: FailReason
    status: int | None
    message: str
    answer: bytes
    entities: tuple[Versioned, ...] = ()


Outcome = Accepted | Deferred | Failed


@dataclass(frozen=True, slots=True)
class Taken:
    """What `outbox.take` gave: operations now REPLAYING, and when the next lane head that must still wait is due."""

    flights: tuple[Flight, ...]
    next_due_ms: int | None
    together: int = 0
    """So many of them, from the first, go in one request, in this order; the others alone."""

    @property
    def requests(self) -> tuple[tuple[Flight, ...], ...]:
        """What goes in one request each."""
        alone = tuple((flight,) for flight in self.flights[self.together :])
        return (self.flights[: self.together], *alone) if self.together else alone
