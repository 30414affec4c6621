"""A server of bare bytes on loopback: answers each request with what a test scripted, however wrong that is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


class RawServer:
    """`answering` is called for each whole request that came; `requests` keeps them as they stood on the line."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.requests: list[bytes] = []
        self.connections = 0
        self.hung_up = asyncio.Event()
        self.closed: asyncio.Queue[None] = asyncio.Queue()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                self.requests.append(head + await reader.readexactly(length))
                await self.answering(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()
            self.closed.put_nowait(None)


@asynccontextmanager
async def raw_server(answering: Answering) -> AsyncIterator[RawServer]:
    """Listening on loopback for the block."""
    served = RawServer(answering)
    listening = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()[:2]
    served.url = f"http://{host}:{port}"
    try:
        yield served
    finally:
        listening.close()


def response(status: int = 200, body: bytes = b"", *headers: str) -> bytes:
    """A whole response with its length."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def saying(*parts: bytes, hang: bool = False) -> Answering:
    """Write these bytes, then close the line, or keep it open for ever."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
        if not hang:
            writer.close()

    return answer


def keeping(data: bytes) -> Answering:
    """Write these bytes and keep the line for the next request."""
    return saying(data, hang=True)
