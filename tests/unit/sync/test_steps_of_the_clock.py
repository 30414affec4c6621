"""A clock that steps while an operation is put off: what was reckoned by the wrong time is brought near again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from shared.store import meta, outbox
from shared.sync import turns
from shared.sync.exchange import Exchange
from shared.times import to_rfc3339
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.flights import answer, error
from tests.unit.sync.night import Night

TWO_HOURS_MS = 7_200_000
BOUND_S = outbox.LONGEST_DELAY_MS / 1000 + 20
"""The longest delay, the tick that backs the loop, and the heartbeats until a step is believed."""

Step = Callable[[Night, int], None]


class Wrong(FakeServer):
    """A server whose own clock can be wrong."""

    ahead_ms = 0

    async def beat(self) -> Exchange:
        now = to_rfc3339(self.clock.true_ms() + self.ahead_ms)
        return await self._read("health", {"status": "ok", "version": "1", "serverTime": now, "head": self.head})


def at_the_till(night: Night, ms: int) -> None:
    night.clock.wrong_by_ms = ms


def at_the_server(night: Night, ms: int) -> None:
    assert isinstance(night.server, Wrong)
    night.server.ahead_ms = ms


def goes_soon(folder: Path, step: Step, *, away_ms: int, back_ms: int) -> None:
    """The promise: an operation that the server failed on while the time was wrong goes within the longest delay."""
    with Night(folder) as night:
        night.server = night.transport = Wrong(night.clock)
        night.run(10)
        night.server.fault_before = lambda flight, seen: answer(500, error(500))
        step(night, away_ms)
        night.run(0.2 if step is at_the_till else 15)
        night.order()
        night.run(2)
        night.server.fault_before = lambda flight, seen: None
        step(night, back_ms)
        night.run(BOUND_S)
        assert night.waiting() == 0


STEPS = [
    pytest.param(at_the_till, TWO_HOURS_MS, TWO_HOURS_MS, id="the till is set ahead and stays there"),
    pytest.param(at_the_till, TWO_HOURS_MS, 0, id="the till is ahead for a moment"),
    pytest.param(at_the_till, -TWO_HOURS_MS, 0, id="the till is behind for a moment"),
    pytest.param(at_the_server, TWO_HOURS_MS, 0, id="the server was ahead and is mended"),
    pytest.param(at_the_server, -TWO_HOURS_MS, 0, id="the server was behind and is mended"),
]


@pytest.mark.parametrize(("step", "away_ms", "back_ms"), STEPS)
def test_whose_clock_ever_steps_nothing_waits_for_hours(tmp_path: Path, step: Step, away_ms: int, back_ms: int) -> None:
    goes_soon(tmp_path, step, away_ms=away_ms, back_ms=back_ms)


def test_whoever_brings_nothing_near_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "store_offset", partial(_offset_alone))
    with pytest.raises(AssertionError):
        goes_soon(tmp_path, at_the_till, away_ms=TWO_HOURS_MS, back_ms=TWO_HOURS_MS)


def _offset_alone(tx: object, *, offset_ms: int, now_ms: int) -> None:
    """The mutant: only the offset is kept."""
    meta.set_clock_offset(tx, offset_ms=offset_ms)  # type: ignore[arg-type]
