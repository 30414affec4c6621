"""`enqueue`: queueing an operation durably, against a bare SQLite file that commits one row at a time."""

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

from benchmarks.measure import Row, median
from shared.clock import SystemClock
from shared.database import Writer
from shared.domain.commands import CreateOrder
from shared.ids import OperationId, OrderId, StaffId
from shared.opening import open_device_file
from shared.store import outbox
from shared.ulids import SystemUlids

ROUNDS: Final = 5
WRITES: Final = 300
CALLERS: Final = 8
AT: Final = "2026-03-01T19:41:05.250Z"


def run() -> list[Row]:
    """Interleaved rounds, the median of each."""
    bare: list[float] = []
    one: list[float] = []
    eight: list[float] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            bare.append(_rate(lambda f=folder: _bare(Path(f)), WRITES))  # type: ignore[misc]
        for rates, callers in ((one, 1), (eight, CALLERS)):
            with tempfile.TemporaryDirectory() as folder:
                rates.append(_store(Path(folder), callers))
    reference = median(bare)
    return [
        Row("enqueue.store", median(one), reference, "operations/s", 0.75),
        Row("enqueue.eight", median(eight), reference, "operations/s", 1.5),
    ]


def _rate(work: Callable[[], None], count: int) -> float:
    clock = SystemClock()
    began_s = clock.monotonic_s()
    work()
    return count / (clock.monotonic_s() - began_s)


def _bare(folder: Path) -> None:
    connection = apsw.Connection(str(folder / "bare.sqlite"))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "FULL")
    connection.execute("CREATE TABLE queue (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, body BLOB)")
    for number in range(WRITES):
        connection.execute("INSERT INTO queue (id, body) VALUES (?, ?)", (f"id-{number}", b"x" * 120))
    connection.close()


def _store(folder: Path, callers: int) -> float:
    """Operations a second through the writer, each caller waiting for each commit."""
    ulids = SystemUlids(SystemClock())
    writer = Writer(open_device_file(folder / "pos.sqlite", ulids=ulids))
    commands = [
        CreateOrder(
            id=OperationId(ulids.new()),
            actor_id=StaffId("amina"),
            at=AT,
            order_id=OrderId(ulids.new()),
            number=f"C-{number}",
        )
        for number in range(WRITES)
    ]

    def put(mine: list[CreateOrder]) -> None:
        for command in mine:
            writer.submit(lambda tx, c=command: outbox.append(tx, c, now_ms=0)).result()  # type: ignore[misc]

    def all_callers() -> None:
        threads = [threading.Thread(target=put, args=(commands[place::callers],)) for place in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    rate = _rate(all_callers, WRITES)
    writer.close()
    return rate
