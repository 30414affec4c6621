"""Card and mobile money in any world: a gateway that charges as often as it is told to, its cashier, and the books."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any

from reference_server.deps import Deps
from reference_server.gateway import RefundRefused, RefundWord
from reference_server.payments import cashier
from reference_server.payments.cashier import Errand
from reference_server.payments.simulated import LATE_MS, Entry, Play, SimulatedGateway
from reference_server.storage.seam import Connection
from shared.database import run_inline
from shared.domain.bill import Method
from shared.domain.by_gateway import PayByGateway
from shared.domain.intents import lines_of
from shared.domain.order import Order
from shared.domain.payment_intent import IntentState, LastWord, NoWord, PaymentIntent, Word
from shared.domain.rejections import CommandRejected
from shared.domain.totals import totals_of
from shared.errors import DatabaseError
from shared.ids import PaymentId
from shared.store import card_payments, scenes
from shared.store.card_payments import CardPayment
from tests.contract.house import House
from tests.simulation.places import Till
from tests.simulation.promises import Watched
from tests.simulation.virtual_time import VirtualClock

PLAYS = (*(Play.APPROVE,) * 4, *(Play.CONFIRM,) * 3, *Play)
LOOK_EVERY_S, CALM_LOOK_S = 0.25, 2.0
DIES, SILENT, HELD_BACK = 0.2, 0.35, 0.1
"""How often the server ends between two steps, the gateway's answer is lost, and how often it comes much later."""

REFUSES = 0.5
"""How often the gateway does not give back what it is told to."""

LAST_S = LATE_MS / 1000 + 70
"""By then every late approval has come and was looked at."""

Take = Callable[[Connection, Deps], tuple[Errand, ...]]
Believed = Mapping[str, tuple[CardPayment, ...]]


class FickleGateway(SimulatedGateway):
    """Gives some refunds back and refuses others for good, by their names."""

    def refund(self, intent_id: str, *, refund_id: str, amount_minor: int) -> RefundWord:
        if Random(refund_id).random() < REFUSES:
            return RefundRefused("The account is closed.")
        return super().refund(intent_id, refund_id=refund_id, amount_minor=amount_minor)


@dataclass
class CardDesk:
    """The gateway of a world and who talks to it.

    `take` is the cashier's first step, or what a mutant makes of it; `is_durable` whether that is written down.
    """

    world: Watched
    chance: Random
    take: Take = cashier.take
    is_durable: bool = True
    honours_keys: bool = False
    """As a real gateway does. A server that was put back may not know what it charged: then only its key is left."""
    asked: dict[str, tuple[str, PayByGateway]] = field(default_factory=dict)
    """What was wished, and at which till."""
    cancelled: set[str] = field(default_factory=set)
    strikes: int = 0
    is_calm: bool = False
    is_over: bool = False
    gateway: SimulatedGateway = field(init=False)
    _server: tuple[Deps, float] | None = None
    """What the server that runs now is made of, and since when it has run."""

    def open(self, house: House) -> None:
        """From now on this house takes cards."""
        clock = VirtualClock(self.world.loop)
        self.gateway = FickleGateway(clock, script=self._play, honours_keys=self.honours_keys)
        house.deps = replace(house.deps, gateway=self.gateway)

    async def cashier(self, house: House) -> None:
        """The server's own loop; now and then it ends between two steps, and begins anew with the rows alone."""
        waiting = (
            "SELECT EXISTS (SELECT 1 FROM payment_intent WHERE is_over = 0)"
            " OR EXISTS (SELECT 1 FROM card_refund WHERE state = 'WAITING')"
        )
        while not self.is_over:
            await asyncio.sleep(CALM_LOOK_S if self.is_calm else LOOK_EVERY_S)
            if not house.connection.execute(waiting).get:
                continue
            for errand in self._taken(house):
                if self._strikes(DIES):
                    continue
                word = cashier.tell(self.gateway, errand)
                if self._strikes(DIES):
                    continue
                if self._strikes(SILENT):
                    if self._strikes(HELD_BACK):
                        settle = partial(self._settle, house, errand, word)
                        self.world.loop.call_later(self.chance.uniform(1, 60), settle)
                    word = NoWord()
                self._settle(house, errand, word)

    def wish(self, name: str, order_id: str, *, tip_minor: int = 0) -> PayByGateway:
        """What a guest at this till wants: all of this order by card or by mobile money."""
        device = self.world.devices[name]
        owed = lines_of(device.read(lambda tx: scenes.of_order(tx, order_id, author_of=device.author_of)).scene)
        return self.world._made(
            PayByGateway,
            order_id=order_id,
            line_ids=tuple(line.id for line in owed),
            total_minor=totals_of(owed, prices_include_tax=True).total_minor,
            method=self.chance.choice((Method.CARD, Method.MOBILE_MONEY)),
            tip_minor=tip_minor,
        )

    def pay(self, name: str, wish: PayByGateway, *, taps: int = 1) -> None:
        """Tap it. Raises CommandRejected where this till can't ask for it now, DatabaseError where it goes dark."""
        try:
            for _ in range(taps):
                self.world.devices[name].pay_by_card(wish)
        except CommandRejected:
            raise
        except DatabaseError:
            self._ask(name, wish)
            raise
        self._ask(name, wish)

    def cancel_one(self, name: str, chance: Random) -> None:
        """A guest who is being asked at this till wants it no more. Raises DatabaseError where it goes dark."""
        waiting = self.world.devices[name].read(card_payments.open_ones)
        if waiting:
            one = chance.choice(waiting)
            self.world.devices[name].cancel_card(one.id, actor_id=one.wish.actor_id)
            self.cancelled.add(one.id)

    def _ask(self, name: str, wish: PayByGateway) -> None:
        self.asked[wish.payment_id] = (name, wish)
        self.world.watch.in_doubt(wish.payment_id)

    def is_waiting(self) -> bool:
        """Whether a till does not know yet what became of a payment."""
        return any(device.read(card_payments.open_ones) for device in self._tills().values())

    def believed(self) -> Believed:
        """What each till says of its payments."""
        return {name: device.read(_all) for name, device in self._tills().items()}

    def _tills(self) -> dict[str, Till]:
        return {name: device for name, device in self.world.devices.items() if device.takes_cards}

    def ledger(self) -> dict[str, Entry]:
        """What the gateway did."""
        return self.gateway.ledger()

    def is_settled(self, house: House) -> bool:
        """Whether server and gateway have said their last word on each payment."""
        now_ms = VirtualClock(self.world.loop).now_ms()
        is_late = any((one.approves_at_ms or 0) > now_ms for one in self.ledger().values())
        gives_back = house.connection.execute("SELECT EXISTS (SELECT 1 FROM card_refund WHERE state = 'WAITING')").get
        return not is_late and not gives_back and all(one.is_over for one in intents_of(house))

    def wrong(self, house: House, believed: Believed) -> list[str]:
        """Promise 5, by cards: the gateway's ledger is what the server has on its orders, and what each till says."""
        intents = {one.id: one for one in intents_of(house)}
        orders = [
            Order.model_validate_json(bytes(b)) for (b,) in house.connection.execute("SELECT body FROM pos_order")
        ]
        ledger = self.ledger()
        wrong = [f"{key} was charged {entry.charges} times" for key, entry in ledger.items() if entry.charges > 1]
        kept = sum(entry.kept_minor for entry in ledger.values())
        by_card = [one for order in orders for one in order.payments if one.method is not Method.CASH]
        back = [
            one
            for order in orders
            for made in order.returns
            for one in made.money
            if one.method is not Method.CASH and not one.refused
        ]
        on_orders = sum(one.amount_minor + one.tip_minor for one in by_card) - sum(one.amount_minor for one in back)
        if len({one.id for one in by_card}) != len(by_card):
            wrong.append("a card payment stands on two orders")
        if kept != on_orders:
            wrong.append(f"the gateway has {kept}, the orders {on_orders}")
        wrong += [f"{one.id} is still {one.state}" for one in intents.values() if not one.is_over]
        wrong += [f"{one.id} is on no bill" for one in intents.values() if one.state is IntentState.APPROVED]
        for name, payments in believed.items():
            wrong += [f"{name} believes of {one.id}: {one.state}" for one in payments if not _agrees(one, intents)]
        return wrong

    def slips(self, house: House) -> Iterator[tuple[str, dict[str, Any]]]:
        """What the slip of each guest says who has paid, by the gateway, less the tip: the till, a journal's fields."""
        ledger = self.ledger()
        for intent in intents_of(house):
            if intent.state is IntentState.RECORDED:
                name, wish = self.asked[intent.id]
                said = {"intent": intent.id, "order": wish.order_id, "payment": intent.id}
                entry = ledger[intent.id]
                charged_minor = entry.kept_minor + sum(entry.refunds.values())
                yield name, {**said, "amountMinor": charged_minor - wish.tip_minor}

    def _play(self, intent: PaymentIntent) -> Play:
        play: Play = Random(f"{self.world.seed} {intent.id}").choice(PLAYS)
        return play

    def _taken(self, house: House) -> tuple[Errand, ...]:
        connection, deps = house.connection, house.deps
        if self.is_durable:
            return run_inline(connection, lambda tx: self.take(tx, deps))
        connection.execute("BEGIN")
        try:
            return self.take(connection, deps)
        finally:
            connection.execute("ROLLBACK")

    def _settle(self, house: House, errand: Errand, word: Word | LastWord | RefundWord) -> None:
        now_s = self.world.loop.time()
        if self._server is None or self._server[0] is not house.deps:
            self._server = (house.deps, now_s)  # it was started anew
        listened_ms = int((now_s - self._server[1]) * 1000)
        settle = partial(cashier.settle, deps=house.deps, errand=errand, word=word, listened_ms=listened_ms)
        run_inline(house.connection, settle)

    def _strikes(self, share: float) -> bool:
        strikes = not self.is_calm and self.chance.random() < share
        self.strikes += strikes
        return strikes


def intents_of(house: House) -> list[PaymentIntent]:
    """How far each payment is, by the server."""
    rows = house.connection.execute("SELECT body FROM payment_intent")
    return [PaymentIntent.model_validate_json(bytes(body)) for (body,) in rows]


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
