"""A stream that swallows an event goes on pinging: by the head in the ping it is noticed that rows were missed."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.domain.order import Order
from shared.ids import OrderId
from shared.sync import backoff
from shared.sync.actions import Action, Beat, Cause, Listen, Pull, Take
from shared.sync.engine import Engine
from shared.sync.exchange import Event, Exchange
from shared.sync.frames import Frames
from shared.times import to_rfc3339
from tests.unit.sync.fake_server import Effect, FakeServer
from tests.unit.sync.flights import ulid
from tests.unit.sync.night import Night
from tests.unit.sync.virtual import passing

PULLED, MISSED = "7-abc", "8-new"
SOON_S = 2.5
"""A ping, a pull and a bit: far from the minute in which everything is asked for in any case."""


@dataclass
class Streaming(FakeServer):
    """A server that pushes; what of its orders is on `swallowed` its stream leaves out, as if it had never been."""

    swallowed: set[str] = field(default_factory=set)
    names_heads: bool = True

    async def beat(self) -> Exchange:
        now = to_rfc3339(self.clock.true_ms())
        said = {"status": "ok", "version": "1", "serverTime": now, "head": self.head, "capabilities": ["push"]}
        return await self._read("health", said)

    async def listen(self, cursor: str | None) -> AsyncGenerator[Event | Exchange, None]:
        self.asked.append("events")
        yield Event("hello", json.dumps({"head": self.head, "capabilities": ["push"]}))
        sent, at = int((cursor or "0").partition("-")[0]), cursor or ""
        while True:
            for place in range(sent, len(self.effects)):
                made = self.effects[place]
                if made.entity_id in self.swallowed:
                    continue
                body = json.loads(self.orders[made.entity_id].to_json())
                before, at = at, f"{place + 1}-{made.operation_id}"
                yield Event("change", json.dumps({"after": before, "order": body}), at)
            sent = len(self.effects)
            yield Event("ping", json.dumps({"head": self.head} if self.names_heads else {}))
            await passing(1.0)

    def order(self, number: int) -> str:
        """Another till's order."""
        order_id = ulid(number)
        self.orders[order_id] = Order(
            id=OrderId(order_id), number=f"D-{number}", version=1, opened_at="2025-11-28T19:40:00.000Z"
        )
        self.effects.append(Effect(ulid(100 + number), order_id, "create_order"))
        return order_id


def seen_soon(folder: Path, *, names_heads: bool = True) -> list[str]:
    """The promise: what the stream swallows is on the screen soon. Returns what the server was asked meanwhile."""
    with Night(folder) as night:
        server = Streaming(night.clock, names_heads=names_heads)
        night.server = night.transport = server
        first = server.order(1)
        night.run(5)
        assert night.till.scene(first).server is not None
        lost = ulid(2)
        server.swallowed.add(lost)
        server.order(2)
        server.asked.clear()
        night.run(SOON_S)
        assert night.till.scene(lost).server is not None, "what the stream swallowed has to be asked for"
        night.run(20)
        later = server.order(3)
        night.run(SOON_S)
        assert night.till.scene(later).server is not None, "and the stream goes on"
        return server.asked


def test_what_a_stream_swallows_is_pulled_at_once_and_once(tmp_path: Path) -> None:
    asked = seen_soon(tmp_path)
    assert asked.count("orders") <= 2, "once for what was swallowed, once when the stream begins anew behind it"
    assert asked.count("events") <= 1


def test_whoever_does_not_compare_the_heads_is_caught(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="swallowed"):
        seen_soon(tmp_path, names_heads=False)


def listening() -> Engine:
    """An engine at 0 s that has pulled everything, and whose stream lives."""
    engine = Engine(0.0, delays=backoff)
    engine.step(0.0)
    engine.beat_passed(0.0, round_trip_s=0.01, head="", chance=0.5, push=True)
    engine.step(0.0)
    engine.chores.fetched(0.0, whole=True)
    engine.took(0.0, count=0, limit=5, due_s=None)
    engine.pulled(0.0, cursor=PULLED, has_more=False)
    assert Listen() in engine.step(0.0)
    engine.heard(0.0, cursor=PULLED)
    return engine


def pulls(engine: Engine, now_s: float) -> list[Action]:
    """What it wants to pull now; everything else goes well, the beats with the missed head."""
    wanted = engine.step(now_s)
    for action in wanted:
        if isinstance(action, Beat):
            engine.beat_passed(now_s, round_trip_s=0.01, head=MISSED, chance=0.5, push=True)
        elif isinstance(action, Take):
            engine.took(now_s, count=0, limit=5, due_s=None)
    return [action for action in wanted if isinstance(action, Pull)]


def test_a_head_that_no_pull_reaches_is_asked_for_once() -> None:
    """A server whose pings name what its pages never bring must not be asked each second."""
    engine = listening()
    asked = 0
    for second in range(1, 30):
        engine.heard(second, cursor=PULLED, missed=MISSED)
        for _ in pulls(engine, second):
            asked += 1
            engine.pulled(second, cursor=PULLED, has_more=False)
    assert asked == 1


def test_a_pull_that_was_on_its_way_before_is_followed_by_another() -> None:
    """Its page may be from before; the next ping asks again."""
    engine = listening()
    engine.try_now(1.0)
    assert pulls(engine, 1.0) == [Pull()]
    engine.heard(1.1, cursor=PULLED, missed=MISSED)
    engine.pulled(1.2, cursor=PULLED, has_more=False)
    engine.heard(2.1, cursor=PULLED, missed=MISSED)
    assert pulls(engine, 2.1) == [Pull()]


def test_a_pull_that_fails_is_tried_again_and_what_came_is_not_asked_for_again() -> None:
    engine = listening()
    engine.heard(1.0, cursor=PULLED, missed=MISSED)
    assert pulls(engine, 1.0) == [Pull()]
    engine.pull_failed(1.1)
    later = [second for second in range(2, 8) if pulls(engine, second) == [Pull()]]
    assert len(later) == 1, "one again, which is on its way from then on"
    engine.pulled(7.2, cursor=MISSED, has_more=False)
    engine.heard(8.0, cursor=PULLED, missed=MISSED)
    assert pulls(engine, 8.0) == []


def test_while_the_queue_is_paused_no_ping_brings_a_pull_forward() -> None:
    engine = listening()
    engine.pull_failed(1.0, pause=Cause.DEVICE_UNKNOWN)
    engine.heard(1.5, cursor=PULLED, missed=MISSED)
    assert pulls(engine, 1.5) == []


def test_a_ping_tells_what_was_missed_until_the_stream_brings_it() -> None:
    frames = Frames(PULLED, Order)
    for event in (Event("hello", '{"head": "8-new"}'), Event("ping", json.dumps({"head": MISSED}))):
        assert frames.hear(event) is None
    assert frames.missed == MISSED
    frames.hear(Event("change", json.dumps({"after": PULLED}), MISSED))
    assert frames.missed == ""
    frames.hear(Event("ping", "what is this"))
    assert frames.missed == "", "what can't be read says only that the stream lives"
