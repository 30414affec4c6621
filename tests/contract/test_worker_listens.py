"""A kitchen screen's worker and the real server on a real socket: what is sent comes without being asked for."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from pathlib import Path

import httpx

from shared.clock import SystemClock
from shared.database import Writer, open_writer
from shared.migrations import migrate
from shared.store.schema import MIGRATIONS
from shared.sync.transport import HttpTransport
from shared.sync.worker import Worker
from tests.contract.served import PATIENCE_S, served
from tests.contract.web import Site

ORDER = {"tableId": "table-5", "items": [{"itemId": "steak-bowl", "quantity": 1}]}


class Board:
    """A kitchen screen without a window; its worker runs in the test's own loop."""

    def __init__(self, site: Site, url: str, folder: Path) -> None:
        connection = open_writer(folder / "board.sqlite")
        migrate(connection, folder / "board.sqlite", MIGRATIONS)
        self.writer = Writer(connection)
        self.news = asyncio.Event()
        self.worker = Worker(
            self.writer,
            HttpTransport(url, site.tokens["kitchen"]),
            SystemClock(),
            random=random.Random(1),
            kind="kds",
            announce=lambda _: self.news.set(),
        )
        self.running = asyncio.create_task(self.worker.run())

    def tickets(self) -> int:
        return self.writer.submit(lambda tx: int(tx.execute("SELECT count(*) FROM server_ticket").get)).result()

    def heard(self) -> bool:
        """Whether its stream lives."""
        return self.worker._replay.engine._ear.lives

    async def until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not so():
                self.news.clear()
                with contextlib.suppress(TimeoutError):  # that a stream lives is not announced
                    await asyncio.wait_for(self.news.wait(), 0.05)

    async def close(self) -> None:
        self.worker.stop()
        await self.running
        self.writer.close()


def asked(site: Site, path: str) -> int:
    return sum(line.get("path") == path for line in site.log_lines())


async def sent(site: Site, client: httpx.AsyncClient, number: int) -> None:
    """One order with one dish, in the kitchen."""
    headers = {"Authorization": f"Bearer {site.tokens['script']}", "Idempotency-Key": f"order-{number}"}
    made = await client.post("/pos/orders", json=ORDER, headers=headers)
    headers["Idempotency-Key"] = f"sent-{number}"
    path = f"/pos/orders/{made.json()['id']}/send-to-kitchen"
    assert (await client.post(path, json={}, headers=headers)).status_code == 200


async def test_a_board_hears_of_tickets_by_the_stream_and_again_after_a_restart(site: Site, tmp_path: Path) -> None:
    await sent(site, site.client, 1)
    async with served(site) as url, httpx.AsyncClient(base_url=url) as client:
        board = Board(site, url, tmp_path)
        await board.until(lambda: board.tickets() == 1 and board.heard())
        before = asked(site, "/kds/queue")
        for number in range(2, 7):
            await sent(site, client, number)
            await board.until(lambda number=number: board.tickets() == number)  # type: ignore[misc]
        assert asked(site, "/kds/queue") == before
    await sent(site, site.client, 7)
    async with served(site, port=int(url.rpartition(":")[2])):
        await board.until(lambda: board.tickets() == 7)
        await board.close()
