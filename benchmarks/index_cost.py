"""What the indexes of orders and tickets cost: an order made and sent to the kitchen with them and without, in turn."""

import json
import resource
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from benchmarks.measure import Row, median
from reference_server.catalogue import loading
from reference_server.deps import Deps
from reference_server.dispatch import handle
from reference_server.exchange import Request
from reference_server.main import DEMO_FILE
from reference_server.people.enrolment import enrol
from reference_server.storage.devices import DeviceKind
from reference_server.storage.file import open_server_file
from shared.clock import SystemClock
from shared.database import Connection, copy_database, run_inline
from shared.ulids import SystemUlids

ROUNDS: Final = 15
EACH: Final = 100
DEARER: Final = 1.1
"""An insert may cost this much of what it costs without (product row P26)."""
_SECONDARY: Final = (
    "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE INDEX%' AND tbl_name IN ('pos_order', 'ticket')"
)
"""The indexes that are there for reading only; keys and revisions are unique for the sake of what is right."""


def run(path: Path) -> Row:
    """`path` is a server's file after years, which nobody has open. By processor time, the kernel's for it included."""
    bare = path.with_name("without-indexes.sqlite")
    copy_database(path, bare)
    with closing(open_server_file(path)) as connection, closing(open_server_file(bare)) as without:
        for (index,) in without.execute(_SECONDARY).fetchall():
            without.execute(f"DROP INDEX {index}")
        cases = {"with": Guests(connection), "without": Guests(without)}
        took_s: Mapping[str, list[float]] = {name: [] for name in cases}
        for number in range(ROUNDS + 1):
            for name, guests in cases.items():
                spent_s = guests.come()
                if number:
                    took_s[name].append(spent_s)
    with_us, without_us = (median(took_s[name]) / EACH * 1e6 for name in ("with", "without"))
    unit = "us of processor a create and send, at most"
    return Row("kds_pull.insert", with_us, DEARER * without_us, unit, 1.0, at_most=True)


class Guests:
    """A restaurant on this file, in which guests order two dishes of two stations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._deps = Deps(clock=SystemClock(), ulids=SystemUlids(SystemClock()))
        restaurant = loading.read(DEMO_FILE.read_bytes())
        run_inline(connection, lambda tx: loading.store(tx, restaurant, now_ms=self._deps.clock.now_ms()))
        till = run_inline(connection, lambda tx: enrol(tx, self._deps, kind=DeviceKind.POS, name="till", letter=None))
        self._token = till.token

    def come(self) -> float:
        """So many order, and all of it is sent. Gives the seconds of processor that it took."""
        began_s = _spent_s()
        for number in range(EACH):
            order_id = self._deps.ulids.new()
            items = [{"itemId": item, "quantity": 1} for item in ("cola", "nachos")]
            body = {"id": order_id, "tableId": f"table-{1 + number % 12}", "guests": 2, "items": items}
            self._ask("/pos/orders", body, status=201)
            self._ask(f"/pos/orders/{order_id}/send-to-kitchen", {}, status=200)
        return _spent_s() - began_s

    def _ask(self, path: str, body: Mapping[str, object], *, status: int) -> None:
        headers = {"authorization": f"Bearer {self._token}", "idempotency-key": self._deps.ulids.new()}
        request = Request("POST", path, headers, json.dumps({"actorId": "amina", **body}).encode())
        response = run_inline(self._connection, lambda tx: handle(tx, self._deps, request))
        assert response.status == status, response


def _spent_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime
