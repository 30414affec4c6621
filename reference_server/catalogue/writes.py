"""The catalogue's endpoints that change it while the house is open; they need no key, since each may come twice."""

from __future__ import annotations

from typing import Final

from reference_server.asked import read
from reference_server.catalogue import availability, floor, presence, take_over
from reference_server.deps import Deps
from reference_server.exchange import Response
from reference_server.people.roles import EVERYBODY, LEADERS
from reference_server.rows import Asked, Row
from reference_server.storage.seam import Connection
from shared.domain.menu import Floor
from shared.wire.catalogue import (
    AvailabilityAnswer,
    AvailabilityRequest,
    FloorRequest,
    PresenceAnswer,
    PresenceRequest,
    TakeOverAnswer,
    TakeOverRequest,
)


def _availability(tx: Connection, deps: Deps, asked: Asked) -> Response:
    wanted = read(AvailabilityRequest, asked.request.body)
    return availability.set_availability(tx, deps, item_id=asked.params["item"], asked=wanted)


def _take_over(tx: Connection, deps: Deps, asked: Asked) -> Response:
    wanted = read(TakeOverRequest, asked.request.body)
    return take_over.take_over(tx, deps, station_id=asked.params["station"], asked=wanted)


def _floor(tx: Connection, deps: Deps, asked: Asked) -> Response:
    return floor.put_floor(tx, deps, read(FloorRequest, asked.request.body))


def _presence(tx: Connection, deps: Deps, asked: Asked) -> Response:
    assert asked.device is not None, "who looks at a table is told by a device"
    wanted = read(PresenceRequest, asked.request.body)
    return presence.look(tx, deps, device=asked.device, table_id=asked.params["table"], asked=wanted)


ROWS: Final = (
    Row("PUT", "/floor", "Change rooms and tables", "catalogue", Floor, read=_floor, asks=FloorRequest, roles=LEADERS),
    Row(
        *("POST", "/tables/{table}/presence", "Say that somebody looks at a table", "catalogue", PresenceAnswer),
        read=_presence,
        asks=PresenceRequest,
        roles=EVERYBODY,
    ),
    Row(
        *("POST", "/kds/stations/{station}/take-over", "Show a station's tickets on another's boards", "catalogue"),
        TakeOverAnswer,
        read=_take_over,
        asks=TakeOverRequest,
        roles=EVERYBODY,
    ),
    Row(
        *("PUT", "/menu/items/{item}/availability", "Say what is left of a dish", "catalogue", AvailabilityAnswer),
        read=_availability,
        asks=AvailabilityRequest,
        roles=EVERYBODY,
    ),
)
