"""A house of two tills and a kitchen screen, each a real `Terminal`, with its server, in one process.

Every word of the network is the test's: a road is cut or joined, loses requests, answers or nothing, until it is told
otherwise. The gateway and the cashier who asks it go their own way.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from demo.journal import Journal
from reference_server.catalogue.loading import Restaurant
from reference_server.deps import Limits, with_gateway
from reference_server.healing import answers
from reference_server.storage.pages import PageSize
from shared.database import Connection, open_writer, run_inline
from shared.domain.menu import Business, Floor, Role, StaffList, StaffMember
from shared.domain.model import Model
from shared.ids import StaffId
from shared.opening import open_device_file
from shared.settings import DeviceSettings
from shared.store import catalog, outbox, retained
from shared.store.rows import LineRow
from shared.times import to_rfc3339
from shared.wire.healing import Phase
from tests.contract.house import FILE_NAME, House, Row, open_house
from tests.simulation import looks
from tests.simulation.card_desk import LAST_S, CardDesk
from tests.simulation.devices import Code
from tests.simulation.drawers import Drawers
from tests.simulation.network import CALM, Weather
from tests.simulation.promises import Watch
from tests.simulation.rare_evenings import Sickroom
from tests.simulation.restoring import copy_of, put_back
from tests.simulation.storm_road import start_anew
from tests.simulation.terminals import Device
from tests.simulation.virtual_time import START_MS, VirtualClock, VirtualLoop
from tests.unit.domain.restaurant import MENU

M = TypeVar("M", bound=Model)

WHO: Final = {"till-1": "till", "till-2": "till-2", "kitchen-1": "kitchen"}
WEATHERS: Final = {
    "calm": CALM,
    "slow": Weather(delay_s=6.0),
    "answers are lost": Weather(lose_answer=1.0),
    "requests are lost": Weather(lose_request=1.0),
    "all comes twice": Weather(double=1.0),
    "errors": Weather(server_error=1.0),
}
WAITER, MANAGER = StaffId("ann"), StaffId("meg")
PEOPLE: Final = (
    StaffMember(id=WAITER, name="Ann", role=Role.WAITER, pin_verifier="x"),
    StaffMember(id=MANAGER, name="Meg", role=Role.MANAGER, pin_verifier="x"),
)
FLOOR, BUSINESS = Floor(version="1"), Business(version="1", name="Simulated")
STAFF = StaffList(version="1", staff=PEOPLE)
RESTAURANT: Final = Restaurant(MENU, FLOOR, BUSINESS, STAFF)
CALM_LIMIT_S: Final = 900.0
NOTICED_S: Final = 15.0
"""By then every device has asked the server, which has noticed if it has lost something that one of them has seen."""


@dataclass
class Premises:
    """The server and the three devices, in an empty folder that was furnished before."""

    folder: Path
    code: Code
    seed: int = 0
    loop: VirtualLoop = field(default_factory=VirtualLoop)
    ids: Row = field(default_factory=lambda: Row("01ARYZ6S43"))
    devices: dict[str, Device] = field(default_factory=dict)
    house: House = field(init=False)
    watch: Watch = field(init=False)
    drawers: Drawers = field(init=False)
    desk: CardDesk = field(init=False)
    cashier: asyncio.Task[None] = field(init=False)

    def open(self, furnished: House) -> None:
        """Start everything on copies of the files of `furnish`."""
        connection = open_writer(self.folder / "server" / FILE_NAME)
        connection.pragma("synchronous", "OFF")
        limits = Limits(page=PageSize(entities=1))
        deps = replace(furnished.deps, clock=VirtualClock(self.loop), limits=limits, operations=self.code.operations())
        self.house = replace(furnished, connection=connection, deps=deps)
        self.watch = Watch(self.house)
        self.drawers = Drawers(self, random.Random(0))
        self.desk = CardDesk(self, random.Random(0))
        self.desk.open(self.house)
        self.house.deps = with_gateway(deps, self.desk.gateway)
        for number, name in enumerate(WHO):
            self._add_device(number, name)
        self.cashier = self.loop.create_task(self.desk.cashier(self.house))

    def _add_device(self, number: int, name: str) -> None:
        road = Sickroom(self.house, WHO[name], random.Random(0), CALM, serve=self.code.serve)
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
        is_till = name.startswith("till")
        path = self.folder / name / ("pos.sqlite" if is_till else "kds.sqlite")
        ids = Row(f"01ARYZ6S5{number}")
        self.devices[name] = Device(name, path, road, settings, journal, self.code, ids, takes_cards=is_till)
        self.devices[name].start(self.loop)

    def wait(self, seconds: float) -> None:
        """Let so much time go by."""
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def copy(self) -> None:
        """Somebody copies the server's file."""
        copy_of(self.house, self.folder)

    def put_back(self) -> None:
        """The server's disk is lost, and somebody puts the copy in its place.

        It may not know what it has had charged: then the keys alone keep it from doing so twice.
        """
        self.desk.gateway.honours_keys = True
        put_back(self.house, self.folder)
        self.house.connection.pragma("synchronous", "OFF")
        start_anew(self.house)
        self.watch.was_restored = True

    def stands(self, device: Device) -> bool:
        """Whether what a device shows is of the server's history as it is now."""
        return not self.watch.was_restored or device.read(retained.standing).healed is not None

    def calm_down(self) -> bool:
        """Good weather until nothing waits, and one more pull for everybody. False if that takes too long.

        What a server failed on ten times, or did not know after it was put back, a manager lets go once more.
        """
        self.desk.is_calm = True
        for device in self.devices.values():
            device.road.weather, device.road.is_cut, device.road.poisoned = CALM, False, ""
            device.road.sick.clear()
        self.wait(NOTICED_S)
        until_s = self.loop.time() + CALM_LIMIT_S + LAST_S
        while self.waits_for():
            if self.loop.time() > until_s:
                return False
            for device in self.devices.values():
                for operation_id in device.read(looks.to_retry):
                    device.terminal.desk.retry(operation_id, new_id=self.ids.new(), actor_id=MANAGER)
            self.wait(2)
        self.wait(10)
        return True

    def waits_for(self) -> list[str]:
        """What is not over yet, in words."""
        waits = [f"something is not sent on {name}" for name, one in self.devices.items() if one.read(outbox.waiting)]
        waits += [f"something hangs on {name}" for name, one in self.devices.items() if one.read(looks.to_retry)]
        up = {name: one.terminal.link().state.is_up for name, one in self.devices.items()}
        waits += [f"{name} is not connected" for name, is_up in up.items() if not is_up]
        phase = run_inline(self.house.connection, answers.standing).phase
        waits += ["the server is being healed"] if phase in (Phase.REPORTING, Phase.APPLYING) else []
        waits += ["a till does not know what became of a card"] if self.desk.is_waiting() else []
        waits += ["the gateway has not had its last word"] if not self.desk.is_settled(self.house) else []
        return waits

    def close(self) -> None:
        """Everybody goes home."""
        for device in self.devices.values():
            device.kill()
            device.journal.close()
        self.loop.run_until_complete(_end_all())
        self.house.connection.close()
        self.loop.close()

    def _made(self, kind: type[M], **fields: object) -> M:
        """An intention of this moment under a new id."""
        now = to_rfc3339(VirtualClock(self.loop).now_ms())
        return kind.model_validate({"id": self.ids.new(), "actor_id": WAITER, "at": now, **fields})


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
