"""The real server, SIGKILLed again and again under load: each acknowledged write is there once, and nothing is half."""

from __future__ import annotations

import json
import os
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_server.deps import Deps
from reference_server.people import enrolment
from reference_server.storage.devices import DeviceKind
from reference_server.storage.file import FILE_NAME, Storage
from shared.clock import SystemClock
from shared.database import Connection, open_reader
from shared.ulids import SystemUlids
from tests.end_to_end.server_process import Gone, Line, Reply, ServerProcess

KILLS = int(os.environ.get("EVERTILL_KILLS", "20"))
SEED = int(os.environ.get("EVERTILL_SEED", "1"))
TILLS = 8
PRICE_MINOR = 310


class Evening:
    """What the tills have been told so far, and how each write that a kill met turned out."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.acknowledged: dict[str, Reply] = {}
        self.met = Counter[str]()
        self.is_over = False
        self.is_up = threading.Event()
        self.troubles: list[str] = []

    def acknowledge(self, key: str, reply: Reply, *, kills_met: int) -> None:
        """A write was answered, after so many of its tries had been cut off."""
        with self.changed:
            self.acknowledged[key] = reply
            if kills_met:
                self.met["after the commit, before the answer" if reply.is_replay else "before the commit"] += 1
            self.changed.notify_all()

    def wait_for(self, more: int) -> None:
        """Until so many more writes were acknowledged."""
        with self.changed:
            target = len(self.acknowledged) + more
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= target or bool(self.troubles), timeout=60)


class Till(threading.Thread):
    """Rings up orders one after the other; every write is sent with its key until it is answered."""

    def __init__(self, evening: Evening, server: ServerProcess, *, token: str, number: int) -> None:
        super().__init__(daemon=True)
        self._evening = evening
        self._line = Line(server, token)
        self._number = number
        self._ulids = SystemUlids(SystemClock())

    def run(self) -> None:
        """Until the evening is over, order by order to its end."""
        served = 0
        try:
            while not self._evening.is_over:
                self._order(served)
                served += 1
        except AssertionError as trouble:
            self._evening.troubles.append(str(trouble))
        finally:
            self._line.close()

    def _order(self, served: int) -> None:
        who = {"actorId": "amina"}
        items = [{"itemId": "cola", "quantity": 1}]
        order = self._write("POST", "/pos/orders", {**who, "tableId": f"table-{self._number}", "items": items}, 201)
        path = f"/pos/orders/{order['id']}"
        sent = self._write("POST", f"{path}/send-to-kitchen", {**who, "lineIds": [order["lines"][0]["id"]]})
        self._write("POST", f"/kds/tickets/{sent['tickets'][0]['id']}/bump", {**who, "round": 0})
        paid = PRICE_MINOR + (served % 3)
        payment = {"id": self._ulids.new(), "method": "CASH", "amount": paid, "tendered": paid}
        lines = [order["lines"][0]["id"]]
        closed = self._write(
            "POST", f"{path}/close", {**who, "lineIds": lines, "totalMinor": paid, "payments": [payment]}
        )
        assert closed["surplusMinor"] == served % 3, closed

    def _write(self, method: str, path: str, body: dict[str, object], status: int = 200) -> dict[str, Any]:
        key, kills_met = self._ulids.new(), 0
        while True:
            assert self._evening.is_up.wait(timeout=60), "the server did not come back"
            try:
                reply = self._line.ask(method, path, body, key=key)
            except Gone:
                kills_met += 1
                continue
            assert reply.status == status, f"{method} {path}: {reply.json}"
            self._evening.acknowledge(key, reply, kills_met=kills_met)
            return dict(reply.json)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path)
    yield process
    process.close()


def test_nothing_acknowledged_is_lost_or_doubled_or_half_through_many_kills(
    server: ServerProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, evening = random.Random(SEED), Evening()
    token = enrol(server.data)
    server.start()
    evening.is_up.set()
    tills = [Till(evening, server, token=token, number=number) for number in range(TILLS)]
    for till in tills:
        till.start()
    for _ in range(KILLS):
        evening.wait_for(chance.randrange(20, 160))
        spin(chance.randrange(2_000))
        evening.is_up.clear()
        server.kill()
        server.start()
        evening.is_up.set()
    evening.wait_for(20)
    evening.is_over = True
    for till in tills:
        till.join(timeout=60)
    assert evening.troubles == []
    assert server.stop() == 0
    reader = open_reader(server.data / FILE_NAME)
    wrong = [words for words, found in looked_at(reader, evening).items() if found]
    reader.close()
    with capsys.disabled():
        met = ", ".join(f"{words}: {count}" for words, count in sorted(evening.met.items()))
        sys.stdout.write(
            f"\n{KILLS} kills, {len(evening.acknowledged)} acknowledged writes; writes that a kill met: {met}\n"
        )
    assert wrong == []


def spin(times: int) -> None:
    """Some microseconds of work, so that the kill falls anywhere within an answer and not only behind one."""
    for number in range(times):
        hash(number)


def enrol(data: Path) -> str:
    """A till's token, made before the server first runs, as an installer does."""
    clock = SystemClock()
    deps = Deps(clock=clock, ulids=SystemUlids(clock))
    work: Callable[[Connection], enrolment.Enrolled] = lambda tx: enrolment.enrol(  # noqa: E731
        tx, deps, kind=DeviceKind.POS, name="Till", letter=None
    )
    with Storage(data) as storage:
        return storage.write(work).result().token


def looked_at(reader: Connection, evening: Evening) -> dict[str, list[Any]]:
    """Everything that could be wrong with the file, each with what was found."""

    def rows(sql: str) -> list[Any]:
        return reader.execute(sql).fetchall()

    keys = {row[0] for row in rows("SELECT id FROM operation")}
    answers = rows("SELECT id, answer.body FROM answer JOIN operation USING (seq)")
    stored = {key: json.loads(body) for key, body in answers}
    orders = [json.loads(row[0]) for row in rows("SELECT body FROM pos_order")]
    serials = sorted(row[0] for row in rows("SELECT serial FROM invoice"))
    months = {row[0] for row in rows("SELECT month FROM invoice")}
    return {
        "a damaged file": [row for row in rows("PRAGMA integrity_check") if row[0] != "ok"],
        "acknowledged and lost": [key for key in evening.acknowledged if key not in keys],
        "done and never acknowledged": [key for key in keys if key not in evening.acknowledged],
        "another answer than was given": [
            key for key, reply in evening.acknowledged.items() if stored.get(key) != reply.json
        ],
        "an order in the middle": [order["number"] for order in orders if order["state"] != "CLOSED"],
        "an order twice or less than once": [order["number"] for order in orders if order["version"] != 4],
        "money twice or less than once": [order["number"] for order in orders if len(order["payments"]) != 1],
        "an effect without its operation": rows(
            "SELECT * FROM change WHERE operation_id NOT IN (SELECT operation_id FROM operation)"
        ),
        "an operation without its effect": rows(
            "SELECT * FROM operation WHERE operation_id NOT IN (SELECT operation_id FROM change)"
        ),
        "a revision missing": [] if rows("SELECT max(revision) - count(*) FROM change")[0][0] == 0 else ["gap"],
        "a gap in the invoices": [
            serials for _ in months if len(months) == 1 and serials != list(range(1, len(orders) + 1))
        ],
        "an alert lost or doubled": rows(
            "SELECT id FROM pos_order WHERE json_extract(body, '$.payments[0].unappliedMinor') > 0"
            " AND (SELECT count(*) FROM alert WHERE entity_id = pos_order.id) <> 1"
        ),
    }
