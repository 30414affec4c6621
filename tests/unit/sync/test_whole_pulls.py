"""Once a minute everything is asked for; what that mends is announced, whatever comes of the page behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.sync import errands
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
