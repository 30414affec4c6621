"""What an area says of its writes: what they are about, what may be left out, and what they change.

`reference_server.writes` knows idempotency, revisions and answers, and nothing of orders, tickets or shifts: those are
in the areas, one `Area` each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic_core import to_json

from reference_server.deps import Deps
from reference_server.effect import Effect
from reference_server.filling import Fields, Filler
from reference_server.people.roles import Roles
from reference_server.storage.catalogue import Restaurant
from reference_server.storage.seam import Connection
from shared.domain.approvals import Judge
from shared.domain.commands import Operation
from shared.domain.lines import Author
from shared.domain.versioned import Versioned
from shared.ids import OperationId
from shared.wire.requests import Kind


class Write(NamedTuple):
    """A write that passed the door: its key, what it asks, and the ids that stand in its path."""

    kind: Kind
    key: str
    operation_id: OperationId
    """The ULID by which its changes are known."""
    path: str
    fingerprint: bytes
    body: Fields
    entity_id: str | None
    line_id: str | None
    request_id: str
    allowed: Roles
    """The roles of which one has to be that of the person who wants it."""


class Wish(NamedTuple):
    """A command that may be done, what it is about as that stands now, and who wants it."""

    command: Operation
    entity: Versioned | None
    author: Author
    restaurant: Restaurant
    now_ms: int
    judge: Judge | None = None
    """By what it is judged who has to approve it: of no use where it is done again."""
    told: Operation | None = None
    """The command as its device froze it, before moments ahead of ours became now; None where it is done again."""


def entity_alone(effect: Effect, bodies: Mapping[str, bytes]) -> bytes:
    """The answer of most areas: the entity as it is after the write, with what else is said of it."""
    body = bodies.get(effect.primary.id) or effect.primary.to_json()
    return body[:-1] + b"," + to_json(effect.said)[1:] if effect.said else body


def no_moments(_: Operation, __: str) -> dict[str, object]:
    """Most commands tell of no moment but their own."""
    return {}


def nothing_to_approve(_: Connection, __: Wish, ___: Effect) -> None:
    """In most areas the role alone says who may."""


@dataclass(frozen=True, slots=True)
class Area:
    """The writes of one area; what each function raises is said where it is called, in `reference_server.writes`."""

    kinds: frozenset[Kind]
    find: Callable[[Connection, Write], Versioned | None]
    """What the write is about; None for what is made by it. Raises CommandRejected where nothing is known of it."""
    load: Callable[[Connection, Operation], Versioned | None]
    """The same for a command that is done again after a restore: None where nothing is known of it."""
    body: Callable[[Connection, str], bytes | None]
    """The entity with this id as it travels."""
    fill: Callable[[Filler, Write, Versioned | None], Fields]
    """The fields of the command, with what its caller left out."""
    decide: Callable[[Connection, Deps, Wish], Effect]
    """What it changes. Only reads; raises CommandRejected, and then nothing will change."""
    approve: Callable[[Connection, Wish, Effect], None] = nothing_to_approve
    """Raises CommandRejected where that needs somebody's approval and has none; what is done again asks nobody."""
    answer: Callable[[Effect, Mapping[str, bytes]], bytes] = entity_alone
    """What is answered, from the JSON of what was written, by id."""
    moves_on: bool = False
    """Whether what was made moves on by itself: then a known key is answered how it stands now."""
    moments: Callable[[Operation, str], dict[str, object]] = no_moments
    """Its moments beside `at` that a device's fast clock put behind now, brought back to now, by field."""
