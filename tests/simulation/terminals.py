"""A device of the simulation that is a real `Terminal`, in one process and in virtual time.

Screens are left out: who acts here reads the same views and submits the same intents.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from demo.journal import Journal
from shared.database import Connection, Writer, open_reader, open_writer
from shared.domain.by_gateway import PayByGateway
from shared.domain.commands import Intent
from shared.domain.rejections import CommandRejected, Refusal
from shared.settings import DeviceSettings
from shared.store import card_payments
from shared.store.card_payments import CardBook
from shared.store.house import House as Known
from shared.store.scenes import AuthorOf
from shared.store.taps import Teller
from shared.sync.actions import LinkView
from shared.sync.port import Announce
from shared.sync.worker import Worker
from shared.terminal import Terminal
from tests.contract.house import Row
from tests.simulation.devices import Code, InlineWriter
from tests.simulation.rare_evenings import Sickroom
from tests.simulation.virtual_time import VirtualClock, VirtualLoop

T = TypeVar("T")


class OneThreadWriter(InlineWriter):
    """What a terminal needs of its writer, without the thread."""

    def close(self) -> None:
        """It was dead before."""


@dataclass
class LoopSync:
    """The worker in a loop that only moves when the test says so."""

    loop: VirtualLoop
    worker: Worker
    task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin at the loop's next move."""
        self.task = self.loop.create_task(self.worker.run())

    def wake(self) -> None:
        """As the worker's."""
        self.worker.wake()

    def try_now(self) -> None:
        """As the worker's."""
        self.worker.try_now()

    def ask_known(self, operation_id: str, told: Callable[[bool | None], None]) -> None:
        """As the worker's."""
        self.worker.ask_known(operation_id, told)

    def stop(self, timeout_s: float) -> None:
        """End now; nothing that is in memory is written."""
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                self.loop.run_until_complete(self.task)

    def link(self) -> LinkView:
        """As the worker's."""
        return self.worker.link()


@dataclass
class Device:
    """One device and the process that runs on it now."""

    name: str
    path: Path
    road: Sickroom
    settings: DeviceSettings
    journal: Journal
    code: Code
    ids: Row
    takes_cards: bool = False
    terminal: Terminal = field(init=False)
    author_of: AuthorOf = field(init=False)
    writer: InlineWriter = field(init=False)
    sync: LoopSync = field(init=False)

    def start(self, loop: VirtualLoop) -> None:
        """Start the program on its file."""
        connection = open_writer(self.path)
        connection.pragma("synchronous", "OFF")  # processes die here, the power stays
        clock = VirtualClock(loop)
        self.writer = OneThreadWriter(connection)
        house = Known(open_reader(self.path), device_id=self.settings.device_id)
        self.author_of = house.author_of
        book = CardBook(Teller(self.settings.letter, house.author_of)) if self.takes_cards else None

        def make_sync(announce: Announce) -> LoopSync:
            worker = Worker(
                self.writer,
                self.road,
                clock,
                random=random.Random(0),
                kind="pos" if self.name.startswith("till") else "kds",
                announce=announce,
                judge=self.code.judge,
                ledger=self.code.ledger(self.writer, clock),
                book=book,
            )
            self.sync = LoopSync(loop, worker)
            return self.sync

        self.terminal = Terminal(
            settings=self.settings,
            writer=cast(Writer, self.writer),
            reader=open_reader(self.path),
            house=house,
            clock=clock,
            ulids=self.ids,
            make_sync=make_sync,
            book=book,
        )
        self.terminal.start()

    def kill(self) -> None:
        """The process is gone."""
        self.writer.die()
        self.terminal.close()

    def operation_ids(self) -> frozenset[str]:
        """All operations in its file."""
        return frozenset(str(one) for (one,) in self.writer.connection.execute("SELECT id FROM operation"))

    def read(self, work: Callable[[Connection], T]) -> T:
        """Look into its file."""
        return self.writer.submit(work).result()

    def tap(self, intent: Intent) -> None:
        """A person's tap: durable when this returns. Raises CommandRejected in the words of the screen."""
        self.terminal.submit(intent)
        self._refused(intent.id)

    def pay_by_card(self, intent: PayByGateway) -> None:
        """As a tap; only where the screen offers it."""
        words = self.terminal.cards.why_not()
        if words:
            raise CommandRejected(Refusal.INVALID, words)
        self.terminal.cards.ask(intent)
        self._refused(intent.id)

    def cancel_card(self, payment_id: str, *, actor_id: str) -> None:
        """As a tap."""
        for one in self.read(card_payments.open_ones):
            if one.id == payment_id:
                self.terminal.cards.cancel(one, actor_id=actor_id)

    def _refused(self, intent_id: str) -> None:
        for one in self.terminal.take_refusals():
            if one.intent_id == intent_id:
                raise CommandRejected(Refusal.INVALID, f"{one.title}. {one.advice}")
