"""A till that asks for a card, for tests: its file, an order that the server has, and the way there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from reference_server.payments.simulated import Play
from shared.database import run_inline
from shared.domain.bill import Method
from shared.domain.by_gateway import PayByGateway
from shared.domain.totals import totals_of_order
from shared.errors import DiskFull
from shared.ids import LineId, OperationId, OrderId, StaffId
from shared.store import card_payments, taps
from shared.store.card_payments import CardBook, CardPayment
from shared.store.outcomes import Flight
from shared.sync import cards
from shared.sync.exchange import Answered, Exchange, TimedOut
from shared.times import to_rfc3339
from shared.wire.requests import Kind
from tests.contract.house import Answer, House
from tests.contract.paying import Cards, always
from tests.contract.two_tills import StoreTill, two_tills
from tests.unit.domain.restaurant import ulid


@dataclass
class Line:
    """The way from the till to the server, with what went over it; `lost` swallows requests, `unheard` answers."""

    house: House
    lost: bool = False
    unheard: bool = False
    knows_no_cancel: bool = False
    answer: Answered | None = None
    sent: list[str] = field(default_factory=list)
    seen: str | None = None

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        self.sent.append(flight.id)
        if self.knows_no_cancel and flight.kind is Kind.CANCEL_INTENT:
            return self._over(lambda: self.house.call("POST", "/nothing/here", b"{}", key=flight.id))
        return self._over(lambda: self.house.call(flight.method, flight.path, flight.body, key=flight.id))

    async def get_intent(self, payment_id: str) -> Exchange:
        return self._over(lambda: self.house.call("GET", f"/payments/intents/{payment_id}"))

    def _over(self, call: Callable[[], Answer]) -> Exchange:
        if self.answer is not None:
            return self.answer
        if self.lost:
            return TimedOut()
        said = call()
        return TimedOut() if self.unheard else Answered(said.status, said.headers, said.body)


class Till:
    """One till with an order that the server has, its file and its line."""

    def __init__(self, store: StoreTill, house: House) -> None:
        self.store, self.house = store, house
        self.cards = Cards(house, script=always(Play.APPROVE))
        self.line = Line(house)
        self.order_id = store.order("pizza")
        store.deliver()
        self.teller = taps.Teller("A", store.author_of)
        self.book = CardBook(self.teller)
        self.seen: str | None = None
        self.told: list[frozenset[str]] = []
        self.breaks_after = 1_000
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return self.house.clock.ms + self.ahead_ms

    def monotonic_s(self) -> float:
        return self.house.clock.ms / 1000

    async def ask(self, work: Callable[..., object]) -> object:
        self.breaks_after -= 1
        if self.breaks_after < 0:
            raise DiskFull
        return run_inline(self.store.connection, work)

    def wish(self, number: int = 700, *, method: Method = Method.CARD) -> PayByGateway:
        order = self.store.fold(self.order_id)
        return PayByGateway(
            id=OperationId(ulid(number)),
            actor_id=StaffId("ann"),
            at=to_rfc3339(self.now_ms()),
            order_id=OrderId(self.order_id),
            line_ids=tuple(LineId(line.id) for line in order.standing_lines),
            total_minor=totals_of_order(order).total_minor,
            method=method,
        )

    def tap(self, wish: PayByGateway) -> None:
        run_inline(
            self.store.connection,
            lambda tx: card_payments.begin(tx, wish, teller=self.teller, now_ms=self.now_ms()),
        )

    def round(self) -> bool:
        """What the worker does each second. Whether there is more to ask."""
        return asyncio.run(cards.collect(self.line, self, self.book, told=self.told.append))  # type: ignore[arg-type]

    def payment(self) -> CardPayment:
        found = run_inline(self.store.connection, lambda tx: card_payments.last_of(tx, self.order_id))
        assert found is not None
        return found

    def closes(self) -> list[dict[str, object]]:
        rows = self.store.connection.execute("SELECT body FROM operation WHERE kind = 'close_order'")
        return [json.loads(bytes(body)) for (body,) in rows]


@pytest.fixture
def till(small_house: House, tmp_path: Path) -> Iterator[Till]:
    pair = two_tills(small_house, tmp_path)
    yield Till(pair[0], small_house)
    for one in pair:
        one.connection.close()
