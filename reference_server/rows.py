"""One row of the table of routes: an area makes its own, and `reference_server.routes` puts them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reference_server.deps import Deps
from reference_server.exchange import Request, Response
from reference_server.people.roles import EVERYBODY, OPEN, Roles
from reference_server.storage.devices import Device
from reference_server.storage.seam import Connection
from shared.domain.model import Model
from shared.wire.events import EVENT_STREAM
from shared.wire.protocol import BATCH, ENROL, SYNC
from shared.wire.requests import SHAPES, Kind

LIVE: Final = "/health/live"
"""Is never counted: whoever watches the process must not be told to go away."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A read that passed the door. `device` is None on the few endpoints that are open to all."""

    request: Request
    params: Mapping[str, str]
    query: Mapping[str, str]
    device: Device | None


Read = Callable[[Connection, Deps, Asked], Response]


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint: either a write of a kind, or a read, or the login, or the batch of writes."""

    method: str
    path: str
    summary: str
    area: str
    answer: type[Model] | None
    """None for an answer that is plain text."""
    kind: Kind | None = None
    read: Read | None = None
    query: tuple[str, ...] = ()
    asks: type[Model] | None = None
    """What stands in the body of a POST that is no operation: it needs a transaction that writes, and no key."""
    media: str = "application/json"
    roles: Roles | None = field(kw_only=True)
    """Who may; `roles.OPEN` for strangers too. There is no default: whoever adds an endpoint says who may."""

    @property
    def is_open(self) -> bool:
        """Whether nobody is asked who they are."""
        return self.roles is OPEN

    @property
    def allowed(self) -> Roles:
        """The roles that may. A read of `roles.EVERYBODY` is every enrolled device's, whoever stands at it."""
        return self.roles or frozenset()

    @property
    def asks_who(self) -> bool:
        """Whether a read is not everybody's, so that a device without a role has to name a person in a header."""
        return self.kind is None and self.asks is None and not self.is_open and self.allowed != EVERYBODY

    @property
    def is_login(self) -> bool:
        """Whether this is the login, which works in three steps."""
        return self.kind is None and self.read is None and not self.is_batch

    @property
    def is_guarded(self) -> bool:
        """Whether somebody could guess by it: a login or an enrolment."""
        return self.is_login or self.path == ENROL

    @property
    def is_heavy(self) -> bool:
        """Whether it may cost much: whole pages of operations, a stream, a report."""
        return self.is_sync or self.is_stream or self.area == "reports" or self.path == "/health/detailed"

    @property
    def is_batch(self) -> bool:
        """Whether this is a batch of writes."""
        return self.path == BATCH

    @property
    def is_sync(self) -> bool:
        """Whether it is about what server and device have of each other: open to a device of another history."""
        return self.path.startswith(SYNC)

    @property
    def is_stream(self) -> bool:
        """Whether what it reads is only the opening, and the web goes on from there."""
        return self.media == EVENT_STREAM


def written(kind: Kind, summary: str, *, area: str, answer: type[Model], roles: Roles) -> Row:
    """The row of a write: method and path are those of its shape."""
    shape = SHAPES[kind]
    return Row(shape.method, shape.path, summary, area, answer, kind=kind, roles=roles)
