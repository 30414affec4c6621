"""Once a minute everything is asked for; what that mends is announced, whatever comes of the page behind it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.sync import errands, reads
from shared.sync.ear import Ear
from shared.sync.exchange import Exchange, TimedOut
from shared.wire.requests import order_lane
from tests.unit.sync.flights import ulid
from tests.unit.sync.night import Night
from tests.unit.sync.test_swallowed_news import Streaming

MINUTE_S = 65


def is_announced(folder: Path) -> None:
    """The promise: what is in the file is on the screen. The line breaks behind the reading of everything."""
    with Night(folder) as night:
        server = Streaming(night.clock, names_heads=False)
        night.server = night.transport = server
        night.run(5)
        lost = ulid(7)
        server.swallowed.add(lost)
        server.order(7)
        night.told.clear()
        reads: list[float] = []

        def second_fails(name: str) -> Exchange | None:
            if name == "orders":
                reads.append(night.clock.monotonic_s())
            return TimedOut() if name == "orders" and len(reads) == 2 else None

        server.read_fault = second_fails
        night.run(MINUTE_S)
        assert len(reads) >= 2, "everything, and then the page"
        assert night.till.scene(lost).server is not None
        assert any(order_lane(lost) in ids for ids in night.told), "it is in the file, and no screen was told"


def test_what_is_mended_is_told_though_the_page_behind_it_never_comes(tmp_path: Path) -> None:
    is_announced(tmp_path)


def test_whoever_tells_of_it_with_the_page_alone_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = errands.pull

    async def silent(*said: object, told: object, whole: bool) -> object:
        return await real(*said, whole=whole)  # type: ignore[arg-type]

    monkeypatch.setattr(errands, "pull", silent)
    with pytest.raises(AssertionError, match="no screen was told"):
        is_announced(tmp_path)


def is_asked_again(folder: Path, *, fails: range) -> None:
    """The promise: everything that could not be asked for is asked for again soon, not in a minute."""
    with Night(folder) as night:
        server = Streaming(night.clock, names_heads=False)
        night.server = night.transport = server
        night.run(5)
        lost = ulid(7)
        server.swallowed.add(lost)
        server.order(7)
        reads: list[float] = []

        def fails_first(name: str) -> Exchange | None:
            if name == "orders":
                reads.append(night.clock.monotonic_s())
            return TimedOut() if name == "orders" and len(reads) in fails else None

        server.read_fault = fails_first
        night.run(MINUTE_S + 10)
        assert len(reads) > fails.stop, "it failed, and went again"
        assert night.till.scene(lost).server is not None, "a whole pull that failed counts as done"


@pytest.mark.parametrize("fails", [range(1, 2), range(1, 3)], ids=["the whole alone", "the page behind it too"])
def test_a_whole_pull_that_failed_is_asked_for_again_soon(tmp_path: Path, fails: range) -> None:
    is_asked_again(tmp_path, fails=fails)


def test_whoever_counts_a_failed_one_as_done_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ear, "pulled", lambda *_, **__: None)
    with pytest.raises(AssertionError):
        is_asked_again(tmp_path, fails=range(1, 3))


@dataclass
class OneByOne(Streaming):
    """A server with one order on each of its pages. While `stuck` it says that there is more, and goes no further."""

    stuck: bool = False
    from_the_start: int = 0

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        self.from_the_start += cursor is None
        place = int(cursor.partition("-")[0]) if cursor else 0
        made = self.effects[place : place + (0 if self.stuck and cursor else 1)]
        at = f"{place + 1}-{made[0].operation_id}" if made else cursor or ""
        rows = [json.loads(self.orders[one.entity_id].to_json()) for one in made]
        more = place + 1 < len(self.effects) or self.stuck
        return await self._read("orders", {"orders": rows, "cursor": at, "serverTime": "", "hasMore": more})


def is_read_to_its_end(folder: Path) -> None:
    """The promise: everything is everything, on however many pages it stands."""
    with Night(folder) as night:
        server = OneByOne(night.clock, names_heads=False)
        night.server = night.transport = server
        for number in range(1, 2 * errands.MOST_PAGES):
            server.order(number)
        night.run(10)
        lost = ulid(98)
        server.swallowed.add(lost)
        server.order(98)
        server.order(99)
        night.run(5)
        assert night.till.scene(lost).server is None, "the stream has left it out, and gone on"
        night.run(MINUTE_S)
        assert night.till.scene(lost).server is not None, "what stands on a late page is not mended"


def test_everything_is_read_to_its_end(tmp_path: Path) -> None:
    is_read_to_its_end(tmp_path)


def test_whoever_stops_before_the_end_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MOST_WHOLE_PAGES", errands.MOST_PAGES)
    with pytest.raises(AssertionError, match="on a late page"):
        is_read_to_its_end(tmp_path)


def test_everything_that_does_not_come_to_its_end_is_not_called_whole(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        server = OneByOne(night.clock, names_heads=False)
        night.server = night.transport = server
        server.order(1)
        night.run(10)
        server.stuck, server.from_the_start = True, 0
        night.run(MINUTE_S + 10)
        assert server.from_the_start > 1, "it counts as done, and is asked for in a minute"
