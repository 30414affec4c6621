"""What the server says and this version can't read: the rest is taken, a person is told, and it is asked for again."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.store import entities
from shared.sync import turns
from shared.sync.troubles import UNREADABLE
from tests.unit.sync.flights import answer
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
