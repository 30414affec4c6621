"""What stands on the line to a server, and that no answer is ever taken for that to another request."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.sync.exchange import Answered, TimedOut, Unreachable
from shared.sync.line import MOST_KEPT_BYTES
from shared.sync.lines import KEEP_QUIET_S, Lines
from shared.sync.transport import HttpTransport, Limits
from tests.contract.raw_server import Answering, RawServer, keeping, raw_server, response, saying

LIMITS = Limits(connect_s=30, answer_s=30, beat_s=30)
STRAY = response(200, b'"stray"', "X-Operation-Id: 01X")


@asynccontextmanager
async def talking(answering: Answering, path: str = "") -> AsyncIterator[tuple[RawServer, HttpTransport, Lines]]:
    async with raw_server(answering) as server:
        transport = HttpTransport(server.url + path, "s3cret", limits=LIMITS)
        assert isinstance(transport._carrier, Lines)
        yield server, transport, transport._carrier
        await transport.close()


def numbered(*, behind: bytes = b"") -> Answering:
    """Says to each request which one it was, and something behind it."""
    count = iter(range(1, 100))

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(response(200, b"%d" % next(count)) + behind)
        await writer.drain()

    return answer


async def bodies(transport: HttpTransport, times: int) -> list[bytes]:
    found = [await transport.beat() for _ in range(times)]
    return [one.body for one in found if isinstance(one, Answered)]


async def test_a_request_stands_on_the_line_as_the_contract_says() -> None:
    async with talking(keeping(response(200, b"{}")), "/till/") as (server, transport, _):
        await transport.sync("known", b'{"a":1}', seen="7-x")
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
    assert lines[0] == "POST /till/sync/known HTTP/1.1"
    assert lines[1] == f"Host: {server.url.removeprefix('http://')}"
    assert {"Content-Length: 7", "X-Seen: 7-x", "Content-Type: application/json"} < set(lines)
    assert body == b'{"a":1}'


async def test_strange_letters_in_a_path_are_escaped() -> None:
    async with talking(keeping(response(200, b"{}"))) as (server, transport, _):
        await transport.get_order("ä b?\x00\ud800")
    assert server.requests[0].startswith(b"GET /pos/orders/%C3%A4%20b?%00? HTTP/1.1\r\n")


@pytest.mark.parametrize("seen", ["7\r\nHost: x", "7\nX: y", "7\0", "ü"])
async def test_what_would_be_another_line_of_the_head_is_not_said(seen: str) -> None:
    async with talking(keeping(response(200, b"{}"))) as (server, transport, _):
        assert isinstance(await transport.sync("known", b"{}", seen=seen), Unreachable)
        assert await bodies(transport, 1) == [b"{}"]
        assert len(server.requests) == 1


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://[::bad", "ftp://127.0.0.1", "http://h:99999", ""])
async def test_what_is_no_address_leads_to_nobody(url: str) -> None:
    transport = HttpTransport(url, "s3cret", limits=LIMITS)
    assert isinstance(await transport.beat(), Unreachable)
    await transport.close()


async def test_what_stands_behind_an_answer_is_no_answer_to_the_next_request() -> None:
    async with talking(numbered(behind=STRAY)) as (server, transport, _):
        assert await bodies(transport, 3) == [b"1", b"2", b"3"]
        assert server.connections == 3


@pytest.mark.parametrize("stray", [STRAY, b"\r\n"])
async def test_what_comes_later_unasked_is_no_answer_to_the_next_request(stray: bytes) -> None:
    writers: list[asyncio.StreamWriter] = []
    say = numbered()

    async def answer(writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await say(writer)

    async with talking(answer) as (server, transport, _):
        assert await bodies(transport, 1) == [b"1"]
        writers[0].write(stray)
        await asyncio.wait_for(server.hung_up.wait(), 30)
        assert await bodies(transport, 2) == [b"2", b"3"]
        assert server.connections == 2


async def test_a_line_is_kept_for_the_next_request_but_not_for_long() -> None:
    async with talking(numbered()) as (server, transport, lines):
        assert await bodies(transport, 3) == [b"1", b"2", b"3"]
        assert server.connections == 1
        lines._quiet[0].quiet_since_s -= KEEP_QUIET_S + 0.1
        assert await bodies(transport, 1) == [b"4"]
        assert server.connections == 2


async def test_a_line_that_the_server_means_to_close_is_not_used_again() -> None:
    async with talking(keeping(response(200, b"{}", "Connection: close"))) as (server, transport, _):
        assert await bodies(transport, 2) == [b"{}", b"{}"]
        assert server.connections == 2


async def test_an_answer_that_was_given_up_half_way_is_none_to_the_next_request() -> None:
    part, rest = response(200, b"x" * 100)[:-50], b"x" * 50 + STRAY

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(part)

    async with talking(answer) as (server, transport, lines):
        transport._limits = Limits(connect_s=30, answer_s=0.3, beat_s=0.3)
        assert await transport.beat() == TimedOut()
        assert not lines._quiet
        server.answering = saying(rest, response(200, b"own"))
        transport._limits = LIMITS
        assert not isinstance(await transport.beat(), Answered)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 103 Early Hints\r\nX-Operation-Id: 01X\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + response(200, b"{}"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\nX-Operation-Id: 01X\r\n\r\n",
    ],
    ids=["an answer before the answer", "behind the body"],
)
async def test_only_the_head_of_the_answer_itself_is_heard(said: bytes) -> None:
    async with talking(keeping(said)) as (server, transport, _):
        for _ in range(2):
            found = await transport.beat()
            assert isinstance(found, Answered)
            assert (found.status, found.body) == (200, b"{}")
            assert "x-operation-id" not in found.headers
        assert server.connections == 1


async def test_an_empty_line_of_a_head_is_no_part_of_the_next() -> None:
    async with talking(keeping(response(200, b"{}", "X-Empty:", "X-Operation-Id: 01X"))) as (_, transport, _):
        found = await transport.beat()
    assert isinstance(found, Answered)
    assert (found.headers["x-empty"], found.headers["x-operation-id"]) == ("", "01X")


async def test_an_answer_without_a_length_ends_with_its_line() -> None:
    async with talking(saying(b"HTTP/1.1 200 OK\r\n\r\n", b"{}")) as (_, transport, _):
        assert await bodies(transport, 2) == [b"{}", b"{}"]


async def test_a_not_modified_has_no_body_whatever_length_it_tells() -> None:
    said = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"
    async with talking(keeping(said)) as (server, transport, _):
        assert await bodies(transport, 2) == [b"", b""]
        assert server.connections == 1


async def test_a_server_that_wants_to_speak_something_else_is_no_server() -> None:
    said = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    async with talking(keeping(said)) as (_, transport, _):
        assert isinstance(await transport.beat(), Unreachable)


async def test_who_reads_slowly_makes_the_server_wait() -> None:
    size, most = 64 * MOST_KEPT_BYTES, 0

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)

    async with talking(answer) as (_, _, lines):
        reply = await lines.ask("GET", "/big", headers={}, content=None, connect_s=30)
        line, read = reply._line, 0
        assert line is not None
        async for chunk in reply:
            for _ in range(5):  # the line is read meanwhile
                await asyncio.sleep(0)
            most = max(most, line._kept_bytes)
            read += len(chunk)
        await reply.close()
    assert read == size
    assert most < 3 * MOST_KEPT_BYTES


async def test_more_than_there_is_room_for_wait_for_a_line() -> None:
    async with raw_server(numbered()) as server:
        lines = Lines(server.url, trust=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), most=1)
        first = await lines.ask("GET", "/", headers={}, content=None, connect_s=30)
        second = asyncio.create_task(lines.ask("GET", "/", headers={}, content=None, connect_s=30))
        await asyncio.sleep(0)
        assert [chunk async for chunk in first] == [b"1"]
        assert not second.done()
        await first.close()
        assert [chunk async for chunk in await second] == [b"2"]
        await (await second).close()
        assert server.connections == 1
        await lines.close()


async def test_of_several_addresses_the_first_that_answers_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def two(_: Lines) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    monkeypatch.setattr(Lines, "_addresses", two)
    async with talking(numbered()) as (_, transport, _):
        assert await bodies(transport, 2) == [b"1", b"2"]
