"""The worker: the thread in which a device's replay lives, as the rest of the program sees it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random as chances
import threading
from collections.abc import Callable

from shared.clock import Clock
from shared.store.card_payments import CardBook
from shared.sync import backoff, verdicts
from shared.sync.actions import LinkView
from shared.sync.errands import Judge, Kind
from shared.sync.exchange import Transport
from shared.sync.ledger import Ledger, Submits
from shared.sync.port import Announce
from shared.sync.replay import Replay

log = logging.getLogger(__name__)


class Worker:
    """Sends, settles and pulls for one device, until it is stopped. Whoever starts it holds the sender lock.

    What it is handed belongs to its thread, but for the writer and the clock.
    """

    def __init__(
        self,
        writer: Submits,
        transport: Transport,
        clock: Clock,
        *,
        random: chances.Random,
        kind: Kind,
        announce: Announce,
        judge: Judge = verdicts.judge,
        ledger: Ledger | None = None,
        book: CardBook | None = None,
    ) -> None:
        """`kind` says what is pulled: orders for a "pos", tickets for a "kds".

        `announce` is called in the worker's thread, after the commit, with what changed: `order:ID`, `ticket:ID`,
        `alerts`, `catalog`, and `link` when `link()` has something new besides the last good heartbeat. `judge` and
        `ledger` are the real ones unless a test shows that it notices spoiled ones.
        """
        self._clock = clock
        self._announce = announce
        ledger = ledger or Ledger(writer, clock)
        self._replay = Replay(ledger, transport, clock, random=random, kind=kind, judge=judge, book=book)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_heard = asyncio.Event()
        self._stopping = False
        self._begun = False
        self._view = self._replay.view()

    def start(self) -> None:
        """Start the thread and return at once. A worker is started once."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self.run()), name="sync-worker", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """A tap was saved. From any thread, at any time."""
        self._hear(self._replay.woke)

    def try_now(self) -> None:
        """A person wants it tried at once. From any thread, at any time."""
        self._hear(lambda: self._replay.engine.try_now(self._clock.monotonic_s()))

    def ask_known(self, operation_id: str, told: Callable[[bool | None], None]) -> None:
        """Ask the server whether it has done this. From any thread; `told` is called from the worker's or at once."""
        if self._loop is None:
            told(None)
        self._hear(lambda: self._replay.ask_known(operation_id, told))

    def network_changed(self) -> None:
        """The machine's network is another one. From any thread, at any time."""
        self._hear(lambda: self._replay.engine.network_changed(self._clock.monotonic_s()))

    def link(self) -> LinkView:
        """How the link stands, as a snapshot. From any thread, at any time."""
        return self._view

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread, waiting at most `timeout_s`. What is on its way stays REPLAYING and goes again next time."""
        self._stopping = True
        self._hear(self._stop_heard.set)
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                log.warning("the worker is still waiting for the disk after %s s", timeout_s)

    async def run(self) -> None:
        """The thread's whole life; a test may run it in a loop of its own. One mistake does not end it."""
        self._loop = asyncio.get_running_loop()
        failures = 0
        try:
            while not self._stopping:
                try:
                    await self._turn()
                    failures = 0
                except Exception as error:
                    failures += 1
                    self._replay.note(error)
                    await self._rest(self._stop_heard, self._clock.monotonic_s() + backoff.trouble_delay_s(failures))
        finally:
            await self._replay.end()
            self._loop = None

    async def _turn(self) -> None:
        if not self._begun:
            await self._replay.begin()
            self._begun = True
        wake_s = self._replay.turn()
        self._tell()
        await self._rest(self._replay.stirred, wake_s)

    def _tell(self) -> None:
        """Once a turn, what changed in it. That one more heartbeat was good is no news by itself."""
        before, self._view = self._view, self._replay.view()
        changed = self._replay.take_changes()
        if self._view is not before and self._view.shown != before.shown:
            changed |= {"link"}
        if changed:
            self._announce(changed)

    async def _rest(self, event: asyncio.Event, until_s: float) -> None:
        """Until the event or the moment, whichever is first."""
        wait_s = max(0.0, until_s - self._clock.monotonic_s())
        alarm = asyncio.get_running_loop().call_later(wait_s, event.set)
        try:
            await event.wait()
        finally:
            alarm.cancel()
        event.clear()

    def _hear(self, event: Callable[[], None]) -> None:
        """Let the loop's thread hear it. Before the start and after the end nothing needs to be said."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop ended in this very moment
                loop.call_soon_threadsafe(self._heard, event)

    def _heard(self, event: Callable[[], None]) -> None:
        event()
        self._replay.stirred.set()
