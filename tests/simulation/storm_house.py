"""What befalls the whole house in a storm: a day on which it is closed, a server that is put back to an old copy."""

import asyncio
from dataclasses import dataclass, field

from shared.database import Connection
from shared.migrations import Migration, migrate
from shared.store import outbox, retained
from shared.store.schema import MIGRATIONS
from tests.contract.house import House
from tests.simulation import looks
from tests.simulation.devices import Device
from tests.simulation.in_memory import copied
from tests.simulation.storm_road import Server
from tests.simulation.world import World

DAY_S = 86_400.0
TOMORROW = Migration(
    number=len(MIGRATIONS) + 1,
    name="a step of a newer program, which writes every operation anew",
    up="ALTER TABLE operation ADD COLUMN tomorrow TEXT; UPDATE operation SET tomorrow = kind;",
)
COPIED_S = (5.0, 15.0)
"""When somebody copies the server's database, counted from the moment at which the line is there."""
OLD_S = (38.0, 48.0)
"""How long the server goes on each time until it is put back to the copy."""


@dataclass
class InAHouse(World):
    """A world that is closed for a day, and in which the server may be lost, again and again."""

    is_put_back: bool = False
    """Whether the server is put back, each time to the same copy: all that it did since is lost each time."""
    server: Server = field(init=False)
    house: House = field(init=False)
    copy: Connection | None = None
    healed_before: set[str | None] = field(default_factory=set)
    """The names of all healings that were lost when the server was put back; None for those that had not healed."""

    async def _close_for_a_day(self) -> None:
        """All go home with what they could not send, and come back at once, to programs that are newer by a schema."""
        for device in self.devices.values():
            waiting = device.read(outbox.waiting)
            self.faults["back after a day"] += waiting
            await device.kill()
            migrate(device.writer.connection, device.path, (*MIGRATIONS, TOMORROW), keep_copies=0)
            self.faults["app upgraded"] += waiting
        await asyncio.sleep(DAY_S)
        self.night_s += self.loop.time()
        for name, device in self.devices.items():
            device.start()
            self.watch.after_crash(name, device)

    async def _restores(self) -> None:
        """The server is copied, goes on, and is put back to the copy; the devices give back what it lost."""
        await asyncio.sleep(self.chance.uniform(*COPIED_S))
        self.copy = copied(self.house.connection)
        while True:
            await asyncio.sleep(self.chance.uniform(*OLD_S))
            if self.loop.time() > self.night_s:
                return
            self._put_back(copied(self.copy))

    def _put_back(self, copy: Connection) -> None:
        self.healed_before |= {device.read(_healed) for device in self.devices.values()}
        done, self.house.connection = self.house.connection, copy
        self.watch.was_restored = True
        self.faults["server restored"] += looks.done_since(done, copy)
        done.close()
        self.server.die()

    def _stands(self, device: Device) -> bool:
        """Whether this device stands on what the server has now; until then it shows what a lost server said."""
        return not self.healed_before or device.read(_healed) not in self.healed_before


def _healed(tx: Connection) -> str | None:
    return retained.standing(tx).healed
