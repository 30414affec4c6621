"""Two evenings that chance makes rarely: one that is finished a day later, and one on which many orders are sick."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import quantiles
from typing import Any

from reference_server import idempotency
from shared.database import Connection, run_inline
from shared.store.outcomes import Flight
from shared.sync.exchange import Answered, Exchange
from tests.contract.house import House
from tests.simulation.devices import Code
from tests.simulation.lane_promises import broken_in_lanes
from tests.simulation.network import CALM, Road, Weather
from tests.simulation.promises import UNHURRIED_MS, Story
from tests.simulation.rush import RUSH_S, STORM, Rush
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.world import World

LAST_S = 15.0
NIGHT_OFF_S = 25 * 3600.0
TILL = "till-2"
"""Where all of it happens."""
SICK = 50
STORM_S, OPEN_S, SERVED_S, LOOKED_AT_S = 20.0, 150.0, 165.0, 220.0
"""When the server is up again, when each sick order was tried, how long sound ones come, and when they are counted."""


@dataclass
class Overnight(Rush):
    """A rush at whose end hardly an answer comes back; everybody goes home, and the tills start again a day later.

    By then the server has forgotten what it answered, as the contract allows, and knows only that it did.
    """

    async def _fate(self) -> None:
        await asyncio.gather(super()._fate(), self._grow_silent())

    async def _grow_silent(self) -> None:
        await asyncio.sleep(RUSH_S - LAST_S)
        for device in self.devices.values():
            device.road.weather = replace(STORM, lose_answer=0.8)

    async def _calm(self) -> bool:
        for device in self.devices.values():
            await device.kill()
        await asyncio.sleep(NIGHT_OFF_S)
        house = self.watch.house
        while run_inline(house.connection, lambda tx: idempotency.forget_answers(tx, house.deps)):
            pass
        for device in self.devices.values():
            device.start()
        return await super()._calm()


@dataclass
class Sickroom(Road):
    """A road to a server that is down at first, and that can't digest the orders of `sick` ever."""

    sick: set[str] = field(default_factory=set)
    is_down: bool = False

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        if not self.is_down and flight.entity_id not in self.sick:
            return await super().send(flight, seen=seen)
        await asyncio.sleep(self._delay_s())
        self.faults["poison"] += 1
        return Answered(500, {"content-type": "application/json"}, json.dumps({"statusCode": 500}).encode())


@dataclass
class ManySick(World):
    """Fifty orders of one till that the server fails on each time, and others behind them."""

    sick: set[str] = field(default_factory=set)

    def _road(self, house: House, name: str, weather: Weather) -> Road:
        return Sickroom(house, self.who[name], random.Random(self.chance.random()), weather, sick=self.sick)

    async def _fate(self) -> None:
        road = self.devices[TILL].road
        assert isinstance(road, Sickroom)
        road.is_down = True
        await asyncio.sleep(STORM_S)
        road.is_down = False

    async def _cook(self) -> None:
        """Nobody cooks."""

    async def _waiter(self, name: str) -> None:
        if name != TILL:
            return
        for _ in range(SICK):
            await asyncio.sleep(self.chance.uniform(0.1, 0.5))
            self.sick.add(self.ids.new())
            self._order(name, max(self.sick))
        await asyncio.sleep(OPEN_S - self.loop.time())
        while self.loop.time() < SERVED_S:
            self._order(name, self.ids.new())
            await asyncio.sleep(self.chance.uniform(1, 3))
        await asyncio.sleep(LOOKED_AT_S - self.loop.time())

    async def _calm(self) -> bool:
        device = self.devices[TILL]
        waits = device.read(lambda tx: waits_ms(tx, self.sick, now_ms=device.clock.now_ms()))
        usual_ms = quantiles(waits, n=4)[0]
        if usual_ms > UNHURRIED_MS:
            self.watch.broken.append(f"6: three quarters of the sound orders waited {usual_ms / 1000:.0f} s and more")
        self.sick.clear()
        return await super()._calm()


def waits_ms(tx: Connection, sick: set[str], *, now_ms: int) -> list[int]:
    """How long each operation of a sound order waited for its last word, or waits by now."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        "SELECT coalesce(settled_at, ?) - created_at FROM operation"
        " WHERE entity_id NOT IN (SELECT value FROM json_each(?))",
        (now_ms, json.dumps(sorted(sick))),
    ).fetchall()
    return [int(wait) for (wait,) in rows]


def play_overnight(seed: int, folder: Path, *, code: Code | None = None) -> Story:
    """Play it in an empty folder."""
    return _play(Overnight(seed, folder, VirtualLoop(), code or Code()), STORM)


def play_many_sick(seed: int, folder: Path, *, code: Code | None = None) -> Story:
    """Play it in an empty folder."""
    return _play(ManySick(seed, folder, VirtualLoop(), code or Code()), CALM)


def _play(world: World, weather: Weather) -> Story:
    try:
        story = world.loop.run_until_complete(world.night(weather))
        return replace(story, broken=(*story.broken, *broken_in_lanes(world.folder)))
    finally:
        world.loop.close()
