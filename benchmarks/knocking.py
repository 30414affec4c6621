"""Clients that cost next to nothing: bytes made before, sent one after the other on lines that stay open."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from shared.clock import SystemClock

PATIENCE_S: Final = 120.0
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length: "


@dataclass(frozen=True, slots=True)
class Answers:
    """What so many requests came to: how many a second, and how long each took (s), in no order."""

    rate: float
    took_s: Sequence[float]
    statuses: frozenset[int]


class _Client(asyncio.Protocol):
    """One line. It sends the next request when the whole answer to the last has come."""

    def __init__(self, requests: Iterator[bytes], took_s: list[float], statuses: set[int]) -> None:
        self._requests, self._took_s, self._statuses = requests, took_s, statuses
        self._clock = SystemClock()
        self._line: asyncio.Transport | None = None
        self._heard = b""
        self._asked_s = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._line = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Part of an answer, or all of it."""
        self._heard += data
        end = self._heard.find(_END)
        if end < 0:
            return
        head = self._heard[:end].lower() + b"\r\n"
        at = head.index(_LENGTH) + len(_LENGTH)
        if len(self._heard) < end + len(_END) + int(head[at : head.index(b"\r", at)]):
            return
        self._took_s.append(self._clock.monotonic_s() - self._asked_s)
        self._statuses.add(int(head[9:12]))
        self._heard = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server hung up in the middle."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))

    def _next(self) -> None:
        assert self._line is not None, "there is a line"
        request = next(self._requests, None)
        if request is None:
            if not self.done.done():
                self.done.set_result(None)
            self._line.close()
            return
        self._asked_s = self._clock.monotonic_s()
        self._line.write(request)


def answered(url: str, requests: Sequence[bytes], *, clients: int) -> Answers:
    """Send all, shared out among so many clients as they come."""
    return asyncio.run(_answered(url, requests, clients))


async def _answered(url: str, requests: Sequence[bytes], clients: int) -> Answers:
    where, loop, clock = urlsplit(url), asyncio.get_running_loop(), SystemClock()
    assert where.hostname is not None, "an address of a server"
    assert where.port is not None, "with its port"
    took_s: list[float] = []
    statuses: set[int] = set()
    waiting = iter(requests)
    began_s = clock.monotonic_s()
    made = [
        await loop.create_connection(lambda: _Client(waiting, took_s, statuses), where.hostname, where.port)
        for _ in range(clients)
    ]
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(client.done for _, client in made))
    return Answers(len(requests) / (clock.monotonic_s() - began_s), took_s, frozenset(statuses))


def post(path: str, body: bytes, *, token: str, key: str) -> bytes:
    """A whole request."""
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: bench",
        f"Authorization: Bearer {token}",
        f"Idempotency-Key: {key}",
        f"X-Operation-Id: {key}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(lines).encode() + _END + body


def get(path: str, *, token: str) -> bytes:
    """A request that changes nothing."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}".encode() + _END
