"""The web application: FastAPI keeps its life and catches what breaks on a line, the shell answers the contract."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from functools import cache, partial
from typing import Any, Final

from fastapi import FastAPI
from pydantic_core import to_json
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request as WebRequest
from starlette.responses import Response as WebResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from reference_server import openapi
from reference_server.deps import Deps
from reference_server.exchange import broken
from reference_server.ops.cleanup import tidy
from reference_server.ops.request_log import RequestLog
from reference_server.payments.collecting import Collector
from reference_server.routes import ROWS
from reference_server.shell import Shell
from reference_server.storage.seam import Storage
from reference_server.streams import Streams

OPENAPI_PATH: Final = "/openapi.json"

Beside = Callable[[], Coroutine[Any, Any, None]]
"""Work of the running server that answers no request."""


class _Behind(FastAPI):
    """FastAPI for what the shell leaves to it; its layers, of no use to the rest, take their time of each answer."""

    front: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One exchange goes to the front, all else is its own."""
        if scope["type"] == "http":
            await self.front(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def build_app(
    deps: Deps,
    storage: Storage,
    *,
    log: RequestLog,
    streams: Streams | None = None,
    beside: Sequence[Beside] = (),
) -> FastAPI:
    """The application over an open storage, which stays the caller's to close; `streams` too, where they end early.

    `beside` are run for as long as it serves, and cancelled at its end.
    """
    streams = streams or Streams()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        work: list[Beside] = [partial(tidy, deps, storage, log), *beside]
        if deps.gateway is not None:
            work.append(Collector(deps, deps.gateway, storage, log=log, changed=streams.stir).run)
        deps.watch.begin(storage, streams, now_ms=deps.clock.now_ms(), now_s=deps.clock.monotonic_s())
        loop = asyncio.get_running_loop()
        hear_no_more = storage.hear(lambda: loop.call_soon_threadsafe(streams.stir))
        running = [asyncio.create_task(one()) for one in work]
        for one in running:
            one.add_done_callback(partial(_told, log))
        try:
            yield
        finally:
            hear_no_more()
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            if deps.counts is not None:
                await deps.counts.close()

    app = _Behind(
        title="Evertill", version=deps.version, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    app.openapi = partial(_described, deps.version)  # type: ignore[method-assign] # FastAPI's documented way to serve a document of one's own
    documents = {OPENAPI_PATH: _written(deps.version)}  # now: who asks for it must not keep the tills waiting
    shell = Shell(
        partial(FastAPI.__call__, app), deps=deps, storage=storage, log=log, documents=documents, streams=streams
    )
    app.front = ServerErrorMiddleware(shell, handler=_broken)
    return app


@cache
def _described(version: str) -> dict[str, Any]:
    return openapi.document(ROWS, version=version)


@cache
def _written(version: str) -> bytes:
    return to_json(_described(version))


def _told(log: RequestLog, ended: asyncio.Task[None]) -> None:
    """Work that a mistake of ours ended begins again with the next start: who looks after the server hears of it."""
    error = None if ended.cancelled() else ended.exception()
    if error is not None:
        log.fault("beside", error)


async def _broken(_: WebRequest, __: Exception) -> WebResponse:
    """The last resort: a fault of ours, told in the contract's shape without its details; uvicorn logs the rest."""
    told = broken().response("")
    return WebResponse(told.body, told.status, media_type="application/json")
