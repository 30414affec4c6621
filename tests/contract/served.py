"""The server's web application on a real socket of loopback, in the test's own loop: a stream needs a line."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx
import uvicorn
from httpx_sse import EventSource

from reference_server.app import build_app
from reference_server.certificate import Certificate
from reference_server.deps import Deps
from reference_server.ops.request_log import RequestLog
from reference_server.protection.lines import Lines
from reference_server.serving import _Announcing, refused
from reference_server.streams import Streams
from tests.contract.house import Row
from tests.contract.web import Site

PATIENCE_S = 10.0


@dataclass(frozen=True)
class Frame:
    """One event as a stranger reads it."""

    name: str
    id: str
    data: dict[str, object]


@asynccontextmanager
async def served(
    site: Site,
    *,
    port: int = 0,
    certificate: Certificate | None = None,
    lines: Lines | None = None,
    streams: Streams | None = None,
) -> AsyncIterator[str]:
    """Serve the site's file for the block, and end as on SIGTERM. Gives the address."""
    deps = Deps(clock=site.clock, ulids=Row("01ARYZ6S49"), version="9.9")
    streams = streams or Streams()
    log = RequestLog(site.log, level="info", clock=site.clock)
    lines = lines or Lines(refused=partial(refused, deps, log))
    app = build_app(deps, site.storage, log=log, streams=streams)
    config = uvicorn.Config(
        app,
        http=lines.protocol(),
        ws="none",
        log_level="critical",
        timeout_graceful_shutdown=5,
        ssl_certfile=None if certificate is None else certificate.path,
        ssl_keyfile=None if certificate is None else certificate.key_path,
    )
    listening = socket.create_server(("127.0.0.1", port))
    server = _Announcing(config, streams, lines)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"{'http' if certificate is None else 'https'}://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait_for(serving, PATIENCE_S)
        listening.close()


@asynccontextmanager
async def listening_to(
    site: Site, url: str, *, who: str = "till", cursor: str = ""
) -> AsyncIterator[AsyncIterator[Frame]]:
    """The frames of a stream, by a client that is not ours."""
    headers = {"Authorization": f"Bearer {site.tokens[who]}"}
    headers |= {"Last-Event-ID": cursor} if cursor else {}
    async with (
        httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client,
        client.stream("GET", "/events", headers=headers) as response,
    ):
        response.raise_for_status()

        async def frames() -> AsyncIterator[Frame]:
            async for event in EventSource(response).aiter_sse():
                yield Frame(event.event, event.id, json.loads(event.data))

        yield frames()


async def until(frames: AsyncIterator[Frame], name: str) -> list[Frame]:
    """All frames up to the first of this name."""
    found: list[Frame] = []
    async for frame in frames:
        found.append(frame)
        if frame.name == name:
            return found
    raise AssertionError(f"the stream ended before {name}: {found}")
