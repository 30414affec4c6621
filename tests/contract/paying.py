"""A house that takes cards, for tests: its gateway by the hand of the test, and the cashier step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from reference_server.payments import cashier
from reference_server.payments.cashier import Errand
from reference_server.payments.simulated import Play, SimulatedGateway, by_amount
from shared.database import run_inline
from shared.domain.payment_intent import EXPIRES_MS, NoWord, PaymentIntent
from tests.contract.house import Answer, House, act

CARD, MOBILE = "CARD", "MOBILE_MONEY"


@dataclass
class Cards:
    """The gateway of a house and its cashier. `dies_before` names the steps before which the server ends."""

    house: House
    script: Callable[[PaymentIntent], Play] = by_amount
    honours_keys: bool = False
    listened_ms: int = EXPIRES_MS
    """For how long the server has asked it, where a silent gateway is told as one."""
    gateway: SimulatedGateway = field(init=False)

    def __post_init__(self) -> None:
        self.gateway = SimulatedGateway(self.house.clock, script=self._play, honours_keys=self.honours_keys)
        self.house.deps = replace(self.house.deps, gateway=self.gateway)

    def ask(
        self, order: dict[str, Any], amount: int | None = None, *, method: str = CARD, key: str = "", **more: object
    ) -> Answer:
        """Ask for the money of an order; a key is made for it unless it has one."""
        owed = sum(line["quantity"] * line["priceMinor"] for line in order["lines"])
        body = act({"orderId": order["id"], "method": method, "amount": owed if amount is None else amount, **more})
        return self.house.call("POST", "/payments/intents", body, key=key or self.house.ids.new())

    def state(self, intent_id: str) -> str:
        """What the server says of it."""
        told = self.house.call("GET", f"/payments/intents/{intent_id}")
        assert told.status == 200, told.json
        return str(told.json["state"])

    def take(self) -> Sequence[Errand]:
        """The cashier's first step."""
        return run_inline(self.house.connection, partial(cashier.take, deps=self.house.deps))

    def settle(self, errand: Errand, word: object) -> None:
        """Its third."""
        settle: Any = partial(cashier.settle, deps=self.house.deps, errand=errand, listened_ms=self.listened_ms)
        run_inline(self.house.connection, partial(settle, word=word))

    def collect(self, seconds: float = 0) -> None:
        """Do what is due, let time pass, and again; each is a second, or five where it is to be long."""
        until_ms = self.house.clock.ms + int(seconds * 1000)
        stride_ms = 1000 if seconds < 20 else 5000
        while True:
            while errands := self.take():
                for errand in errands:
                    self.settle(errand, cashier.tell(self.gateway, errand))
            self.house.clock.ms += stride_ms
            if self.house.clock.ms > until_ms:
                return

    def remind(self) -> None:
        """Look for what nobody came for."""
        run_inline(self.house.connection, partial(cashier.remind, deps=self.house.deps))

    def lose_words(self, seconds: float) -> None:
        """As `collect`, but of all that the gateway says nothing is heard."""
        for _ in range(int(seconds) + 1):
            for errand in self.take():
                cashier.tell(self.gateway, errand)
                self.settle(errand, NoWord())
            self.house.clock.ms += 1000

    def charged(self) -> int:
        """What the gateway has of the guests' money."""
        return sum(entry.kept_minor for entry in self.gateway.ledger().values())

    def close(self, order: dict[str, Any], intent: dict[str, Any], *, key: str = "", **more: object) -> Answer:
        """Close the order with this payment; a key is made for it unless it has one."""
        payment = {"id": intent["id"], "method": intent["method"], "amount": intent["amountMinor"], **more}
        total = sum(line["quantity"] * line["priceMinor"] for line in order["lines"])
        body = act({"lineIds": [line["id"] for line in order["lines"]], "totalMinor": total, "payments": [payment]})
        return self.house.call("POST", f"/pos/orders/{order['id']}/close", body, key=key or self.house.ids.new())

    def order(self, order_id: str) -> dict[str, Any]:
        """The order as the server has it."""
        return dict(self.house.call("GET", f"/pos/orders/{order_id}").json)

    def alerts(self) -> list[tuple[str, str]]:
        """What people are told."""
        rows = self.house.connection.execute("SELECT kind, message FROM alert ORDER BY id")
        return [(str(kind), str(message)) for kind, message in rows]

    def on_the_books(self) -> int:
        """Card money that the server knows of: on orders, applied or not, and approved for a bill to come."""
        here = self.house.connection
        bodies = here.execute("SELECT body FROM payment_intent WHERE state IN ('APPROVED', 'RECORDED', 'UNAPPLIED')")
        found = [PaymentIntent.model_validate_json(bytes(body)) for (body,) in bodies]
        return sum(one.charge_minor for one in found) - int(
            here.execute("SELECT coalesce(sum(amount), 0) FROM card_refund WHERE state = 'DONE'").get
        )

    def _play(self, intent: PaymentIntent) -> Play:
        return self.script(intent)


def always(play: Play) -> Callable[[PaymentIntent], Play]:
    """A gateway with which always the same happens."""
    return lambda _: play
