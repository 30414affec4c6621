"""Server processes on one PostgreSQL: killed under load, two at a time, and when the database goes and comes back."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from httpx_sse import connect_sse

from reference_server.storage.opening import open_storage
from shared.clock import SystemClock
from tests.end_to_end.server_process import Line, Reply, ServerProcess
from tests.end_to_end.test_server_kill import EACH_ROW, KILLS, ROWS, enrol, series, table
from tests.postgres import Cluster, cluster
from tests.redis_server import RedisServer
from tests.soak import Soak

KILLS_IN_CI = 20
SERIES = 8
"""So many series make the hundred and sixty kills of the long proof, enough for each row of the crash table."""
CLOSERS = 32
CLOSER_KILLS = 2
CALLERS = 50


@pytest.fixture
def database(postgres: Cluster) -> Iterator[str]:
    with postgres.branch() as url:
        yield url


@dataclass(frozen=True)
class Two:
    """Two server processes on one database."""

    servers: tuple[ServerProcess, ...]
    database: str
    token: str

    def line(self, number: int) -> Line:
        """Every second one leads to the other process."""
        return Line(self.servers[number % 2], self.token)

    def count(self, table: str, where: str) -> int:
        with closing(open_storage(Path(), database=self.database, clock=SystemClock())) as storage:
            return int(storage.read(lambda tx: tx.execute(f"SELECT count(*) FROM {table} WHERE {where}").get))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, postgres: Cluster, redis: RedisServer) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("two")
    with postgres.branch() as database, ExitStack() as stack:
        token = enrol(folder, database)
        servers = tuple(ServerProcess(folder, database=database, redis=redis.url) for _ in range(2))
        for server in servers:
            stack.callback(server.close)
            server.start()
        yield Two(servers, database, token)
        assert [server.stop() for server in servers] == [0, 0]


def at_once(count: int, ask: Callable[[int], Reply]) -> list[Reply]:
    """Ask from so many threads, all of them at the same moment."""
    together = threading.Barrier(count)

    def one(number: int) -> Reply:
        together.wait(timeout=60)
        return ask(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_nothing_acknowledged_is_lost_or_doubled_or_half_when_a_server_on_postgresql_is_killed(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = series(tmp_path, seed=1, kills=KILLS_IN_CI, database=database)
    with capsys.disabled():
        sys.stdout.write(f"\non PostgreSQL: {table(figures)}\n")
    assert any(figures[row] for row in ROWS)


def test_returns_have_no_gap_on_postgresql_under_thirty_two_that_ask_at_once_and_kills_between(
    tmp_path: Path, database: str
) -> None:
    figures = series(tmp_path, seed=2, kills=CLOSER_KILLS, database=database, callers=CLOSERS, gives_back=True)
    assert figures["acknowledged writes"] >= 5 * CLOSERS


@pytest.mark.soak
def test_kills_of_a_server_on_postgresql_reach_every_row_of_the_crash_table(
    tmp_path: Path, postgres: Cluster, soak: Soak
) -> None:
    for seed in soak.seeds(enough=SERIES):
        with postgres.branch() as database:
            soak.note(seed, series(tmp_path / str(seed), seed=seed, database=database))
    total = soak.total()
    assert total["kills"] < SERIES * KILLS or min(total[row] for row in ROWS) >= EACH_ROW, table(total)


def test_a_write_at_one_process_arrives_on_the_stream_of_the_other(two: Two) -> None:
    address, headers = f"http://127.0.0.1:{two.servers[1].port}/events", {"Authorization": f"Bearer {two.token}"}
    with (
        closing(two.line(0)) as line,
        httpx.Client(timeout=30) as client,
        connect_sse(client, "GET", address, headers=headers) as source,
    ):
        events = source.iter_sse()
        assert next(events).event == "hello"
        made = line.ask("POST", "/pos/orders", {"actorId": "amina", "tableId": "table-5"}, key="one")
        assert made.status == 201
        change = next(event for event in events if event.event == "change")
        assert json.loads(change.data)["order"]["id"] == made.json["id"]


def test_closers_and_givers_back_at_two_processes_get_numbers_without_a_gap(two: Two) -> None:
    who = {"actorId": "amina"}
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(two.line(number))) for number in range(CLOSERS)]

        def create(number: int) -> Reply:
            items = [{"itemId": "cola", "quantity": 1}]
            return lines[number].ask("POST", "/pos/orders", {**who, "items": items}, key=f"create {number}")

        made = at_once(CLOSERS, create)
        assert {reply.status for reply in made} == {201}
        assert len({reply.json["number"] for reply in made}) == CLOSERS

        def close(number: int) -> Reply:
            order = made[number].json
            payments = [{"method": "CASH", "amount": 310, "tendered": 310}]
            body = {**who, "lineIds": [order["lines"][0]["id"]], "totalMinor": 310, "payments": payments}
            return lines[number].ask("POST", f"/pos/orders/{order['id']}/close", body, key=f"close {number}")

        def give_back(number: int) -> Reply:
            path, body = f"/pos/orders/{made[number].json['id']}/refund", {**who, "reason": "cold"}
            return lines[number].ask("POST", path, {**body, "approvedBy": "nadia"}, key=f"give back {number}")

        closed, back = at_once(CLOSERS, close), at_once(CLOSERS, give_back)
    assert {reply.status for reply in (*closed, *back)} == {200}
    for numbers in (
        [reply.json["invoiceNumber"] for reply in closed],
        [one["number"] for reply in back for one in reply.json["returns"]],
    ):
        assert sorted(int(number.rpartition("-")[2]) for number in numbers) == list(range(1, CLOSERS + 1))


def test_one_key_at_two_processes_at_once_is_one_effect_and_equal_answers(two: Two) -> None:
    body = {"actorId": "amina", "items": [{"itemId": "cola", "quantity": 1}]}
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(two.line(number))) for number in range(CALLERS)]
        replies = at_once(CALLERS, lambda number: lines[number].ask("POST", "/pos/orders", body, key="the-only-key"))
    assert Counter(reply.is_replay for reply in replies) == {False: 1, True: CALLERS - 1}
    assert {reply.status for reply in replies} == {201}
    assert len({json.dumps(reply.json, sort_keys=True) for reply in replies}) == 1
    assert two.count("pos_order", f"id = '{replies[0].json['id']}'") == 1
    assert two.count("operation", "id = 'the-only-key'") == 1


def test_a_stranger_who_asks_both_gets_no_more_than_of_one(two: Two) -> None:
    limit = 60
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(two.line(number))) for number in range(2)]
        for line in lines:
            line.token = "nobody's"
        statuses = [lines[number % 2].ask("GET", "/menu").status for number in range(limit + 10)]
    assert Counter(statuses) == {401: limit, 429: 10}


def test_while_postgresql_is_away_the_server_asks_for_patience_and_goes_on_afterwards(tmp_path: Path) -> None:
    with cluster() as postgres, ExitStack() as stack:
        token = enrol(tmp_path, postgres.url())
        server = ServerProcess(tmp_path, database=postgres.url())
        stack.callback(server.close)
        server.start()
        line = stack.enter_context(closing(Line(server, token)))
        body = {"actorId": "amina", "tableId": "table-5"}
        assert line.ask("POST", "/pos/orders", body, key="before").status == 201
        postgres.stop()
        for method, path in (
            ("POST", "/pos/orders"),
            ("GET", "/pos/orders"),
            ("GET", "/health"),
            ("GET", "/health/ready"),
        ):
            away = line.ask(method, path, body if method == "POST" else None, key="meanwhile")
            assert (away.status, away.json["message"]) == (503, "PostgreSQL can't do this now.")
            assert away.retry_after is not None
        assert line.ask("GET", "/health/live").status == 200
        postgres.start()
        again = line.ask("POST", "/pos/orders", body, key="meanwhile")
        assert (again.status, again.is_replay) == (201, False)
        assert len(line.ask("GET", "/pos/orders").json["orders"]) == 2
        assert server.stop() == 0
