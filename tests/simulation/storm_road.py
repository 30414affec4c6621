"""A road on which nearly every send of an operation is struck, and each strike is counted once."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import floor

from reference_server.exchange import Request
from reference_server.storage.catalogue import Catalogue
from reference_server.storage.operations import Operations
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, Exchange, TimedOut, Unreachable
from shared.wire.protocol import BATCH, HEADER_KEY
from tests.contract.house import House
from tests.simulation.network import CALM, Road
from tests.simulation.trace import Trace

SHARES = {
    "request lost": 24,
    "answer lost": 44,
    "HTML with 200": 5,
    "portal": 5,
    "redirect": 5,
    "proxy error": 5,
    "busy 429": 4,
    "server killed": 4,
    "server restarted": 4,
}
"""How often each strikes, against each other; what does not pass meets exactly one of them."""
EARLY = {**SHARES, "error 500": 85, "busy 503": 85}
"""The same for the first sends of an operation: after these a till is patient, for minutes when it was sent often."""
EARLY_SENDS = 3

TICK_S = 0.05
DELAYED = 0.12
"""So many requests are on their way for longer, up to `MOST_TICKS`: what was sent after them arrives first."""
MOST_TICKS = 4
DOUBLED = 0.6
LATE_COPIES = (1, 2, 3, 3, 4)
"""So many copies of a request come again later: behind others, after its answer, after a restart."""
LATE_ARRIVAL = 0.6
"""So many requests that nobody answered arrive all the same, when their till may have sent them again."""
LONGEST_LATE_S = 60.0
SHORT_HOLD = 0.8

HTML = {"content-type": "text/html"}
LOGIN = b"<html><title>Guest network</title>Please log in</html>"


def _words(status: int, message: str, **headers: str) -> Answered:
    """An error in our server's own words."""
    body = json.dumps({"statusCode": status, "message": message}).encode()
    return Answered(status, {"content-type": "application/json", **headers}, body)


STRANGERS = {
    "HTML with 200": Answered(200, HTML, LOGIN),
    "portal": Answered(200, {}, b""),
    "redirect": Answered(302, {"location": "http://portal.example/login"}, b""),
    "proxy error": Answered(502, HTML, b"<html>Bad gateway</html>"),
    "error 500": _words(500, "Something broke here."),
}
"""Who answers in the server's place, what the server answers in its own trouble; nothing was done."""


@dataclass
class Server:
    """What of the server is not in its file: it dies, and with it what was on its way from it."""

    start: Callable[[], None]
    lives: int = 0

    def die(self) -> None:
        """SIGKILL and a new start."""
        self.lives += 1
        self.start()


def start_anew(house: House) -> None:
    """A new server process on the same file: it remembers nothing else."""
    house.deps = replace(house.deps, catalogue=Catalogue(), operations=Operations())


@dataclass
class StormRoad(Road):
    """`passing` is the share of sends that meet nothing; heartbeats and pulls have the road's weather, uncounted."""

    passing: float = 0.1
    early: int = EARLY_SENDS
    """So many sends of an operation meet the server's own trouble more often."""
    chokes: float = 1.0  # a fault of the server itself would be heard as a broken promise
    hangs: bool = False
    """Whether a cut line swallows what is sent; else the machine says at once that there is no way."""
    server: Server = field(default_factory=lambda: Server(lambda: None))
    trace: Trace | None = None
    is_over: bool = False
    _tries: Counter[str] = field(default_factory=Counter)
    _sent: int = 0
    _arrived: int = 0

    async def _carry(self, request: Request, *, limit_s: float, may_fail: bool) -> Exchange:
        carried = request.headers.get(HEADER_KEY.lower(), BATCH if request.path == BATCH else "")
        if not may_fail or self.is_over or not carried:
            return await super()._carry(request, limit_s=limit_s, may_fail=may_fail)
        self._sent += 1
        number = self._sent
        name = "" if self.chance.random() < self.passing else self._drawn(carried)
        self._note("sends", number, carried, name)
        answer = await self._struck(request, name, number, limit_s)
        status = answer.status if isinstance(answer, Answered) else type(answer).__name__
        self._note("hears", number, status)
        return answer

    async def _struck(self, request: Request, name: str, number: int, limit_s: float) -> Exchange:
        """There and back, with what the storm drew for it. Most of the time goes by on the way back."""
        if delay := self._delay_ticks():
            await self._ticks(delay)
        if self._swallows():
            name = "time-out" if self.hangs else "request lost"
        match name:
            case "request lost":
                self._count(name)
                if self.chance.random() < LATE_ARRIVAL:
                    self._comes_later(request, "late arrival")
                await self._ticks(1)
                return Unreachable(Cause.NO_SERVER, "lost on the way there")
            case "time-out":
                self._count(name)
                await asyncio.sleep(limit_s)
                return TimedOut()
            case "busy 429" | "busy 503":
                self._count(name)
                wait = {"retry-after": "0" if self.chance.random() < SHORT_HOLD else "1"}
                await self._ticks(1)
                return _words(int(name[-3:]), "Too much to do.", **wait)
            case "server killed":
                self._count(name)
                self._die_within(request)
                await self._ticks(1)
                return Unreachable(Cause.NO_SERVER, "broken off")
            case _:
                pass
        if name in STRANGERS:
            self._count(name)
            await self._ticks(1)
            return STRANGERS[name]
        return await self._done(request, name, number, limit_s)

    async def _done(self, request: Request, name: str, number: int, limit_s: float) -> Exchange:
        """The server does it; its answer may not arrive, and the request may come once more, now or much later."""
        if number < self._arrived:
            self._count("overtaken")
        self._arrived = max(self._arrived, number)
        answer = self._ask(request)
        if self.chance.random() < DOUBLED:
            self._count("doubled")
            answer = self._ask(request)
        for _ in range(self.chance.choice(LATE_COPIES)):
            self._comes_later(request, "late copy")
        if name == "server restarted":
            self._count(name)
            self.server.die()
        life = self.server.lives
        await self._ticks(1 + self._delay_ticks())
        if name == "server restarted":
            return Unreachable(Cause.NO_SERVER, "broken off")
        if name == "answer lost" or life != self.server.lives or (self._swallows() and not self.hangs):
            self._count("answer lost")
            return Unreachable(Cause.NO_SERVER, "broken off")
        if self._swallows():
            self._count("time-out")
            await asyncio.sleep(limit_s)
            return TimedOut()
        return answer

    def _comes_later(self, request: Request, name: str) -> None:
        """Somebody on the way keeps it back. It is counted when it comes."""
        later_s = self.chance.random() * LONGEST_LATE_S
        asyncio.get_running_loop().call_later(later_s, self._comes_again, request, name)

    def _comes_again(self, request: Request, name: str) -> None:
        if not self.is_over:
            self._count(name)
            self._note(name, self._ask(request).status)

    def _die_within(self, request: Request) -> None:
        """The server is killed when it has done it and not committed yet: nothing of it is in its file."""
        connection = self.house.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._handle(connection, request)
        finally:
            connection.execute("ROLLBACK")
        self.server.die()

    def _delay_ticks(self) -> int:
        """By how many strokes of the clock it comes later than it might, on its way there or back."""
        return self.chance.randint(1, MOST_TICKS) if self.chance.random() < DELAYED else 0

    async def _ticks(self, ticks: int) -> None:
        """Until so many strokes of the clock: what comes back at one of them is settled in one commit."""
        now_s = asyncio.get_running_loop().time()
        await asyncio.sleep((floor(now_s / TICK_S) + ticks) * TICK_S - now_s)

    def _drawn(self, key: str) -> str:
        self._tries[key] += 1
        shares = EARLY if self._tries[key] <= self.early else SHARES
        return self.chance.choices(tuple(shares), cum_weights=tuple(itertools.accumulate(shares.values())))[0]

    def _strikes(self, name: str, share: float) -> bool:
        """What strikes a heartbeat or a pull changes no operation's path."""
        return self.chance.random() < share

    def _count(self, name: str) -> None:
        self.faults[name] += 1

    def _note(self, *event: object) -> None:
        if self.trace is not None:
            self.trace.note(self.who, *event)

    def calm(self) -> None:
        """The storm is over, and no copy comes any more."""
        self.is_over = True
        self.weather = CALM
