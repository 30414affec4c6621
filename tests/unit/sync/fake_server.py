"""A server in memory that decides with the shared rules and remembers ids, and a network that can do anything to it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from shared.domain.command import OrderCommand
from shared.domain.lines import Author
from shared.domain.menu import Business, Floor, Menu, StaffList
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected
from shared.domain.rules import apply
from shared.store.outcomes import Flight
from shared.sync.exchange import Answered, Event, Exchange, TimedOut
from shared.times import to_rfc3339
from shared.wire.requests import decode
from tests.unit.sync.flights import answer, error
from tests.unit.sync.virtual import VirtualClock, passing

Fault = Callable[[Flight, int], Exchange | None]
"""Asked for each send with how often the server has seen this id before: what the network says instead, or None."""

CATALOG: Final = {
    "menu": Menu(version="1").to_json(),
    "floor": Floor(version="1").to_json(),
    "settings": Business(version="1", name="Evertill").to_json(),
    "staff": StaffList(version="1").to_json(),
}


class Effect(NamedTuple):
    """An operation that changed something."""

    operation_id: str
    entity_id: str
    kind: str


@dataclass
class FakeServer:
    """A `Transport`. `fault_before` keeps a request from the server, `fault_after` replaces its answer."""

    clock: VirtualClock
    trip_s: float = 0.02
    up: bool = True
    head_told: bool = True
    history: str = ""
    fault_before: Fault = lambda flight, seen: None
    fault_after: Fault = lambda flight, seen: None
    read_fault: Callable[[str], Exchange | None] = lambda name: None
    orders: dict[str, Order] = field(default_factory=dict)
    answers: dict[str, Answered] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    sends: list[tuple[float, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    closed: bool = False

    @property
    def head(self) -> str:
        return f"{len(self.effects)}-{self.effects[-1].operation_id}" if self.effects else ""

    def effects_of(self, order_id: str) -> list[str]:
        """The kinds of operation that took effect on an order, in that order."""
        return [effect.kind for effect in self.effects if effect.entity_id == order_id]

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        self.sends.append((self.clock.monotonic_s(), flight.id))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._send(flight)
        finally:
            self.in_flight -= 1

    async def beat(self) -> Exchange:
        body = {"status": "ok", "version": "1", "serverTime": to_rfc3339(self.clock.true_ms())}
        head = self.head if self.head_told else ""
        return await self._read("health", {**body, "head": head, "history": self.history})

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        orders = [json.loads(order.to_json()) for order in self.orders.values()]
        return await self._read("orders", {"orders": orders, "cursor": self.head, "serverTime": "", "hasMore": False})

    async def pull_tickets(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        return await self._read("tickets", {"tickets": [], "cursor": self.head, "serverTime": "", "hasMore": False})

    async def listen(self, cursor: str | None) -> AsyncGenerator[Event | Exchange, None]:
        self.asked.append("events")
        yield TimedOut()

    async def ready(self) -> Exchange:
        now = to_rfc3339(self.clock.true_ms())
        return await self._read("ready", {"status": "ok", "version": "1", "serverTime": now})

    async def get_intent(self, payment_id: str) -> Exchange:
        """Nobody pays by card here."""
        raise AssertionError(payment_id)

    async def get_order(self, order_id: str) -> Exchange:
        order = self.orders.get(order_id)
        found = await self._read("order", None if order is None else json.loads(order.to_json()))
        return answer(404, error(404)) if order is None and isinstance(found, Answered) else found

    async def house_alerts(self, actor_id: str) -> Exchange:
        """No manager looks here."""
        raise AssertionError(actor_id)

    async def catalogue(self, name: str, *, etag: str | None) -> Exchange:
        tag = f'"{name}-1"'
        return await self._read(name, b"" if etag == tag else CATALOG[name], tag=tag)

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        return await self._read(name, error(404))

    async def close(self) -> None:
        self.closed = True

    async def _read(self, name: str, body: object, *, tag: str = "") -> Exchange:
        self.asked.append(name)
        if not self.up:
            await passing(2.0)
            return TimedOut()
        await passing(self.trip_s)
        fault = self.read_fault(name)
        if fault is not None:
            return fault
        return answer(304 if body == b"" else 200, body, etag=tag)

    async def _send(self, flight: Flight) -> Exchange:
        if not self.up:
            await passing(10.0)
            return TimedOut()
        await passing(self.trip_s / 2)
        before = self.seen[flight.id]
        fault = self.fault_before(flight, before)
        if fault is None:
            self.seen[flight.id] += 1
            said = self._decide(flight)
            fault = self.fault_after(flight, before) or said
        await passing(10.0 if isinstance(fault, TimedOut) else self.trip_s / 2)
        return fault

    def _decide(self, flight: Flight) -> Answered:
        """Exactly once by id: what was answered before is answered again."""
        if flight.id not in self.answers:
            self.answers[flight.id] = self._first(flight)
        return self.answers[flight.id]

    def _first(self, flight: Flight) -> Answered:
        command = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
        assert isinstance(command, OrderCommand)
        try:
            order = apply(self.orders.get(flight.entity_id), command, Author(device_id="till-a"))
        except CommandRejected as rejected:
            body = error(409, "INVALID_STATE_TRANSITION", message=rejected.message)
            return answer(409, body, echo=flight)
        self.orders[flight.entity_id] = order
        self.effects.append(Effect(flight.id, flight.entity_id, flight.kind))
        return answer(200, json.loads(order.to_json()), echo=flight)
