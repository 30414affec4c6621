"""Health: what this server is, how far its history goes, and whether it can work."""

from __future__ import annotations

from reference_server.deps import Deps
from reference_server.exchange import Response
from reference_server.storage import changes, histories
from reference_server.storage.seam import Connection
from shared.times import to_rfc3339
from shared.wire.answers import Health


def health(tx: Connection, deps: Deps) -> Response:
    """`GET /health` and `/health/ready`: the file can be read, and this is its newest change."""
    told = Health(
        status="ok",
        version=deps.version,
        server_time=to_rfc3339(deps.clock.now_ms()),
        head=changes.head_cursor(tx),
        capabilities=deps.capabilities,
        history=histories.name(tx),
    )
    return Response(200, told.to_json())


def live(deps: Deps) -> Response:
    """`GET /health/live`: the process answers. Touches no file, so that a slow disk is not taken for a dead server."""
    told = Health(status="ok", version=deps.version, server_time=to_rfc3339(deps.clock.now_ms()))
    return Response(200, told.to_json())
