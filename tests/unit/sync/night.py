"""One till with a real file and a real worker on a server in memory, in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.store.outcomes import Status
from shared.sync import verdicts
from shared.sync.actions import LinkView
from shared.sync.errands import Judge, Kind
from shared.sync.exchange import Transport
from shared.sync.worker import Worker
from tests.unit.store.till import Till, open_till, ulid
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.virtual import InlineWriter, VirtualClock, VirtualLoop


@dataclass
class Night:
    """`with Night(tmp_path) as night:`; the worker runs while `run` lets time go by."""

    folder: Path
    seed: int = 1
    kind: Kind = "pos"
    judge: Judge = verdicts.judge
    till: Till = field(init=False)
    server: FakeServer = field(init=False)
    writer: InlineWriter = field(init=False)
    transport: Transport = field(init=False)
    told: list[frozenset[str]] = field(default_factory=list)
    heard: Callable[[frozenset[str]], None] = lambda ids: None
    views: list[tuple[float, LinkView]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.till = open_till(self.folder / "pos.sqlite")
        self.writer = InlineWriter(self.till.connection)
        self.server = FakeServer(self.clock)
        self.transport = self.server
        self._orders = 900_000
        self._life: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        self.die()
        self.till.connection.close()
        self.loop.close()

    def begin(self) -> Worker:
        """Start a worker, as a till's program does."""
        self.worker = Worker(
            self.writer,
            self.transport,
            self.clock,
            random=random.Random(self.seed),
            kind=self.kind,
            announce=self._announced,
            judge=self.judge,
        )
        self._life = self.loop.create_task(self.worker.run())
        return self.worker

    def run(self, seconds: float) -> None:
        if self._life is None:
            self.begin()
        self.loop.run_for(seconds)

    def stop(self) -> None:
        """End it as a person does."""
        assert self._life is not None
        self.worker.stop()
        self.loop.run_until_complete(self._life)
        self._life = None

    def die(self) -> None:
        """End it as a kill does: nothing more is written."""
        self.writer.failing = lambda: RuntimeError("dead")
        running = asyncio.all_tasks(self.loop)
        for task in running:
            task.cancel()
        if running:
            self.loop.run_until_complete(asyncio.wait(running))
        self._life = None
        self.writer.failing = lambda: None

    def order(self) -> str:
        """Ring up an order and send it to the kitchen: three operations."""
        self._orders += 1
        order_id = ulid(self._orders)
        self.till.send(order_id, self.till.add_line(order_id))
        if self._life is not None:
            self.worker.wake()
        return order_id

    def more(self, order_id: str) -> None:
        """One more line on an order, sent: two operations."""
        self.till.send(order_id, self.till.add_line(order_id))
        self.worker.wake()

    def waiting(self) -> int:
        return sum(status in (Status.PENDING, Status.REPLAYING) for _, status, _ in self.till.statuses())

    def column(self, name: str) -> list[object]:
        """A column of the outbox, in the order in which the operations were made."""
        return [value for (value,) in self.till.connection.execute(f"SELECT {name} FROM operation ORDER BY seq")]

    def _announced(self, ids: frozenset[str]) -> None:
        self.told.append(ids)
        self.heard(ids)
        self.views.append((self.loop.now_s, self.worker.link()))
