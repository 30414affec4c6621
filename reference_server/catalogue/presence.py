"""Who looks at a table just now: a lease of 90 seconds, one row a device, so that it never grows."""

from __future__ import annotations

from typing import Final

from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.storage import presence
from reference_server.storage.devices import Device
from reference_server.storage.seam import Connection
from shared.times import to_rfc3339
from shared.wire.catalogue import PresenceAnswer, PresenceRequest, Present

LEASE_MS: Final = 90_000


def look(tx: Connection, deps: Deps, *, device: Device, table_id: str, asked: PresenceRequest) -> Response:
    """`POST /tables/{id}/presence`. A device is at one table: where it looks now. Raises the 404."""
    restaurant = deps.catalogue.now(tx)
    if all(table.id != table_id for table in restaurant.floor.tables):
        raise Problem(404, "There is no such table.")
    now_ms = deps.clock.now_ms()
    if asked.leaves:
        presence.leave(tx, device.id, table_id=table_id)
    else:
        presence.come(tx, device.id, table_id=table_id, actor_id=asked.actor_id or "", until_ms=now_ms + LEASE_MS)
    people = restaurant.people
    others = tuple(
        Present(
            device=device_id,
            actor_id=actor_id,
            name=people[actor_id].name if actor_id in people else "",
            until=to_rfc3339(until_ms),
        )
        for device_id, actor_id, until_ms in presence.at_table(tx, table_id, now_ms=now_ms)
        if device_id != device.id
    )
    return Response(200, PresenceAnswer(table_id=table_id, others=others).to_json())
