"""A house of two tills and a kitchen screen, each a real `Terminal`, in one process and in virtual time.

Screens are left out: who acts here reads the same views and submits the same intents. Every word of the network is
the test's: a road is cut or joined, loses requests, answers or nothing, until it is told otherwise.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, cast

from demo.journal import Journal
from reference_server.catalogue.loading import Restaurant
from reference_server.deps import Limits
from reference_server.storage.pages import PageSize
from shared.database import Connection, Writer, open_reader, open_writer, run_inline
from shared.domain.menu import Business, Floor, Role, StaffList, StaffMember
from shared.domain.model import Model
from shared.ids import StaffId
from shared.opening import open_device_file
from shared.settings import DeviceSettings
from shared.store import catalog, outbox
from shared.store.house import House as Known
from shared.store.rows import LineRow
from shared.sync.actions import LinkView
from shared.sync.port import Announce
from shared.sync.worker import Worker
from shared.terminal import Terminal
from tests.contract.house import FILE_NAME, House, Row, open_house
from tests.simulation.devices import Code, InlineWriter
from tests.simulation.network import CALM, Road, Weather
from tests.simulation.virtual_time import START_MS, VirtualClock, VirtualLoop
from tests.unit.domain.restaurant import MENU

WHO: Final = {"till-1": "till", "till-2": "till-2", "kitchen-1": "kitchen"}
WEATHERS: Final = {
    "calm": CALM,
    "slow": Weather(delay_s=6.0),
    "answers are lost": Weather(lose_answer=1.0),
    "requests are lost": Weather(lose_request=1.0),
    "all comes twice": Weather(double=1.0),
    "errors": Weather(server_error=1.0),
}
PEOPLE: Final = (StaffMember(id=StaffId("ann"), name="Ann", role=Role.WAITER, pin_verifier="x"),)
FLOOR, BUSINESS = Floor(version="1"), Business(version="1", name="Simulated")
STAFF = StaffList(version="1", staff=PEOPLE)
RESTAURANT: Final = Restaurant(MENU, FLOOR, BUSINESS, STAFF)
CALM_LIMIT_S: Final = 900.0


class OneThreadWriter(InlineWriter):
    """What a terminal needs of its writer, without the thread."""

    def close(self) -> None:
        """It was dead before."""


@dataclass
class LoopSync:
    """The worker in a loop that only moves when the test says so."""

    loop: VirtualLoop
    worker: Worker
    task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin at the loop's next move."""
        self.task = self.loop.create_task(self.worker.run())

    def wake(self) -> None:
        """As the worker's."""
        self.worker.wake()

    def try_now(self) -> None:
        """As the worker's."""
        self.worker.try_now()

    def ask_known(self, operation_id: str, told: Callable[[bool | None], None]) -> None:
        """As the worker's."""
        self.worker.ask_known(operation_id, told)

    def stop(self, timeout_s: float) -> None:
        """End now; nothing that is in memory is written."""
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                self.loop.run_until_complete(self.task)

    def link(self) -> LinkView:
        """As the worker's."""
        return self.worker.link()


@dataclass
class Device:
    """One device and the process that runs on it now."""

    name: str
    path: Path
    road: Road
    settings: DeviceSettings
    journal: Journal
    code: Code
    ids: Row
    terminal: Terminal = field(init=False)
    writer: InlineWriter = field(init=False)
    sync: LoopSync = field(init=False)

    def start(self, loop: VirtualLoop) -> None:
        """Start the program on its file."""
        connection = open_writer(self.path)
        connection.pragma("synchronous", "OFF")  # processes die here, the power stays
        clock = VirtualClock(loop)
        self.writer = OneThreadWriter(connection)

        def make_sync(announce: Announce) -> LoopSync:
            worker = Worker(
                self.writer,
                self.road,
                clock,
                random=random.Random(0),
                kind="pos" if self.name.startswith("till") else "kds",
                announce=announce,
                judge=self.code.judge,
                ledger=self.code.ledger(self.writer, clock),
            )
            self.sync = LoopSync(loop, worker)
            return self.sync

        self.terminal = Terminal(
            settings=self.settings,
            writer=cast(Writer, self.writer),
            reader=open_reader(self.path),
            house=Known(open_reader(self.path), device_id=self.settings.device_id),
            clock=clock,
            ulids=self.ids,
            make_sync=make_sync,
        )
        self.terminal.start()

    def kill(self) -> None:
        """The process is gone."""
        self.writer.die()
        self.terminal.close()

    def operation_ids(self) -> frozenset[str]:
        """All operations in its file."""
        return frozenset(str(one) for (one,) in self.writer.connection.execute("SELECT id FROM operation"))


@dataclass
class Premises:
    """The server and the three devices, in an empty folder that was furnished before."""

    folder: Path
    code: Code
    loop: VirtualLoop = field(default_factory=VirtualLoop)
    devices: dict[str, Device] = field(default_factory=dict)

    def open(self, furnished: House) -> None:
        """Start everything on copies of the files of `furnish`."""
        connection = open_writer(self.folder / "server" / FILE_NAME)
        connection.pragma("synchronous", "OFF")
        limits = Limits(page=PageSize(entities=1))
        deps = replace(furnished.deps, clock=VirtualClock(self.loop), limits=limits, operations=self.code.operations())
        self.house = replace(furnished, connection=connection, deps=deps)
        for number, name in enumerate(WHO):
            road = Road(self.house, WHO[name], random.Random(0), CALM, serve=self.code.serve)
            settings = DeviceSettings.model_validate(
                {
                    "server_url": "http://127.0.0.1:1",
                    "device_id": self.house.device_ids[WHO[name]],
                    "token": "x" * 32,
                    "letter": "AB"[number % 2],
                    "data_dir": self.folder / name,
                }
            )
            journal = Journal(self.folder / "journal" / f"{name}.jsonl", device=name, sync=lambda _: None)
            path = self.folder / name / ("pos.sqlite" if name.startswith("till") else "kds.sqlite")
            ids = Row(f"01ARYZ6S5{number}")
            self.devices[name] = Device(name, path, road, settings, journal, self.code, ids)
            self.devices[name].start(self.loop)

    def wait(self, seconds: float) -> None:
        """Let so much time go by."""
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def calm_down(self) -> bool:
        """Good weather until nothing waits, and one more pull for everybody. False if that takes too long."""
        for device in self.devices.values():
            device.road.weather, device.road.is_cut = CALM, False
        until_s = self.loop.time() + CALM_LIMIT_S
        while any(device.writer.submit(outbox.waiting).result() for device in self.devices.values()):
            if self.loop.time() > until_s:
                return False
            self.wait(2)
        self.wait(10)
        return True

    def close(self) -> None:
        """Everybody goes home."""
        for device in self.devices.values():
            device.kill()
            device.journal.close()
        self.house.connection.close()
        self.loop.run_until_complete(_end_all())
        self.loop.close()


async def _end_all() -> None:
    """Nothing that a dead process had under way stays behind in the loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def furnish(folder: Path) -> House:
    """Make the files of a new house once, to be copied for each story: server, tills and kitchen with their menu."""
    (folder / "server").mkdir(parents=True)
    house = open_house(folder / "server", RESTAURANT)
    house.connection.close()
    for name in WHO:
        (folder / name).mkdir()
        connection = open_device_file(
            folder / name / ("pos.sqlite" if name.startswith("till") else "kds.sqlite"), ulids=Row("01ARYZ6S49")
        )
        run_inline(connection, _put_catalogue)
        connection.close()
    return house


def _put_catalogue(tx: Connection) -> None:
    parts: dict[str, Model] = {"menu": MENU, "floor": FLOOR, "settings": BUSINESS, "staff": STAFF}
    for name, part in parts.items():
        catalog.put(tx, name=name, etag="1", body=part.to_json(), now_ms=START_MS)


def told_of(line: LineRow) -> dict[str, object]:
    """As a journal has it."""
    return {
        "id": line.id,
        "item": line.item_id,
        "quantity": line.quantity,
        "unitMinor": line.total_minor // line.quantity,
    }
