"""Plays the engine against a scripted network in virtual time: beats, pulls and an outbox of plain counters."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from shared.sync import backoff
from shared.sync.actions import Beat, Cause, Collect, FetchCatalog, LinkState, Listen, Pull, Take, Tidy, WaitUntil
from shared.sync.engine import Engine

START_S = 100.0


class Net(Protocol):
    """What becomes of a heartbeat sent at `now_s`: after so many seconds it is good (None) or missed for a cause."""

    def __call__(self, now_s: float) -> tuple[float, Cause | None]: ...


def good(round_trip_s: float = 0.02) -> Net:
    return lambda now_s: (round_trip_s, None)


def refused(now_s: float) -> tuple[float, Cause | None]:
    return 0.001, Cause.NO_SERVER


def silent(now_s: float) -> tuple[float, Cause | None]:
    """Nobody answers: the beat ends by its limit of 2 s."""
    return 2.0, Cause.NO_SERVER


def broken(since_s: float, until_s: float, how: Net, otherwise: Net | None = None) -> Net:
    """Good, but `how` for beats sent in this span."""
    fine = otherwise or good()
    return lambda now_s: how(now_s) if since_s <= now_s < until_s else fine(now_s)


@dataclass
class Play:
    """Runs one engine. `states` keeps each change of what a screen would show, with its moment."""

    net: Net
    chance: float = 0.5
    head: str = "1-a"
    answer_s: float = 0.01
    waiting: int = 0
    now_s: float = START_S
    engine: Engine = field(init=False)
    beats: list[float] = field(default_factory=list)
    pulls: list[float] = field(default_factory=list)
    catalogs: list[float] = field(default_factory=list)
    takes: list[tuple[float, Take]] = field(default_factory=list)
    sends: list[float] = field(default_factory=list)
    tidies: list[float] = field(default_factory=list)
    untidy: int = 0
    states: list[tuple[float, LinkState, Cause | None]] = field(default_factory=list)
    most_in_flight: int = 0

    def __post_init__(self) -> None:
        self.engine = Engine(self.now_s, delays=backoff)
        self._order = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, moment_s: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment_s, next(self._order), event))

    def run(self, seconds: float) -> None:
        """Until so many seconds later; everything in between happens."""
        end_s = self.now_s + seconds
        while True:
            wake_s = self._step()
            assert wake_s > self.now_s, "the engine would spin"
            next_s = min(wake_s, self._events[0][0]) if self._events else wake_s
            if next_s > end_s:
                self.now_s = end_s
                self._step()
                return
            self.now_s = next_s
            while self._events and self._events[0][0] <= self.now_s:
                heapq.heappop(self._events)[2]()

    def state_at(self, moment_s: float) -> LinkState:
        return [state for since_s, state, _ in self.states if since_s <= moment_s][-1]

    def tap(self, count: int = 1) -> None:
        self.waiting += count
        self.engine.woke()

    def _step(self) -> float:
        wake_s = self.now_s
        for action in self.engine.step(self.now_s):
            match action:
                case Beat():
                    self.beats.append(self.now_s)
                    self._beat()
                case Pull():
                    self.pulls.append(self.now_s)
                    self.at(self.now_s + 0.01, self._pulled)
                case Listen():
                    raise AssertionError("this server has no stream")
                case FetchCatalog():
                    self.catalogs.append(self.now_s)
                    self.at(self.now_s + 0.01, lambda: self.engine.chores.fetched(self.now_s, whole=True))
                case Tidy():
                    self.tidies.append(self.now_s)
                    self.at(self.now_s + 0.01, self._tidied)
                case Collect():
                    raise AssertionError("nobody pays by card here")
                case Take():
                    self.takes.append((self.now_s, action))
                    self.at(self.now_s + 0.001, lambda take=action: self._took(take))  # type: ignore[misc]
                case WaitUntil():
                    wake_s = action.s
        standing = self.engine.standing(self.now_s)
        if not self.states or self.states[-1][1:] != (standing.state, standing.cause):
            self.states.append((self.now_s, standing.state, standing.cause))
        self.most_in_flight = max(self.most_in_flight, standing.in_flight)
        return wake_s

    def _beat(self) -> None:
        sent_s = self.now_s
        delay_s, cause = self.net(sent_s)

        def back() -> None:
            if cause is None:
                trip_s = self.now_s - sent_s
                self.engine.beat_passed(self.now_s, round_trip_s=trip_s, head=self.head, chance=self.chance)
            else:
                self.engine.beat_missed(self.now_s, sent_s=sent_s, cause=cause, chance=self.chance)

        self.at(sent_s + delay_s, back)

    def _pulled(self) -> None:
        self.engine.pulled(self.now_s, cursor=self.head, has_more=False)

    def _tidied(self) -> None:
        self.untidy = max(0, self.untidy - 1)
        self.engine.chores.tidied(self.now_s, has_more=self.untidy > 0)

    def _took(self, take: Take) -> None:
        count = min(take.limit, self.waiting)
        self.waiting -= count
        self.engine.took(self.now_s, count=count, limit=take.limit, due_s=None)
        for _ in range(count):
            self.sends.append(self.now_s)
            self.at(self.now_s + self.answer_s, lambda: self.engine.answered(self.now_s, accepted=True))
