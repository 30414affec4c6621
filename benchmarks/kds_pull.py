"""`kds_pull`: what a kitchen screen asks for all the time, after years: nothing new, and ten; what the indexes cost."""

import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from benchmarks import index_cost
from benchmarks.measure import Row, median, percentile
from benchmarks.years import fill
from reference_server.deps import Deps
from reference_server.dispatch import handle
from reference_server.exchange import Request
from reference_server.people.enrolment import enrol
from reference_server.storage import changes, pages
from reference_server.storage.devices import DeviceKind
from reference_server.storage.file import FILE_NAME, open_server_file
from reference_server.storage.pages import PageSize
from shared.clock import SystemClock
from shared.database import Connection, run_inline
from shared.ulids import SystemUlids

FEW: Final = 1_000
MANY: Final = 100_000
ORDERS: Final = 1_000_000
ROUNDS: Final = 2_000
SCANS: Final = 25
NEW: Final = 10
AS_MUCH: Final = 100.0
TWICE: Final = 2.0
LIMIT_MS: Final = 5.0
SIZE: Final = PageSize()
_WITHOUT_INDEX: Final = "SELECT revision, body FROM ticket NOT INDEXED WHERE revision > ? ORDER BY revision LIMIT 501"


def run() -> list[Row]:
    """One file with a thousand tickets, one with a hundred thousand and a million orders."""
    with tempfile.TemporaryDirectory() as folder:
        with closing(_file(Path(folder) / "few", orders=FEW, tickets=FEW)) as few:
            ten_of_few_s = _seconds(lambda: pages.tickets_after(few, _head(few) - NEW, station=None, size=SIZE))
        with closing(_file(Path(folder) / "many", orders=ORDERS, tickets=MANY)) as many:
            head = _head(many)
            nothing_s = _seconds(lambda: pages.tickets_after(many, head, station=None, size=SIZE))
            ten_s = _seconds(lambda: pages.tickets_after(many, head - NEW, station=None, size=SIZE))
            scan_s = _seconds(lambda: many.execute(_WITHOUT_INDEX, (head,)).fetchall(), rounds=SCANS)
            whole_s = _whole_pulls(many)
        insert = index_cost.run(Path(folder) / "many" / FILE_NAME)
    return [
        Row("kds_pull.nothing", 1 / nothing_s, 1 / scan_s, "queries/s", AS_MUCH),
        Row("kds_pull.ten", ten_s * 1e6, TWICE * ten_of_few_s * 1e6, "us at most", 1.0, at_most=True),
        Row("kds_pull.whole", median(whole_s) * 1000, LIMIT_MS, "ms a pull, at most", 1.0, at_most=True),
        Row("kds_pull.p99", percentile(whole_s, 0.99) * 1000, LIMIT_MS, "ms, at most", 1.0, at_most=True),
        insert,
    ]


def _file(folder: Path, *, orders: int, tickets: int) -> Connection:
    folder.mkdir()
    connection = open_server_file(folder / FILE_NAME)
    fill(connection, orders=orders, tickets=tickets)
    return connection


def _head(tx: Connection) -> int:
    return changes.head_revision(tx)


def _seconds(ask: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """The median of so many, each by itself, after a few to warm up."""
    for _ in range(5):
        ask()
    return median(_each(ask, rounds))


def _each(ask: Callable[[], object], rounds: int) -> list[float]:
    clock, found = SystemClock(), []
    for _ in range(rounds):
        began_s = clock.monotonic_s()
        ask()
        found.append(clock.monotonic_s() - began_s)
    return found


def _whole_pulls(connection: Connection) -> list[float]:
    """From the request to its answer, token and history checked, in one transaction, without the line."""
    clock = SystemClock()
    deps = Deps(clock=clock, ulids=SystemUlids(clock))
    done = run_inline(connection, lambda tx: enrol(tx, deps, kind=DeviceKind.KDS, name="bench", letter=None))
    cursor = changes.head_cursor(connection)
    headers = {"authorization": f"Bearer {done.token}", "x-seen": cursor}
    request = Request("GET", "/kds/queue", headers, query=f"cursor={cursor}")
    assert run_inline(connection, lambda tx: handle(tx, deps, request)).status == 200
    return _each(lambda: run_inline(connection, lambda tx: handle(tx, deps, request)), ROUNDS)
