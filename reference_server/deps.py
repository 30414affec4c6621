"""What every area is handed: clock, names, limits, two caches, the watch; built once by main and passed on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from reference_server.counting import Counts
from reference_server.figures.watch import Watch
from reference_server.gateway import Gateway
from reference_server.storage.catalogue import Catalogue
from reference_server.storage.operations import Operations
from reference_server.storage.pages import PageSize
from shared.clock import Clock
from shared.ulids import Ulids
from shared.wire import batch, payments
from shared.wire.events import PUSH

#: What this server announces on /health: pulling by cursor, our ids echoed on every answer to a write, which operations
#: it knows, giving it back what a restore lost, and the stream of changes.
CAPABILITIES: Final = ("cursor", "echo", "known", "heal", "agree", PUSH, batch.CAPABILITY)

_MINUTE_MS: Final = 60 * 1000
_HOUR_MS: Final = 60 * _MINUTE_MS
_DAY_MS: Final = 24 * _HOUR_MS


@dataclass(frozen=True, slots=True)
class Patience:
    """How many wrong PINs are borne, and how long who guesses waits."""

    wrong_pins: int = 5
    first_ms: int = 5 * _MINUTE_MS
    again_ms: int = 15 * _MINUTE_MS
    forgotten_ms: int = _DAY_MS
    """A day without a wrong PIN, and it begins anew."""
    used_ms: int = 7 * _DAY_MS
    """A device is a person's own for so long after the last right PIN on it."""
    wrong_elsewhere: int = 10
    most_ms: int = _HOUR_MS
    """On devices that are not the person's own the pause doubles with each wrong PIN, up to this."""


@dataclass(frozen=True, slots=True)
class Rates:
    """So many requests: a device's by its token, all others' by their address. `device_per_min` None: no limit."""

    device_per_min: int | None = 6_000
    """A batch counts as one request: a full queue of 100,000 operations is 2,000 of them, and never meets this."""
    stranger_per_15_min: int = 100
    api_per_min: int = 60
    heavy_per_min: int = 20
    logins_per_min: int = 10
    failed_logins_per_15_min: int = 5
    health_per_min: int = 600
    """A till that is not known any more still asks every second how the server is, and ten may share an address."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things are kept, and how much goes on one page.

    The answer's day is the contract's.
    """

    answer_kept_ms: int = _DAY_MS
    patience: Patience = field(default_factory=Patience)
    rates: Rates = field(default_factory=Rates)
    healing_step: int = 50
    """So many lost operations are done again in one transaction."""
    page: PageSize = field(default_factory=PageSize)


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything an area needs beside its connection and its request."""

    clock: Clock
    ulids: Ulids
    version: str = "0"
    capabilities: tuple[str, ...] = CAPABILITIES
    limits: Limits = field(default_factory=Limits)
    catalogue: Catalogue = field(default_factory=Catalogue)
    operations: Operations = field(default_factory=Operations)
    watch: Watch = field(default_factory=Watch)
    gateway: Gateway | None = None
    """Who charges cards and mobile money; without one only cash is taken here."""
    counts: Counts | None = None
    """Where several server processes count their callers together; without it each does by itself."""


def with_gateway(deps: Deps, gateway: Gateway) -> Deps:
    """The same with somebody who charges cards, which clients are told."""
    return replace(deps, gateway=gateway, capabilities=(*deps.capabilities, payments.CAPABILITY))
