"""`enqueue`: queueing an operation durably, against a bare SQLite file that commits one row at a time."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import apsw

from benchmarks.measure import Rates, Row
from shared.clock import SystemClock
from shared.database import Connection, Writer
from shared.domain.commands import AddLine, ChangeOrder, CreateOrder, NewLine
from shared.domain.lines import Author
from shared.ids import ItemId, LineId, OperationId, OrderId, StaffId, StationId
from shared.opening import open_device_file
from shared.store import outbox, taps
from shared.ulids import SystemUlids

ROUNDS: Final = 7
WRITES: Final = 300
CALLERS: Final = 8
LINES_AN_ORDER: Final = 10
AT: Final = "2026-03-01T19:41:05.250Z"
ACTOR: Final = StaffId("amina")

Work = Callable[[Connection], object]


def run() -> list[Row]:
    """Interleaved rounds, the median of each."""
    cases: dict[str, Callable[[Path], float]] = {
        "bare": _bare,
        "store": lambda folder: _through_writer(folder, creations(WRITES), callers=1),
        "submit": lambda folder: _through_writer(folder, additions(WRITES), callers=1),
        "eight": lambda folder: _through_writer(folder, creations(WRITES), callers=CALLERS),
    }
    rates = Rates.of(cases, reference="bare", rounds=ROUNDS)
    return [
        rates.row("enqueue.store", "store", unit="operations/s", bar=0.75),
        rates.row("enqueue.submit", "submit", unit="operations/s", bar=0.4),
        rates.row("enqueue.eight", "eight", unit="operations/s", bar=1.5),
    ]


def creations(count: int) -> list[Work]:
    """The store alone: so many ready commands to append."""
    ulids = SystemUlids(SystemClock())
    commands = (
        CreateOrder(
            id=OperationId(ulids.new()), actor_id=ACTOR, at=AT, order_id=OrderId(ulids.new()), number=f"C-{number}"
        )
        for number in range(count)
    )
    return [partial(outbox.append, command=command, now_ms=0) for command in commands]


def additions(count: int) -> list[Work]:
    """What a tap costs the writer: the view read and folded, the rules, the frozen bytes, the rows.

    A new order every ten lines, each line an operation of its own, none of them settled.
    """
    ulids = SystemUlids(SystemClock())
    teller = taps.Teller("C", lambda _: Author(device_id="bench", actor_name="Amina"))
    found: list[Work] = []
    order_id = OrderId("")
    for number in range(count):
        operation_id = OperationId(ulids.new())
        if number % LINES_AN_ORDER == 0:
            order_id = OrderId(ulids.new())
            intent: CreateOrder | ChangeOrder = CreateOrder(
                id=operation_id, actor_id=ACTOR, at=AT, order_id=order_id, number=f"C-{number}"
            )
        else:
            add = AddLine(line=_line(LineId(ulids.new())))
            intent = ChangeOrder(
                id=operation_id, actor_id=ACTOR, at=AT, order_id=order_id, base_version=0, changes=(add,)
            )
        found.append(partial(taps.accept, intent=intent, teller=teller, now_ms=0))
    return found


def _line(line_id: LineId) -> NewLine:
    return NewLine(
        id=line_id,
        item_id=ItemId("chicken-bowl"),
        quantity=2,
        name="Chicken Bowl",
        price_minor=1098,
        tax_bp=1800,
        station=StationId("grill"),
    )


def bare_file(folder: Path) -> apsw.Connection:
    """A new file as plain as one can be that keeps its promises."""
    connection = apsw.Connection(str(folder / "bare.sqlite"))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "FULL")
    return connection


def _bare(folder: Path) -> float:
    connection = bare_file(folder)
    connection.execute("CREATE TABLE queue (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, body BLOB)")
    clock = SystemClock()
    began_s = clock.monotonic_s()
    for number in range(WRITES):
        connection.execute("INSERT INTO queue (id, body) VALUES (?, ?)", (f"id-{number}", b"x" * 120))
    rate = WRITES / (clock.monotonic_s() - began_s)
    connection.close()
    return rate


def _through_writer(folder: Path, works: list[Work], *, callers: int) -> float:
    """Operations a second through the writer, each caller waiting for each commit."""
    clock = SystemClock()
    writer = Writer(open_device_file(folder / "pos.sqlite", ulids=SystemUlids(clock)))
    began_s = clock.monotonic_s()
    put_all(writer, works, callers=callers)
    rate = len(works) / (clock.monotonic_s() - began_s)
    writer.close()
    return rate


def put_all(writer: Writer, works: list[Work], *, callers: int) -> None:
    """Hand the work to the writer from so many threads, each waiting for its own."""

    def put(mine: list[Work]) -> None:
        for work in mine:
            writer.submit(work).result()

    if callers == 1:
        put(works)
        return
    threads = [threading.Thread(target=put, args=(works[place::callers],)) for place in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
