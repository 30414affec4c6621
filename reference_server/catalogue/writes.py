"""The catalogue's endpoints that change it while the house is open; they need no key, since each may come twice."""

from __future__ import annotations

from typing import Final

from reference_server.asked import read
from reference_server.catalogue import availability
from reference_server.deps import Deps
from reference_server.exchange import Response
from reference_server.people.roles import EVERYBODY
from reference_server.rows import Asked, Row
from reference_server.storage.seam import Connection
from shared.wire.catalogue import AvailabilityAnswer, AvailabilityRequest


def _availability(tx: Connection, deps: Deps, asked: Asked) -> Response:
    wanted = read(AvailabilityRequest, asked.request.body)
    return availability.set_availability(tx, deps, item_id=asked.params["item"], asked=wanted)


ROWS: Final = (
    Row(
        *("PUT", "/menu/items/{item}/availability", "Say what is left of a dish", "catalogue", AvailabilityAnswer),
        read=_availability,
        asks=AvailabilityRequest,
        roles=EVERYBODY,
    ),
)
