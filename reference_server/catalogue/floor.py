"""The floor as its editor writes it: whole, and only on the version that the editor was shown."""

from __future__ import annotations

from reference_server.catalogue import loading
from reference_server.catalogue.loading import BadRestaurant, RestaurantFile
from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.storage.seam import Connection
from shared.domain.menu import Floor
from shared.wire.answers import ConflictType
from shared.wire.catalogue import FloorRequest


def put_floor(tx: Connection, deps: Deps, asked: FloorRequest) -> Response:
    """`PUT /floor`. Raises the 409 when another editor was first, and the 422 for a floor that fits nowhere.

    The same floor again is there already, whatever version it was made from: a lost answer does no harm.
    """
    now = deps.catalogue.now(tx).floor
    if (now.rooms, now.tables) == (asked.rooms, asked.tables):
        return Response(200, now.to_json())
    if asked.base_version != now.version:
        message = "Somebody else changed the floor meanwhile. Load it again, then change it anew."
        raise Problem(409, message, conflict=ConflictType.STALE_WRITE)
    bare = Floor(version="", rooms=asked.rooms, tables=asked.tables)
    wanted = bare.model_copy(update={"version": loading.version_of(bare.to_json().decode())})
    try:
        found = loading.checked(RestaurantFile(floor=wanted))
    except BadRestaurant as error:
        errors = tuple(("tables", problem) for problem in error.problems)
        raise Problem(422, "This floor can't be as it is.", errors=errors) from error
    loading.store(tx, found, now_ms=deps.clock.now_ms())
    return Response(200, wanted.to_json())
