"""The fault proxy, with a real server and a real client: each fault is what it says, and nothing else is changed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from demo.fault_control import tell
from demo.fault_proxy import FaultProxy, open_control
from demo.faults import Line
from tests.contract.upstream import PATIENCE_S, Upstream, running


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    async with running(upstream):
        yield upstream


@pytest.fixture
async def proxy(upstream: Upstream) -> AsyncIterator[FaultProxy]:
    proxy = FaultProxy(to_port=upstream.port, seed=7)
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.fixture
async def till(proxy: FaultProxy) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{proxy.port}", timeout=PATIENCE_S) as till:
        yield till


async def test_a_good_line_changes_nothing(upstream: Upstream, till: httpx.AsyncClient) -> None:
    long = b"x" * 300_000

    async def chunks() -> AsyncIterator[bytes]:
        yield long
        yield b"end"

    assert (await till.post("/orders", content=long)).content == b"POST " + long
    assert (await till.post("/orders", content=chunks())).content == b"POST " + long + b"end"
    assert (await till.post("/chunks", content=b"z")).content == b"a" * 70_000 + b"bb" + b"z"
    assert (await till.get("/none")).status_code == 204
    assert (await till.head("/orders")).headers["content-length"] == "5"
    assert (await till.post("/refused")).status_code == 422
    assert (await till.patch("/orders/1?a=b", content=b"", headers={"Expect": "100-continue"})).content == b"PATCH "
    assert [method for method, _, _ in upstream.reached] == ["POST", "POST", "POST", "GET", "HEAD", "POST", "PATCH"]
    assert len(upstream.clients) == 1


async def test_a_lost_answer_is_lost_after_the_server_gave_it(
    upstream: Upstream, proxy: FaultProxy, till: httpx.AsyncClient
) -> None:
    proxy.drop_next(2)
    for _ in range(2):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await till.post("/orders", content=b"one pizza")
    assert (await till.post("/orders", content=b"one pizza")).status_code == 200
    assert upstream.reached == [("POST", "/orders", b"one pizza")] * 3
    assert (proxy.counts.writes_answered, proxy.counts.answers_dropped, proxy.counts.dropped_after_2xx) == (3, 2, 2)
    assert proxy.counts.broken == 0


async def test_only_answers_to_writes_are_lost(proxy: FaultProxy, till: httpx.AsyncClient) -> None:
    proxy.drop_answers(1.0)
    for _ in range(5):
        assert (await till.get("/orders")).status_code == 200
    assert proxy.counts.answers_dropped == 0


async def test_an_answer_lost_after_a_refusal_is_not_counted_as_committed(
    proxy: FaultProxy, till: httpx.AsyncClient
) -> None:
    proxy.drop_next(1)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await till.post("/refused")
    assert (proxy.counts.answers_dropped, proxy.counts.dropped_after_2xx) == (1, 0)


async def attempts_needed(till: httpx.AsyncClient, paths: int) -> list[int]:
    """How often each write had to be sent until its answer came."""
    needed = []
    for number in range(paths):
        tries, told = 0, False
        while not told:
            tries += 1
            try:
                told = (await till.put(f"/orders/{number}")).status_code == 200
            except (httpx.RemoteProtocolError, httpx.ReadError):
                told = False
        needed.append(tries)
    return needed


async def test_every_write_is_answered_in_the_end_however_bad_the_line(
    proxy: FaultProxy, till: httpx.AsyncClient
) -> None:
    proxy.drop_answers(1.0)
    assert await attempts_needed(till, paths=5) == [4] * 5


async def test_one_seed_loses_the_same_answers(upstream: Upstream) -> None:
    seen = []
    for seed in (3, 3, 4):
        proxy = FaultProxy(to_port=upstream.port, seed=seed)
        await proxy.start()
        proxy.drop_answers(0.4)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{proxy.port}") as till:
            seen.append(await attempts_needed(till, paths=30))
        await proxy.stop()
    assert seen[0] == seen[1] != seen[2]
    assert 5 < sum(seen[0]) - 30 < 40


async def test_a_cut_resets_what_is_open_and_refuses_what_is_new_until_restored(
    upstream: Upstream, proxy: FaultProxy, till: httpx.AsyncClient
) -> None:
    waiting = asyncio.create_task(till.post("/slow"))
    await upstream.wait_for(1)
    port = proxy.port
    await proxy.cut()
    with pytest.raises(httpx.ReadError):
        await waiting
    for _ in range(3):
        with pytest.raises(httpx.ConnectError):
            await till.get("/orders")
    await proxy.cut()
    await proxy.restore()
    assert proxy.port == port
    assert (await till.get("/orders")).status_code == 200
    assert len(upstream.reached) == 2


async def test_in_a_silent_cut_what_was_sent_arrives_when_the_line_is_back(
    upstream: Upstream, proxy: FaultProxy, till: httpx.AsyncClient
) -> None:
    answered_late = asyncio.create_task(till.post("/slow"))
    await upstream.wait_for(1)
    await proxy.cut(Line.SILENT)
    upstream.go_on.set()
    asked_late = asyncio.create_task(till.post("/orders", content=b"late"))
    with pytest.raises(httpx.ReadTimeout):
        await till.get("/given-up", timeout=0.05)
    assert not answered_late.done()
    assert not asked_late.done()
    assert len(upstream.reached) == 1
    await proxy.restore()
    assert (await answered_late).content == b"late"
    assert (await asked_late).content == b"POST late"
    await upstream.wait_for(3)
    assert ("GET", "/given-up", b"") in upstream.reached


async def test_a_server_that_hangs_takes_requests_and_neither_does_nor_answers_them(
    upstream: Upstream, proxy: FaultProxy, till: httpx.AsyncClient
) -> None:
    await till.get("/orders")
    await proxy.hang()
    for _ in range(2):
        with pytest.raises(httpx.ReadTimeout):
            await till.post("/orders", content=b"lost", timeout=0.05)
    hanging = asyncio.create_task(till.post("/orders", content=b"lost"))
    async with asyncio.timeout(PATIENCE_S):
        while proxy.counts.hung < 3:  # noqa: ASYNC110 - a line that hangs tells nobody
            await asyncio.sleep(0)
    await proxy.restore()
    with pytest.raises(httpx.ReadError):
        await hanging
    assert (await till.post("/orders", content=b"kept")).status_code == 200
    assert [body for _, _, body in upstream.reached] == [b"", b"kept"]


async def test_a_captive_portal_answers_everything_with_a_page(
    upstream: Upstream, proxy: FaultProxy, till: httpx.AsyncClient
) -> None:
    await proxy.garbage()
    for _ in range(2):
        page = await till.post("/orders", content=b"one pizza")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html")
    assert (await till.head("/orders")).status_code == 200
    assert upstream.reached == []
    await proxy.restore()
    assert (await till.post("/orders", content=b"one pizza")).content == b"POST one pizza"


async def test_a_delay_is_added_to_each_round_trip(proxy: FaultProxy, till: httpx.AsyncClient) -> None:
    await till.get("/orders")
    proxy.delay_ms(80)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await till.get("/orders")
    assert loop.time() - began >= 0.08


async def test_a_stream_of_events_passes_at_once_and_ends_with_its_reader(
    upstream: Upstream, till: httpx.AsyncClient
) -> None:
    async with till.stream("GET", "/events") as stream:
        parts = stream.aiter_raw()
        for event in (b"data: 1\n\n", b"data: 2\n\n"):
            upstream.events.put_nowait(event)
            async with asyncio.timeout(PATIENCE_S):
                assert await anext(parts) == event
    async with asyncio.timeout(PATIENCE_S):
        await upstream.stream_ended.wait()


async def test_a_server_that_died_is_found_again_when_it_is_back() -> None:
    first, second = Upstream(), Upstream()
    async with running(first):
        proxy = FaultProxy(to_port=first.port)
        await proxy.start()
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{proxy.port}", timeout=PATIENCE_S)
        assert (await client.get("/orders")).status_code == 200
    for _ in range(2):
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await client.get("/orders")
    async with running(second, port=first.port):
        assert (await client.get("/orders")).status_code == 200
        await client.aclose()
    await proxy.stop()


async def test_each_line_fails_alone(upstream: Upstream, proxy: FaultProxy, till: httpx.AsyncClient) -> None:
    other = FaultProxy(to_port=upstream.port)
    await other.start()
    await other.cut()
    other.drop_answers(1.0)
    assert (await till.post("/orders")).status_code == 200
    await other.stop()


async def test_a_request_sent_before_the_last_was_answered_is_kept(upstream: Upstream, proxy: FaultProxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    ask = b"POST /%s HTTP/1.1\r\nHost: till\r\nContent-Length: 2\r\n\r\nhi"
    writer.write(ask % b"slow")
    await upstream.wait_for(1)
    writer.write(ask % b"next")
    await writer.drain()
    upstream.go_on.set()
    async with asyncio.timeout(PATIENCE_S):
        assert (await reader.readuntil(b"late")).startswith(b"HTTP/1.1 200")
        assert (await reader.readuntil(b"POST hi")).startswith(b"HTTP/1.1 200")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n\r\n", b"POST / HTTP/1.1\r\nbroken\r\n\r\n", b"x" * 70_000, b"GET / HTTP/1.1\r\nhalf"]
)
async def test_what_is_no_request_is_reset_and_counted(proxy: FaultProxy, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(sent)
    writer.write_eof()
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(ConnectionResetError):
            await reader.read()
    assert proxy.counts.broken == 1
    writer.transport.abort()


async def test_a_proxy_in_another_process_is_steered_by_lines(
    upstream: Upstream, proxy: FaultProxy, till: httpx.AsyncClient
) -> None:
    async with await open_control(proxy, port=0) as control:
        port = control.sockets[0].getsockname()[1]
        assert (await asyncio.to_thread(tell, port, "drop_next 1"))["line"] == "up"
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await till.post("/orders")
        assert (await asyncio.to_thread(tell, port, "status"))["answers_dropped"] == 1
        for command, line in (("hang", "hang"), ("cut silent", "silent"), ("cut", "reset"), ("garbage", "garbage")):
            assert (await asyncio.to_thread(tell, port, command))["line"] == line
        for command in ("delay_ms 0", "drop_answers 0.1", "restore"):
            await asyncio.to_thread(tell, port, command)
        assert (await till.get("/orders")).status_code == 200
        for wrong in ("explode", "cut sideways", "cut up", "delay_ms soon", ""):
            with pytest.raises(ValueError, match=r"\w"):
                await asyncio.to_thread(tell, port, wrong)


async def test_a_cut_line_keeps_its_port(proxy: FaultProxy) -> None:
    await proxy.cut()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", proxy.port))
