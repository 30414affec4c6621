"""What every area is handed: clock, names, limits, two caches, the watch; built once by main and passed on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from reference_server.figures.watch import Watch
from reference_server.storage.catalogue import Catalogue
from reference_server.storage.operations import Operations
from reference_server.storage.pages import PageSize
from shared.clock import Clock
from shared.ulids import Ulids
from shared.wire import batch
from shared.wire.events import PUSH

#: What this server announces on /health: pulling by cursor, our ids echoed on every answer to a write, which operations
#: it knows, giving it back what a restore lost, and the stream of changes.
CAPABILITIES: Final = ("cursor", "echo", "known", "heal", "agree", PUSH, batch.CAPABILITY)

_DAY_MS: Final = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things are kept, and how much goes on one page.

    The answer's day is the contract's; after five wrong PINs a person waits five minutes on that device.
    """

    answer_kept_ms: int = _DAY_MS
    wrong_pins: int = 5
    locked_ms: int = 5 * 60 * 1000
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
