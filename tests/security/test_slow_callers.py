"""Slow and countless callers on a real socket: each is given up in its time, and nobody else waits for them.

Nothing here waits for time to pass: the moment at which the server looks at its lines is handed in.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest

from reference_server.protection.line import Line, LineLimits
from reference_server.protection.lines import Lines
from reference_server.serving import CALLERS_S, GRACE_S
from reference_server.streams import Streams
from tests.contract.served import PATIENCE_S, served
from tests.contract.web import Site

#: The server's own look at its lines, once a second, is not to come before ours.
LONG: Final = LineLimits(head_s=1_000, body_s=1_000, unread_s=1_000, reader_s=1_000)


class Caller:
    """Somebody who types HTTP by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, text: str) -> None:
        self.writer.write(text.encode())
        await self.writer.drain()

    async def is_given_up(self) -> bool:
        """Whether the line ends with nothing more on it."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE_S) == b""
        except ConnectionError:
            return True

    async def hears(self) -> str:
        """All that comes until the line ends."""
        return (await asyncio.wait_for(self.reader.read(), PATIENCE_S)).decode()

    async def hears_a_head(self) -> str:
        return (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE_S)).decode()


@asynccontextmanager
async def calling(url: str, *, source: str = "127.0.0.1") -> AsyncIterator[Caller]:
    port = urlsplit(url).port
    caller = Caller(*await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0)))
    try:
        yield caller
    finally:
        caller.writer.transport.abort()


async def becomes(seen: Callable[[], bool]) -> None:
    """Let the loop go on until it is so; the server is in this very loop."""
    async with asyncio.timeout(PATIENCE_S):
        while not seen():  # noqa: ASYNC110 - what is looked at belongs to the server, which sets no event for us
            await asyncio.sleep(0)


def in_s(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def is_well(url: str, site: Site) -> bool:
    """Whether the house can work: a till sells while all this goes on."""
    headers = {"Authorization": f"Bearer {site.tokens['script']}", "Idempotency-Key": "while they are slow"}
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
        made = await client.post("/pos/orders", json={"tableId": "table-5"}, headers=headers)
        return made.status_code == 201


@pytest.mark.parametrize(
    "began",
    ["", "\r\n", "GET", "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: 1", "POST /devices/enrol HTTP/1.1\r\n"],
    ids=["silence", "an empty line", "a word", "a field", "a request line"],
)
async def test_who_never_ends_the_head_is_given_up_after_ten_seconds(site: Site, began: str) -> None:
    lines = Lines(LineLimits(head_s=1_000))
    async with served(site, lines=lines) as url, calling(url) as slow:
        await slow.say(began)
        await becomes(lambda: len(lines.open) == 1)
        assert await is_well(url, site)
        lines.look(in_s(900))
        assert lines.given_up == 0
        lines.look(in_s(1_001))
        assert await slow.is_given_up()
        assert lines.given_up == 1


def test_the_limits_that_ship_are_those_of_the_page() -> None:
    shipped = LineLimits()
    assert (shipped.head_s, shipped.body_s, shipped.reader_s, shipped.head_bytes) == (10, 30, 20, 32 * 1024)
    assert (shipped.lines, shipped.of_one_caller) == (2_000, 500)


async def test_the_server_looks_by_itself(site: Site) -> None:
    lines = Lines(LineLimits(head_s=0))
    async with served(site, lines=lines) as url, calling(url) as slow:
        assert await slow.is_given_up()


async def test_who_drips_the_body_is_given_up_and_who_sends_gets_the_time_for_it(site: Site) -> None:
    lines = Lines(LONG)
    head = (
        f"POST /pos/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.tokens['script']}\r\n"
        "Idempotency-Key: drip\r\nContent-Length: 100000\r\n\r\n"
    )
    async with served(site, lines=lines) as url, calling(url) as slow:
        await slow.say(head + '{"note": "')
        (line,) = await opened(lines, 1)
        await becomes(lambda: line.has_asked)
        await slow.say("x" * 81_920)
        await becomes(lambda: line._due_s is not None and line._due_s > in_s(1_005))
        assert await is_well(url, site)
        lines.look(in_s(1_005))
        assert lines.given_up == 0
        lines.look(in_s(1_011))
        assert await slow.is_given_up()
    assert site.count("pos_order") == 1


async def opened(lines: Lines, count: int) -> list[Line]:
    await becomes(lambda: len(lines.open) >= count)
    return list(lines.open)


async def test_a_stranger_is_answered_before_the_body_and_has_five_seconds_to_end_it(site: Site) -> None:
    lines = Lines(LONG)
    async with served(site, lines=lines) as url, calling(url) as slow:
        await slow.say("POST /sync/heal HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n{")
        assert (await slow.hears_a_head()).startswith("HTTP/1.1 401 ")
        lines.look(in_s(1_001))
        await slow.is_given_up()
        assert lines.given_up == 1


async def test_who_does_not_read_the_answer_is_given_up_and_who_reads_slowly_is_not(site: Site) -> None:
    lines = Lines(LineLimits(reader_s=1_000, reader_bytes_per_s=10))
    ask = f"GET /menu HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.tokens['till']}\r\n\r\n"
    async with served(site, lines=lines) as url, calling(url) as slow:
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined] # what a StreamWriter stands on can
        (line,) = await opened(lines, 1)
        for _ in range(3_000):
            await slow.say(ask)
            await asyncio.sleep(0)
            if line._reader_due_s is not None:
                break
        assert line._reader_due_s is not None, "the line never filled"
        assert await is_well(url, site)
        lines.look(in_s(999))
        assert lines.given_up == 0
        line._unwritten += 1_000_000
        lines.look(in_s(1_001))
        assert lines.given_up == 0
        lines.look(in_s(2_100))
        assert lines.given_up == 1


async def test_who_reads_nothing_of_a_stream_loses_the_line_and_no_error_is_told(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    class Asleep(Streams):
        async def serve(self, *_: object, **__: object) -> bool:
            return False

    lines = Lines()
    ask = f"GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.tokens['till']}\r\n\r\n"
    async with served(site, lines=lines, streams=Asleep()) as url, calling(url) as board:
        await board.say(ask)
        await becomes(lambda: lines.given_up == 1)
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_server_that_stops_ends_who_is_too_slow_without_an_error(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    lines = Lines(LONG)
    head = (
        f"POST /pos/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.tokens['script']}\r\n"
        "Idempotency-Key: half\r\nContent-Length: 1000\r\n\r\n{"
    )
    async with served(site, lines=lines) as url, calling(url) as slow:
        await slow.say(head)
        (line,) = await opened(lines, 1)
        await becomes(lambda: line.has_asked)
        lines.give_up_all()
        assert await slow.is_given_up()
    assert not lines.open
    assert site.count("pos_order") == 0
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_that_is_before_they_would_be_cut_off() -> None:
    assert 0 < CALLERS_S < GRACE_S


async def test_a_thousand_lines_of_one_caller_hold_up_nobody_else(site: Site) -> None:
    lines = Lines()
    async with served(site, lines=lines) as url:
        address = ("127.0.0.1", urlsplit(url).port)
        many = []
        for _ in range(520):
            one = socket.socket()
            one.setblocking(False)
            one.bind(("127.0.0.2", 0))
            await asyncio.get_running_loop().sock_connect(one, address)
            many.append(one)
        await becomes(lambda: len(lines.open) == 500)
        assert await is_well(url, site)
        for one in many:
            one.close()
        await becomes(lambda: not lines._of["127.0.0.2"])


async def test_when_all_lines_are_taken_the_oldest_that_never_asked_makes_room(site: Site) -> None:
    lines = Lines(LineLimits(lines=3))
    async with (
        served(site, lines=lines) as url,
        calling(url, source="127.0.0.2") as first,
        calling(url, source="127.0.0.3") as second,
    ):
        await opened(lines, 2)
        assert await is_well(url, site)
        assert await is_well(url, site)
        async with calling(url, source="127.0.0.4") as third, calling(url, source="127.0.0.5") as fourth:
            assert await first.is_given_up()
            for one in (second, third, fourth):
                assert not one.reader.at_eof()


async def test_a_line_on_which_somebody_waits_for_an_answer_makes_no_room(site: Site) -> None:
    lines = Lines(LineLimits(lines=1))
    listen = f"GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.tokens['till']}\r\n\r\n"
    async with served(site, lines=lines) as url, calling(url) as board:
        await board.say(listen)
        await board.hears_a_head()
        async with calling(url) as late:
            assert await late.is_given_up()
        assert not board.reader.at_eof()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET /" + "x" * 40_000 + " HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        ("GET /menu HTTP/1.1\r\nX-Long: " + "x" * 40_000 + "\r\n\r\n", 431),
        ("GET /menu HTTP/1.1\r\n" + "".join(f"X-{n}: {n}\r\n" for n in range(5_000)) + "\r\n", 431),
        ("GET /menu HTTP/9.7\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        ("GET /menu\x00 HTTP/1.1\r\n\r\n", 400),
        ("POST /pos/orders HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400),
        ("POST /pos/orders HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ],
    ids=["address", "field", "fields", "version", "tls", "zero", "length", "two lengths"],
)
async def test_what_is_no_honest_request_is_refused_in_the_contract_s_shape(
    site: Site, request_: str, status: int
) -> None:
    async with served(site) as url, calling(url) as odd:
        await odd.say(request_)
        head, _, body = (await odd.hears()).partition("\r\n\r\n")
        assert head.startswith(f"HTTP/1.1 {status} ")
        assert json.loads(body)["statusCode"] == status
        assert "server:" not in head.lower()
        assert await is_well(url, site)


async def test_who_asks_a_thousand_things_at_once_on_one_line_is_given_up(site: Site) -> None:
    lines = Lines()
    ask = f"GET /menu HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.tokens['till']}\r\n\r\n"
    async with served(site, lines=lines) as url, calling(url) as many:
        await many.say(ask * 1_000)
        await becomes(lambda: lines.given_up > 0)
        assert await is_well(url, site)


async def test_a_till_that_asks_again_and_again_on_one_line_is_never_late(site: Site) -> None:
    lines = Lines(LONG)
    async with served(site, lines=lines) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as till:
        headers = {"Authorization": f"Bearer {site.tokens['till']}"}
        for _ in range(20):
            assert (await till.get("/menu", headers=headers)).status_code == 200
            lines.look(in_s(100_000))
        assert (len(lines.open), lines.given_up) == (1, 0)
