"""Pure: what came of one request to the server, as values, and what a transport has to offer."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from shared.store.outcomes import Flight
from shared.sync.actions import Cause


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody answered with a whole HTTP response; whether it is our server has still to be proven.

    Header names are in lower case.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No whole response came: no network, refused, broken off half way, or larger than any answer of ours."""

    cause: Cause
    detail: str


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nobody answered within the limit. The server may have done it all the same."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream, as it was sent; `id` is the last that the stream named."""

    name: str
    data: str
    id: str = ""


Exchange = Answered | Unreachable | TimedOut


class Transport(Protocol):
    """The way to the server. Every expected failure comes back as a value, never as an exception."""

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        """Send an operation under its own id; `seen` is the highest cursor that this file has stored."""
        ...

    async def beat(self) -> Exchange:
        """Ask for the server's health, with a short limit."""
        ...

    async def ready(self) -> Exchange:
        """Ask whether the server can work, with a short limit."""
        ...

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        """Ask for the orders that changed after the cursor, all open ones when there is none."""
        ...

    async def pull_tickets(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        """Ask for the tickets that changed after the cursor, all open ones when there is none."""
        ...

    def listen(self, cursor: str | None) -> AsyncGenerator[Event | Exchange, None]:
        """The events of the stream of changes behind the cursor; at last, or at once, why there are no more."""
        ...

    async def get_order(self, order_id: str) -> Exchange:
        """Ask for one order."""
        ...

    async def get_intent(self, payment_id: str) -> Exchange:
        """Ask how far a payment by card or mobile money is."""
        ...

    async def house_alerts(self, actor_id: str) -> Exchange:
        """Ask for the alerts that wait for a manager, in the name of this one."""
        ...

    async def catalogue(self, name: str, *, etag: str | None) -> Exchange:
        """Ask for one part of the catalogue (menu, floor, settings, staff) unless it still has this tag."""
        ...

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        """Ask what stands below `/sync/`: which operations it has (known), tell what it lost (heal), send several."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...
