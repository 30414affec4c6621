"""A device without a window that sends what is queued, and the bare loop over httpx that it is compared with."""

import asyncio
import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from shared.clock import SystemClock
from shared.database import Connection, Writer
from shared.domain.commands import Operation
from shared.opening import open_device_file
from shared.store import outbox
from shared.store.outcomes import Accepted
from shared.sync.actions import Take
from shared.sync.engine import MAX_IN_FLIGHT
from shared.sync.exchange import Answered, Exchange
from shared.sync.ledger import Ledger
from shared.sync.port import Announce
from shared.sync.transport import HttpTransport
from shared.sync.turns import Landed, Turned
from shared.sync.worker import Worker
from shared.ulids import SystemUlids
from shared.wire.protocol import HEADER_KEY, HEADER_OPERATION, HEADER_PROTOCOL, PROTOCOL_VERSION
from shared.wire.requests import encode

PATIENCE_S: Final = 60.0


class Counting(Ledger):
    """The ledger, which also says when so many operations were settled, durably, as the server took them."""

    def __init__(self, writer: Writer) -> None:
        super().__init__(writer, SystemClock())
        self.done = threading.Event()
        self._left = 0

    def expect(self, count: int) -> None:
        """From now on wait for so many."""
        self._left = count
        self.done.clear()

    async def turn(self, landed: Sequence[Landed], take: Take | None) -> Turned:
        """As the ledger's, and counted once it is durable."""
        turned = await super().turn(landed, take)
        self._left -= sum(isinstance(each.outcome, Accepted) for each in landed)
        if landed and self._left <= 0:
            self.done.set()
        return turned


class OneByOne(HttpTransport):
    """The transport, which does not hear that a server takes several operations in one request."""

    async def beat(self) -> Exchange:
        """As the transport's."""
        found = await super().beat()
        if not isinstance(found, Answered):
            return found
        told = json.loads(found.body)
        told["capabilities"] = [name for name in told.get("capabilities", ()) if name != "batch"]
        return Answered(found.status, found.headers, json.dumps(told).encode())


@dataclass(frozen=True, slots=True)
class Sender:
    """A device's file with its worker at work on it."""

    writer: Writer
    worker: Worker
    ledger: Counting

    def rate(self, commands: Sequence[Operation]) -> float:
        """Operations a second, from when all are handed in to be queued until the last is settled durably."""
        self.ledger.expect(len(commands))
        clock = SystemClock()
        began_s = clock.monotonic_s()
        self.writer.submit(lambda tx: _queue(tx, commands)).result()
        self.worker.wake()
        assert self.ledger.done.wait(PATIENCE_S), "the operations were not settled"
        return len(commands) / (clock.monotonic_s() - began_s)


def _queue(tx: Connection, commands: Sequence[Operation]) -> None:
    for command in commands:
        outbox.append(tx, command, now_ms=0)


@contextmanager
def sender(
    folder: Path,
    url: str,
    token: str,
    *,
    make_transport: Callable[[str, str], HttpTransport] = HttpTransport,
    announce: Announce = lambda _: None,
) -> Iterator[Sender]:
    """A new file, and a worker whose link to the server is up."""
    up = threading.Event()
    clock = SystemClock()
    writer = Writer(open_device_file(folder / "pos.sqlite", ulids=SystemUlids(clock)))
    ledger = Counting(writer)

    def told(changed: frozenset[str]) -> None:
        if worker.link().state.is_up:
            up.set()
        announce(changed)

    transport = make_transport(url, token)
    worker = Worker(writer, transport, clock, random=random.Random(1), kind="pos", announce=told, ledger=ledger)
    worker.start()
    try:
        assert up.wait(PATIENCE_S), "the link did not come up"
        yield Sender(writer, worker, ledger)
    finally:
        worker.stop()
        writer.close()


def bare_rate(url: str, token: str, commands: Sequence[Operation], *, in_flight: int = MAX_IN_FLIGHT) -> float:
    """Operations a second of the plainest loop: the same requests to the same server, nothing stored."""
    return asyncio.run(_bare(url, token, commands, in_flight=in_flight))


async def _bare(url: str, token: str, commands: Sequence[Operation], *, in_flight: int) -> float:
    clock = SystemClock()
    headers = {"Authorization": f"Bearer {token}", HEADER_PROTOCOL: PROTOCOL_VERSION}
    requests = iter([(command.id, encode(command)) for command in commands])
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=PATIENCE_S) as client:
        await client.get("/health")

        async def send() -> None:
            for operation_id, encoded in requests:
                own = {HEADER_KEY: operation_id, HEADER_OPERATION: operation_id, "Content-Type": "application/json"}
                found = await client.request(encoded.method, encoded.path, headers=own, content=encoded.body)
                found.raise_for_status()

        began_s = clock.monotonic_s()
        await asyncio.gather(*(send() for _ in range(in_flight)))
        return len(commands) / (clock.monotonic_s() - began_s)
