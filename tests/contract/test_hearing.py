"""A device that listens on a real line, to streams that are cut, doubled, disordered, silent or not ours."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.database import Writer, open_writer
from shared.domain.order import Order
from shared.ids import OrderId
from shared.migrations import migrate
from shared.store import entities
from shared.store.schema import MIGRATIONS
from shared.sync.actions import Cause
from shared.sync.errands import Stored
from shared.sync.exchange import Event, Exchange
from shared.sync.frames import Moved, Over
from shared.sync.hearing import listen
from shared.sync.ledger import Ledger
from shared.sync.reads import Page
from shared.sync.transport import HttpTransport
from shared.sync.verdicts import NoAnswer, Paused
from shared.wire import events
from tests.contract.raw_server import Answering, raw_server, response, saying
from tests.unit.sync.flights import ulid

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
HELLO = b'event: hello\ndata: {"head":"3-c","capabilities":["push"]}\n\n'
PING = b'event: ping\ndata: {"head":"3-c"}\n\n'
LOST = b'event: history-lost\ndata: {"statusCode":409}\n\n'
CURSORS = ("0-z", "1-a", "2-b", "3-c")
PATIENCE_S = 30.0
"""For streams that end by themselves: a busy machine may take a while to connect."""
DEAD_AFTER_S = 1.0
"""For those that only fall silent."""


def order(place: int) -> str:
    return ulid(place)


def body(place: int) -> str:
    made = Order(id=OrderId(order(place)), number=f"C-{place}", version=1, opened_at="2025-11-28T19:40:00.000Z")
    return made.to_json().decode()


def frame(place: int) -> bytes:
    data = f'{{"after":"{CURSORS[place - 1]}","order":{body(place)}}}'
    return f"id: {CURSORS[place]}\nevent: change\ndata: {data}\n\n".encode()


class Device:
    """A file and whoever listens for it."""

    def __init__(self, folder: Path) -> None:
        connection = open_writer(folder / "till.sqlite")
        migrate(connection, folder / "till.sqlite", MIGRATIONS)
        self.writer = Writer(connection)
        self.ledger = Ledger(self.writer, SystemClock())
        self.heard: list[Stored] = []
        self.be_at("0-z")

    def be_at(self, cursor: str) -> None:
        asked = self.cursor
        self.writer.submit(
            lambda tx: entities.store_page(tx, asked_from=asked, cursor=cursor, entities=(), now_ms=0)
        ).result()

    @property
    def cursor(self) -> str | None:
        return self.writer.submit(entities.cursor).result()

    @property
    def orders(self) -> list[str]:
        found = self.writer.submit(lambda tx: tx.execute("SELECT id FROM server_order ORDER BY id").fetchall()).result()
        return [str(row[0]) for row in found]

    async def listen(self, url: str, *, ledger: Ledger | None = None, dead_after_s: float = PATIENCE_S) -> Over:
        transport = HttpTransport(url, "s3cret")
        try:
            return await listen(
                transport, ledger or self.ledger, "pos", heard=self.heard.append, dead_after_s=dead_after_s
            )
        finally:
            await transport.close()


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    made = Device(tmp_path)
    yield made
    made.writer.close()


@asynccontextmanager
async def saying_all(*parts: bytes, hang: bool = False) -> AsyncIterator[str]:
    async with raw_server(saying(HEAD, *parts, hang=hang)) as server:
        yield server.url


def agree(device: Device) -> bool:
    """The promise: what the cursor has passed is here."""
    passed = CURSORS.index(device.cursor or "0-z")
    return device.orders == [order(place) for place in range(1, passed + 1)]


@pytest.mark.parametrize("cut", range(4))
async def test_it_goes_on_behind_the_last_stored_frame_wherever_the_line_is_cut(device: Device, cut: int) -> None:
    frames = [frame(place) for place in range(1, 4)]
    half = frames[cut][:-5] if cut < 3 else b""
    async with saying_all(HELLO, *frames[:cut], half, PING) as url:
        assert isinstance(await device.listen(url), NoAnswer)
    assert agree(device)
    assert device.cursor == CURSORS[cut]
    asked = []

    async def rest(writer: asyncio.StreamWriter) -> None:
        asked.append(server.requests[-1].decode().lower())
        writer.write(HEAD + HELLO + b"".join(frames[cut:]) + PING)
        writer.close()

    async with raw_server(rest) as server:
        await device.listen(server.url)
    assert f"last-event-id: {CURSORS[cut]}\r\n" in asked[0]
    assert device.cursor == "3-c"
    assert agree(device)


async def test_a_frame_that_comes_twice_changes_nothing(device: Device) -> None:
    async with saying_all(HELLO, frame(1), frame(1), frame(2), PING) as url:
        await device.listen(url)
    assert device.cursor == "2-b"
    assert agree(device)


@pytest.mark.parametrize("disorder", [(2, 1), (1, 3), (1, 2, 1)])
async def test_a_frame_that_does_not_follow_ends_the_stream_and_is_not_stored(
    device: Device, disorder: tuple[int, ...]
) -> None:
    async with saying_all(HELLO, *map(frame, disorder), PING, hang=True) as url:
        assert isinstance(await device.listen(url, dead_after_s=PATIENCE_S), NoAnswer)
    assert agree(device)


@pytest.mark.parametrize("drip", [b"", b": a comment\n", b"data: without an end"])
async def test_a_stream_that_drips_and_says_nothing_is_dead(device: Device, drip: bytes) -> None:
    async with saying_all(HELLO, drip, hang=True) as url:
        found = await asyncio.wait_for(device.listen(url, dead_after_s=DEAD_AFTER_S), PATIENCE_S)
    assert isinstance(found, NoAnswer)
    assert [stored.cursor for stored in device.heard] == ["0-z"]


async def test_a_proxy_that_holds_the_stream_back_never_counts_as_one(device: Device) -> None:
    async with saying_all(hang=True) as url:
        assert isinstance(await asyncio.wait_for(device.listen(url, dead_after_s=DEAD_AFTER_S), PATIENCE_S), NoAnswer)
    assert device.heard == []


async def test_history_lost_is_the_verdict_that_a_pull_would_give(device: Device) -> None:
    async with saying_all(HELLO, LOST) as url:
        found = await device.listen(url)
    assert isinstance(found, Paused)
    assert found.cause is Cause.HISTORY_LOST


@pytest.mark.parametrize(
    "answering", [saying(response(200, b"<html>", "Content-Type: text/html")), saying(HEAD + PING), saying(HEAD)]
)
async def test_what_is_no_stream_of_ours_is_no_answer(device: Device, answering: Answering) -> None:
    async with raw_server(answering) as server:
        assert isinstance(await device.listen(server.url), NoAnswer)
    assert device.heard == []


async def test_where_a_poll_was_faster_the_stream_stores_nothing_and_begins_anew(device: Device) -> None:
    class Racing(Ledger):
        """A poll stores its page in the moment before the stream's."""

        async def store_page(self, asked_from: str | None, page: Page) -> frozenset[str] | None:
            first = Page((page.entities[0],), "1-a", has_more=False)
            await super().store_page(asked_from, first)
            return await super().store_page(asked_from, page)

    async with saying_all(HELLO + frame(1) + frame(2), hang=True) as url:
        assert await device.listen(url, ledger=Racing(device.writer, SystemClock())) == Moved()
    assert device.cursor == "1-a"
    assert agree(device)


async def test_the_mutant_that_stores_the_cursor_without_its_rows_is_noticed(device: Device) -> None:
    class Rowless(Ledger):
        async def store_page(self, asked_from: str | None, page: Page) -> frozenset[str] | None:
            return await super().store_page(asked_from, replace(page, entities=()))

    async with saying_all(HELLO, frame(1), PING) as url:
        await device.listen(url, ledger=Rowless(device.writer, SystemClock()))
    assert not agree(device)


async def test_the_mutant_that_does_not_notice_a_dead_stream_is_noticed(device: Device) -> None:
    async with saying_all(HELLO, hang=True) as url:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(device.listen(url, dead_after_s=1e9), 2 * DEAD_AFTER_S)


async def test_the_mutant_that_resumes_from_the_head_is_noticed(device: Device) -> None:
    class FromTheHead(HttpTransport):
        async def listen(self, cursor: str | None) -> AsyncGenerator[Event | Exchange, None]:
            async with aclosing(super().listen("3-c")) as events:
                async for event in events:
                    yield event

    async def honest(writer: asyncio.StreamWriter) -> None:
        asked = server.requests[-1].decode().lower().partition("last-event-id: ")[2].partition("\r\n")[0]
        rest = range(CURSORS.index(asked) + 1, 4)
        writer.write(HEAD + HELLO + b"".join(map(frame, rest)) + PING)
        writer.close()

    async with raw_server(honest) as server:
        mutant = FromTheHead(server.url, "s3cret")
        await listen(mutant, device.ledger, "pos", heard=device.heard.append, dead_after_s=PATIENCE_S)
        await mutant.close()
        assert device.orders == []
        await device.listen(server.url)
    assert device.cursor == "3-c"
    assert agree(device)


def test_a_stream_is_given_up_within_three_seconds_and_not_for_one_ping_that_is_late() -> None:
    """Each test here has a patience of its own; this is the one that a device has."""
    assert events.DEAD_AFTER_S <= 3.0
    assert 2 * events.PING_EVERY_S < events.DEAD_AFTER_S
    assert inspect.signature(listen).parameters["dead_after_s"].default == events.DEAD_AFTER_S
