"""A till or kitchen screen of the simulation: the real store and the real worker, which can be killed at any moment."""

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeVar, cast

import apsw

from reference_server.dispatch import handle
from reference_server.storage.operations import Operations
from shared.database import Connection, Synchronous, run_inline
from shared.domain.by_gateway import PayByGateway
from shared.domain.commands import Intent
from shared.errors import WriterClosed
from shared.opening import open_device_file
from shared.store import card_payments, mending, taps
from shared.store.card_payments import CardBook
from shared.store.scenes import AuthorOf
from shared.sync import verdicts
from shared.sync.errands import Judge
from shared.sync.ledger import Ledger
from shared.sync.turns import Turned
from shared.sync.worker import Worker
from shared.wire.requests import Kind
from tests.contract.house import Row
from tests.simulation import envelopes
from tests.simulation.envelopes import Reads
from tests.simulation.network import Road, Serve
from tests.simulation.virtual_time import VirtualClock

T = TypeVar("T")


class Accept(Protocol):
    """What a tap does in its transaction."""

    def __call__(self, tx: Connection, intent: Intent, *, teller: taps.Teller, now_ms: int) -> frozenset[str]:
        """As `taps.accept`."""
        ...


class Retry(Protocol):
    """What *Retry* does with an operation that the server refused."""

    def __call__(self, tx: Connection, operation_id: str, *, new_id: str, actor_id: str, now_ms: int) -> frozenset[str]:
        """As `mending.retry`."""
        ...


class Cancel(Protocol):
    """What *Cancel* does with a payment by card that waits for the guest."""

    def __call__(self, tx: Connection, payment_id: str, *, actor_id: str, now_ms: int) -> frozenset[str]:
        """As `card_payments.cancel`."""
        ...


@dataclass(frozen=True)
class Code:
    """The code under test; a mutant is this with one part spoiled."""

    name: str = "clean"
    ledger: type[Ledger] = Ledger
    judge: Judge = verdicts.judge
    accept: Accept = taps.accept
    renames: bool = False
    """A mutant: every send gets an id of its own."""
    reads: Reads = envelopes.as_they_are
    """A mutant: the answers to several operations are read otherwise than by the id that each carries."""
    goes_on: bool = False
    """A mutant: the server knows no lanes, and goes on in one after it refused something there."""
    takes_all: Kind | None = None
    """A mutant: the server closes, or sends, whatever is on an order, not what the operation names."""
    starts_afresh: bool = False
    """A mutant: a device takes whatever a restored server has, and shows it no cursor that it does not know."""
    operations: type[Operations] = Operations
    """How the server remembers what it did."""
    serve: Serve = handle
    retry: Retry = mending.retry
    cancel: Cancel = card_payments.cancel
    synchronous: Synchronous = "FULL"
    """How a device's file is written where the power may go."""


class InlineWriter:
    """The writer without its thread: what is submitted is durable when `submit` returns. After `die` nothing is."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._dead = False

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Do it now."""
        future: Future[T] = Future()
        if self._dead:
            future.set_exception(WriterClosed())
            return future
        try:
            future.set_result(run_inline(self.connection, work))
        except Exception as error:
            future.set_exception(error)
        return future

    def die(self) -> None:
        """The process is gone: nothing is written any more."""
        self._dead = True
        self.connection.close()


class KeptWriter(InlineWriter):
    """A writer whose file stays open when its process is killed: what was committed is there, and nothing else.

    `submit` gives back a future of the loop, which is done: the ledger goes on without a turn of the loop between.
    `is_full`: the disk takes no change; `refused` are the operations whose answers it did not take, or that could not
    be marked to go. `note` hears of every commit.
    """

    def __init__(self, connection: Connection, note: Callable[..., None]) -> None:
        super().__init__(connection)
        self.is_full = False
        self.refused: set[str] = set()
        self._note = note
        self._loop = asyncio.get_running_loop()

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Do it now, if there is room for it."""
        future = self._loop.create_future()
        if self._dead:
            future.set_exception(WriterClosed())
        else:
            try:
                future.set_result(run_inline(self.connection, self._without_room(work) if self.is_full else work))
                self._note("commits", self.connection.total_changes())
            except Exception as error:
                future.set_exception(error)
                future.exception()
        return cast("Future[T]", future)

    def die(self) -> None:
        """The process is gone."""
        self._dead = True

    def _without_room(self, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
        def refused(tx: Connection) -> T:
            before = tx.total_changes()
            value = work(tx)
            if tx.total_changes() != before:
                self.refused |= {each.flight.id for each in getattr(work, "keywords", {}).get("landed", ())}
                if isinstance(value, Turned) and value.taken is not None:
                    self.refused |= {flight.id for flight in value.taken.flights}
                raise apsw.FullError("database or disk is full")
            return value

        return refused


def open_inline(path: Path) -> InlineWriter:
    """A device's file. Only processes die in this world and the power stays, so nobody waits for the disk."""
    connection = open_device_file(path, ulids=Row("01ARYZ6S49"))
    connection.pragma("synchronous", "OFF")
    return InlineWriter(connection)


@dataclass
class Device:
    """One device: its file, its road, and the process that runs now."""

    kind: Literal["pos", "kds"]
    path: Path
    letter: str
    road: Road
    clock: VirtualClock
    author_of: AuthorOf
    code: Code
    chance: random.Random
    open_file: Callable[[Path], InlineWriter] = open_inline
    takes_cards: bool = False
    kills: int = 0
    book: CardBook | None = None
    writer: InlineWriter = field(init=False)
    worker: Worker = field(init=False)
    task: "asyncio.Task[None]" = field(init=False)

    def start(self) -> None:
        """Start the process on its file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.writer = self.open_file(self.path)
        if self.takes_cards:
            self.book = CardBook(taps.Teller(self.letter, self.author_of))
        self.worker = Worker(
            self.writer,
            self.road,
            self.clock,
            random=self.chance,
            kind=self.kind,
            announce=lambda _: None,
            judge=self.code.judge,
            ledger=self.code.ledger(self.writer, self.clock),
            book=self.book,
        )
        self.task = asyncio.ensure_future(self.worker.run())

    async def kill(self) -> None:
        """SIGKILL: nothing that was in memory is written, no answer on its way arrives."""
        self.kills += 1
        self.writer.die()
        await self._end()

    async def stop(self) -> None:
        """End in order."""
        await self._end()
        self.writer.die()

    def tap(self, intent: Intent) -> None:
        """A person's tap: durable when this returns. Raises CommandRejected when the rules refuse it."""
        teller = taps.Teller(self.letter, self.author_of)
        now_ms = self.clock.now_ms()
        accept = self.code.accept
        self.writer.submit(lambda tx: accept(tx, intent, teller=teller, now_ms=now_ms)).result()
        self.worker.wake()

    def pay_by_card(self, intent: PayByGateway) -> None:
        """A person's tap: durable when this returns. Raises CommandRejected when this till can't ask for it now."""
        assert self.book is not None, "only a till that takes cards"
        teller, now_ms = self.book.teller, self.clock.now_ms()
        self.writer.submit(lambda tx: card_payments.begin(tx, intent, teller=teller, now_ms=now_ms)).result()
        self.book.is_new = True
        self.worker.wake()

    def cancel_card(self, payment_id: str, *, actor_id: str) -> None:
        """A person does not want to be asked any more: durable when this returns, and done when the server says so."""
        assert self.book is not None, "only a till that takes cards"
        now_ms, cancel = self.clock.now_ms(), self.code.cancel
        self.writer.submit(lambda tx: cancel(tx, payment_id, actor_id=actor_id, now_ms=now_ms)).result()
        self.book.is_new = True
        self.worker.wake()

    def read(self, work: Callable[[Connection], T]) -> T:
        """Look into the file."""
        return self.writer.submit(work).result()

    async def _end(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task
