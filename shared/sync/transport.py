"""The only module that speaks HTTP to the server; an expected failure comes back as a value, and none is retried."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from httpx_sse import EventSource

from shared.store.outcomes import Flight
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, Event, Exchange, TimedOut, Unreachable
from shared.sync.unreachable import why
from shared.wire.alerts import ALERTS
from shared.wire.events import EVENT_STREAM, EVENTS_PATH, HEADER_LAST_ID
from shared.wire.payments import INTENTS
from shared.wire.protocol import (
    ENROL,
    HEADER_ACTOR,
    HEADER_KEY,
    HEADER_OPERATION,
    HEADER_PROTOCOL,
    HEADER_SEEN,
    PROTOCOL_VERSION,
    SYNC,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much is waited for; an operation's answer includes its connecting."""

    connect_s: float = 2.0
    answer_s: float = 10.0
    beat_s: float = 2.0
    answer_bytes: int = 8 * 1024 * 1024
    """More than any answer to one operation: an order of 300 lines with all its choices is about 3 MiB."""
    page_bytes: int = 32 * 1024 * 1024
    """More than a page of 500 orders, or any menu."""
    beat_bytes: int = 64 * 1024


#: Five operations, two beats, a pull, a part of the catalogue, the stream of changes, one to spare.
_CONNECTIONS: Final = 11
#: Servers often close a quiet connection after 5 s; one that is thrown away sooner never breaks under a request.
_KEEP_QUIET_S: Final = 4.0
#: For zlib: gzip's head, and no other.
_GZIP: Final = 16 + zlib.MAX_WBITS
_JSON: Final = {"Content-Type": "application/json"}


class HttpTransport:
    """Kept connections to one server, as `shared.sync.exchange.Transport` describes.

    It stands on httpx's transport and not on its client: what a client adds (redirects, cookies, logins, proxies from
    the environment) is what nobody may do with an operation, and costs a third of a request. No more of an answer is
    read than the limits above. Use it within one event loop.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        certificate: str = "",
        inner: httpx.AsyncBaseTransport | None = None,
        limits: Limits | None = None,
    ) -> None:
        """`base_url` is where the contract's paths begin, `token` the device's, empty before it has one.

        `certificate` is the one, as PEM, that the server has to show; empty for any that the machine trusts.
        `inner` carries the requests instead of the network: an application in the same process, in tests. `limits` are
        the contract's; tests have less patience.
        """
        self._limits = limits or Limits()
        self._carrier = inner or httpx.AsyncHTTPTransport(
            verify=_trust(base_url, certificate),
            trust_env=False,
            limits=httpx.Limits(
                max_connections=_CONNECTIONS,
                max_keepalive_connections=_CONNECTIONS,
                keepalive_expiry=_KEEP_QUIET_S,
            ),
        )
        self._patience = httpx.Timeout(self._limits.answer_s, connect=self._limits.connect_s).as_dict()
        self._endless = httpx.Timeout(None, connect=self._limits.connect_s).as_dict()
        self._base_url = base_url.rstrip("/")
        self._headers = {
            **({"Authorization": f"Bearer {token}"} if token else {}),
            HEADER_PROTOCOL: PROTOCOL_VERSION,
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Connection": "keep-alive",
            "User-Agent": "evertill",
        }

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        """Send an operation's frozen bytes under its own id, which is the same at every retry."""
        headers = {HEADER_KEY: flight.id, HEADER_OPERATION: flight.id, **_JSON, **_seen(seen)}
        return await self._exchange(flight.method, flight.path, headers=headers, content=flight.body)

    async def beat(self) -> Exchange:
        """Ask for the server's health, at most 2 s long."""
        return await self._exchange("GET", "/health", limit_s=self._limits.beat_s, max_bytes=self._limits.beat_bytes)

    async def ready(self) -> Exchange:
        """Ask whether the server can work, at most 2 s long."""
        return await self._exchange("GET", "/health/ready", limit_s=self._limits.beat_s)

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        """Ask for the orders that changed after the cursor."""
        return await self._pull("/pos/orders", cursor, seen)

    async def pull_tickets(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        """Ask for the tickets that changed after the cursor, of all stations: a board filters for itself."""
        return await self._pull("/kds/queue", cursor, seen)

    async def listen(self, cursor: str | None) -> AsyncGenerator[Event | Exchange, None]:
        """The events behind the cursor. How long a silence lasts is for the caller to judge; its patience is ours."""
        headers = {"Accept": EVENT_STREAM, "Accept-Encoding": "identity", "Cache-Control": "no-store", **_seen(cursor)}
        headers |= {HEADER_LAST_ID: cursor} if cursor else {}
        try:
            async with self._asked("GET", EVENTS_PATH, headers=headers, is_stream=True) as response:
                kind = response.headers.get("content-type", "").partition(";")[0]
                if response.status_code != HTTPStatus.OK or kind != EVENT_STREAM:
                    yield Answered(
                        response.status_code,
                        _fields(response),
                        b"".join([chunk async for chunk in _Bounded(response, self._limits.answer_bytes)]),
                    )
                    return
                bounded = _Bounded(response, self._limits.page_bytes)
                async for event in EventSource(
                    httpx.Response(200, headers={"content-type": kind}, stream=bounded)
                ).aiter_sse():
                    bounded.passed = 0
                    yield Event(event.event, event.data, event.id)
            yield Unreachable(Cause.NO_SERVER, "The stream of changes ended.")
        except httpx.TimeoutException:
            yield TimedOut()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            yield Unreachable(why(error), _detail(error))

    async def get_order(self, order_id: str) -> Exchange:
        """Ask for one order."""
        return await self._exchange("GET", f"/pos/orders/{order_id}")

    async def get_intent(self, payment_id: str) -> Exchange:
        """Ask how far a payment by card or mobile money is."""
        return await self._exchange("GET", f"{INTENTS}/{payment_id}")

    async def house_alerts(self, actor_id: str) -> Exchange:
        """Ask what waits for a manager, in the name of one: a till has no role of its own."""
        return await self._exchange("GET", ALERTS, headers={HEADER_ACTOR: actor_id})

    async def catalogue(self, name: str, *, etag: str | None) -> Exchange:
        """Ask for menu, floor, settings or staff, unless it still has this tag."""
        headers = {"If-None-Match": etag} if etag else {}
        return await self._exchange("GET", f"/{name}", headers=headers, max_bytes=self._limits.page_bytes)

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        """Ask which operations the server has (known), tell it what it lost (heal), or send several (operations)."""
        return await self._exchange("POST", f"{SYNC}{name}", headers={**_JSON, **_seen(seen)}, content=body)

    async def enrol(self, body: bytes) -> Exchange:
        """Ask to be known by a code, with no token yet; the staff list comes with the answer."""
        return await self._exchange("POST", ENROL, headers=_JSON, content=body, max_bytes=self._limits.page_bytes)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._carrier.aclose()

    async def _pull(self, path: str, cursor: str | None, seen: str | None) -> Exchange:
        asked = f"{path}?{urlencode({'cursor': cursor})}" if cursor else path
        return await self._exchange("GET", asked, headers=_seen(seen or cursor), max_bytes=self._limits.page_bytes)

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        limit_s: float | None = None,
        max_bytes: int | None = None,
    ) -> Exchange:
        """One request. `limit_s` is for the whole of it: a server that drips bytes does not get longer."""
        try:
            async with (
                asyncio.timeout(limit_s or self._limits.answer_s),
                self._asked(method, path, headers=headers or {}, content=content) as response,
            ):
                bounded = _Bounded(response, max_bytes or self._limits.answer_bytes)
                body = b"".join([chunk async for chunk in bounded])
                return Answered(response.status_code, _fields(response), body)
        except (TimeoutError, httpx.TimeoutException):
            return TimedOut()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            return Unreachable(why(error), _detail(error))

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        is_stream: bool = False,
    ) -> AsyncIterator[httpx.Response]:
        """The head of the answer, while the rest may still be on its way; it is let go of at the end."""
        request = httpx.Request(
            method,
            self._base_url + path,
            headers={**self._headers, **headers},
            content=content,
            extensions={"timeout": self._endless if is_stream else self._patience},
        )
        response = await self._carrier.handle_async_request(request)
        try:
            yield response
        finally:
            await response.aclose()


class _Bounded(httpx.AsyncByteStream):
    """The bytes of an answer, or an error when more than the limit came since `passed` was last set to 0.

    What is packed is unpacked no further than that: a kilobyte can hold gigabytes, packed twice even more.
    """

    def __init__(self, response: httpx.Response, most_bytes: int) -> None:
        self.passed = 0
        self._response = response
        self._most_bytes = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        packing = self._response.headers.get("content-encoding", "identity").lower()
        packed = zlib.decompressobj(_GZIP) if packing == "gzip" else None
        chunks = self._response.stream
        assert isinstance(chunks, AsyncIterable), "what an asynchronous transport gives is read like that"
        async for chunk in chunks:
            if packed is not None:
                chunk = self._unpacked(packed, chunk)  # noqa: PLW2901 - it is the same piece of the answer
            elif packing != "identity":
                raise httpx.DecodingError(f"The answer is packed as {packing[:40]}, which was not asked for.")
            self.passed += len(chunk)
            if self.passed > self._most_bytes:
                raise httpx.DecodingError(f"The answer is larger than {self._most_bytes} bytes.")
            yield chunk

    def _unpacked(self, packed: Any, chunk: bytes) -> bytes:
        try:
            return bytes(packed.decompress(chunk, self._most_bytes - self.passed + 1))
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error


def _trust(base_url: str, certificate: str) -> ssl.SSLContext:
    """Who is believed to be the server: who has the key of its own certificate, whatever its address is just now."""
    if base_url.lower().startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not certificate:
        return ssl.create_default_context()
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.check_hostname = False
    trust.load_verify_locations(cadata=certificate)
    return trust


def _fields(response: httpx.Response) -> dict[str, str]:
    """The answer's headers by their names in lower case; of one that came twice both, as HTTP puts them together."""
    fields: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _seen(cursor: str | None) -> dict[str, str]:
    return {HEADER_SEEN: cursor} if cursor else {}


def _detail(error: BaseException) -> str:
    """The failure in few words, for the log and the sync panel's small print."""
    return f"{type(error).__name__}: {error}"[:200]
