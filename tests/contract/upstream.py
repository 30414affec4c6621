"""A server for tests of the line: it notes what reached it, and answers in every form that HTTP/1.1 has for a body."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]
PATIENCE_S = 30.0


class Upstream:
    """`/slow` waits for `go_on`, `/events` streams `events`, `/chunks` has no length and `/none` no body."""

    def __init__(self) -> None:
        self.port = 0
        self.reached: list[tuple[str, str, bytes]] = []
        self.arrived = asyncio.Condition()
        self.go_on = asyncio.Event()
        self.events: asyncio.Queue[bytes] = asyncio.Queue()
        self.stream_ended = asyncio.Event()
        self.clients: set[tuple[str, int]] = set()

    async def wait_for(self, count: int) -> None:
        """Wait until so many requests have reached the server in all."""
        async with self.arrived, asyncio.timeout(PATIENCE_S):
            await self.arrived.wait_for(lambda: len(self.reached) >= count)

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """ASGI."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.clients.add(tuple(scope["client"]))
        async with self.arrived:
            self.reached.append((scope["method"], scope["path"], body))
            self.arrived.notify_all()
        match scope["path"]:
            case "/slow":
                await self.go_on.wait()
                await answer(send, b"late")
            case "/events":
                await self._stream(receive, send)
            case "/chunks":
                await send({"type": "http.response.start", "status": 200, "headers": []})
                for part in (b"a" * 70_000, b"bb", body):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            case "/none":
                await send({"type": "http.response.start", "status": 204, "headers": []})
                await send({"type": "http.response.body", "body": b""})
            case "/refused":
                await answer(send, b"no", status=422)
            case _:
                await answer(send, scope["method"].encode() + b" " + body)

    async def _stream(
        self, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        leaving = asyncio.ensure_future(receive())
        while not leaving.done():
            event = asyncio.create_task(self.events.get())
            await asyncio.wait({event, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if event.done():
                await send({"type": "http.response.body", "body": event.result(), "more_body": True})
            event.cancel()
        self.stream_ended.set()


async def answer(send: Callable[[Message], Awaitable[None]], body: bytes, *, status: int = 200) -> None:
    """A whole answer with its length."""
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Noticed(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def running(upstream: Upstream, *, port: int = 0) -> AsyncIterator[None]:
    """Serve on loopback for the block, with a real server; what still hangs at its end is cut off."""
    bound = socket.socket(proto=socket.IPPROTO_TCP)  # asyncio turns Nagle off only where TCP is named
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    upstream.port = bound.getsockname()[1]
    config = uvicorn.Config(upstream, lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=0)
    server = Noticed(config)
    serving = asyncio.create_task(server._serve(sockets=[bound]))
    await asyncio.wait_for(server.listening.wait(), PATIENCE_S)
    try:
        yield
    finally:
        upstream.go_on.set()
        server.should_exit = True
        await asyncio.wait_for(serving, PATIENCE_S)
        bound.close()
