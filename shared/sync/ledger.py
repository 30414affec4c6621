"""What the worker reads and writes in the device's file, through the writer's thread; time is corrected here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Protocol, TypeVar

from shared.clock import Clock
from shared.database import Connection
from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.errors import EvertillError
from shared.store import catalog, entities, retained
from shared.store.outcomes import Accepted, Deferred
from shared.store.retention import Tidied
from shared.sync import backoff, turns
from shared.sync.actions import Take
from shared.sync.offset import ClockOffset
from shared.sync.reads import Page, Part
from shared.sync.turns import Begun, Landed, Turned
from shared.sync.two_servers import InTurn

T = TypeVar("T")

Told = Callable[[frozenset[str]], None]
"""Hears of ids that have changed in the file."""

log = logging.getLogger(__name__)


class Submits(Protocol):
    """What is needed of `database.Writer`: a test may do the work at once instead."""

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Do `work` in a transaction; the future is resolved when it is durable, or has the error."""
        ...


class Ledger:
    """All of these raise what the work raised, a DatabaseError when the disk does not take it."""

    def __init__(self, writer: Submits, clock: Clock, *, offset_ms: int = 0) -> None:
        """`offset_ms` is the clock's offset until `begin` has read it from the file."""
        self._writer = writer
        self._clock = clock
        self.offset = ClockOffset(offset_ms)
        #: The highest cursor that this device has seen, pulled or named by an answer.
        self.seen: str | None = None
        #: The name of the history that this is of, empty while no server has told one.
        self.history = ""
        #: The ended business day with which the kitchen's cache began anew, as far as this program has heard of one.
        self.day = ""
        self._in_turn = InTurn()

    def now_ms(self) -> int:
        """The server's time as well as we know it, in ms since 1970: what all moments in the file are."""
        return self._clock.now_ms() + self.offset.ms

    def monotonic_s(self) -> float:
        """The stopwatch, for what must not depend on any clock that may be set."""
        return self._clock.monotonic_s()

    async def begin(self) -> Begun:
        """Once, before anything else: see `turns.begin`."""
        begun = await self._do(partial(turns.begin, clock_ms=self._clock.now_ms()))
        self.offset = ClockOffset(begun.clock_offset_ms)
        self.seen, self.history = begun.seen, begun.history
        return begun

    async def turn(self, landed: Sequence[Landed], take: Take | None) -> Turned:
        """Settle and take in one transaction.

        If that fails by a mistake of ours and not of the disk, each answer is stored alone, and one that can't be
        stored is no answer: its operation backs off, the others go on.
        """
        for each in landed:
            if isinstance(each.outcome, Accepted):
                self.seen = retained.later(self.seen, each.outcome.cursor)
        done = await self._try(partial(turns.turn, landed=landed, take=take, now_ms=self.now_ms()))
        if isinstance(done, Turned):
            return done
        if isinstance(done, EvertillError) or not landed:
            raise done
        log.error("answers could not be stored together", exc_info=done)
        changed: set[str] = set()
        for each in turns.in_order(landed):
            changed |= await self._settle_alone(each)
        rest = await self._do(partial(turns.turn, landed=(), take=take, now_ms=self.now_ms()))
        return Turned(rest.changed | changed, rest.taken)

    def hears_two_servers(self, *, is_lost: bool) -> bool:
        """Whether two servers answer in turn; to be told of every pull that the server held what was seen, or not."""
        return self._in_turn.heard(self._clock.monotonic_s(), is_lost=is_lost)

    async def cursor(self) -> str | None:
        """How far this file has read the branch's stream."""
        return await self._do(entities.cursor)

    async def store_page(self, asked_from: str | None, page: Page) -> frozenset[str] | None:
        """Rows and cursor in one transaction; None if another page came first."""
        is_named = page.history in ("", self.history)
        if not page.entities and page.cursor in ("", asked_from) and is_named:
            return frozenset()
        work = partial(turns.store_page, asked_from=asked_from, page=page, now_ms=self.now_ms())
        changed = await self._do(work)
        if changed is not None:
            self.seen = retained.later(self.seen, page.cursor)
            self.history = page.history or self.history
        return changed

    async def ask(self, work: Callable[[Connection], T]) -> T:
        """What the file says to an errand's question, or does for it, in a transaction of its own."""
        return await self._do(work)

    def is_of_other(self, history: str) -> bool:
        """Whether a history of this name is another one than this file's. Who tells no name is believed."""
        return bool(history and self.history and history != self.history)

    async def begin_anew(
        self, healed: str, rows: Sequence[Order | Ticket], *, cursor: str, history: str
    ) -> frozenset[str]:
        """Stand on the history that a healing made: see `retained.begin_anew`."""
        now_ms = self.now_ms()
        work = partial(retained.begin_anew, healed=healed, rows=rows, cursor=cursor, history=history, now_ms=now_ms)
        changed = await self._do(work)
        self.seen, self.history = cursor or None, history or self.history
        return changed

    async def store_whole(self, page: Page) -> frozenset[str]:
        """Rows of a pull that asked for everything: what is newer than here. How far the file has read stays."""
        return await self._do(partial(turns.store_whole, page=page))

    async def tags(self) -> dict[str, str]:
        """The tags of the catalogue's parts that are stored."""
        return await self._do(catalog.etags)

    async def store_parts(self, parts: Mapping[str, Part]) -> None:
        """Store new parts of the catalogue together."""
        now_ms = self.now_ms()

        def put_all(tx: Connection) -> None:
            for name, part in parts.items():
                catalog.put(tx, name=name, etag=part.etag, body=part.body, now_ms=now_ms)

        if parts:
            await self._do(put_all)

    async def tidy(self, server_ms: int) -> Tidied:
        """Forget what nobody needs any more at `server_ms`, as the server itself last told the time."""
        return await self._do(partial(turns.tidy, now_ms=server_ms))

    async def store_offset(self) -> None:
        """Keep the clock's offset for the next start, which may be without a server.

        It changes where a clock has stepped: what was put off in the moments before that waits no hours for it.
        """
        await self._do(partial(turns.store_offset, offset_ms=self.offset.ms, now_ms=self.now_ms()))

    async def _settle_alone(self, landed: Landed) -> frozenset[str]:
        now_ms = self.now_ms()
        done = await self._try(partial(turns.turn, landed=(landed,), take=None, now_ms=now_ms))
        if isinstance(done, Turned):
            return done.changed
        if isinstance(done, EvertillError):
            raise done
        log.error("the answer to operation %s could not be stored", landed.flight.id, exc_info=done)
        wait_ms = round(backoff.delay_s(landed.flight.sends, 1.0) * 1000)
        deferred = Deferred(now_ms + wait_ms, False, None, f"The answer could not be stored: {type(done).__name__}")
        instead = Landed(landed.flight, deferred)
        return (await self._do(partial(turns.turn, landed=(instead,), take=None, now_ms=now_ms))).changed

    async def _do(self, work: Callable[[Connection], T]) -> T:
        """What the work gave. Being cancelled does not undo it: the writer's thread finishes what it was handed."""
        future = asyncio.wrap_future(self._writer.submit(work))
        return future.result() if future.done() else await asyncio.shield(future)

    async def _try(self, work: Callable[[Connection], T]) -> T | BaseException:
        """What the work gave, or its error as a value."""
        future = asyncio.wrap_future(self._writer.submit(work))
        if not future.done():
            await asyncio.wait((future,))
        error = future.exception()
        return future.result() if error is None else error
