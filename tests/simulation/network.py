"""A network that loses, delays and doubles, between a real worker and the real server's dispatcher, in virtual time."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace

from reference_server.deps import Deps
from reference_server.dispatch import handle
from reference_server.exchange import Request, Response
from shared.database import Connection, run_inline
from shared.store.outcomes import Flight
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, Event, Exchange, TimedOut, Unreachable
from shared.wire.protocol import BATCH, HEADER_KEY, HEADER_OPERATION, HEADER_SEEN
from tests.contract.house import House
from tests.simulation import envelopes

Serve = Callable[[Connection, Deps, Request], Response]
"""What the server makes of a request, in one transaction."""

ANSWER_LIMIT_S = 10.0
BEAT_LIMIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad the network is: shares between 0 and 1, the longest delay of one way in seconds."""

    lose_request: float = 0.0
    lose_answer: float = 0.0
    double: float = 0.0
    server_error: float = 0.0
    portal: float = 0.0
    delay_s: float = 0.02


CALM = Weather()


@dataclass
class Road:
    """The way of one device to the server. `is_cut` swallows everything."""

    house: House
    who: str
    chance: random.Random
    weather: Weather = CALM
    is_cut: bool = False
    faults: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    """How many requests of several operations went on it."""
    chokes: float = 0.3
    """The share of these with poison in it that something before the server can't digest; else the server can't."""
    poisoned: str = ""
    """An order whose operations the server's side can't digest: each of them is answered with a 500."""
    reads: envelopes.Reads = envelopes.as_they_are
    envelope: Callable[[bytes], bytes] = lambda body: body
    operation_id: Callable[[Flight], str] = lambda flight: flight.id
    body: Callable[[Flight], bytes] = lambda flight: flight.body
    serve: Serve = handle
    _choked: tuple[Deps, str, Deps] | None = None

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        """An operation, under its own id (or what a mutant makes of it, as of its body)."""
        if flight.entity_id == self.poisoned:
            await asyncio.sleep(self._delay_s())
            self.faults["poison"] += 1
            return Answered(500, {"content-type": "text/plain"}, b"broken")
        name = self.operation_id(flight)
        headers = {HEADER_KEY.lower(): name, HEADER_OPERATION.lower(): name}
        if seen:
            headers[HEADER_SEEN.lower()] = seen
        request = self.house.request(
            flight.method, flight.path, self.body(flight), key=name, who=self.who, headers=headers
        )
        return await self._carry(request, limit_s=ANSWER_LIMIT_S, may_fail=True)

    async def beat(self) -> Exchange:
        """A heartbeat."""
        return await self._get("/health", limit_s=BEAT_LIMIT_S)

    async def ready(self) -> Exchange:
        """Whether the server can work."""
        return await self._get("/health/ready", limit_s=BEAT_LIMIT_S)

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        """What changed of the orders."""
        return await self._get("/pos/orders", query=f"cursor={cursor}" if cursor else "", seen=seen)

    async def pull_tickets(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        """What changed of the tickets."""
        return await self._get("/kds/queue", query=f"cursor={cursor}" if cursor else "", seen=seen)

    async def listen(self, cursor: str | None) -> AsyncGenerator[Event | Exchange, None]:
        """No stream: the world's server announces none, so all is pulled."""
        yield TimedOut()

    async def get_order(self, order_id: str) -> Exchange:
        """One order."""
        return await self._get(f"/pos/orders/{order_id}")

    async def get_intent(self, payment_id: str) -> Exchange:
        """How far a payment is."""
        return await self._get(f"/payments/intents/{payment_id}")

    async def house_alerts(self, actor_id: str) -> Exchange:
        """The world's managers look elsewhere."""
        return Answered(304)

    async def catalogue(self, name: str, *, etag: str | None) -> Exchange:
        """A part of the catalogue; the world has put all parts there before."""
        return Answered(304)

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        """What the server has, or what it lost."""
        headers = {HEADER_SEEN.lower(): seen} if seen else {}
        request = self.house.request("POST", f"/sync/{name}", body, key="", who=self.who, headers=headers)
        if name == "operations":
            return await self._together(request)
        return await self._carry(request, limit_s=ANSWER_LIMIT_S, may_fail=True)

    async def _together(self, request: Request) -> Exchange:
        """Several operations; now and then the server, or what stands before it, fails on one of them."""
        self.batches += 1
        if self.poisoned and self.poisoned.encode() in request.body:
            self.faults["poison"] += 1
            if self._strikes("choked", self.chokes):
                await asyncio.sleep(self._delay_s())
                return Answered(500, {"content-type": "text/plain"}, b"broken")
        body, broken = request.body, ""
        if self._strikes("one fails", self.weather.lose_answer):
            body, broken = envelopes.with_one_broken(body, self.chance)
        carried = replace(request, body=self.envelope(body))
        answer = await self._carry(carried, limit_s=ANSWER_LIMIT_S, may_fail=True)
        if not isinstance(answer, Answered):
            return answer
        return replace(answer, body=self.reads(request.body, envelopes.without_answer(answer.body, broken)))

    async def close(self) -> None:
        """Nothing to let go of."""

    async def _get(
        self, path: str, *, query: str = "", seen: str | None = None, limit_s: float = ANSWER_LIMIT_S
    ) -> Exchange:
        headers = {HEADER_SEEN.lower(): seen} if seen else {}
        request = replace(self.house.request("GET", path, who=self.who, headers=headers), query=query)
        return await self._carry(request, limit_s=limit_s, may_fail=False)

    async def _carry(self, request: Request, *, limit_s: float, may_fail: bool) -> Exchange:
        """There and back, with whatever the weather does to it."""
        await asyncio.sleep(self._delay_s())
        if self._swallows():
            await asyncio.sleep(limit_s)
            return TimedOut()
        if self._strikes("lose_request", self.weather.lose_request):
            return Unreachable(Cause.NO_SERVER, "lost on the way there")
        if may_fail and self._strikes("server_error", self.weather.server_error):
            return Answered(500, {"content-type": "text/plain"}, b"broken")
        if self._strikes("portal", self.weather.portal):
            return Answered(200, {"content-type": "text/html"}, b"<html>Please log in</html>")
        answers = [self._ask(request)]
        if self._strikes("double", self.weather.double):
            answers.append(self._ask(request))
        await asyncio.sleep(self._delay_s())
        if self._swallows() or self._strikes("lose_answer", self.weather.lose_answer):
            await asyncio.sleep(limit_s)
            return TimedOut()
        return answers[-1]

    def _ask(self, request: Request) -> Answered:
        return run_inline(self.house.connection, lambda tx: self._handle(tx, request))

    def _handle(self, tx: Connection, request: Request) -> Answered:
        chokes = self.poisoned and request.path == BATCH  # one by one they do not get as far as here
        response = self.serve(tx, self._choking(self.house.deps) if chokes else self.house.deps, request)
        return Answered(response.status, {name.lower(): value for name, value in response.headers}, response.body)

    def _choking(self, sound: Deps) -> Deps:
        """A server that can't digest the poison, made once."""
        if self._choked is None or self._choked[:2] != (sound, self.poisoned):
            choking = replace(sound, operations=envelopes.Chokes(sound.operations, self.poisoned))
            self._choked = (sound, self.poisoned, choking)
        return self._choked[2]

    def _swallows(self) -> bool:
        return self.is_cut

    def _strikes(self, name: str, share: float) -> bool:
        struck = self.chance.random() < share
        if struck:
            self.faults[name] += 1
        return struck

    def _delay_s(self) -> float:
        return self.chance.random() * self.weather.delay_s
