"""A restaurant whose server is restored from an old copy: two tills and a kitchen, the real code, virtual time."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from reference_server.healing import answers
from shared.database import Connection, open_writer, run_inline
from shared.store import outbox, retained
from shared.sync.exchange import Exchange, TimedOut
from shared.wire.healing import Phase
from tests.contract.house import FILE_NAME, House
from tests.simulation.devices import Code
from tests.simulation.network import CALM, Road
from tests.simulation.promises import Watch
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.world import WHO, World

COPY = "copy.sqlite"
#: Longer than the longest pause between two looks at a server that is being healed.
HEALED_S = 200.0

Bodies = dict[str, dict[str, Any]]


class Fault(StrEnum):
    """What befalls a step of healing. A server that dies before its commit has heard nothing."""

    SERVER_DIES_BEFORE = "server dies before"
    SERVER_DIES_AFTER = "server dies after"
    DEVICE_DIES_AFTER = "device dies after"


def copy_of(house: House, folder: Path) -> None:
    """Copy the file of the server in this folder, over an older copy."""
    (folder / COPY).unlink(missing_ok=True)
    house.connection.execute("VACUUM INTO ?", (str(folder / COPY),))


def put_back(house: House, folder: Path) -> None:
    """Put that copy in its place."""
    path = folder / "server" / FILE_NAME
    house.connection.close()
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    shutil.copy(folder / COPY, path)
    house.connection = open_writer(path)


@dataclass
class Gate(Road):
    """A road on which, once `is_rough`, every step of healing meets each fault once before it succeeds."""

    is_rough: bool = False
    die: Callable[[Fault], None] = lambda _: None
    met: Counter[tuple[str, bytes]] = field(default_factory=Counter)

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        return await self._roughly((name, body), partial(super().sync, name, body, seen=seen))

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        return await self._roughly(("orders", b""), partial(super().pull_orders, cursor, seen=seen), but=cursor)

    async def pull_tickets(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        return await self._roughly(("tickets", b""), partial(super().pull_tickets, cursor, seen=seen), but=cursor)

    async def _roughly(
        self, step: tuple[str, bytes], ask: Callable[[], Awaitable[Exchange]], *, but: str | None = None
    ) -> Exchange:
        faults = list(Fault)
        if not self.is_rough or but is not None or self.met[step] == len(faults):
            return await ask()
        fault = faults[(self.met[step] + len(self.who)) % len(faults)]
        self.met[step] += 1
        self.faults[fault] += 1
        if fault is not Fault.SERVER_DIES_BEFORE:
            await ask()
        self.die(fault)
        await asyncio.sleep(1)
        return TimedOut()


@dataclass
class Restored(World):
    """Told what happens line by line; nothing happens by chance but what the guests order."""

    house: House = field(init=False)
    deaths: list[asyncio.Task[None]] = field(default_factory=list)
    gate: type[Gate] = Gate
    other: Connection | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """The house with its devices, until the story is told."""
        with self._house() as self.house:
            self.watch = Watch(self.house)
            for name in WHO:
                self._add_device(name, self.house, CALM)
                device = self.devices[name]
                device.road = self.gate(self.house, WHO[name], device.road.chance, CALM)
                await device.kill()
                device.start()
            try:
                yield
            finally:
                for device in self.devices.values():
                    await device.stop()
                for journal in self.journals.values():
                    journal.close()

    async def serve(self, orders: int, *, till: str = "") -> list[str]:
        """So many orders are sent, cooked in part, and every second one is paid; all of it reaches the server."""
        made = []
        for place in range(orders):
            name = till or f"till-{place % 2 + 1}"
            made.append(self.ids.new())
            self._order(name, made[-1])
            await asyncio.sleep(6)
            if not till:
                self._mark(self.devices["kitchen-1"])
                self._order(f"till-{(place + 1) % 2 + 1}", made[-1])
            await asyncio.sleep(6)
            if place % 2 == 0:
                assert self._pay(name, made[-1])
        await asyncio.sleep(10)
        return made

    def copy(self) -> None:
        """Somebody copies the server's file, over an older copy."""
        copy_of(self.house, self.folder)

    def restore(self) -> None:
        """Somebody puts the copy back."""
        put_back(self.house, self.folder)

    def swap(self) -> None:
        """Another server answers under the same name: its file is the copy, and goes on from where it was left."""
        other = self.folder / "server" / "other.sqlite"
        if self.other is None:
            shutil.copy(self.folder / COPY, other)
            self.other = open_writer(other)
        self.house.connection, self.other = self.other, self.house.connection

    def go(self) -> tuple[str, ...]:
        """The manager says go, as often as the command does. Returns who was not waited for."""
        told = run_inline(self.house.connection, answers.standing)
        waiting_for = told.waiting_for
        while told.phase in (Phase.REPORTING, Phase.APPLYING):
            told = run_inline(self.house.connection, lambda tx: answers.go(tx, self.house.deps)).standing
        assert told.phase is Phase.DONE
        return waiting_for

    @contextmanager
    def another_house(self, *, history: str) -> Iterator[House]:
        """The server of another branch, whose history has this name."""
        with Restored(self.seed, self.folder / "other", self.loop, self.code)._house() as house:
            house.connection.execute("UPDATE history SET name = ?", (history,))
            yield house

    def end(self) -> str:
        """The manager says that nothing was lost. Returns who had begun it."""
        return run_inline(self.house.connection, lambda tx: answers.end(tx, self.house.deps))

    def take_over(self, history: str) -> None:
        """The manager lets this server go on with the history of one that is lost."""
        run_inline(self.house.connection, partial(answers.take_over, history=history))

    def grow_rough(self) -> None:
        """From now on each step of healing meets each fault once."""
        for name, device in self.devices.items():
            assert isinstance(device.road, Gate)
            device.road.is_rough = True
            device.road.die = partial(self._die, name)

    def _die(self, name: str, fault: Fault) -> None:
        if fault is Fault.DEVICE_DIES_AFTER:
            self.deaths.append(asyncio.ensure_future(self._restart(name)))
        else:
            self.house.connection.close()
            self.house.connection = open_writer(self.folder / "server" / FILE_NAME)

    async def _restart(self, name: str) -> None:
        await self.devices[name].kill()
        self.devices[name].start()

    def served(self, table: str) -> Bodies:
        """What the server has, by id."""
        rows = self.house.connection.execute(f"SELECT id, body FROM {table}")
        return {str(one): from_json(bytes(body)) for one, body in rows}

    def shown(self, name: str) -> Bodies:
        """What a device's file says that the server said."""
        table = "server_order" if name.startswith("till") else "server_ticket"
        rows = self.devices[name].read(lambda tx: tx.execute(f"SELECT id, body FROM {table}").fetchall())
        return {str(one): from_json(bytes(body)) for one, body in rows}  # type: ignore[arg-type]

    def invoices(self) -> dict[str, str]:
        """The invoice number of every order that has one."""
        rows = self.house.connection.execute("SELECT order_id, number FROM invoice")
        return {str(order): str(number) for order, number in rows}

    def alerts(self, kind: str) -> list[str]:
        """What the server told a person."""
        rows = self.house.connection.execute("SELECT message FROM alert WHERE kind = ? ORDER BY id", (kind,))
        return [str(message) for (message,) in rows]

    def waiting(self) -> int:
        """What waits on all devices."""
        return sum(device.read(outbox.waiting) for device in self.devices.values())

    async def until_healed(self) -> None:
        """Until every device stands on the healed history."""
        until_s = self.loop.time() + 6000
        while any(device.read(retained.standing).healed is None for device in self.devices.values()):
            assert self.loop.time() < until_s, "the healing never ends"
            await asyncio.sleep(5)
        await asyncio.sleep(20)

    def order(self, till: str, order_id: str) -> None:
        """Lines on this order, sent."""
        self._order(till, order_id)

    def pay(self, till: str, order_id: str) -> bool:
        """All of this order, in cash."""
        return self._pay(till, order_id)


def tell(
    folder: Path,
    story: Callable[[Restored], Coroutine[Any, Any, None]],
    *,
    code: Code | None = None,
    gate: type[Gate] = Gate,
    seed: int = 1,
) -> None:
    """Tell a story in an empty folder."""
    loop = VirtualLoop()
    world = Restored(seed, folder, loop, code or Code(), gate=gate)

    async def told() -> None:
        async with world.open():
            await story(world)

    try:
        loop.run_until_complete(told())
    finally:
        loop.close()
