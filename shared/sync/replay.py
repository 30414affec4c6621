"""One device's replay inside an event loop: does what the engine says, and tells the engine what came of it."""

from __future__ import annotations

import contextlib
import logging
import random as chances
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from shared.clock import Clock
from shared.errors import EvertillError
from shared.store.card_payments import CardBook
from shared.store.outcomes import Accepted, Deferred, Flight
from shared.sync import backoff, batch, errands, healing, hearing, turns, verdicts
from shared.sync.actions import (
    Action,
    Beat,
    Cause,
    Collect,
    FetchCatalog,
    LinkView,
    Listen,
    Pull,
    Take,
    Tidy,
    WaitUntil,
)
from shared.sync.batch import Together
from shared.sync.engine import Engine
from shared.sync.errands import Heartbeat, Judge, Kind, Stored
from shared.sync.evidence import Evidence
from shared.sync.exchange import Transport
from shared.sync.frames import Moved, Over
from shared.sync.housework import Housework
from shared.sync.ledger import Ledger
from shared.sync.out import Out
from shared.sync.reads import NotRead
from shared.sync.snapshot import Snapshots
from shared.sync.troubles import Troubles
from shared.sync.turns import Landed, Turned
from shared.sync.verdicts import Later, NoAnswer, Paused, Verdict
from shared.wire.events import PUSH

T = TypeVar("T")

log = logging.getLogger(__name__)


class Replay:
    """Everything in it happens in one loop, and nothing in it waits for anything but `begin` and `end`.

    What takes time is sent out as an errand; `stirred` is set when one is back, and the next `turn` hears of it.
    """

    def __init__(
        self,
        ledger: Ledger,
        transport: Transport,
        clock: Clock,
        *,
        random: chances.Random,
        kind: Kind,
        judge: Judge,
        book: CardBook | None = None,
    ) -> None:
        self.engine = Engine(clock.monotonic_s(), delays=backoff, collects=book is not None)
        self._housework = Housework(transport, ledger, clock, chores=self.engine.chores, book=book, told=self._tell)
        self._troubles = Troubles()
        self._out = Out(self._troubles.note)
        self.stirred = self._out.stirred
        self._ledger = ledger
        self._transport = transport
        self._clock = clock
        self._random = random
        self._kind: Kind = kind
        self._evidence = Evidence(lambda: self.engine.link_up)
        self._request = partial(batch.send, transport, judge=judge, evidence=self._evidence, clock=clock)
        self._snapshots = Snapshots()
        self._changed: set[str] = set()
        self._landed: list[Landed] = []
        self._take: Take | None = None
        self._writing = False
        self._write_failures = 0
        self._write_again_s = clock.monotonic_s()
        self._ending = False

    async def begin(self) -> None:
        """Once, after the sender lock was taken. Raises a DatabaseError, and then has to be tried again."""
        begun = await self._ledger.begin()
        log.info("sending begins; %d operations had been on their way", begun.resumed)

    def turn(self) -> float:
        """Once around: hear what came back, do what the engine says, write. Returns when to come again."""
        self._out.hear()
        wake_s = self._clock.monotonic_s()
        for action in self.engine.step(wake_s):
            wake_s = self._do(action, wake_s)
        self._write()
        if not self._writing and (self._landed or self._take):
            wake_s = min(wake_s, self._write_again_s)
        return wake_s

    async def end(self) -> None:
        """Store what has come back, let the rest go: it stays REPLAYING, and goes again under its id next time."""
        self._ending = True
        await self._out.end()
        if self._landed:
            with contextlib.suppress(EvertillError):
                self._changed |= (await self._ledger.turn(self._landed, None)).changed
        await self._transport.close()

    def take_changes(self) -> frozenset[str]:
        """The ids that changed in the file since the last call."""
        changed, self._changed = frozenset(self._changed), set()
        return changed

    def view(self) -> LinkView:
        """How the link stands."""
        now_s = self._clock.monotonic_s()
        return self._snapshots.of(
            self.engine.standing(now_s),
            now_s=now_s,
            now_ms=self._ledger.now_ms(),
            offset_ms=self._ledger.offset.ms,
            trouble=self._troubles.words,
            takes_cards=self._housework.takes_cards,
        )

    def woke(self) -> None:
        """Something was saved: look what there is to do."""
        self.engine.woke()
        self._housework.woke()

    def ask_known(self, operation_id: str, told: Callable[[bool | None], None]) -> None:
        """Ask the server whether it has done this operation; None if it gave no answer."""
        self._out.send(healing.is_known(self._transport, self._ledger, operation_id), told, lambda _: told(None))

    def note(self, error: BaseException) -> None:
        """A mistake: see `Troubles`."""
        self._troubles.note(error)

    def _do(self, action: Action, wake_s: float) -> float:
        match action:
            case Beat():
                beating = errands.beat(self._transport, self._ledger, self._clock)
                self._out.send(beating, self._beaten, partial(self._beat_lost, wake_s))
            case Pull():
                pulling = errands.pull(self._transport, self._ledger, self._kind, told=self._tell, whole=action.whole)
                self._out.send(pulling, self._pulled, self._pulled)
            case Listen():
                listening = hearing.listen(self._transport, self._ledger, self._kind, heard=self._say)
                self._out.send(listening, self._unheard, self._unheard)
            case FetchCatalog() | Tidy() | Collect():
                done = partial(self._housework.done, action)
                self._out.send(self._housework.errand(action), done, done)
            case Take():
                self._take = action
            case WaitUntil():
                return action.s
        return wake_s

    def _beaten(self, heartbeat: Heartbeat) -> None:
        now_s, found = self._clock.monotonic_s(), heartbeat.found
        if isinstance(found, Cause):
            self.engine.beat_missed(now_s, sent_s=heartbeat.sent_s, cause=found, chance=self._random.random())
            return
        trip_s = heartbeat.round_trip_s
        self.engine.beat_passed(
            now_s, round_trip_s=trip_s, head=found.head, chance=self._random.random(), push=PUSH in found.capabilities
        )
        self.engine.server_can(found.capabilities, server=found.history)
        self.engine.chores.catalog_is(found.catalogue, now_s)
        self._housework.heard(found)
        offset = self._ledger.offset
        if offset.learn(server_ms=found.server_ms, received_ms=heartbeat.received_ms, round_trip_s=trip_s):
            self._out.send(self._ledger.store_offset(), lambda _: None, lambda _: None)

    def _beat_lost(self, sent_s: float, _: BaseException) -> None:
        now_s = self._clock.monotonic_s()
        self.engine.beat_missed(now_s, sent_s=sent_s, cause=Cause.NO_SERVER, chance=self._random.random())

    def _pulled(self, found: Stored | NotRead | BaseException) -> None:
        now_s = self._clock.monotonic_s()
        match found:
            case Stored():
                self.engine.pulled(now_s, cursor=found.cursor, has_more=found.has_more, whole=found.whole)
                self._keep(found)
            case NoAnswer() | BaseException():
                self.engine.pull_failed(now_s)
            case Later():
                self.engine.pull_failed(now_s, hold_s=found.hold_s, chance=self._random.random())
            case Paused():
                self.engine.pull_failed(now_s, pause=found.cause)

    def _say(self, found: Stored) -> None:
        """The stream goes on, and this is in the file: the next turn hears of it."""
        self._out.say(partial(self._heard, found))

    def _heard(self, found: Stored) -> None:
        self.engine.heard(self._clock.monotonic_s(), cursor=found.cursor, missed=found.missed)
        self._keep(found)

    def _tell(self, changed: frozenset[str]) -> None:
        """This is in the file by now, whatever comes of the errand that stored it."""
        self._out.say(lambda: self._changed.update(changed))

    def _keep(self, found: Stored) -> None:
        self._changed |= found.changed
        self._troubles.saw(unreadable=found.unreadable)

    def _unheard(self, over: Over | BaseException) -> None:
        now_s, chance = self._clock.monotonic_s(), self._random.random()
        self.engine.unheard(now_s, moved=isinstance(over, Moved), chance=chance)

    def _send(self, flights: tuple[Flight, ...]) -> None:
        self.engine.batches.sent(len(flights))
        errand = self._request(flights, seen=self._ledger.seen)
        self._out.send(errand, self._came_of, lambda error: self._came_of(batch.lost(flights, error)))

    def _came_of(self, came: Together) -> None:
        """What came of one request. All its operations land in one turn, and are stored in one transaction."""
        self.engine.batches.back(self._clock.monotonic_s(), count=len(came.verdicts), came=came.came)
        for flight, verdict in came.verdicts:
            self._sent(flight, verdict)

    def _sent(self, flight: Flight, verdict: Verdict) -> None:
        """An operation is back. What becomes of it is stored with the next write, together with what else came."""
        chance, now_s = self._random.random(), self._clock.monotonic_s()
        outcome = turns.outcome_of(verdict, flight, now_ms=self._ledger.now_ms(), chance=chance)
        self._landed.append(Landed(flight, outcome))
        passed = verdicts.passed(verdict)
        if passed:
            self._evidence.passed(flight.id, now_s)
            self.engine.chores.passed(flight.kind, now_s)
        elif isinstance(outcome, Deferred) and outcome.counts:
            self._evidence.failed(flight.id, now_s)
        self.engine.answered(
            now_s,
            hold_s=verdict.hold_s if isinstance(verdict, Later) else None,
            busy=isinstance(verdict, Later) and verdict.busy,
            pause=verdict.cause if isinstance(verdict, Paused) else None,
            accepted=isinstance(verdict, Accepted),
            failed_id=flight.id if passed is False else None,
            passed=passed is True,
            chance=chance,
        )

    def _write(self) -> None:
        """Settle what came back and take what the engine wants, in one commit; one such job at a time."""
        if self._writing or not (self._landed or self._take) or self._clock.monotonic_s() < self._write_again_s:
            return
        landed, self._landed = tuple(self._landed), []
        take, self._take = self._take, None
        self._writing = True
        self._out.send(
            self._ledger.turn(landed, take), partial(self._written, take), partial(self._not_written, landed, take)
        )

    def _written(self, take: Take | None, turned: Turned) -> None:
        self._writing = False
        self._write_failures = 0
        self._troubles.over()
        self._changed |= turned.changed
        if take is None or turned.taken is None:
            return
        now_s, due_ms = self._clock.monotonic_s(), turned.taken.next_due_ms
        due_s = None if due_ms is None else now_s + (due_ms - self._ledger.now_ms()) / 1000
        self.engine.took(now_s, count=len(turned.taken.flights), limit=take.limit, due_s=due_s)
        for flights in () if self._ending else turned.taken.requests:
            self._send(flights)

    def _not_written(self, landed: tuple[Landed, ...], take: Take | None, _: BaseException) -> None:
        """The disk took nothing of it: the answers stay in hand, and are stored before anything new is taken."""
        self._writing = False
        self._landed[:0] = landed
        self._write_failures += 1
        self._write_again_s = self._clock.monotonic_s() + backoff.trouble_delay_s(self._write_failures)
        if take is not None:
            self.engine.take_failed(again_s=self._write_again_s, released=take.release)
