"""What the server says and this version can't read: the rest is taken, a person is told, and it is asked for again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.store import entities
from shared.sync import turns
from shared.sync.exchange import Exchange
from shared.sync.troubles import UNREADABLE
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.flights import TICKET, answer, as_json, ticket, ulid
from tests.unit.sync.night import Night


def test_what_a_newer_server_says_is_taken_as_far_as_it_can_be_read_and_said(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.order()
        night.run(3)
        page = {"orders": [{"id": "?"}], "cursor": "9-z", "serverTime": "", "hasMore": True}
        night.server.read_fault = lambda name: answer(200, page) if name == "orders" else None
        night.run(10)
        assert night.worker.link().trouble == UNREADABLE
        assert night.till.run(entities.cursor) == "9-z"


@pytest.mark.parametrize("seen_before", [True, False])
def test_what_could_not_be_read_is_asked_for_again_at_the_next_start(tmp_path: Path, seen_before: bool) -> None:
    with Night(tmp_path) as night:
        asked: list[str | None] = []
        if seen_before:
            first = {"orders": [], "cursor": "3-c", "serverTime": "", "hasMore": False}
            night.server.read_fault = lambda name: answer(200, first) if name == "orders" else None
            night.run(3)
        night.run(1)
        before = night.till.run(entities.cursor)
        page = {"orders": [{"id": "?", "version": -7}], "cursor": "9-z", "serverTime": "", "hasMore": False}
        night.server.read_fault = lambda name: answer(200, page) if name == "orders" else None
        night.run(6)
        assert night.till.run(entities.cursor) == "9-z"
        night.die()
        night.till.run(lambda tx: asked.append(turns.begin(tx, clock_ms=0).cursor))
        assert asked == [before]
        night.till.run(lambda tx: asked.append(turns.begin(tx, clock_ms=0).cursor))
        assert asked == [before, before]


@dataclass
class DayOver(FakeServer):
    """Two tickets on two pages, all of a day that goes on. With `ended` that is over, and the first can't be read."""

    ended: str = ""
    readable: bool = True

    async def pull_tickets(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        first = as_json(ticket()) if self.readable else {"id": TICKET, "status": "FLOATING"}
        second = {**as_json(ticket()), "id": ulid(77)}
        pages = {None: ("1-a", [first]), "1-a": ("2-b", [second])}
        at, rows = pages.get(cursor, ("3-c", []))
        body = {"tickets": rows, "cursor": at, "serverTime": "", "hasMore": cursor is None, "day": self.ended}
        return await self._read("tickets", body)


@pytest.mark.parametrize("readable", [True, False])
def test_the_end_of_a_day_takes_no_ticket_from_the_board_that_cant_be_read_just_now(
    tmp_path: Path, readable: bool
) -> None:
    """It is being cooked, and listed on the first of two pages, as a newer server tells it."""
    with Night(tmp_path, kind="kds") as night:
        server = DayOver(night.clock)
        night.server = night.transport = server
        night.run(5)
        assert night.till.run(lambda tx: entities.ticket(tx, TICKET)) is not None
        server.ended, server.readable = ulid(55), readable
        night.run(10)
        assert night.till.run(lambda tx: entities.ticket(tx, TICKET)) is not None
        assert night.till.run(lambda tx: entities.ticket(tx, ulid(77))) is not None
