"""Two payments by a gateway in an evening on which somebody dies: one that a guest confirms, one that is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final

import apsw

from reference_server.payments.simulated import Play
from shared.domain.payment_intent import PaymentIntent
from shared.domain.rejections import CommandRejected
from shared.errors import DatabaseError
from shared.store import card_payments
from tests.contract.house import House
from tests.simulation.card_desk import CardDesk
from tests.simulation.card_guests import WithCards, can_be_asked_for
from tests.simulation.mortal import Firmly

LOOK_S: Final = 2.0
"""How often a waiter looks at what became of it."""
ASKED_FOR_S: Final = 60.0
"""So long a waiter waits until an order can be paid by card; then it is cash."""


@dataclass
class MortalDesk(CardDesk):
    """The gateway, whose guests do as is written down by order, and a cashier that starts again with its server."""

    plays: Mapping[str, Play] = field(default_factory=dict)

    async def cashier(self, house: House) -> None:
        """As ever; where its process died under it, the next one goes on with the rows alone."""
        while not self.is_over:
            try:
                await super().cashier(house)
            except (apsw.Error, DatabaseError):
                await asyncio.sleep(LOOK_S)

    def _play(self, intent: PaymentIntent) -> Play:
        return self.plays[intent.order_id]


@dataclass
class WithOneCard(WithCards):
    """A world in which a waiter asks for a card when the evening says so, and nobody else does."""

    plays: Mapping[str, Play] = field(default_factory=dict)
    chance_of_cards: Random = field(default_factory=lambda: Random(4))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.desk = MortalDesk(self, self.chance_of_cards, plays=self.plays)
        self.desk.is_calm = True  # who dies here is told by a statement's number, not by chance

    def _lives(self) -> Iterator[Coroutine[None, None, None]]:
        self.cashier = asyncio.ensure_future(self.desk.cashier(self.watch.house))
        yield from super(WithCards, self)._lives()

    async def pay_by_card(self, name: str, order_id: str, firmly: Firmly, *, cancels: bool = False) -> bool:
        """Ask for it and wait until the till knows what became of it: whether it was paid. Else the guest has cash.

        `firmly` does a thing again where the till was dark.
        """
        read = self.devices[name].read
        until_s = self.loop.time() + ASKED_FOR_S
        while order_id not in await firmly(partial(read, can_be_asked_for)):
            if self.loop.time() > until_s:
                return False
            await asyncio.sleep(LOOK_S)
        wish = await firmly(partial(self.desk.wish, name, order_id))
        if not wish.line_ids:
            return False
        try:
            await firmly(partial(self.desk.pay, name, wish))
        except CommandRejected:
            return False  # the other till took the money meanwhile, and the screen says so
        if cancels:
            await asyncio.sleep(LOOK_S)
            await firmly(partial(self.desk.cancel_one, name, self.chance_of_cards))
        while True:
            payment = await firmly(partial(read, partial(card_payments.last_of, order_id=order_id)))
            assert payment is not None, "it was stored when the tap returned"
            if not payment.state.is_waiting:
                return payment.state.is_paid
            await asyncio.sleep(LOOK_S)
