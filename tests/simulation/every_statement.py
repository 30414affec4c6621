"""One short evening, played again for every SQL statement of a device or of the server: there its process dies.

Chance hits what takes long and misses what is short. Here the process of one side is killed before its first statement,
in the next playing before its second, and so on until an evening has no statement left. Whoever was tapping finds the
device dark, waits until it has started again, and taps the same button: one intention, whatever became of the first.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import apsw

from reference_server.payments.simulated import Play
from reference_server.storage.file import FILE_NAME, open_server_file
from shared.domain.commands import AddLine, EditDraft, NewLine, PayCash, SendDraft
from shared.domain.intents import lines_of
from shared.domain.menu import Menu, complete
from shared.domain.rejections import CommandRejected
from shared.domain.shift_commands import CashMove, Way
from shared.domain.ticket import Stage
from shared.domain.totals import totals_of
from shared.errors import DatabaseError
from shared.ids import ItemId, LineId, PaymentId, derived_id
from shared.store import scenes, shifts
from tests.contract.house import House
from tests.simulation.devices import Code, InlineWriter, open_inline
from tests.simulation.drawers import Button, WithDrawers
from tests.simulation.mortal import Fuse, MortalRoad, MortalWriter
from tests.simulation.mortal_cards import WithOneCard
from tests.simulation.network import CALM, Road, Weather
from tests.simulation.promises import Story
from tests.simulation.storm_road import start_anew
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.world import MARKS, WHO
from tests.unit.domain.restaurant import MENU

T = TypeVar("T")

SERVER: Final = "server"
SIDES: Final = ("till-1", "till-2", "kitchen-1", SERVER)
FIRST, OTHER, THIRD = (f"01ARYZ6S5100000000000000{end}" for end in ("0A", "0B", "0C"))
PLAYS: Final = {OTHER: Play.CONFIRM, THIRD: Play.IGNORE}
"""Whose guest confirms on the phone, and whose is asked in vain until the waiter gives it up."""
COOKED: Final = 12
DARK_S: Final = 1.5
"""So long until whoever died has started again."""


@dataclass
class Evening(WithDrawers, WithOneCard):
    """Two tills on one order, a late line, cards and cash in a shift, and a kitchen; calm weather, and one death."""

    takes_cards: bool = True
    plays: Mapping[str, Play] = field(default_factory=lambda: PLAYS)
    side: str = SERVER
    fuse: Fuse = field(default_factory=lambda: Fuse(0))
    is_server_dead: bool = False
    is_over: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.open_file = self._open_file

    def _open_file(self, path: Path) -> InlineWriter:
        writer = open_inline(path)
        return MortalWriter(writer.connection, self.fuse if path.parent.name == self.side else Fuse(0))

    @contextmanager
    def _house(self) -> Iterator[House]:
        with super()._house() as house:
            if self.side == SERVER:
                self.fuse.watch(house.connection)
            self.house = house
            yield house

    def _road(self, house: House, name: str, weather: Weather) -> Road:
        road = MortalRoad(house, WHO[name], random.Random(self.chance.random()), weather)
        road.is_dead = lambda: self.side == SERVER and self.fuse.is_blown and not self.is_over
        return road

    def _others_s(self) -> float:
        return 0.0  # no order hangs

    async def _fate(self) -> None:
        """Whoever dies starts again a little later, also when the people have gone home."""
        self.fate = asyncio.ensure_future(self._undertaker())

    async def _undertaker(self) -> None:
        while not self.fuse.is_blown:  # noqa: ASYNC110 - it costs no time here
            await asyncio.sleep(0.05)
        if self.side == SERVER:
            self.house.connection.close()
            await asyncio.sleep(DARK_S)
            self.house.connection = open_server_file(self.folder / "server" / FILE_NAME)
            start_anew(self.house)
            self.is_over = True
            return
        device = self.devices[self.side]
        await device.kill()
        await asyncio.sleep(DARK_S)
        device.start()
        self.watch.after_crash(self.side, device)
        self.is_over = True

    async def _waiter(self, name: str) -> None:
        if name == "till-2":
            while FIRST not in await self._firmly(partial(self.devices[name].read, scenes.open_order_ids)):  # noqa: ASYNC110 - as above
                await asyncio.sleep(1)
            await self._round(name, FIRST, "late-1")
            await asyncio.sleep(5)
            await self._round(name, FIRST, "late-2")
            await self._take_cash(name, FIRST)
            return
        await self._firmly(self.drawers.open(name))
        await self._round(name, FIRST, "first", "second")
        await asyncio.sleep(2)
        await self._at_its_drawer(name, lambda shift_id: self.drawers.move(name, shift_id, CashMove.PAY_IN, 5_000))
        await self._round(name, OTHER, "third")
        await self._round(name, THIRD, "fifths")
        await self._round(name, FIRST, "fourth")
        await asyncio.sleep(4)
        if not await self.pay_by_card(name, OTHER, self._firmly):
            await self._take_cash(name, OTHER)
        if not await self.pay_by_card(name, THIRD, self._firmly, cancels=True):
            await self._take_cash(name, THIRD)
        await self._take_cash(name, FIRST)
        await self._firmly(self.drawers.clock(name, Way.OUT))
        await self._at_its_drawer(name, lambda shift_id: self.drawers.close(name, shift_id))

    async def _at_the_drawer(self, name: str) -> None:
        """Here the waiter of till 1 is there too, between two tables."""

    async def _at_its_drawer(self, name: str, button: Callable[[str], Button]) -> None:
        now = await self._firmly(partial(self.devices[name].read, shifts.current))
        assert now is not None, "it was opened first"
        await self._firmly(button(now.shift_id))

    async def _round(self, name: str, order_id: str, *labels: str) -> None:
        """Tap tiles, then Send. What the rules refuse was paid meanwhile, and the screen says so."""
        device = self.devices[name]
        lines = [self._line(label) for label in labels]
        adds = [
            self._made(EditDraft, order_id=order_id, table_id="table-1", changes=(AddLine(line=line),))
            for line in lines
        ]
        intent = self._made(SendDraft, order_id=order_id, line_ids=tuple(line.id for line in lines))
        try:
            for add in adds:
                await self._firmly(partial(device.tap, add))
            await self._firmly(partial(self._tap, name, intent))
        except CommandRejected:
            return
        told = [
            {"id": one.id, "item": one.item_id, "quantity": one.quantity, "unitMinor": one.price_minor} for one in lines
        ]
        self.journals[name].write("sent", intent=intent.id, order=order_id, number=order_id[-4:], lines=told)

    async def _take_cash(self, name: str, order_id: str) -> None:
        device = self.devices[name]
        look = partial(scenes.of_order, order_id=order_id, author_of=device.author_of)
        owed = lines_of((await self._firmly(partial(device.read, look))).scene)
        total_minor = totals_of(owed, prices_include_tax=True).total_minor
        line_ids = tuple(line.id for line in owed)
        if not line_ids:
            return
        pay = self._made(
            PayCash, order_id=order_id, line_ids=line_ids, total_minor=total_minor, tendered_minor=total_minor
        )
        payment = PaymentId(derived_id(pay.id, "payment"))
        self.watch.in_doubt(payment)
        try:
            await self._firmly(partial(self._tap, name, pay, payment=payment))
        except CommandRejected:
            return
        self.journals[name].write("paid", intent=pay.id, order=order_id, payment=payment, amountMinor=total_minor)

    async def _cook(self) -> None:
        device = self.devices["kitchen-1"]
        for _ in range(COOKED):
            await asyncio.sleep(1)
            board = await self._firmly(partial(device.read, partial(scenes.of_board, bumped=False)))
            for ticket, _ in board[:1]:
                kind, word = MARKS[ticket.status is not Stage.QUEUED]
                shown = tuple(item.line_id for item in ticket.items)
                mark = self._made(kind, ticket_id=ticket.id, round=ticket.round, line_ids=shown)
                await self._firmly(partial(device.tap, mark))
                self.journals["kitchen-1"].write("marked", intent=mark.id, ticket=ticket.id, mark=word)

    async def _firmly(self, act: Callable[[], T]) -> T:
        """Do it; at a dark device wait, and do the same again."""
        while True:
            try:
                return act()
            except DatabaseError:
                await asyncio.sleep(DARK_S / 3)

    async def _calm(self) -> bool:
        """Until all is quiet although somebody may still die; then nobody does any more."""
        while True:
            was_over = self.is_over or not self.fuse.is_blown
            with suppress(DatabaseError, apsw.Error):
                drained = await super()._calm()
                if was_over and (self.is_over or not self.fuse.is_blown):
                    self.fuse.at = 0
                    self.fate.cancel()
                    return drained
            await asyncio.sleep(DARK_S)

    def _line(self, label: str) -> NewLine:
        item = MENU.items[len(label) % len(MENU.items)].id
        bare = NewLine(id=LineId(derived_id(FIRST, label)), item_id=ItemId(item), quantity=1)
        return complete(bare, Menu.model_validate(MENU))


@dataclass(frozen=True)
class Death:
    """What came of the evening in which one side died before its n-th statement; `happened` if it has so many."""

    story: Story
    happened: bool


def die(side: str, n: int, folder: Path, *, code: Code | None = None, batches: bool = False) -> Death:
    """Play the evening in an empty folder. `n` 0 lets everybody live."""
    loop = VirtualLoop()
    world = Evening(1, folder, loop, code or Code(), side=side, fuse=Fuse(n), batches=batches)
    try:
        story = loop.run_until_complete(world.night(CALM))
        return Death(story, world.fuse.is_blown)
    finally:
        loop.close()


def statements(side: str, folder: Path) -> int:
    """How many statements this side's evening has when nobody dies."""
    loop = VirtualLoop()
    world = Evening(1, folder, loop, Code(), side=side)
    try:
        loop.run_until_complete(world.night(CALM))
        return world.fuse.count
    finally:
        loop.close()
