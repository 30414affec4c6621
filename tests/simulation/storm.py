"""A storm: the world with faults as dense as they go, on nearly every send, from one seed in virtual time."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random

from demo.check import Findings
from reference_server.deps import Deps
from reference_server.people import enrolment
from reference_server.storage.devices import DeviceKind
from shared.database import Connection, run_inline
from shared.errors import DatabaseError
from shared.opening import open_device_file
from shared.store import mending, outbox
from tests.contract.house import House, Row
from tests.simulation import looks
from tests.simulation.card_guests import WithCards
from tests.simulation.complaints import overheard, raised
from tests.simulation.devices import Code, Device, InlineWriter, KeptWriter
from tests.simulation.drawers import WithDrawers
from tests.simulation.in_memory import put_down, taken_up
from tests.simulation.network import Road, Weather
from tests.simulation.promises import Story
from tests.simulation.storm_house import InAHouse
from tests.simulation.storm_road import EARLY_SENDS, Server, StormRoad, start_anew
from tests.simulation.trace import Trace
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.world import CALM_LIMIT_S, HUNG, WHO

ROUGH = Weather(lose_request=0.02, lose_answer=0.02, portal=0.02, delay_s=0.02)
"""What heartbeats and pulls meet. They have to pass mostly: without a link no operation goes out to be struck."""

STORM_S = 240.0
PASSING = (0.02, 0.03, 0.05, 0.1)
"""The share of sends that meet nothing, drawn for each storm."""
RUSH = 38
LEAST_RUSH = 8
"""So many orders are taken by each of two tills while the line is down, before the storm; fewer before a short one."""
BACK_S = 30.0
"""How long the storm lasts when twenty tills come back at once."""
ALL_AT_ONCE_EVERY = 10
"""One seed in so many is that of the twenty tills."""
HUNG_TOO = "till-2"
"""At the one till an order of the rush hangs, at this one the first that is taken after it."""
TWENTY = {**{f"till-{number}": f"till-{number}" for number in range(1, 21)}, "kitchen-1": "kitchen", "till-1": "till"}
ENOUGH = 80
"""So many operations waiting on a till keep their waiter from taking another order."""
TOGETHER_EVERY = 4
"""One seed in so many has a server that takes several operations in one request."""
RESTORED_EVERY = 3
"""One seed in so many has a server that is put back to an old copy; of twenty tills that is not asked."""
CARDS_EVERY = 2
"""One seed in so many takes cards."""
WRONG_MS = (-7_200_000, -3_600_000, -300_000, -60_000, 60_000, 300_000, 7_200_000, 0)
"""How far a till's clock may be off when its program starts."""


def play_storm(seed: int, folder: Path, *, code: Code | None = None, storm_s: float = STORM_S) -> Story:
    """Play the storm of this seed in an empty folder. What raises anywhere is a broken promise, never an exception."""
    loop = VirtualLoop()
    draw = Random(seed)
    is_twenty = seed % ALL_AT_ONCE_EVERY == ALL_AT_ONCE_EVERY - 1
    with overheard() as complaints:
        storm = Storm(
            seed,
            folder,
            loop,
            code or Code(),
            who=TWENTY if is_twenty else WHO,
            night_s=BACK_S if is_twenty else storm_s,
            enough=ENOUGH // 10 if is_twenty else ENOUGH,
            rush=RUSH // 10 if is_twenty else max(LEAST_RUSH, round(RUSH * storm_s / STORM_S)),
            pause_s=(8, 30) if is_twenty else (1, 8),
            passing=draw.choice(PASSING),
            batches=seed % TOGETHER_EVERY == 1,
            complaints=complaints,
            takes_cards=seed % CARDS_EVERY == 0,
            early=EARLY_SENDS if storm_s == STORM_S else 0,
            is_put_back=seed % RESTORED_EVERY == 0 and not is_twenty and storm_s == STORM_S,
        )
        try:
            task = loop.create_task(storm.night(ROUGH))
            loop.run_until_complete(asyncio.wait([task]))
        finally:
            storm.send_home()
            loop.close()
    error = task.exception()
    if error is not None:
        return Story(Findings(), storm.faults, 0, False, (raised(error), *complaints), 0, 0.0)
    story = task.result()
    return replace(story, broken=(*complaints, *story.broken), trace=storm.trace.figure)


@dataclass
class Storm(InAHouse, WithDrawers, WithCards):
    """Only processes die here; files stay open, and what was committed is what a start finds."""

    passing: float = 0.1
    enough: int = ENOUGH
    rush: int = RUSH
    early: int = EARLY_SENDS
    complaints: list[str] = field(default_factory=list)
    """What raised so far: then there is no calm to wait for."""
    writers: dict[Path, KeptWriter] = field(default_factory=dict)
    trace: Trace = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.trace = Trace(self.loop)
        self.open_file = self._open_file
        self.desk.honours_keys = self.is_put_back

    def _open_file(self, path: Path) -> InlineWriter:
        before = self.writers.get(path)
        connection = self._first_open(path) if before is None else before.connection
        self.writers[path] = writer = KeptWriter(connection, partial(self.trace.note, path.parent.name))
        return writer

    def _first_open(self, path: Path) -> Connection:
        return taken_up(open_device_file(path, ulids=Row("01ARYZ6S49")))

    def carry_home(self) -> None:
        """Write down what the devices had."""
        super().carry_home()
        for path, writer in self.writers.items():
            put_down(writer.connection, path)

    @contextmanager
    def _house(self) -> Iterator[House]:
        with super()._house() as house:
            self.house = house
            path = Path(house.connection.filename)
            house.connection = taken_up(house.connection)
            for name in set(self.who.values()) - house.tokens.keys():
                made = run_inline(house.connection, partial(_enrol, deps=house.deps, name=name))
                house.tokens[name], house.device_ids[name] = made.token, made.device.id
            self.server = Server(partial(start_anew, house))
            yield house
            if self.copy is not None:
                self.copy.close()
            put_down(house.connection, path)

    def _road(self, house: House, name: str, weather: Weather) -> Road:
        chance = Random(self.chance.random())
        return StormRoad(
            house,
            self.who[name],
            chance,
            weather,
            passing=self.passing,
            early=self.early,
            server=self.server,
            trace=self.trace,
        )

    def _others_s(self) -> float:
        """Here everything waits. What hangs delays no other: `_calm` looks at that."""
        return 0.0

    def _lives(self) -> Iterator[Coroutine[None, None, None]]:
        yield self._evening()

    async def _evening(self) -> None:
        """First the line is down and guests come; it is there again when the house opens the next day."""
        for device in self.devices.values():
            device.road.is_cut = True
        tills = [name for name in self.devices if name.startswith("till")]
        for name in tills:
            self.drawers.open(name)()
            order_id = ""
            for _ in range(self.rush):
                self._order(name, order_id := self.ids.new())
            if name == HUNG:
                self.devices[name].road.poisoned = order_id
            await asyncio.sleep(1)
        await self._close_for_a_day()
        for device in self.devices.values():
            device.road.is_cut = False
        people = [asyncio.ensure_future(life) for life in super()._lives()]
        people += [asyncio.ensure_future(self._impatience(name)) for name in tills]
        if self.is_put_back:
            people.append(asyncio.ensure_future(self._restores()))
        await asyncio.wait(people)
        for one in people:
            one.result()

    async def _impatience(self, name: str) -> None:
        """Somebody presses *Try now*, and *Retry* where the server failed ten times, or did not know a ticket yet."""
        while self.loop.time() < self.night_s:
            await asyncio.sleep(self.chance.uniform(0.25, 0.5) * len(self.devices) / 3)
            with suppress(DatabaseError):
                self._retry(self.devices[name])
            self.devices[name].worker.try_now()

    def _retry(self, device: Device) -> None:
        for operation_id in device.read(looks.to_retry):
            work = partial(
                mending.retry,
                operation_id=operation_id,
                new_id=self.ids.new(),
                actor_id="ann",
                now_ms=device.clock.now_ms(),
            )
            device.writer.submit(work).result()
            device.worker.wake()

    async def _fate(self) -> None:
        """Cuts lines, kills programs, sets clocks wrong, fills disks; of tills more than of the kitchen."""
        struck = [one for one in self.devices.items() for _ in range(4 if one[0].startswith("till") else 1)]
        while self.loop.time() < self.night_s:
            await asyncio.sleep(self.chance.uniform(0.1, 0.4))
            name, device = self.chance.choice(struck)
            match self.chance.randrange(20):
                case 0:
                    await self._cut(device, hangs=False, time_s=self.chance.uniform(1, 3))
                case 1 | 2 | 3 | 4 | 5 | 6 | 7:
                    await self._cut(device, hangs=True, time_s=self.chance.uniform(0.15, 0.65))
                case 8 | 9 | 10 | 11 | 12 | 13:
                    await self._fill(device)
                case _:
                    await self._kill(name, device)

    async def _cut(self, device: Device, *, hangs: bool, time_s: float) -> None:
        """The line is down, which the machine knows, or it swallows what is sent (`hangs`)."""
        assert isinstance(device.road, StormRoad)
        device.road.is_cut, device.road.hangs = True, hangs
        await asyncio.sleep(time_s)
        device.road.is_cut = False

    async def _kill(self, name: str, device: Device) -> None:
        """In the middle of whatever goes on; the machine may come up with another time."""
        self.faults["app killed"] += device.read(looks.on_their_way)
        put_off = device.read(partial(looks.put_off, now_ms=device.clock.now_ms()))
        await device.kill()
        if self.chance.random() < 0.5:
            device.clock.wrong_ms = self.chance.choice(WRONG_MS)
            self.faults["clock wrong"] += put_off
        device.start()
        self.watch.after_crash(name, device)

    async def _fill(self, device: Device) -> None:
        """No room on the disk for a while: no tap is taken, and no answer is stored."""
        writer = self.writers[device.path]
        writer.is_full = True
        await asyncio.sleep(self.chance.uniform(0.2, 0.8))
        writer.is_full = False
        self.faults["disk full"] += len(writer.refused)
        writer.refused.clear()

    def _serve(self, name: str, mine: list[str]) -> None:
        """Guests come as long as the waiter sees an end."""
        if self.devices[name].read(outbox.waiting) < self.enough:
            super()._serve(name, mine)
            if name == HUNG_TOO and not self.devices[name].road.poisoned:
                self.devices[name].road.poisoned = mine[-1]

    def _look(self, name: str) -> None:
        """What a server said that was put back since is shown until the device stands on the healed history."""
        device = self.devices[name]
        if self.chance.random() < 0.2 and self._stands(device):
            super()._look(name)

    async def _calm(self) -> bool:
        """Promise 6: all but the orders that hang go through while they hang; then these too."""
        for device in self.devices.values():
            device.road.is_cut = False
            assert isinstance(device.road, StormRoad)
            device.road.calm()
        if not await self._drained(but=[device.road.poisoned for device in self.devices.values()]):
            self.watch.broken.append("6: others wait for the orders that hang")
        for device in self.devices.values():
            device.road.poisoned = ""
            self._retry(device)
        return await self._drained(but=()) and await super()._calm()

    async def _drained(self, *, but: Sequence[str]) -> bool:
        """At each screen somebody tries, and *Retry*, until only these orders wait. False if it takes too long."""
        until_s = self.loop.time() + CALM_LIMIT_S
        while any(device.read(partial(looks.others, but=but)) for device in self.devices.values()):
            if self.loop.time() > until_s or self.complaints:
                return False
            for device in self.devices.values():
                self._retry(device)
                device.worker.try_now()
            await asyncio.sleep(10)
        return True


def _enrol(tx: Connection, *, deps: Deps, name: str) -> enrolment.Enrolled:
    return enrolment.enrol(tx, deps, kind=DeviceKind.POS, name=name, letter=None)
