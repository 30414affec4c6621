"""The catalogue's endpoints that change it while the house is open; they need no key, since each may come twice."""

from __future__ import annotations

from typing import Final

from reference_server.asked import read
from reference_server.catalogue import availability, take_over
from reference_server.deps import Deps
from reference_server.exchange import Response
from reference_server.people.roles import EVERYBODY
from reference_server.rows import Asked, Row
from reference_server.storage.seam import Connection
from shared.wire.catalogue import AvailabilityAnswer, AvailabilityRequest, TakeOverAnswer, TakeOverRequest


def _availability(tx: Connection, deps: Deps, asked: Asked) -> Response:
    wanted = read(AvailabilityRequest, asked.request.body)
    return availability.set_availability(tx, deps, item_id=asked.params["item"], asked=wanted)


def _take_over(tx: Connection, deps: Deps, asked: Asked) -> Response:
    wanted = read(TakeOverRequest, asked.request.body)
    return take_over.take_over(tx, deps, station_id=asked.params["station"], asked=wanted)


ROWS: Final = (
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
