"""The cashier at work: for as long as the server runs, what is due goes to the gateway, each errand for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, Protocol

from reference_server.deps import Deps
from reference_server.gateway import Gateway
from reference_server.payments import cashier
from reference_server.payments.cashier import Errand
from reference_server.storage.seam import Connection, Storage
from shared.domain.payment_intent import NoWord
from shared.errors import DatabaseError, EvertillError

#: The rows say what is due, so they are looked at; no guest notices a quarter of a second.
LOOK_EVERY_S: Final = 0.25
REMIND_EVERY_S: Final = 60.0
#: A database that stays away is told again this often, and not at every look: a log has room for other things too.
TELL_EVERY_S: Final = 60.0


class Log(Protocol):
    """Where it tells what went wrong."""

    def gateway(self, payment_id: str, error: BaseException) -> None:
        """The gateway's own code met a mistake."""

    def trouble(self, request_id: str, error: EvertillError) -> None:
        """The storage could not be used."""


class Collector:
    """Runs in the server's loop, its gateway in threads of its own: a slow one holds up nobody else."""

    def __init__(
        self, deps: Deps, gateway: Gateway, storage: Storage, *, log: Log, changed: Callable[[], None]
    ) -> None:
        """`changed` is called when something was written that others may be waiting for."""
        self._deps, self._gateway, self._storage = deps, gateway, storage
        self._log, self._changed = log, changed
        self._threads = ThreadPoolExecutor(max_workers=cashier.AT_ONCE, thread_name_prefix="gateway")
        self._running: set[asyncio.Task[None]] = set()
        self._began_s = deps.clock.monotonic_s()
        self._remind_s = self._began_s + REMIND_EVERY_S
        self._told_s: float | None = None

    async def run(self) -> None:
        """Until it is cancelled. An errand that is cut off is in doubt, and asked about by the next server."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def look(self) -> None:
        """Send off what is due; that the storage can't be used is told at once, then once a minute while it lasts."""
        try:
            await self._look()
        except DatabaseError as error:
            now_s = self._deps.clock.monotonic_s()
            if self._told_s is None or now_s >= self._told_s + TELL_EVERY_S:
                self._told_s = now_s
                self._log.trouble("cashier", error)
        else:
            self._told_s = None

    async def _look(self) -> None:
        if len(self._running) < cashier.AT_ONCE and await self._storage.fetch(self._is_due):
            for errand in await asyncio.wrap_future(self._storage.write(self._take)):
                task = asyncio.create_task(self._do(errand))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        if self._deps.clock.monotonic_s() >= self._remind_s:
            self._remind_s = self._deps.clock.monotonic_s() + REMIND_EVERY_S
            await asyncio.wrap_future(self._storage.write(self._remind))

    async def _do(self, errand: Errand) -> None:
        """One errand. A gateway that breaks its promise and raises has said nothing."""
        loop = asyncio.get_running_loop()
        telling = loop.run_in_executor(self._threads, cashier.tell, self._gateway, errand)
        (word,) = await asyncio.gather(telling, return_exceptions=True)
        if isinstance(word, BaseException):
            self._log.gateway(errand.what.id, word)
            word = NoWord()
        try:
            listened_ms = int((self._deps.clock.monotonic_s() - self._began_s) * 1000)
            settle = partial(cashier.settle, deps=self._deps, errand=errand, word=word, listened_ms=listened_ms)
            await asyncio.wrap_future(self._storage.write(settle))
        except DatabaseError as error:
            self._log.trouble("cashier", error)
        self._changed()

    def _is_due(self, tx: Connection) -> bool:
        return cashier.is_due(tx, self._deps)

    def _take(self, tx: Connection) -> tuple[Errand, ...]:
        return cashier.take(tx, self._deps)

    def _remind(self, tx: Connection) -> None:
        cashier.remind(tx, self._deps)
