"""A bad night in virtual time from one seed: two tills, a kitchen and a server, checked from their files alone."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from demo.check import check
from demo.journal import Journal
from reference_server.catalogue.loading import Restaurant
from shared.domain.commands import AddLine, EditDraft, NewLine, PayCash, SendDraft
from shared.domain.intents import lines_of
from shared.domain.lines import Author
from shared.domain.marks import BumpTicket, StartTicket
from shared.domain.menu import Business, Floor, Menu, Role, StaffList, StaffMember, complete
from shared.domain.model import Model
from shared.domain.rejections import CommandRejected
from shared.domain.totals import totals_of
from shared.errors import DatabaseError
from shared.ids import ItemId, LineId, PaymentId, StaffId, derived_id
from shared.store import outbox, scenes
from shared.times import to_rfc3339
from tests.contract.house import ONE_BY_ONE, WITHOUT_PUSH, House, Row, open_house
from tests.simulation import envelopes
from tests.simulation.devices import Code, Device, InlineWriter, open_inline
from tests.simulation.network import CALM, Road, Weather
from tests.simulation.promises import Story, Watch
from tests.simulation.spoiled_server import TakesAll
from tests.simulation.virtual_time import VirtualClock, VirtualLoop
from tests.unit.domain.restaurant import MENU

M = TypeVar("M", bound=Model)

WHO = {"till-1": "till", "till-2": "till-2", "kitchen-1": "kitchen"}
BAD = Weather(lose_request=0.1, lose_answer=0.15, double=0.05, server_error=0.05, portal=0.05, delay_s=0.4)
MARKS: tuple[tuple[type[StartTicket] | type[BumpTicket], str], ...] = ((StartTicket, "START"), (BumpTicket, "BUMP"))
HUNG = "till-1"
"""The till one of whose orders nobody can take until the night is over."""
LOOKED_AT = 3
DOUBLE_TAPS = 0.15
NIGHT_S = 150.0
CALM_LIMIT_S = 900.0


def play(seed: int, folder: Path, *, code: Code | None = None, weather: Weather = BAD, batches: bool = False) -> Story:
    """Play the night of this seed in an empty folder."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(World(seed, folder, loop, code or Code(), batches=batches).night(weather))
    finally:
        loop.close()


@dataclass
class World:
    """Everything that lives in one night."""

    seed: int
    folder: Path
    loop: VirtualLoop
    code: Code
    open_file: Callable[[Path], InlineWriter] = open_inline
    batches: bool = False
    takes_cards: bool = False
    who: Mapping[str, str] = field(default_factory=lambda: WHO)
    night_s: float = NIGHT_S
    pause_s: tuple[float, float] = (0.2, 4)
    """How long a waiter does nothing between two tables."""
    devices: dict[str, Device] = field(default_factory=dict)
    journals: dict[str, Journal] = field(default_factory=dict)
    watch: Watch = field(init=False)
    faults: Counter[str] = field(default_factory=Counter)
    """What struck operations elsewhere than on a road."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.ids = Row("01ARYZ6S43")

    async def night(self, weather: Weather) -> Story:
        """Open, serve in bad weather, calm down, close, check."""
        with self._house() as house:
            self.watch = Watch(house)
            for name in self.who:
                self._add_device(name, house, weather)
            people = [asyncio.ensure_future(life) for life in self._lives()]
            await asyncio.wait(people)
            for one in people:
                one.result()
            others_s = self._others_s()
            drained = await self._calm()
            roads = [device.road for device in self.devices.values()]
            faults, batches = sum((road.faults for road in roads), self.faults), sum(road.batches for road in roads)
            kills = sum(device.kills for device in self.devices.values())
            for name, device in self.devices.items():
                self.watch.at_the_end(name, device)
                await device.stop()
            self.carry_home()
        for journal in self.journals.values():
            journal.close()
        broken, seen = tuple(self.watch.broken), self.watch.stages_seen
        return Story(check(self.folder), faults, kills, drained, broken, seen, others_s, batches=batches)

    def _others_s(self) -> float:
        hung = self.devices[HUNG]
        return self.watch.others(hung, hung.road.poisoned)

    def _lives(self) -> Iterator[Coroutine[None, None, None]]:
        """What people and fate do, side by side."""
        yield from (self._waiter(name) for name in self.who if name.startswith("till"))
        yield self._cook()
        yield self._fate()

    def carry_home(self) -> None:
        """The files are where the check looks for them, unless a world keeps them elsewhere."""

    @contextmanager
    def _house(self) -> Iterator[House]:
        people = tuple(
            StaffMember(id=StaffId(who), name=who.title(), role=Role.WAITER, pin_verifier="x") for who in ("ann", "ben")
        )
        (self.folder / "server").mkdir(parents=True)
        business = Business(version="1", name="Simulated")
        restaurant = Restaurant(MENU, Floor(version="1"), business, StaffList(version="1", staff=people))
        house = open_house(self.folder / "server", restaurant)
        house.connection.pragma("synchronous", "OFF")
        told = WITHOUT_PUSH if self.batches else ONE_BY_ONE
        house.deps = replace(house.deps, clock=VirtualClock(self.loop), capabilities=told)
        yield house
        house.connection.close()

    def _add_device(self, name: str, house: House, weather: Weather) -> None:
        road = self._road(house, name, weather)
        road.reads, road.serve = self.code.reads, self.code.serve
        if self.code.goes_on:
            road.envelope = envelopes.without_lanes
        if self.code.renames:
            road.operation_id = lambda flight: flight.id if flight.sends == 1 else self.ids.new()
        if self.code.takes_all is not None:
            road.body = TakesAll(house, self.code.takes_all)
        device_id = house.device_ids[self.who[name]]
        self.devices[name] = Device(
            kind="pos" if name.startswith("till") else "kds",
            path=self.folder / name / ("pos.sqlite" if name.startswith("till") else "kds.sqlite"),
            letter=chr(64 + int(name.rpartition("-")[2])),
            road=road,
            clock=VirtualClock(self.loop),
            author_of=lambda staff_id: Author(device_id, staff_id.title()),
            code=self.code,
            open_file=self.open_file,
            takes_cards=self.takes_cards and name.startswith("till"),
            chance=random.Random(self.chance.random()),
        )
        self.devices[name].start()
        journal = self.folder / "journal" / f"{name}.jsonl"
        self.journals[name] = Journal(journal, device=name, sync=lambda _: None)

    def _road(self, house: House, name: str, weather: Weather) -> Road:
        return Road(house, self.who[name], random.Random(self.chance.random()), weather)

    async def _fate(self) -> None:
        """Cuts networks and kills processes."""
        while self.loop.time() < self.night_s:
            await asyncio.sleep(self.chance.uniform(3, 15))
            name, device = self.chance.choice(list(self.devices.items()))
            if self.chance.random() < 0.5:
                device.road.is_cut = True
                await asyncio.sleep(self.chance.uniform(1, 25))
                device.road.is_cut = False
            else:
                await device.kill()
                device.start()
                self.watch.after_crash(name, device)

    async def _waiter(self, name: str) -> None:
        mine: list[str] = []
        while self.loop.time() < self.night_s:
            await asyncio.sleep(self.chance.uniform(*self.pause_s))
            with suppress(DatabaseError):  # the till went dark under the finger: nobody was told anything
                self._serve(name, mine)

    def _serve(self, name: str, mine: list[str]) -> None:
        act = self.chance.random()
        if act < 0.35 or not mine:
            mine.append(self.ids.new())
            self._order(name, mine[-1])
            if name == HUNG and not self.devices[name].road.poisoned:
                self.devices[name].road.poisoned = mine[-1]
        elif act < 0.6:
            self._order(name, self.chance.choice(mine))
        elif act < 0.75:
            self._help_the_other(name)
        else:
            order_id = self.chance.choice(mine)
            if self._pay(name, order_id):
                mine.remove(order_id)
        self._look(name)

    def _look(self, name: str) -> None:
        for order_id in self.devices[name].read(scenes.open_order_ids)[:LOOKED_AT]:
            self.watch.screen(self.devices[name], order_id)

    def _help_the_other(self, name: str) -> None:
        """Add to an order that the other till opened, or take the money for it; the other may do so as well."""
        known = self.devices[name].read(scenes.open_order_ids)
        if known:
            order_id = self.chance.choice(known)
            if self.chance.random() < 0.2:
                self._pay(name, order_id)
            else:
                self._order(name, order_id)

    def _order(self, name: str, order_id: str) -> None:
        """One to three lines, then Send; journaled when it is on the disk, which is when the tap returns."""
        device = self.devices[name]
        try:
            lines = [self._tile(device, order_id) for _ in range(self.chance.randint(1, 3))]
            intent = self._made(SendDraft, order_id=order_id, line_ids=tuple(line.id for line in lines))
            self._tap(name, intent)
        except CommandRejected:
            return  # the order was paid meanwhile, and the screen says so
        told = [
            {"id": one.id, "item": one.item_id, "quantity": one.quantity, "unitMinor": one.price_minor} for one in lines
        ]
        self.journals[name].write("sent", intent=intent.id, order=order_id, number=order_id[-4:], lines=told)

    def _tap(self, name: str, intent: SendDraft | PayCash, *, payment: str = "") -> None:
        """One finger, which now and then touches twice."""
        for _ in range(1 + (self.chance.random() < DOUBLE_TAPS)):
            self.devices[name].tap(intent)
        self.watch.saved(name, self.devices[name], payment=payment)

    def _tile(self, device: Device, order_id: str) -> NewLine:
        item = ItemId(self.chance.choice(MENU.items).id)
        bare = NewLine(id=LineId(self.ids.new()), item_id=item, quantity=self.chance.randint(1, 3))
        line = complete(bare, Menu.model_validate(MENU))
        add = self._made(EditDraft, order_id=order_id, table_id="table-1", changes=(AddLine(line=line),))
        device.tap(add)
        return line

    def _pay(self, name: str, order_id: str) -> bool:
        device = self.devices[name]
        seen = device.read(lambda tx: scenes.of_order(tx, order_id, author_of=device.author_of))
        owed = lines_of(seen.scene)
        total_minor = totals_of(owed, prices_include_tax=True).total_minor
        if not owed:
            return False
        intent = self._made(
            PayCash,
            order_id=order_id,
            line_ids=tuple(line.id for line in owed),
            total_minor=total_minor,
            tendered_minor=total_minor,
        )
        payment = PaymentId(derived_id(intent.id, "payment"))
        try:
            self._tap(name, intent, payment=payment)
        except CommandRejected:
            return False
        self.journals[name].write("paid", intent=intent.id, order=order_id, payment=payment, amountMinor=total_minor)
        return True

    async def _cook(self) -> None:
        while self.loop.time() < self.night_s:
            await asyncio.sleep(self.chance.uniform(0.5, 5))
            with suppress(DatabaseError):  # as above
                self._mark(self.devices["kitchen-1"])

    def _mark(self, device: Device) -> None:
        board = device.read(lambda tx: scenes.of_board(tx, bumped=False))
        if board:
            ticket, _ = self.chance.choice(board)
            kind, word = self.chance.choice(MARKS)
            shown = tuple(item.line_id for item in ticket.items)
            command: StartTicket | BumpTicket = self._made(
                kind, ticket_id=ticket.id, round=ticket.round, line_ids=shown
            )
            device.tap(command)
            self.journals["kitchen-1"].write("marked", intent=command.id, ticket=ticket.id, mark=word)

    async def _calm(self) -> bool:
        """Good weather until nothing waits, then one more pull for everybody. False if that takes too long."""
        for device in self.devices.values():
            device.road.weather, device.road.poisoned = CALM, ""
            device.road.is_cut = False
        until_s = self.loop.time() + CALM_LIMIT_S
        while any(device.read(outbox.waiting) for device in self.devices.values()):
            if self.loop.time() > until_s:
                return False
            await asyncio.sleep(1)
        await asyncio.sleep(15)
        return True

    def _made(self, kind: type[M], **fields: object) -> M:
        """An intention of this moment under a new id."""
        now = to_rfc3339(VirtualClock(self.loop).now_ms())
        return kind.model_validate({"id": self.ids.new(), "actor_id": "ann", "at": now, **fields})
