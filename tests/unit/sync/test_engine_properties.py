"""Whatever happens in whatever order, the engine keeps its limits, never spins and always has something to wait for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from shared.sync import backoff
from shared.sync.actions import Beat, Cause, Collect, FetchCatalog, Listen, Pull, Take, Tidy, WaitUntil
from shared.sync.engine import MAX_IN_FLIGHT, TICK_EVERY_S, Engine

CAUSES = st.sampled_from(Cause)
CHANCES = st.floats(0, 1)
HOLDS = st.none() | st.floats(0, 1000)


@dataclass
class World:
    """Carries out what the engine wants in the order in which Hypothesis says."""

    data: st.DataObject
    now_s: float = 0.0
    beats: int = 0
    pulling: bool = False
    fetching: bool = False
    tidying: bool = False
    take: Take | None = None
    in_flight: int = 0
    paused: bool = False
    listening: bool = False
    held_until_s: float = 0.0
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(self.now_s, delays=backoff)

    def step(self) -> None:
        """Ask once, then again: the second time there is only waiting."""
        for action in self.engine.step(self.now_s):
            match action:
                case Beat():
                    self.beats += 1
                    assert self.beats <= 2
                case Pull():
                    assert not self.pulling
                    assert self.now_s >= self.held_until_s
                    self.pulling = True
                case Listen():
                    assert not (self.listening)
                    assert not (self.pulling)
                    assert not (self.paused)
                    assert self.now_s >= self.held_until_s
                    self.listening = True
                case FetchCatalog():
                    assert not self.fetching
                    assert not self.paused
                    self.fetching = True
                case Tidy():
                    assert not self.tidying
                    assert not self.paused
                    self.tidying = True
                case Collect():
                    raise AssertionError("nobody pays by card here")
                case Take():
                    assert self.take is None
                    assert not self.paused
                    assert self.now_s >= self.held_until_s
                    assert action.limit > 0
                    assert self.in_flight + action.limit <= MAX_IN_FLIGHT
                    self.take = action
                case WaitUntil():
                    assert self.now_s < action.s
        (waiting,) = self.engine.step(self.now_s)
        assert isinstance(waiting, WaitUntil)
        assert self.now_s < waiting.s
        if not (self.beats or self.pulling or self.fetching or self.tidying or self.take):
            assert waiting.s - self.now_s <= TICK_EVERY_S
        assert self.engine.standing(self.now_s).in_flight == self.in_flight

    def possible(self) -> list[str]:
        names = ["wait", "woke", "try_now", "network_changed"]
        names += ["beat_passed", "beat_missed"] if self.beats else []
        names += ["pulled", "pull_failed"] if self.pulling else []
        names += ["heard", "unheard"] if self.listening else []
        names += ["fetched"] if self.fetching else []
        names += ["tidied"] if self.tidying else []
        names += ["took", "take_failed"] if self.take is not None else []
        names += ["answered"] if self.in_flight else []
        return names

    def happen(self) -> None:
        draw, engine, now_s = self.data.draw, self.engine, self.now_s
        match draw(st.sampled_from(self.possible())):
            case "wait":
                self.now_s += draw(st.floats(0, 30))
            case "woke":
                engine.woke()
            case "try_now":
                engine.try_now(now_s)
            case "network_changed":
                engine.network_changed(now_s)
            case "beat_passed":
                self.beats -= 1
                head = draw(st.sampled_from(["", "1-a", "2-b"]))
                trip_s, chance, push = draw(st.floats(0, 2)), draw(CHANCES), draw(st.booleans())
                engine.beat_passed(now_s, round_trip_s=trip_s, head=head, chance=chance, push=push)
            case "beat_missed":
                self.beats -= 1
                sent_s = draw(st.floats(now_s - 2, now_s))
                engine.beat_missed(now_s, sent_s=sent_s, cause=draw(CAUSES), chance=draw(CHANCES))
            case "pulled":
                self.pulling = self.paused = False
                engine.pulled(now_s, cursor=draw(st.sampled_from([None, "1-a", "2-b"])), has_more=draw(st.booleans()))
            case "pull_failed":
                self.pulling = False
                hold_s, pause = draw(HOLDS), draw(st.none() | CAUSES)
                self._note(hold_s, pause)
                engine.pull_failed(now_s, hold_s=hold_s, pause=pause, chance=draw(CHANCES))
            case "heard":
                engine.heard(now_s, cursor=draw(st.sampled_from([None, "1-a", "2-b"])))
            case "unheard":
                self.listening = False
                engine.unheard(now_s, moved=draw(st.booleans()), chance=draw(CHANCES))
            case "fetched":
                self.fetching = False
                engine.chores.fetched(now_s, whole=draw(st.booleans()))
            case "tidied":
                self.tidying = False
                engine.chores.tidied(now_s, has_more=draw(st.booleans()))
            case "took":
                self._took()
            case "take_failed":
                assert self.take is not None
                engine.take_failed(again_s=now_s + draw(st.floats(0, 15)), released=self.take.release)
                self.take = None
            case _:
                self.in_flight -= 1
                hold_s, pause = draw(HOLDS), draw(st.none() | CAUSES)
                self._note(hold_s, pause)
                accepted, busy = draw(st.booleans()), draw(st.booleans())
                engine.answered(now_s, hold_s=hold_s, busy=busy, pause=pause, accepted=accepted, chance=draw(CHANCES))

    def _took(self) -> None:
        assert self.take is not None
        count = self.data.draw(st.integers(0, self.take.limit))
        due_s = self.data.draw(st.none() | st.floats(self.now_s - 10, self.now_s + 200))
        self.in_flight += count
        self.engine.took(self.now_s, count=count, limit=self.take.limit, due_s=due_s)
        self.take = None

    def _note(self, hold_s: float | None, pause: Cause | None) -> None:
        self.paused = self.paused or pause is not None
        if hold_s is not None:
            self.held_until_s = max(self.held_until_s, self.now_s + min(hold_s, 300.0))


@given(st.data())
def test_the_engine_keeps_its_limits_whatever_happens(data: st.DataObject) -> None:
    world = World(data)
    for _ in range(data.draw(st.integers(1, 60))):
        world.step()
        world.happen()
    world.step()
    assert math.isfinite(world.now_s)


@given(st.data())
def test_after_any_past_a_good_server_gets_everything_within_a_bound(data: st.DataObject) -> None:
    """Whatever state the past left, once all is answered and good the engine asks the outbox again within 6 minutes."""
    world = World(data)
    for _ in range(data.draw(st.integers(1, 40))):
        world.step()
        world.happen()
    end_s = world.now_s + 360.0
    asked = False
    while world.now_s < end_s and not asked:
        world.step()
        asked = world.take is not None
        while world.beats:
            world.beats -= 1
            world.engine.beat_passed(world.now_s, round_trip_s=0.01, head="", chance=1.0)
        if world.pulling:
            world.pulling = world.paused = False
            world.engine.pulled(world.now_s, cursor="1-a", has_more=False)
        if world.fetching:
            world.fetching = False
            world.engine.chores.fetched(world.now_s, whole=True)
        for _ in range(world.in_flight):
            world.engine.answered(world.now_s, accepted=True)
        world.in_flight = 0
        world.now_s += 0.5
    assert asked
