"""Bad nights in which the power of tills and kitchen goes in the middle of whatever the real worker was writing."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import apsw

from shared.database import Connection, Synchronous
from shared.domain.commands import PayCash, SendDraft
from shared.errors import DatabaseError, DiskFailing
from shared.opening import open_device_file
from tests.contract.house import Row
from tests.simulation.card_guests import WithCards
from tests.simulation.complaints import logged_to
from tests.simulation.cutting import Cutter
from tests.simulation.devices import Code, InlineWriter
from tests.simulation.disk import SimulatedDisk, seed_sqlite
from tests.simulation.drawers import WithDrawers
from tests.simulation.promises import Story
from tests.simulation.recording import State, state_of
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.world import BAD, NIGHT_S

T = TypeVar("T")


class PoweredWriter(InlineWriter):
    """A device's file on a simulated disk. It knows what the file was when the power went, and what was on its way."""

    def __init__(self, connection: Connection, disk: SimulatedDisk) -> None:
        super().__init__(connection)
        self.disk = disk
        self.told: State | None = None
        self.on_its_way: State | None = None
        self.struck = ""
        self.promises = 0
        """How many works changed the file and were told as durable."""

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Do it now, unless the device is dark."""
        if self._is_dark():
            future: Future[T] = Future()
            future.set_exception(DiskFailing("the power is gone"))
            return future
        self.on_its_way = None
        before = self.connection.total_changes()
        done = super().submit(self._watched(work))
        if not self._is_dark():
            self.promises += self.connection.total_changes() > before
        else:
            self.struck = getattr(work, "func", work).__qualname__.partition(".<locals>")[0]
        return done

    def die(self) -> None:
        """The process is gone, and with the power also what the disk had not made durable."""
        with suppress(apsw.Error):
            self.told = state_of(self.connection) if self.disk.is_dead else None
            super().die()

    def _is_dark(self) -> bool:
        return self.disk.is_dead

    def _watched(self, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
        def watched(tx: Connection) -> T:
            value = work(tx)
            if self.disk.dies_in_calls is not None:
                self.on_its_way = state_of(tx)
            return value

        return watched


@dataclass
class PowerWorld(WithDrawers, WithCards):
    """The world with fate at the plug instead of at the network cable."""

    takes_cards: bool = True
    synchronous: Synchronous = "FULL"
    writers: dict[Path, PoweredWriter] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)
    promises: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.open_file = self._open_file

    def _open_file(self, path: Path) -> InlineWriter:
        """What a start finds: the same disk, or what a cut left of it."""
        before = self.writers.get(path)
        disk = SimulatedDisk() if before is None else before.disk
        if disk.is_dead:
            cutter = Cutter(disk)
            cutter.go_to(len(disk.log))
            disk.close()
            disk = SimulatedDisk(cutter.survivors(self.chance))
        connection = open_device_file(path, ulids=Row("01ARYZ6S49"), disk=disk)
        connection.pragma("synchronous", self.synchronous)
        connection.checkpoint_pages = self.chance.choice((3, 10, 30))
        if before is not None and before.disk is not disk:
            self.struck[before.struck] += 1
            self.promises += before.promises
            self._compare(connection, before)
        self.writers[path] = writer = PoweredWriter(connection, disk)
        return writer

    def _compare(self, connection: Connection, before: PoweredWriter) -> None:
        if connection.pragma("integrity_check") != "ok":
            self.wrong.append("the file is damaged")
        if state_of(connection) not in (before.told, before.on_its_way):
            self.wrong.append(f"{connection.filename}: what was told as durable is not there as it was")

    async def _fate(self) -> None:
        """Lets the power go at a random I/O call, and come back a little later."""
        while self.loop.time() < NIGHT_S:
            await asyncio.sleep(self.chance.uniform(0.1, 1.5))
            name, device = self.chance.choice(list(self.devices.items()))
            disk = self.writers[device.path].disk
            disk.dies_in_calls = self.chance.randint(1, 30)
            while not disk.is_dead and self.loop.time() < NIGHT_S:  # noqa: ASYNC110 - it costs no time here
                await asyncio.sleep(0.1)
            disk.dies_in_calls = None
            if disk.is_dead:
                await asyncio.sleep(self.chance.uniform(0, 2))
                await device.kill()
                device.start()
                self.watch.after_crash(name, device)

    def _tap(self, name: str, intent: SendDraft | PayCash, *, payment: str = "") -> None:
        """Cash that was on its way when the power went may be there or not: the waiter looks."""
        try:
            super()._tap(name, intent, payment=payment)
        except DatabaseError:
            self.watch.in_doubt(payment)
            raise

    def carry_home(self) -> None:
        """Put the files where the check of the night looks for them, and let go of the disks."""
        super().carry_home()
        for path, writer in self.writers.items():
            path.write_bytes(writer.disk.contents[writer.disk.names[str(path)]])
            writer.disk.close()


@dataclass(frozen=True)
class PowerStory:
    """What came of one night."""

    story: Story | None
    struck: Counter[str]
    """How many cuts there were, by what was being written."""
    wrong: tuple[str, ...]
    promises: int = 0
    """What was told as durable before a cut: each is looked for once, at the next start."""

    @property
    def cuts(self) -> int:
        """All of them."""
        return self.struck.total()

    @property
    def is_clean(self) -> bool:
        """Whether every cut left what was told, and the night kept its promises."""
        return not self.wrong and self.story is not None and self.story.is_clean


def play_power_cuts(
    seed: int, folder: Path, *, code: Code | None = None, synchronous: Synchronous = "FULL"
) -> PowerStory:
    """Play the night of this seed in an empty folder. A file that does not open ends it."""
    loop = VirtualLoop()
    seed_sqlite(f"{seed}")
    world = PowerWorld(seed, folder, loop, code or Code(), synchronous=synchronous)
    try:
        with logged_to(logging.NullHandler()):
            story = loop.run_until_complete(world.night(BAD))
    except DatabaseError as error:
        return PowerStory(None, world.struck, (*world.wrong, str(error)), world.promises)
    finally:
        world.send_home()
        loop.close()
    return PowerStory(story, world.struck, tuple(world.wrong), world.promises)
