"""A server that does nothing but answer, in a process of its own: what a client costs is seen against it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from shared.clock import SystemClock
from shared.domain.order import Order
from shared.ids import OrderId
from shared.times import to_rfc3339
from shared.wire.answers import Health
from shared.wire.batch import CAPABILITY
from shared.wire.events import EVENT_STREAM, EVENTS_PATH
from shared.wire.protocol import BATCH, HEADER_OPERATION

TOKEN: Final = "t" * 32
#: Where it says which operations it answered, in their order.
LOG_PATH: Final = "/seen"
_NOBODY: Final = "01M80000000000000000000000"
_CURSOR: Final = f"1-{_NOBODY}"
_AT: Final = "2026-03-01T19:41:05.250Z"
_READY: Final = "ready on port "

Message = MutableMapping[str, Any]


@contextmanager
def answering(*, delay_s: float = 0.0, several: bool = False) -> Iterator[str]:
    """Its address. To every operation it says, after so long, that it has it, and shows the order.

    `several`: it says that it takes several operations in one request.
    """
    command = [sys.executable, "-m", "benchmarks.answering", str(delay_s), *[CAPABILITY][: int(several)]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().removeprefix(_READY).strip()}"
        process.kill()  # it holds nothing, and a stream that somebody left does not end by itself


class Answers:
    """The application: health, an order for each operation, also as an event, and nothing new otherwise."""

    def __init__(self, delay_s: float, capabilities: tuple[str, ...] = ()) -> None:
        self._delay_s = delay_s
        self._capabilities = capabilities
        self._seen: list[tuple[str, str]] = []
        self._streams: list[asyncio.Queue[bytes]] = []
        order = Order(id=OrderId(_NOBODY), number="C-1", version=1, opened_at=_AT)
        self._order = order.to_json()

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """One request."""
        content = b""
        more = True
        while more:
            message = await receive()
            content += message.get("body", b"")
            more = message.get("more_body", False)
        if scope["path"] == EVENTS_PATH:
            await self._stream(send)
            return
        status, body, headers = 200, b"", [(b"content-type", b"application/json")]
        if scope["method"] != "GET":
            operation_id = dict(scope["headers"]).get(HEADER_OPERATION.lower().encode(), b"")
            if scope["path"] == BATCH:
                body = self._several(content)
            else:
                body = self._order_of(scope["path"], content, operation_id.decode())
            headers.append((HEADER_OPERATION.encode(), operation_id))
            if self._delay_s:
                await asyncio.sleep(self._delay_s)
        else:
            status, body = self._said(scope["path"])
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _stream(self, send: Callable[[Message], Awaitable[None]]) -> None:
        """An event at once, and one for each operation, until the other side leaves."""
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._streams.append(heard)
        heard.put_nowait(b"event: begun\ndata: {}\n\n")
        headers = [(b"content-type", EVENT_STREAM.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while True:
            await send({"type": "http.response.body", "body": await heard.get(), "more_body": True})

    def _order_of(self, path: str, content: bytes, operation_id: str) -> bytes:
        parts = path.split("/")
        order_id = parts[3] if len(parts) > 3 else json.loads(content)["id"]
        self._seen.append((order_id, operation_id))
        order = self._order.replace(_NOBODY.encode(), order_id.encode())
        for heard in self._streams:
            heard.put_nowait(b"event: order\ndata: " + order + b"\n\n")
        return order

    def _several(self, content: bytes) -> bytes:
        """An answer for each, as it would be alone."""
        answers = []
        for one in json.loads(content)["operations"]:
            body = self._order_of(one["path"], one["body"].encode(), one["operationId"])
            headers = {HEADER_OPERATION: one["operationId"]}
            answers.append({"status": 200, "headers": headers, "body": body.decode()})
        return json.dumps({"answers": answers}).encode()

    def _said(self, path: str) -> tuple[int, bytes]:
        match path:
            case "/health" | "/health/ready":
                now = to_rfc3339(SystemClock().now_ms())
                return 200, Health(
                    status="ok", version="0", server_time=now, head=_CURSOR, capabilities=self._capabilities
                ).to_json()
            case "/pos/orders":
                return 200, json.dumps({"orders": [], "cursor": _CURSOR, "hasMore": False}).encode()
            case _ if path == LOG_PATH:
                seen, self._seen = self._seen, []
                return 200, json.dumps(seen).encode()
            case _:
                return 304, b""


class _Announcing(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        """Says where it listens."""
        await super().startup(sockets=sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        sys.stdout.write(f"{_READY}{port}\n")
        sys.stdout.flush()


def main() -> None:
    """Serve until it is ended."""
    config = uvicorn.Config(
        Answers(float(sys.argv[1]), tuple(sys.argv[2:])),
        port=0,
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="critical",
    )
    _Announcing(config).run()


if __name__ == "__main__":
    main()
