"""Over a real socket: what is sent is what was frozen, and whatever comes back is a value, never an exception."""

from __future__ import annotations

import asyncio
import errno
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from shared.store.outcomes import Flight
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, Exchange, TimedOut, Unreachable
from shared.sync.transport import HttpTransport, Limits
from tests.contract.raw_server import RawServer, keeping, raw_server, response, saying
from tests.unit.sync.flights import change, flight_of

FLIGHT: Flight = flight_of(change())
PATIENT = Limits(connect_s=30, answer_s=30, beat_s=30, answer_bytes=1_000, page_bytes=2_000, beat_bytes=500)
"""For all that answers: a busy machine may take a while."""
QUICK = replace(PATIENT, connect_s=0.5, answer_s=0.5, beat_s=0.5)
"""For what never does."""
Ask = Callable[[HttpTransport], Awaitable[Exchange]]


def send(transport: HttpTransport) -> Awaitable[Exchange]:
    return transport.send(FLIGHT, seen="7-abc")


EVERY_ASK: list[Ask] = [
    send,
    lambda t: t.beat(),
    lambda t: t.pull_orders("7-abc"),
    lambda t: t.pull_tickets(None),
    lambda t: t.get_order("01X"),
    lambda t: t.catalogue("menu", etag='"7"'),
]


@asynccontextmanager
async def talking_to(url: str, limits: Limits = PATIENT) -> AsyncIterator[HttpTransport]:
    transport = HttpTransport(url, "s3cret", limits=limits)
    try:
        yield transport
    finally:
        await transport.close()


async def said(
    answering: Callable[[asyncio.StreamWriter], Awaitable[None]], ask: Ask = send, limits: Limits = PATIENT
) -> Exchange:
    async with raw_server(answering) as server, talking_to(server.url, limits) as transport:
        return await ask(transport)


def lines_of(server: RawServer) -> tuple[str, dict[str, str], bytes]:
    """Request line, headers in lower case, body of the last request."""
    head, _, body = server.requests[-1].partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    return first, {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}, body


async def test_an_operation_goes_out_as_it_was_frozen_and_under_the_same_id_every_time() -> None:
    async with raw_server(keeping(response(200, b"{}"))) as server, talking_to(server.url) as transport:
        for _ in range(3):
            await send(transport)
        first, headers, body = lines_of(server)
        assert first == f"PATCH {FLIGHT.path} HTTP/1.1"
        assert body == FLIGHT.body
        assert headers["idempotency-key"] == headers["x-operation-id"] == FLIGHT.id
        assert headers["authorization"] == "Bearer s3cret"
        assert headers["evertill-protocol"] == "1"
        assert headers["x-seen"] == "7-abc"
        assert headers["content-type"] == "application/json"
        assert len(set(server.requests)) == 1
        assert server.connections == 1


@pytest.mark.parametrize(
    ("ask", "line", "extra"),
    [
        (lambda t: t.beat(), "GET /health HTTP/1.1", {}),
        (lambda t: t.pull_orders(None), "GET /pos/orders HTTP/1.1", {}),
        (lambda t: t.pull_orders("7-abc"), "GET /pos/orders?cursor=7-abc HTTP/1.1", {"x-seen": "7-abc"}),
        (lambda t: t.pull_tickets("7-abc"), "GET /kds/queue?cursor=7-abc HTTP/1.1", {"x-seen": "7-abc"}),
        (lambda t: t.get_order("01X"), "GET /pos/orders/01X HTTP/1.1", {}),
        (lambda t: t.catalogue("menu", etag=None), "GET /menu HTTP/1.1", {}),
        (lambda t: t.catalogue("staff", etag='"7"'), "GET /staff HTTP/1.1", {"if-none-match": '"7"'}),
    ],
)
async def test_each_question_is_the_contracts(ask: Ask, line: str, extra: dict[str, str]) -> None:
    async with raw_server(keeping(response(200, b"{}"))) as server, talking_to(server.url) as transport:
        await ask(transport)
        first, headers, body = lines_of(server)
        assert (first, body) == (line, b"")
        assert {name: headers[name] for name in ("x-seen", "if-none-match") if name in headers} == extra
        assert "idempotency-key" not in headers


async def test_a_whole_answer_comes_back_with_its_headers_in_lower_case() -> None:
    found = await said(keeping(response(409, b'{"a": 1}', "X-Operation-Id: 01X", "Retry-After: 7")))
    assert isinstance(found, Answered)
    assert (found.status, found.body) == (409, b'{"a": 1}')
    assert (found.headers["x-operation-id"], found.headers["retry-after"]) == ("01X", "7")


@pytest.mark.parametrize("ask", EVERY_ASK)
async def test_nobody_at_home_is_unreachable(ask: Ask) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # not listening: refused, and nobody else gets the port
        async with talking_to(f"http://127.0.0.1:{bound.getsockname()[1]}") as transport:
            found = await ask(transport)
    assert isinstance(found, Unreachable)
    assert found.cause is Cause.NO_SERVER


@pytest.mark.parametrize("ask", EVERY_ASK)
async def test_a_server_that_never_answers_is_given_up_in_time_and_its_line_is_closed(ask: Ask) -> None:
    async with raw_server(saying(hang=True)) as server, talking_to(server.url, QUICK) as transport:
        assert await ask(transport) == TimedOut()
        await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_a_server_that_drips_gets_no_longer() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(1_000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.01)

    assert await said(drip, limits=QUICK) == TimedOut()


async def test_a_line_that_cannot_be_opened_is_given_up_in_time() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        async with talking_to(f"http://127.0.0.1:{port}", QUICK) as transport:
            assert await send(transport) == TimedOut()
        for one in waiting:
            one.close()


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Len",
        b"HTTP/1.1 200 OK\r\nX-Operation-Id: " + FLIGHT.id.encode() + b'\r\nContent-Length: 100\r\n\r\n{"id":',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00\xff" * 300,
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
        response(200, b"no gzip at all", "Content-Encoding: gzip"),
    ],
    ids=range(11),
)
@pytest.mark.parametrize("ask", [send, lambda t: t.beat()], ids=["send", "beat"])
async def test_an_answer_that_breaks_off_or_is_no_http_is_no_answer(broken: bytes, ask: Ask) -> None:
    found = await said(saying(broken), ask)
    assert isinstance(found, Unreachable)
    assert found.cause is Cause.NO_SERVER
    assert found.detail


@pytest.mark.parametrize(
    "huge",
    [
        response(200, b"x" * 3_000),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 5,
        response(200, gzip.compress(b"x" * 1_000_000), "Content-Encoding: gzip"),
    ],
    ids=["with its length", "without one", "packed"],
)
@pytest.mark.parametrize("ask", EVERY_ASK)
async def test_more_than_any_answer_of_ours_is_not_read(huge: bytes, ask: Ask) -> None:
    found = await said(saying(huge, hang=True), ask)
    assert isinstance(found, Unreachable)
    assert "larger than" in found.detail


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    async with raw_server(keeping(response(status, b"", "Location: /elsewhere"))) as server:
        async with talking_to(server.url) as transport:
            found = await send(transport)
        assert isinstance(found, Answered)
        assert found.status == status
        assert len(server.requests) == 1


async def test_a_redirect_to_nonsense_is_a_value_too() -> None:
    found = await said(keeping(response(302, b"", "Location: http://[::bad")))
    assert isinstance(found, Answered | Unreachable)


async def test_a_portals_page_comes_back_as_what_it_is() -> None:
    found = await said(keeping(response(200, b"<html>Welcome</html>", "Content-Type: text/html", "Set-Cookie: a=b")))
    assert isinstance(found, Answered)
    assert found.body == b"<html>Welcome</html>"


async def test_no_cookie_is_kept_and_no_proxy_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with raw_server(keeping(response(200, b"{}", "Set-Cookie: session=1; Path=/"))) as server:
        async with talking_to(server.url) as transport:
            await send(transport)
            assert isinstance(await send(transport), Answered)
        assert "cookie" not in lines_of(server)[1]


async def test_a_line_that_the_server_closed_meanwhile_is_opened_anew() -> None:
    async with raw_server(saying(response(200, b"{}"))) as server, talking_to(server.url) as transport:
        for _ in range(3):
            assert isinstance(await send(transport), Answered)
            await asyncio.wait_for(server.closed.get(), 5)
        assert server.connections == 3


async def test_five_operations_a_heartbeat_and_reads_share_the_client_without_waiting_for_each_other() -> None:
    limits = replace(QUICK, connect_s=2, answer_s=2, beat_s=2)
    async with raw_server(saying(hang=True)) as server, talking_to(server.url, limits) as transport:
        found = await asyncio.gather(
            *(send(transport) for _ in range(5)), transport.beat(), transport.pull_orders(None)
        )
        assert set(found) == {TimedOut()}
        assert server.connections == 7


class Failing(httpx.AsyncBaseTransport):
    """A network that fails with what the system would say."""

    def __init__(self, below: OSError) -> None:
        self._below = below

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            raise ExceptionGroup("all addresses", [OSError(), self._below])
        except ExceptionGroup as group:
            raise httpx.ConnectError("failed") from group


@pytest.mark.parametrize(
    ("below", "cause"),
    [
        (OSError(errno.ENETUNREACH, "unreachable"), Cause.NO_NETWORK),
        (OSError(errno.ENETDOWN, "down"), Cause.NO_NETWORK),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), Cause.NO_NETWORK),
        (socket.gaierror(socket.EAI_NONAME, "no such name"), Cause.NO_SERVER),
        (OSError(errno.EHOSTUNREACH, "no host"), Cause.NO_SERVER),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), Cause.NO_SERVER),
    ],
)
async def test_a_machine_without_network_is_told_from_a_server_that_is_gone(below: OSError, cause: Cause) -> None:
    transport = HttpTransport("http://till.invalid", "s3cret", inner=Failing(below))
    found = await transport.beat()
    await transport.close()
    assert isinstance(found, Unreachable)
    assert found.cause is cause
    assert "s3cret" not in found.detail


async def test_what_no_server_understands_is_a_value_too() -> None:
    async with talking_to("http://127.0.0.1:9") as transport:
        assert isinstance(await transport.get_order("\x00"), Unreachable)
        assert isinstance(await transport.pull_orders("7\r\nHost: x"), Unreachable)


def test_what_is_waited_for_is_what_the_design_says() -> None:
    """Each test here has limits of its own; these are the ones that a till has."""
    shipped = Limits()
    assert (shipped.connect_s, shipped.answer_s, shipped.beat_s) == (2.0, 10.0, 2.0)
