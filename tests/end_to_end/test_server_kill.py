"""The real server, SIGKILLed again and again under load: each acknowledged write is there once, and nothing is half."""

from __future__ import annotations

import json
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from reference_server.deps import Deps
from reference_server.people import enrolment
from reference_server.storage.devices import DeviceKind
from reference_server.storage.file import FILE_NAME
from reference_server.storage.opening import open_storage
from reference_server.storage.seam import Connection
from shared.clock import SystemClock
from shared.database import open_reader
from shared.ulids import SystemUlids
from tests.end_to_end.server_process import Gone, Line, Reply, ServerProcess
from tests.soak import Soak

KILLS_IN_CI = 40
KILLS, SERIES = 20, 25
"""So many kills in a series, and series in the long proof: five hundred; then each row was hit at least so often:"""
EACH_ROW = 20

BEFORE_COMMIT = "before the commit"
BEFORE_ANSWER = "after the commit, before the answer"
ROWS = (BEFORE_COMMIT, BEFORE_ANSWER)

TILLS = 8
CLOSERS = 32
CLOSER_KILLS = 4
PRICE_MINOR = 310
TABLES = 14
"""So many, from 1, are on the demo's plan: an order at any other would be told to a person."""


class Evening:
    """What the tills have been told so far, and in which rows each kill fell."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.acknowledged: dict[str, Reply] = {}
        self.kills = 0
        self.rows: dict[int, set[str]] = {}
        self.is_over = False
        self.is_up = threading.Event()
        self.troubles: list[str] = []

    def acknowledge(self, key: str, reply: Reply, *, kills_met: list[int]) -> None:
        """A write was answered, after these kills had cut off a try of it, each after the whole request had left.

        Met it one kill only, then the server's word *this is a replay* proves that it had committed before that kill.
        """
        with self.changed:
            self.acknowledged[key] = reply
            if len(kills_met) == 1:
                self.rows.setdefault(kills_met[0], set()).add(BEFORE_ANSWER if reply.is_replay else BEFORE_COMMIT)
            self.changed.notify_all()

    def wait_for(self, more: int) -> None:
        """Until so many more writes were acknowledged."""
        with self.changed:
            target = len(self.acknowledged) + more
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= target or bool(self.troubles), timeout=60)


class Till(threading.Thread):
    """Rings up orders one after the other; every write is sent with its key until it is answered."""

    def __init__(
        self, evening: Evening, server: ServerProcess, *, token: str, number: int, gives_back: bool = False
    ) -> None:
        super().__init__(daemon=True)
        self._gives_back = gives_back
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
        table = f"table-{1 + self._number % TABLES}"
        order = self._write("POST", "/pos/orders", {**who, "tableId": table, "items": items}, 201)
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
        if self._gives_back:
            back = self._write("POST", f"{path}/refund", {**who, "reason": "cold", "approvedBy": "nadia"})
            assert back["state"] == "REFUNDED", back

    def _write(self, method: str, path: str, body: dict[str, object], status: int = 200) -> dict[str, Any]:
        key, kills_met = self._ulids.new(), list[int]()
        while True:
            assert self._evening.is_up.wait(timeout=60), "the server did not come back"
            before = self._evening.kills
            try:
                reply = self._line.ask(method, path, body, key=key)
            except Gone as gone:
                if gone.was_sent and self._evening.kills > before:
                    kills_met.append(self._evening.kills)
                continue
            assert reply.status == status, f"{method} {path}: {reply.json}"
            self._evening.acknowledge(key, reply, kills_met=kills_met)
            return dict(reply.json)


def series(
    folder: Path,
    *,
    seed: int,
    kills: int = KILLS,
    database: str = "",
    callers: int = TILLS,
    gives_back: bool = False,
) -> Counter[str]:
    """Kill the server so often under load, and check; the figures. Raises AssertionError when a promise is broken.

    It stands on the file in the folder, or on the PostgreSQL at an address. So many callers ring up and close at once,
    and give the money of each order back where they are told to.
    """
    chance, evening, server = random.Random(seed), Evening(), ServerProcess(folder, database=database)
    token = enrol(folder, database)
    try:
        server.start()
        evening.is_up.set()
        tills = [Till(evening, server, token=token, number=number, gives_back=gives_back) for number in range(callers)]
        for till in tills:
            till.start()
        for _ in range(kills):
            evening.wait_for(chance.randrange(20, 160))
            spin(chance.randrange(2_000))
            evening.is_up.clear()
            evening.kills += 1
            server.kill()
            server.start()
            evening.is_up.set()
        evening.wait_for(20)
        evening.is_over = True
        for till in tills:
            till.join(timeout=60)
        assert evening.troubles == []
        assert server.stop() == 0
    finally:
        evening.is_over = True
        server.close()
    with closing(open_storage(folder, database=database, clock=SystemClock())) as storage:
        found = storage.read(lambda tx: looked_at(tx, evening, gives_back=gives_back))
        assert {words: wrong for words, wrong in found.items() if wrong} == {}
    if not database:
        with closing(open_reader(folder / FILE_NAME)) as file:
            assert file.pragma("integrity_check") == "ok"
    figures = Counter[str](kills=kills)
    figures["acknowledged writes"] = len(evening.acknowledged)
    for rows in evening.rows.values():
        figures.update(rows)
    return figures


def table(figures: Mapping[str, int]) -> str:
    """The figures as they are printed."""
    head = f"{figures['kills']} kills of a server, {figures['acknowledged writes']} acknowledged writes"
    rows = [f"  {row:<46}{figures[row]:>5}" for row in ROWS]
    return "\n".join([f"{head}; each kill in every row that a write proves:", *rows, "  lost 0, doubled 0, half 0"])


def test_nothing_acknowledged_is_lost_or_doubled_or_half_through_many_kills(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = series(tmp_path, seed=1, kills=KILLS_IN_CI)

    with capsys.disabled():
        sys.stdout.write(f"\n{table(figures)}\n")
    assert all(figures[row] for row in ROWS)


def test_invoices_and_returns_have_no_gap_under_thirty_two_that_ask_at_once_and_kills_between(tmp_path: Path) -> None:
    """The last look at the file asks for it: serials of both from 1 to the number of orders, each once."""
    figures = series(tmp_path, seed=2, kills=CLOSER_KILLS, callers=CLOSERS, gives_back=True)

    assert figures["acknowledged writes"] >= 5 * CLOSERS


@pytest.mark.soak
def test_five_hundred_kills_of_a_server_reach_every_row_of_the_crash_table(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=SERIES):
        soak.note(seed, series(tmp_path / str(seed), seed=seed))

    total = soak.total()
    assert total["kills"] < SERIES * KILLS or min(total[row] for row in ROWS) >= EACH_ROW, table(total)


def spin(times: int) -> None:
    """Some microseconds of work, so that the kill falls anywhere within an answer and not only behind one."""
    for number in range(times):
        hash(number)


def enrol(data: Path, database: str = "") -> str:
    """A till's token, made before the server first runs, as an installer does."""
    clock = SystemClock()
    deps = Deps(clock=clock, ulids=SystemUlids(clock))
    work: Callable[[Connection], enrolment.Enrolled] = lambda tx: enrolment.enrol(  # noqa: E731
        tx, deps, kind=DeviceKind.POS, name="Till", letter=None
    )
    with closing(open_storage(data, database=database, clock=clock)) as storage:
        return storage.write(work).result().token


def looked_at(reader: Connection, evening: Evening, *, gives_back: bool) -> dict[str, list[Any]]:
    """Everything that could be wrong with what is stored, each with what was found."""

    def rows(sql: str) -> list[Any]:
        return reader.execute(sql).fetchall()

    keys = {row[0] for row in rows("SELECT id FROM operation")}
    answers = rows("SELECT id, answer.body FROM answer JOIN operation USING (seq)")
    stored = {key: json.loads(body) for key, body in answers}
    orders = [json.loads(row[0]) for row in rows("SELECT body FROM pos_order")]
    alerts = Counter(row[0] for row in rows("SELECT entity_id FROM alert"))
    serials = sorted(row[0] for row in rows("SELECT serial FROM invoice"))
    months = {row[0] for row in rows("SELECT month FROM invoice")}
    all_of_them = list(range(1, len(orders) + 1))
    noted = rows("SELECT serial, number, month FROM return_note ORDER BY serial")
    is_one_month = len({row[2] for row in noted}) <= 1
    state, version = ("REFUNDED", 5) if gives_back else ("CLOSED", 4)
    return {
        "acknowledged and lost": [key for key in evening.acknowledged if key not in keys],
        "done and never acknowledged": [key for key in keys if key not in evening.acknowledged],
        "another answer than was given": [
            key for key, reply in evening.acknowledged.items() if stored.get(key) != reply.json
        ],
        "an order in the middle": [order["number"] for order in orders if order["state"] != state],
        "an order twice or less than once": [order["number"] for order in orders if order["version"] != version],
        "money twice or less than once": [order["number"] for order in orders if len(order["payments"]) != 1],
        "an effect without its operation": rows(
            "SELECT * FROM change WHERE operation_id NOT IN (SELECT operation_id FROM operation)"
        ),
        "an operation without its effect": rows(
            "SELECT * FROM operation WHERE operation_id NOT IN (SELECT operation_id FROM change)"
        ),
        "a revision missing": [] if rows("SELECT max(revision) - count(*) FROM change")[0][0] == 0 else ["gap"],
        "a gap in the invoices": [serials for _ in months if len(months) == 1 and serials != all_of_them],
        "a gap in the returns": [row for row in noted if is_one_month and [one[0] for one in noted] != all_of_them],
        "another return's number on its order": sorted(
            {row[1] for row in noted} ^ {one["number"] for order in orders for one in order["returns"]}
        ),
        "money given back twice or less than once": [
            order["number"] for order in orders if len(order["returns"]) != int(gives_back)
        ],
        "an alert lost or doubled": [
            order["number"]
            for order in orders
            if sum(payment["unappliedMinor"] > 0 for payment in order["payments"]) != alerts[order["id"]]
        ],
    }
