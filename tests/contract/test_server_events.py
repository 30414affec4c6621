"""`GET /events`: what a stranger's client reads on a real socket, and what a bad reader can't do to the server."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from demo.fault_proxy import FaultProxy
from demo.faults import Line
from reference_server.events import Frames
from reference_server.storage import changes, devices
from reference_server.streams import Streams
from shared.ids import DeviceId
from shared.sync.exchange import Event, Unreachable
from shared.sync.transport import HttpTransport
from tests.contract.served import Frame, listening_to, served, until
from tests.contract.web import Site

ORDER = {"tableId": "table-5", "items": [{"itemId": "flan", "quantity": 1}]}


async def order(site: Site, key: str) -> str:
    made = await site.ask("POST", "/pos/orders", ORDER, key=key)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def sent(site: Site, key: str) -> str:
    order_id = await order(site, key)
    answer = await site.ask("POST", f"/pos/orders/{order_id}/send-to-kitchen", {}, key=f"{key}-sent")
    assert answer.status_code == 200, answer.text
    return order_id


def head(site: Site) -> str:
    return site.storage.read(changes.head_cursor)


def told(frames: list[Frame]) -> list[tuple[str, str]]:
    return [(str(frame.data["after"]), frame.id) for frame in frames if frame.name == "change"]


async def test_it_says_hello_then_each_entity_once_as_it_is_now_then_a_ping(site: Site) -> None:
    await order(site, "first")
    begin = head(site)
    order_id = await sent(site, "second")
    async with served(site) as url, listening_to(site, url, cursor=begin) as frames:
        hello, *changed, ping = await until(frames, "ping")
        assert (hello.name, hello.data["head"]) == ("hello", head(site))
        assert "push" in hello.data["capabilities"]  # type: ignore[operator]
        kinds = ["order" if "order" in frame.data else "ticket" for frame in changed]
        assert sorted(kinds) == ["order", "ticket"]
        shown = next(frame.data["order"] for frame in changed if "order" in frame.data)
        assert (await site.ask("GET", f"/pos/orders/{order_id}")).json() == shown
        assert told(changed)[0][0] == begin
        assert told(changed)[1][0] == changed[0].id
        assert changed[-1].id == head(site) == ping.data["head"]


async def test_whatever_is_written_while_it_listens_comes_without_being_asked_for(site: Site) -> None:
    async with served(site) as url, listening_to(site, url) as frames:
        assert [frame.name for frame in await until(frames, "ping")] == ["hello", "ping"]
        async with httpx.AsyncClient(base_url=url) as client:
            headers = {"Authorization": f"Bearer {site.tokens['script']}", "Idempotency-Key": "while"}
            assert (await client.post("/pos/orders", json=ORDER, headers=headers)).status_code == 201
        assert (await until(frames, "change"))[-1].id == head(site)


async def test_a_stream_that_was_cut_behind_any_frame_goes_on_behind_it_also_after_a_restart(site: Site) -> None:
    await order(site, "zero")
    begin = head(site)
    for number in range(3):
        await sent(site, f"order-{number}")
    async with served(site) as url, listening_to(site, url, cursor=begin) as frames:
        whole = [await anext(frames) for _ in range(7)][1:]
    assert [frame.name for frame in whole] == ["change"] * 6
    async with served(site) as url:
        for place, frame in enumerate(whole):
            async with listening_to(site, url, cursor=frame.id) as frames:
                _, *rest = [await anext(frames) for _ in range(6 - place)]
            assert rest == whole[place + 1 :]


@pytest.mark.parametrize("cursor", ["900-01JDSC8T4Z0000000000000S99", "1-another", "nonsense"])
async def test_a_cursor_of_another_history_is_told_so_and_the_stream_ends(site: Site, cursor: str) -> None:
    await order(site, "first")
    async with served(site) as url, listening_to(site, url, cursor=cursor) as frames:
        hello, lost = [frame async for frame in frames]
    assert (hello.name, lost.name) == ("hello", "history-lost")
    assert lost.data["conflictType"] == "HISTORY_LOST"


async def test_nothing_is_pushed_while_a_branch_is_being_healed(site: Site) -> None:
    await order(site, "first")
    known = head(site)
    async with served(site) as url, listening_to(site, url, who="kitchen", cursor=known) as frames:
        await until(frames, "ping")
        begun = await site.ask("POST", "/sync/heal", {"seen": "900-01JDSC8T4Z0000000000000S99"}, who="till")
        assert begun.json()["phase"] == "REPORTING", begun.text
        assert [frame.name async for frame in frames if frame.name != "ping"] == []
        async with listening_to(site, url, who="kitchen", cursor=known) as again:
            assert [frame.name async for frame in again] == ["hello", "history-lost"]


async def test_a_device_has_one_stream_and_none_once_it_is_signed_off(site: Site) -> None:
    async with served(site) as url, listening_to(site, url) as first:
        await until(first, "ping")
        async with listening_to(site, url) as second:
            await until(second, "ping")
            assert [frame.name async for frame in first if frame.name != "ping"] == []
            till = site.storage.read(lambda tx: str(tx.execute("SELECT id FROM device WHERE kind = 'pos'").get))
            assert site.storage.write(lambda tx: devices.revoke(tx, DeviceId(till), now_ms=site.clock.ms)).result()
            assert [frame.name async for frame in second if frame.name != "ping"] == []


async def test_a_stranger_gets_no_stream(site: Site) -> None:
    async with served(site) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/events")
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/json")


async def test_a_stopping_server_ends_its_streams_at_once(site: Site) -> None:
    loop = asyncio.get_running_loop()
    async with served(site) as url:
        listening = listening_to(site, url)
        frames = await listening.__aenter__()
        await until(frames, "ping")
        began_s = loop.time()
    assert loop.time() - began_s < 2.0
    assert [frame.name async for frame in frames if frame.name != "ping"] == []
    await listening.__aexit__(None, None, None)


async def test_a_reader_that_takes_nothing_costs_one_page_and_then_loses_its_stream() -> None:
    streams = Streams(stalled_s=0.05)
    reads: list[str] = []
    never = asyncio.Event()

    async def read(cursor: str) -> Frames:
        reads.append(cursor)
        return Frames(b"x" * 65_536, cursor, has_more=True)

    async def send(message: MutableMapping[str, Any]) -> None:
        if len(message["body"]) > 5:
            await never.wait()

    async def receive() -> MutableMapping[str, Any]:
        await never.wait()
        return {}

    was_read = await asyncio.wait_for(
        streams.serve(b"hello", "1-a", device_id="till", read=read, line=(receive, send)), timeout=5.0
    )
    assert (reads, was_read) == (["1-a"], False)


@pytest.mark.parametrize("line", [Line.RESET, Line.SILENT, Line.HANG])
async def test_a_bad_line_passes_a_stream_at_once_and_cuts_or_stalls_it(site: Site, line: Line) -> None:
    async with served(site) as url:
        proxy = FaultProxy(to_port=int(url.rpartition(":")[2]))
        await proxy.start()
        transport = HttpTransport(f"http://127.0.0.1:{proxy.port}", site.tokens["till"])
        async with aclosing(transport.listen(None)) as events:
            names = [event.name for event in [await anext(events), await anext(events)] if isinstance(event, Event)]
            assert names == ["hello", "ping"]
            await (proxy.hang() if line is Line.HANG else proxy.cut(line))
            if line is Line.RESET:
                assert isinstance(await anext(events), Unreachable)
            else:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(anext(events), 1.5)
        await transport.close()
        await proxy.stop()
