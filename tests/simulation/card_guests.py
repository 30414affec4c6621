"""Guests with cards in any world: they ask where it can be asked, and at the end everybody knows what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random

from shared.database import Connection
from shared.domain.rejections import CommandRejected
from shared.errors import DatabaseError
from tests.contract.house import House
from tests.simulation.card_desk import LAST_S, CardDesk
from tests.simulation.world import DOUBLE_TAPS, World

CANCELS = 0.4
"""How often somebody who is being asked changes their mind when the next one comes."""
NIGHT_S = 3 * 3600.0
"""Longer than any clock is ahead."""


@dataclass
class WithCards(World):
    """A world in which, if it `takes_cards`, guests pay by card where that can be."""

    desk: CardDesk = field(init=False)
    card_pause_s: tuple[float, float] = (2, 8)
    cashier: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.desk = CardDesk(self, Random(f"cards {self.seed}"))

    @contextmanager
    def _house(self) -> Iterator[House]:
        with super()._house() as house:
            if self.takes_cards:
                self.desk.open(house)
            yield house

    def _lives(self) -> Iterator[Coroutine[None, None, None]]:
        if self.takes_cards:
            self.cashier = asyncio.ensure_future(self.desk.cashier(self.watch.house))
            yield from (self._guests(name) for name in self.who if name.startswith("till"))
        yield from super()._lives()

    async def _guests(self, name: str) -> None:
        """Now and then one wants to pay by card, or no more. Only an order that the server has can be asked for."""
        cancels = Random(f"cancels {self.seed} {name}")
        while self.loop.time() < self.night_s:
            await asyncio.sleep(self.desk.chance.uniform(*self.card_pause_s))
            with suppress(CommandRejected, DatabaseError):  # the screen says so, or went dark under the finger
                if cancels.random() < CANCELS:
                    self.desk.cancel_one(name, cancels)
                orders = self.devices[name].read(can_be_asked_for)
                if orders:
                    wish = self.desk.wish(name, self.desk.chance.choice(orders))
                    self.desk.pay(name, wish, taps=1 + (self.desk.chance.random() < DOUBLE_TAPS))

    async def _calm(self) -> bool:
        """Until the gateway has said its last word too; what it kept is what the guests' slips say."""
        if self.cashier is None:
            return await super()._calm()
        self.desk.is_calm = True
        if not await self._last_word() and not self.cashier.done():
            await self._close_for_the_night()
            await self._last_word()
        is_drained = await super()._calm()
        self.desk.is_over = True
        await self.cashier
        self.watch.broken += (f"5: {words}" for words in self.desk.wrong(self.watch.house, self.desk.believed()))
        for name, slip in self.desk.slips(self.watch.house):
            self.journals[name].write("paid", **slip)
        return is_drained

    def send_home(self) -> None:
        """Whatever became of the evening, nobody goes on when its loop is closed."""
        if self.cashier is not None and not self.cashier.done():
            self.cashier.cancel()
            self.loop.run_until_complete(asyncio.wait([self.cashier]))

    async def _last_word(self) -> bool:
        """Wait until everybody knows what became of every payment. False if that takes too long."""
        assert self.cashier is not None, "only where cards are taken"
        until_s = self.loop.time() + LAST_S
        while self.desk.is_waiting() or not self.desk.is_settled(self.watch.house):
            if self.loop.time() > until_s or self.cashier.done():
                return False
            await asyncio.sleep(5)
        return True

    async def _close_for_the_night(self) -> None:
        """What was wished by a clock hours ahead is given up hours later: the server might charge it until then."""
        for device in self.devices.values():
            await device.kill()
        await asyncio.sleep(NIGHT_S)
        for name, device in self.devices.items():
            device.start()
            self.watch.after_crash(name, device)


def can_be_asked_for(tx: Connection) -> list[str]:
    """Open orders of which the server has all that this till knows, and for which no card is being asked."""
    rows = tx.execute(
        """SELECT id FROM server_order AS o WHERE state NOT IN ('CLOSED', 'VOIDED')
           AND NOT EXISTS (SELECT 1 FROM operation_lane WHERE lane = 'order:' || o.id)
           AND NOT EXISTS (SELECT 1 FROM payment_intent AS p WHERE p.order_id = o.id AND settled_at IS NULL)
           ORDER BY id"""
    )
    return [str(one) for (one,) in rows]
