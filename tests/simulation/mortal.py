"""Processes that die at one SQL statement: the fuse on a connection, a device's writer, and the road to a server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol, TypeVar

from reference_server.exchange import Request
from shared.database import Connection
from shared.errors import WriterClosed
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, Exchange, Unreachable
from tests.simulation.devices import InlineWriter
from tests.simulation.network import Road

T = TypeVar("T")


class Firmly(Protocol):
    """Does a thing, and does the same again where a device was dark."""

    def __call__(self, act: Callable[[], T]) -> Awaitable[T]:
        """What `act` gives."""
        ...


class ServerGone(Exception):
    """The server's process died over this request, or was dead when it came."""


@dataclass
class Fuse:
    """Refuses a connection's n-th statement (from 1) and all behind it, as if its process were gone; 0 never blows."""

    at: int
    count: int = 0
    is_blown: bool = False

    def watch(self, connection: Connection) -> None:
        """From now on count what this connection does, unless somebody died of it already."""
        if not self.is_blown:
            connection.exec_trace = self._may_run

    def _may_run(self, *_: object) -> bool:
        self.count += 1
        self.is_blown = self.is_blown or self.count == self.at
        return not self.is_blown


class MortalWriter(InlineWriter):
    """A device's writer. What its process did not live to tell is told to nobody."""

    def __init__(self, connection: Connection, fuse: Fuse) -> None:
        super().__init__(connection)
        self._fuse = fuse
        self._was_blown = fuse.is_blown
        fuse.watch(connection)

    @property
    def is_dying(self) -> bool:
        """Whether the fuse blew under this process."""
        return self._fuse.is_blown and not self._was_blown

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Do it now, if the process lives through it."""
        done: Future[T] = Future()
        if not self.is_dying:
            done = super().submit(work)
        if not self.is_dying:
            return done
        done = Future()
        done.set_exception(WriterClosed())
        return done


@dataclass
class MortalRoad(Road):
    """A road to a server whose process may die over a request."""

    is_dead: Callable[[], bool] = lambda: False

    async def _carry(self, request: Request, *, limit_s: float, may_fail: bool) -> Exchange:
        try:
            return await super()._carry(request, limit_s=limit_s, may_fail=may_fail)
        except ServerGone:
            return Unreachable(Cause.NO_SERVER, "the connection was reset")

    def _ask(self, request: Request) -> Answered:
        if self.is_dead():
            raise ServerGone
        try:
            return super()._ask(request)
        finally:
            if self.is_dead():
                raise ServerGone
