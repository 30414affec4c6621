"""Evenings on which guests pay by card and mobile money, while network, server, gateway and tills fail in every way.

The gateway charges as often as it is told to, so that its ledger says whether anybody was told twice. At the end it is
held against the books: against what the server has on its orders, and what each till believes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from reference_server.deps import Deps
from reference_server.payments import cashier
from reference_server.payments.cashier import Errand
from reference_server.payments.simulated import LATE_MS, Play, SimulatedGateway
from reference_server.storage.seam import Connection
from shared.database import run_inline
from shared.domain.bill import Method
from shared.domain.by_gateway import PayByGateway
from shared.domain.intents import lines_of
from shared.domain.order import Order
from shared.domain.payment_intent import IntentState, NoWord, PaymentIntent, Step
from shared.domain.rejections import CommandRejected
from shared.domain.totals import totals_of
from shared.errors import DatabaseError
from shared.ids import PaymentId
from shared.store import card_payments, scenes
from shared.store.card_payments import CardPayment
from tests.simulation.devices import Code
from tests.simulation.network import CALM
from tests.simulation.promises import Watch
from tests.simulation.virtual_time import VirtualClock, VirtualLoop
from tests.simulation.world import BAD, World

EVENING_S = 100.0
PLAYS = (*(Play.APPROVE,) * 4, *(Play.CONFIRM,) * 3, *Play)
BY_CARD = 0.9
LOOK_EVERY_S = 0.25
DIES, SILENT, HELD_BACK = 0.2, 0.35, 0.1
"""How often the server ends between two steps, the gateway's answer is lost, and how often it comes much later."""
LAST_S = LATE_MS / 1000 + 70
TILLS = {"till-1": "till", "till-2": "till-2"}

Take = Callable[[Connection, Deps], tuple[Errand, ...]]


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
    """`take` is the cashier's first step, or what a mutant makes of it; `is_durable` whether that is written down."""

    take: Take = cashier.take
    is_durable: bool = True
    takes_cards: bool = True
    who: Mapping[str, str] = field(default_factory=lambda: TILLS)
    pause_s: tuple[float, float] = (0.2, 2)
    night_s: float = EVENING_S
    asked: set[str] = field(default_factory=set)
    _is_over: bool = False

    async def evening(self) -> Balance:
        """Open, serve in bad weather, calm down, wait for the latest approval, and count."""
        with self._house() as house:
            clock = VirtualClock(self.loop)
            gateway = SimulatedGateway(clock, script=self._play, honours_keys=False)
            house.deps = replace(house.deps, gateway=gateway)
            self.watch = Watch(house)
            for name in self.who:
                self._add_device(name, house, BAD)
            cashier_life = asyncio.ensure_future(self._cashier(gateway))
            await asyncio.gather(*(self._waiter(name) for name in self.who), self._fate())
            self._calm_down()
            while any(device.read(card_payments.open_ones) for device in self.devices.values()):  # noqa: ASYNC110 - virtual
                await asyncio.sleep(5)
            drained = await self._calm()
            believed = {name: device.read(_all) for name, device in self.devices.items()}
            for device in self.devices.values():
                await device.stop()
            await asyncio.sleep(LAST_S)
            self._is_over = True
            await cashier_life
            found = self._counted(gateway, believed)
        for journal in self.journals.values():
            journal.close()
        return replace(found, drained=drained)

    def _calm_down(self) -> None:
        """Good weather: what is still open can be asked about."""
        for device in self.devices.values():
            device.road.weather, device.road.poisoned, device.road.is_cut = CALM, "", False

    def _play(self, intent: PaymentIntent) -> Play:
        play: Play = random.Random(f"{self.seed} {intent.id}").choice(PLAYS)
        return play

    async def _cashier(self, gateway: SimulatedGateway) -> None:
        """The server's own loop; now and then it ends between two steps, and begins anew with the rows alone."""
        connection, deps = self.watch.house.connection, self.watch.house.deps
        while not self._is_over:
            await asyncio.sleep(LOOK_EVERY_S)
            if not connection.execute("SELECT EXISTS (SELECT 1 FROM payment_intent WHERE is_over = 0)").get:
                continue
            for errand in self._taken(connection, deps):
                if self._strikes(DIES):
                    continue
                word = cashier.tell(gateway, errand)
                if self._strikes(DIES):
                    continue
                if self._strikes(SILENT):
                    if self._strikes(HELD_BACK):
                        settle = partial(cashier.settle, deps=deps, errand=errand, word=word)
                        self.loop.call_later(self.chance.uniform(1, 60), run_inline, connection, settle)
                    word = NoWord()
                run_inline(connection, partial(cashier.settle, deps=deps, errand=errand, word=word))

    def _taken(self, connection: Connection, deps: Deps) -> tuple[Errand, ...]:
        if self.is_durable:
            return run_inline(connection, lambda tx: self.take(tx, deps))
        connection.execute("BEGIN")
        try:
            return self.take(connection, deps)
        finally:
            connection.execute("ROLLBACK")

    def _strikes(self, share: float) -> bool:
        strikes = not self._is_calm() and self.chance.random() < share
        self.faults["cashier"] += strikes
        return strikes

    def _is_calm(self) -> bool:
        return all(device.road.weather is CALM for device in self.devices.values())

    def _pay(self, name: str, order_id: str) -> bool:
        """By card when that can be; the guest who may not pays in cash, or waits."""
        if self.chance.random() > BY_CARD:
            return super()._pay(name, order_id)
        device = self.devices[name]
        seen = device.read(lambda tx: scenes.of_order(tx, order_id, author_of=device.author_of))
        owed = lines_of(seen.scene)
        wish = self._made(
            PayByGateway,
            order_id=order_id,
            line_ids=tuple(line.id for line in owed),
            total_minor=totals_of(owed, prices_include_tax=True).total_minor,
            method=self.chance.choice((Method.CARD, Method.MOBILE_MONEY)),
            tip_minor=self.chance.choice((0, 0, 50)),
        )
        try:
            for _ in range(1 + (self.chance.random() < BY_CARD / 2)):
                device.pay_by_card(wish)
        except CommandRejected:
            return False
        self.asked.add(wish.payment_id)
        return False

    def _counted(self, gateway: SimulatedGateway, believed: Mapping[str, tuple[CardPayment, ...]]) -> Balance:
        house = self.watch.house
        rows = house.connection.execute("SELECT body FROM payment_intent")
        intents = {one.id: one for one in (PaymentIntent.model_validate_json(bytes(body)) for (body,) in rows)}
        orders = [
            Order.model_validate_json(bytes(b)) for (b,) in house.connection.execute("SELECT body FROM pos_order")
        ]
        ledger = gateway.ledger()
        wrong = [f"{key} was charged {entry.charges} times" for key, entry in ledger.items() if entry.charges > 1]
        kept = sum(entry.kept_minor for entry in ledger.values())
        by_card = [one for order in orders for one in order.payments if one.method is not Method.CASH]
        on_orders = sum(one.amount_minor + one.tip_minor for one in by_card)
        if len({one.id for one in by_card}) != len(by_card):
            wrong.append("a card payment stands on two orders")
        if kept != on_orders:
            wrong.append(f"the gateway has {kept}, the orders {on_orders}")
        wrong += [f"{one.id} is still {one.state}" for one in intents.values() if not one.is_over]
        wrong += [f"{one.id} is on no bill" for one in intents.values() if one.state is IntentState.APPROVED]
        for name, payments in believed.items():
            wrong += [f"{name} believes of {one.id}: {one.state}" for one in payments if not _agrees(one, intents)]
        return Balance(
            tuple(wrong),
            drained=True,
            asked=len(self.asked),
            charges=sum(entry.charges for entry in ledger.values()),
            kept_minor=kept,
            states=tuple(sorted(one.state for one in intents.values())),
            faults=sum(sum(device.road.faults.values()) for device in self.devices.values()) + self.faults["cashier"],
            kills=sum(device.kills for device in self.devices.values()),
        )


def _all(tx: Connection) -> tuple[CardPayment, ...]:
    orders = [str(one) for (one,) in tx.execute("SELECT DISTINCT order_id FROM payment_intent").fetchall()]
    found = []
    for order_id in orders:
        with suppress(DatabaseError):
            last = card_payments.last_of(tx, order_id)  # type: ignore[arg-type]
            found += [last] if last is not None else []
    return tuple(found)


def _agrees(till: CardPayment, intents: Mapping[PaymentId, PaymentIntent]) -> bool:
    """Whether what a till shows for good is so: *approved* is on a bill, and nothing else has the guest's money."""
    server = intents.get(PaymentId(till.id))
    if till.state.is_waiting:
        return False
    if till.state.is_paid:
        return server is not None and server.state is IntentState.RECORDED
    return server is None or not server.state.is_paid


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
