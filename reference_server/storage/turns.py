"""Writes done in the loop's own thread: what came in one turn of the loop is one commit, and no thread has to be woken.

Handing each write to another thread and its answer back costs more than deciding it: two threads that run Python wait
for each other. So the loop takes the connection itself wherever that holds up nobody: while the writer's thread has
no use for it, and while the disk is quick. All else goes to that thread, as a failure of any kind does: it tries
each write alone, and knows what to tell.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

from shared.clock import Clock
from shared.errors import DatabaseError
from shared.group_commit import GROUP_LIMIT, Job, Transactional, attempt

T = TypeVar("T")

#: The loop may be held up by a commit for so long, as commits usually are. Where they take longer the thread has them
#: for a hundred times as long as one takes.
QUICK_S: Final = 0.005
NEWEST_SHARE: Final = 0.125
PAUSES: Final = 100
#: What was handed to the thread waits at most so long for the connection; then the loop leaves it to the thread.
FAIR_S: Final = 0.05
#: After so long what was decided is committed, and the rest waits for the loop's next turn.
TURN_S: Final = 0.02


class Countable(Transactional, Protocol):
    """What is asked of the connection besides."""

    def total_changes(self) -> int:
        """How many rows were ever changed through it."""

    def set_busy_timeout(self, milliseconds: int) -> None:
        """Wait for so long for another process's transaction."""


class Turns:
    """Used by one loop at a time; `lock` is held by whichever thread uses the connection."""

    def __init__(
        self,
        connection: Countable,
        lock: threading.Lock,
        clock: Clock,
        *,
        submit: Callable[[Callable[[Any], Any]], Future[Any]],
        done: Callable[[int], None],
        patience_s: float,
    ) -> None:
        """`submit` hands work to the writer's thread, which waits for other processes for `patience_s`.

        `done` is told how many writes were done together here.
        """
        self._connection, self._lock, self._clock = connection, lock, clock
        self._submit, self._tell_done = submit, done
        self._patience_ms = int(patience_s * 1000)
        self._waiting: list[Job[Any]] = []
        self._comes_in: asyncio.AbstractEventLoop | None = None
        self._handed_on = 0
        self._since_s = 0.0
        self._usual_s = 0.0
        self._not_before_s = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    def close(self) -> None:
        """From now on all is the thread's, which says that it is closed."""
        self._not_before_s = math.inf

    def promise(self, work: Callable[[Any], T]) -> asyncio.Future[T]:
        """Do `work` in the loop's next turn, or when the thread can; resolved when it is durable.

        What is cancelled before its turn is not done.
        """
        loop = asyncio.get_running_loop()
        job = Job(work)
        future: asyncio.Future[T] = loop.create_future()
        job.future = future
        self._waiting.append(job)
        self._come(loop)
        return future

    def _come(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._comes_in is not loop:
            self._comes_in = loop
            loop.call_soon(self._turn, loop)

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do what came since the last one, or hand it on."""
        self._comes_in = None
        group = [job for job in self._waiting if not job.future.done()]
        self._waiting = []
        done = 0
        try:
            if group:
                done = self._done(group[:GROUP_LIMIT])
        finally:
            self._tell(group, done, loop)

    def _tell(self, group: Sequence[Job[Any]], done: int, loop: asyncio.AbstractEventLoop) -> None:
        """Tell those who are done; the others come with the next turn, or are the thread's where none is."""
        for job in group[:done]:
            job.tell()
        if done:
            self._tell_done(done)
            if done < len(group):
                self._waiting = [*group[done:], *self._waiting]
                self._come(loop)
        else:
            for job in group:
                self._hand_on(job)

    def _done(self, group: Sequence[Job[Any]]) -> int:
        """How many of the first are done and durable. 0: nothing is stored."""
        now_s = self._clock.monotonic_s()
        is_due = self._handed_on and now_s - self._since_s > FAIR_S
        if is_due or now_s < self._not_before_s or not self._lock.acquire(blocking=False):
            return 0
        try:
            return self._stored(group, until_s=now_s + TURN_S)
        finally:
            self._lock.release()

    def _stored(self, group: Sequence[Job[Any]], *, until_s: float) -> int:
        """The same for who has the connection; it is left without a transaction."""
        tx, count = self._connection, 0
        try:
            tx.set_busy_timeout(0)
            tx.begin()
            decided = self._decided(group, until_s=until_s)
            if decided:
                self._commit()
                count = decided
        except tx.errors:
            pass
        finally:
            if tx.in_transaction:
                with suppress(*tx.errors):
                    tx.execute("ROLLBACK")
            tx.set_busy_timeout(self._patience_ms)
        return count

    def _decided(self, group: Sequence[Job[Any]], *, until_s: float) -> int:
        """Decide them one after the other, at least one; 0 where one failed and has to be undone alone."""
        tx = self._connection
        for count, job in enumerate(group, 1):
            changes = tx.total_changes()
            if not attempt(tx, job) and (tx.total_changes() != changes or not _is_a_refusal(tx, job)):
                return 0
            if self._clock.monotonic_s() >= until_s:
                return count
        return len(group)

    def _commit(self) -> None:
        began_s = self._clock.monotonic_s()
        self._connection.commit()
        now_s = self._clock.monotonic_s()
        self._usual_s += (now_s - began_s - self._usual_s) * NEWEST_SHARE
        if self._usual_s > QUICK_S:
            self._not_before_s = now_s + PAUSES * self._usual_s

    def _hand_on(self, job: Job[Any]) -> None:
        """What the thread tells is told in the loop."""
        future: asyncio.Future[Any] = job.future
        told = asyncio.wrap_future(self._submit(job.work), loop=future.get_loop())
        if not self._handed_on:
            self._since_s = self._clock.monotonic_s()
        self._handed_on += 1

        def tell(told: asyncio.Future[Any]) -> None:
            self._handed_on -= 1
            if future.done() or told.cancelled():
                return
            if (error := told.exception()) is not None:
                future.set_exception(error)
            else:
                future.set_result(told.result())

        def give_up(future: asyncio.Future[Any]) -> None:
            if future.cancelled():
                told.cancel()

        told.add_done_callback(tell)
        future.add_done_callback(give_up)


def _is_a_refusal(tx: Transactional, job: Job[Any]) -> bool:
    """Whether it failed by itself, and the transaction of the others stands."""
    is_its_own = isinstance(job.error, Exception) and not isinstance(job.error, DatabaseError | StopIteration)
    return is_its_own and tx.in_transaction
