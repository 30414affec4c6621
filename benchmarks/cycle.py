"""`cycle`: put, take and settle, all durable, against other queues on SQLite files at synchronous FULL."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import queues
from benchmarks.enqueue import bare_file, creations
from benchmarks.measure import Rates, Row, median
from benchmarks.queues import Queue
from shared.clock import SystemClock
from shared.database import Writer
from shared.opening import open_device_file
from shared.store.outcomes import Accepted
from shared.sync import turns
from shared.sync.actions import Take
from shared.sync.turns import Landed
from shared.ulids import SystemUlids

ROUNDS: Final = 7
CYCLES: Final = 200
ITEM: Final = "x" * 120
REDELIVERS: Final = "persist-queue"


def run() -> list[Row]:
    """Interleaved rounds; each puts all, then takes and settles one after the other. Says which peers are missing."""
    peers = queues.installed()
    missing = sorted(set(queues.MAKERS) - set(peers))
    if missing:
        sys.stderr.write(f"cycle: not compared with {', '.join(missing)} (packaging/linux/peers.sh installs them)\n")
    cases: dict[str, Callable[[Path], float]] = {"bare": _bare, "ours": _ours}
    for name, make in peers.items():
        cases[name] = partial(_peer, make)
    rates = Rates.of(cases, reference="bare", rounds=ROUNDS)
    rows = []
    if REDELIVERS in peers:
        unit = f"cycles/s, against {REDELIVERS}"
        rows.append(rates.row("cycle.redelivers", "ours", unit=unit, bar=1.5, against=REDELIVERS))
    others = [name for name in peers if name != REDELIVERS]
    if others:
        best = max(others, key=lambda name: median(rates.kept[name]))
        rows.append(rates.row("cycle.best", "ours", unit=f"cycles/s, against {best}", bar=0.95, against=best))
    return rows


def _ours(folder: Path) -> float:
    """As the till does it: an answer is settled in the transaction that takes what goes next."""
    clock = SystemClock()
    works = creations(CYCLES)
    writer = Writer(open_device_file(folder / "pos.sqlite", ulids=SystemUlids(clock)))
    began_s = clock.monotonic_s()
    for work in works:
        writer.submit(work).result()
    landed: tuple[Landed, ...] = ()
    settled = 0
    while settled < CYCLES:
        done = writer.submit(partial(turns.turn, landed=landed, take=Take(1), now_ms=0)).result()
        settled += len(landed)
        flights = () if done.taken is None else done.taken.flights
        landed = tuple(Landed(flight, Accepted(201, ITEM.encode(), (), None)) for flight in flights)
    rate = CYCLES / (clock.monotonic_s() - began_s)
    writer.close()
    return rate


def _peer(make: Callable[[Path], Queue], folder: Path) -> float:
    clock = SystemClock()
    queue = make(folder)
    began_s = clock.monotonic_s()
    for _ in range(CYCLES):
        queue.put(ITEM)
    for _ in range(CYCLES):
        queue.finish()
    rate = CYCLES / (clock.monotonic_s() - began_s)
    queue.close()
    return rate


def _bare(folder: Path) -> float:
    """A row put, marked and deleted, a commit each: what the disk lets anybody do."""
    connection = bare_file(folder)
    connection.execute("CREATE TABLE queue (seq INTEGER PRIMARY KEY, body TEXT, taken INTEGER)")
    clock = SystemClock()
    began_s = clock.monotonic_s()
    for _ in range(CYCLES):
        connection.execute("INSERT INTO queue (body) VALUES (?)", (ITEM,))
    for number in range(1, CYCLES + 1):
        connection.execute("UPDATE queue SET taken = 1 WHERE seq = ?", (number,))
        connection.execute("DELETE FROM queue WHERE seq = ?", (number,))
    rate = CYCLES / (clock.monotonic_s() - began_s)
    connection.close()
    return rate
