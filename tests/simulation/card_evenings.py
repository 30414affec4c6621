"""Evenings on which guests pay by card and mobile money, while network, server, gateway and tills fail in every way.

The gateway charges as often as it is told to, so that its ledger says whether anybody was told twice. At the end it is
held against the books: against what the server has on its orders, and what each till believes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from reference_server.deps import Deps
from reference_server.payments import cashier
from reference_server.payments.cashier import Errand
from reference_server.storage.seam import Connection
from shared.domain.payment_intent import IntentState, PaymentIntent, Step
from shared.domain.rejections import CommandRejected
from tests.simulation.card_desk import LAST_S, CardDesk, Take, intents_of
from tests.simulation.devices import Code
from tests.simulation.network import CALM
from tests.simulation.promises import Watch
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.world import BAD, World

EVENING_S = 100.0
BY_CARD = 0.9
TILLS = {"till-1": "till", "till-2": "till-2"}


@dataclass(frozen=True, slots=True)
class Balance:
    """What the evening came to. `wrong` are the broken promises, in words."""

    wrong: tuple[str, ...]
    drained: bool
    asked: int
    charges: int
    kept_minor: int
    states: tuple[str, ...]
    faults: int
    kills: int


@dataclass
class CardEvening(World):
    """One such evening."""

    take: Take = cashier.take
    is_durable: bool = True
    takes_cards: bool = True
    who: Mapping[str, str] = field(default_factory=lambda: TILLS)
    pause_s: tuple[float, float] = (0.2, 2)
    night_s: float = EVENING_S
    desk: CardDesk = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.desk = CardDesk(self, self.chance, self.take, self.is_durable)

    async def evening(self) -> Balance:
        """Open, serve in bad weather, calm down, wait for the latest approval, and count."""
        with self._house() as house:
            self.desk.open(house)
            self.watch = Watch(house)
            for name in self.who:
                self._add_device(name, house, BAD)
            cashier_life = asyncio.ensure_future(self.desk.cashier(house))
            await asyncio.gather(*(self._waiter(name) for name in self.who), self._fate())
            self._calm_down()
            while self.desk.is_waiting():  # noqa: ASYNC110 - virtual
                await asyncio.sleep(5)
            drained = await self._calm()
            believed = self.desk.believed()
            for device in self.devices.values():
                await device.stop()
            await asyncio.sleep(LAST_S)
            self.desk.is_over = True
            await cashier_life
            wrong = self.desk.wrong(house, believed)
            states = tuple(sorted(one.state for one in intents_of(house)))
        for journal in self.journals.values():
            journal.close()
        ledger = self.desk.ledger()
        return Balance(
            tuple(wrong),
            drained=drained,
            asked=len(self.desk.asked),
            charges=sum(entry.charges for entry in ledger.values()),
            kept_minor=sum(entry.kept_minor for entry in ledger.values()),
            states=states,
            faults=sum(sum(device.road.faults.values()) for device in self.devices.values()) + self.desk.strikes,
            kills=sum(device.kills for device in self.devices.values()),
        )

    def _calm_down(self) -> None:
        """Good weather: what is still open can be asked about."""
        self.desk.is_calm = True
        for device in self.devices.values():
            device.road.weather, device.road.poisoned, device.road.is_cut = CALM, "", False

    def _pay(self, name: str, order_id: str) -> bool:
        """By card when that can be; the guest who may not pays in cash, or waits."""
        if self.chance.random() > BY_CARD:
            return super()._pay(name, order_id)
        wish = self.desk.wish(name, order_id, tip_minor=self.chance.choice((0, 0, 50)))
        with suppress(CommandRejected):
            self.desk.pay(name, wish, taps=1 + (self.chance.random() < BY_CARD / 2))
        return False


def calls_again(tx: Connection, deps: Deps) -> tuple[Errand, ...]:
    """A mutant: what is in doubt is told once more to charge."""
    return tuple(
        replace(one, step=Step.CALL) if one.step is Step.ASK and _is_doubtful(one) else one
        for one in cashier.take(tx, deps)
    )


def forgets_the_late(tx: Connection, deps: Deps) -> tuple[Errand, ...]:
    """A mutant: what has expired is nobody's business any more."""
    return tuple(one for one in cashier.take(tx, deps) if one.step is not Step.CLEAR)


def _is_doubtful(errand: Errand) -> bool:
    return isinstance(errand.what, PaymentIntent) and errand.what.state is IntentState.IN_DOUBT


def play_cards(seed: int, folder: Path, *, take: Take = cashier.take, is_durable: bool = True) -> Balance:
    """Play the card evening of this seed in an empty folder."""
    loop = VirtualLoop()
    try:
        evening = CardEvening(seed, folder, loop, Code(), take=take, is_durable=is_durable)
        return loop.run_until_complete(evening.evening())
    finally:
        loop.close()
