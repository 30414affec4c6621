"""A short rush: few orders that everybody is at, two kitchens, people who void, save, recall and retry, small pages.

What a night leaves out, since it would make it slower: here two devices are always in each other's way. The server
refuses now and then what it takes the next time, somebody presses *Retry*, and its clock is set back in the middle.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from reference_server.deps import Limits
from reference_server.people import enrolment
from reference_server.storage.devices import DeviceKind
from reference_server.storage.pages import PageSize
from shared.database import Connection, run_inline
from shared.domain.commands import AddLine, Change, ChangeOrder, NewLine, SendDraft, SetSeat, VoidLine
from shared.domain.marks import BumpTicket, ReadyTicket, RecallTicket, StartTicket
from shared.domain.menu import Menu, complete
from shared.domain.order import Line
from shared.domain.rejections import CommandRejected
from shared.errors import DatabaseError
from shared.ids import ChangeId, ItemId, LineId
from shared.store import outbox, scenes
from shared.store.outcomes import Flight
from shared.sync.exchange import Answered, Exchange
from tests.contract.house import House
from tests.simulation.devices import Code, Device
from tests.simulation.lane_promises import broken_in_lanes
from tests.simulation.network import CALM, Road, Weather
from tests.simulation.promises import Story
from tests.simulation.virtual_time import VirtualClock, VirtualLoop
from tests.simulation.world import WHO, World
from tests.unit.domain.restaurant import MENU

RUSH_S = 50.0
CALM_LIMIT_S = 400.0
ORDERS = 6
STORM = Weather(lose_request=0.1, lose_answer=0.15, double=0.05, server_error=0.05, portal=0.05, delay_s=0.4)
REFUSED = 0.04
SET_BACK_MS = 40_000
LOOK_EVERY_S = 4.0
"""So often somebody looks at the sync panel, and presses Retry on all that is there."""

Mark: TypeAlias = StartTicket | ReadyTicket | BumpTicket | RecallTicket
MARKS: tuple[tuple[type[Mark], str], ...] = (
    (StartTicket, "START"),
    (ReadyTicket, "READY"),
    (BumpTicket, "BUMP"),
    (RecallTicket, ""),
)


@dataclass
class Moody(Road):
    """A road to a server that refuses some operations for good, and takes the same wish under the next id."""

    refused: float = REFUSED
    verdicts: dict[str, bool] = field(default_factory=dict)

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        if flight.id not in self.verdicts:
            self.verdicts[flight.id] = self.chance.random() < self.refused
        if self.is_cut or not self.verdicts[flight.id]:
            return await super().send(flight, seen=seen)
        self.faults["refused"] += 1
        await asyncio.sleep(self._delay_s())
        body = {"statusCode": 422, "error": "Unprocessable Entity", "message": "Not on the menu just now."}
        return Answered(422, {"content-type": "application/json"}, json.dumps(body).encode())


@dataclass
class Rush(World):
    """One rush."""

    mine: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.who = {**WHO, "kitchen-2": "kitchen-2"}

    @contextmanager
    def _house(self) -> Iterator[House]:
        with super()._house() as house:
            self.clock = VirtualClock(self.loop)
            house.deps = replace(house.deps, clock=self.clock, limits=Limits(page=PageSize(entities=2)))
            made = run_inline(
                house.connection,
                lambda tx: enrolment.enrol(tx, house.deps, kind=DeviceKind.KDS, name="kitchen-2", letter=None),
            )
            house.tokens["kitchen-2"], house.device_ids["kitchen-2"] = made.token, made.device.id
            yield house

    def _road(self, house: House, name: str, weather: Weather) -> Road:
        return Moody(house, self.who[name], random.Random(self.chance.random()), weather)

    async def _fate(self) -> None:
        await asyncio.gather(self._cuts_and_kills(), self._set_back(), self._look_at_panels(RUSH_S))

    async def _cuts_and_kills(self) -> None:
        while self.loop.time() < RUSH_S:
            await asyncio.sleep(self.chance.uniform(2, 8))
            name, device = self.chance.choice(list(self.devices.items()))
            if self.chance.random() < 0.7:
                device.road.is_cut = True
                await asyncio.sleep(self.chance.uniform(1, 15))
                device.road.is_cut = False
            else:
                await device.kill()
                device.start()
                self.watch.after_crash(name, device)

    async def _set_back(self) -> None:
        """Somebody sets the server's clock right."""
        await asyncio.sleep(self.chance.uniform(20, 40))
        self.clock.wrong_ms -= SET_BACK_MS

    async def _look_at_panels(self, until_s: float) -> None:
        while self.loop.time() < until_s:
            await asyncio.sleep(LOOK_EVERY_S)
            for device in self.devices.values():
                self._retry_all(device)

    def _retry_all(self, device: Device) -> int:
        """Press *Retry* on all that was refused. Returns how many there were."""
        held = device.read(held_ids)
        now_ms = device.clock.now_ms()
        for one in held:
            work = partial(self.code.retry, operation_id=one, new_id=self.ids.new(), actor_id="ann", now_ms=now_ms)
            device.writer.submit(work).result()
        if held:
            device.worker.wake()
        return len(held)

    async def _waiter(self, name: str) -> None:
        while self.loop.time() < RUSH_S:
            await asyncio.sleep(self.chance.uniform(0.3, 2.5))
            with suppress(DatabaseError):  # as in a night
                self._act(name)

    def _act(self, name: str) -> None:
        device = self.devices[name]
        known = [one for one in device.read(scenes.open_order_ids) if self._is_shown(device, one)]
        act = self.chance.random()
        if not known or (act < 0.25 and len(self.mine) < ORDERS):
            self.mine.append(self.ids.new())
            self._order(name, self.mine[-1])
            return
        order_id = self.chance.choice(known)
        with suppress(CommandRejected):  # the screen says so
            if act < 0.5:
                self._order(name, order_id)
            elif act < 0.75:
                self._change(name, order_id)
            elif act < 0.9:
                self._send_the_rest(name, order_id)
            else:
                self._pay(name, order_id)
        for one in known[:2]:
            self.watch.screen(device, one)

    def _is_shown(self, device: Device, order_id: str) -> bool:
        """Whether the floor shows it as open: a follow-up order that was foreseen and never made is on no screen."""
        order = device.read(partial(scenes.of_order, order_id=order_id, author_of=device.author_of)).scene.order
        return order is not None and order.is_open

    def _change(self, name: str, order_id: str) -> None:
        """Void a line, seat one, or save one without sending it."""
        device = self.devices[name]
        seen = device.read(partial(scenes.of_order, order_id=order_id, author_of=device.author_of)).scene
        if seen.order is None:
            return
        changes: list[Change] = []
        act = self.chance.random()
        standing = seen.order.standing_lines
        if standing and act < 0.7:
            line: Line = self.chance.choice(standing)
            change_id = ChangeId(self.ids.new())
            if act < 0.2:
                changes.append(VoidLine(id=change_id, line_id=line.id, reason="wrong"))
            else:
                changes.append(SetSeat(id=change_id, line_id=line.id, seat=self.chance.randint(1, 4)))
        if act > 0.5:
            changes.append(AddLine(line=self._new_line()))
        if changes:
            change = self._made(ChangeOrder, order_id=order_id, base_version=seen.base_version, changes=tuple(changes))
            device.tap(change)

    def _send_the_rest(self, name: str, order_id: str) -> None:
        """Send what the screen shows as saved and not sent."""
        device = self.devices[name]
        seen = device.read(partial(scenes.of_order, order_id=order_id, author_of=device.author_of)).scene
        unsent = [] if seen.order is None else [one.id for one in seen.order.standing_lines if one.ticket_id is None]
        if unsent:
            device.tap(self._made(SendDraft, order_id=order_id, line_ids=tuple(unsent)))

    async def _cook(self) -> None:
        await asyncio.gather(*(self._cook_at(name) for name in self.devices if name.startswith("kitchen")))

    async def _cook_at(self, name: str) -> None:
        while self.loop.time() < RUSH_S:
            await asyncio.sleep(self.chance.uniform(0.5, 4))
            device = self.devices[name]
            with suppress(DatabaseError):
                board = device.read(partial(scenes.of_board, bumped=self.chance.random() < 0.2))
                if board:
                    ticket, _ = self.chance.choice(board)
                    kind, word = self.chance.choice(MARKS)
                    shown = tuple(item.line_id for item in ticket.items)
                    mark: Mark = self._made(kind, ticket_id=ticket.id, round=ticket.round, line_ids=shown)
                    device.tap(mark)
                    if word:
                        self.journals[name].write("marked", intent=mark.id, ticket=ticket.id, mark=word)

    async def _calm(self) -> bool:
        """Good weather and somebody at the panels, until nothing waits and nothing is held."""
        for device in self.devices.values():
            device.road.weather, device.road.is_cut = CALM, False
            assert isinstance(device.road, Moody)
            device.road.refused = 0.0
        until_s = self.loop.time() + CALM_LIMIT_S
        while sum(self._retry_all(one) + one.read(outbox.waiting) for one in self.devices.values()):
            if self.loop.time() > until_s:
                return False
            await asyncio.sleep(LOOK_EVERY_S)
        await asyncio.sleep(15)
        return True

    def _new_line(self) -> NewLine:
        item_id = ItemId(self.chance.choice(MENU.items).id)
        return complete(NewLine(id=LineId(self.ids.new()), item_id=item_id, quantity=1), Menu.model_validate(MENU))


def held_ids(tx: Connection) -> Sequence[str]:
    """What was refused and waits for a person."""
    query = "SELECT id FROM operation WHERE status = 'FAILED' AND settled_at IS NULL ORDER BY place, seq"
    return [str(one) for (one,) in tx.execute(query).fetchall()]


def play_rush(seed: int, folder: Path, *, code: Code | None = None) -> Story:
    """Play the rush of this seed in an empty folder."""
    loop = VirtualLoop()
    try:
        world = Rush(seed, folder, loop, code or Code())
        story = loop.run_until_complete(world.night(STORM))
        return replace(story, broken=(*story.broken, *broken_in_lanes(folder)))
    finally:
        loop.close()
