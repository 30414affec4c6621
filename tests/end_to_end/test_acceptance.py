"""The contract's own acceptance, word for word: the installed programs, and curl on a real line."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reference_server.storage.file import FILE_NAME
from shared.database import open_reader
from tests.end_to_end.server_process import Line, Reply, ServerProcess

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("evertill-server")
LIMIT_S = 60.0
AT_ONCE = 50
SUBMITS = 5
COLA_MINOR = 310


class Installed(ServerProcess):
    """The server as its program is called, and not as a module of ours."""

    def command(self) -> list[str]:
        return [str(PROGRAM), "run", "--data", str(self.data), "--seed-demo"]

    def said(self, *words: str) -> str:
        """What another command of the program prints about the same folder while the server runs."""
        command = [str(PROGRAM), words[0], "--data", str(self.data), *words[1:]]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT_S).stdout

    def count(self, sql: str) -> int:
        reader = open_reader(self.data / FILE_NAME)
        try:
            return int(reader.execute(sql).get)
        finally:
            reader.close()


@dataclass
class Curl:
    """Asks with the program that everybody has."""

    server: Installed
    token: str
    program: str = field(default_factory=lambda: shutil.which("curl") or "curl is not installed")

    def start(self, method: str, path: str, body: object = None, *, key: str | None = None) -> subprocess.Popen[str]:
        headers = [f"Authorization: Bearer {self.token}"]
        headers += [] if key is None else [f"Idempotency-Key: {key}"]
        command = [self.program, "--silent", "--show-error", "--include", "--max-time", "30", "--request", method]
        command += [word for header in headers for word in ("--header", header)]
        command += [] if body is None else ["--data", json.dumps(body)]
        command += [f"http://127.0.0.1:{self.server.port}{path}"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ask(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Reply:
        return ended(self.start(method, path, body, key=key))


def ended(curl: subprocess.Popen[str]) -> Reply:
    """What came back, once this curl has come to its end."""
    said, trouble = curl.communicate(timeout=LIMIT_S)
    assert curl.returncode == 0, trouble
    head, _, body = said.replace("\r\n", "\n").partition("\n\n")
    return Reply(int(head.split()[1]), json.loads(body), "x-idempotent-replay: true" in head.lower().splitlines())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """One server for all, as in a house: each test looks at what is its own."""
    process = Installed(tmp_path_factory.mktemp("server"))
    process.start()
    yield process
    process.close()


@pytest.fixture(scope="module")
def curl(server: Installed) -> Curl:
    return Curl(server, server.said("token", "--role", "waiter").strip())


def test_three_calls_with_one_key_are_201_and_the_same_201_and_409(server: Installed, curl: Curl) -> None:
    before = server.count("SELECT count(*) FROM pos_order")
    first = curl.ask("POST", "/pos/orders", {"tableId": "table-5"}, key="test-key-1")
    second = curl.ask("POST", "/pos/orders", {"tableId": "table-5"}, key="test-key-1")
    third = curl.ask("POST", "/pos/orders", {"tableId": "table-6"}, key="test-key-1")

    assert (first.status, first.is_replay, first.json["tableId"]) == (201, False, "table-5")
    assert (second.status, second.is_replay, second.json) == (201, True, first.json)
    assert (third.status, third.json["conflictType"]) == (409, "IDEMPOTENCY_MISMATCH")
    assert "lines" not in third.json, "nothing is shown of what the key was used for"
    assert server.count("SELECT count(*) FROM pos_order") == before + 1
    assert server.count("SELECT count(*) FROM operation WHERE id = 'test-key-1'") == 1


def test_a_key_counts_quoted_and_bare_and_in_the_body(curl: Curl) -> None:
    first = curl.ask("POST", "/pos/orders", {"tableId": "table-5"}, key='"test-key-2"')
    bare = curl.ask("POST", "/pos/orders", {"tableId": "table-5"}, key="test-key-2")
    inside = curl.ask("POST", "/pos/orders", {"tableId": "table-5", "_idempotencyKey": "test-key-2"})
    none = curl.ask("POST", "/pos/orders", {"tableId": "table-5"})

    assert (first.status, first.is_replay) == (201, False)
    assert [(one.status, one.is_replay, one.json) for one in (bare, inside)] == [(201, True, first.json)] * 2
    assert none.status == 400


def test_five_rapid_submits_are_one_sale(server: Installed, curl: Curl) -> None:
    items = [{"itemId": "cola", "quantity": 1}]
    before = server.count("SELECT count(*) FROM pos_order")
    made = rapid(curl, "/pos/orders", {"tableId": "table-5", "items": items}, key="open-table-5")
    assert [reply.status for reply in made] == [201] * SUBMITS
    path = f"/pos/orders/{made[0].json['id']}/close"
    closed = rapid(curl, path, {"payments": [{"method": "CASH", "amount": COLA_MINOR}]}, key="pay-table-5")

    for replies in (made, closed):
        assert sorted(reply.is_replay for reply in replies) == [False] + [True] * (SUBMITS - 1)
        assert all(reply.json == replies[0].json for reply in replies)
    assert [len(reply.json["payments"]) for reply in closed] == [1] * SUBMITS
    assert server.count("SELECT count(*) FROM pos_order") == before + 1
    assert server.count(f"SELECT count(*) FROM invoice WHERE order_id = '{made[0].json['id']}'") == 1


def rapid(curl: Curl, path: str, body: object, *, key: str) -> list[Reply]:
    """One wish, submitted again before its answer has come."""
    return [ended(one) for one in [curl.start("POST", path, body, key=key) for _ in range(SUBMITS)]]


def test_two_tills_that_close_at_the_same_moment_both_record_their_cash(server: Installed, curl: Curl) -> None:
    tills = [
        Curl(server, tomllib.loads(server.said("enrol", "--kind", "pos", "--name", name))["token"])
        for name in ("Till 1", "Till 2")
    ]
    body = {"actorId": "amina", "tableId": "table-5", "items": [{"itemId": "cola", "quantity": 1}]}
    order = tills[0].ask("POST", "/pos/orders", body, key="open").json
    payment = {"method": "CASH", "amount": COLA_MINOR, "tendered": 500}
    bill = {
        "actorId": "amina",
        "lineIds": [order["lines"][0]["id"]],
        "totalMinor": COLA_MINOR,
        "payments": [payment],
    }
    closing = [
        till.start("POST", f"/pos/orders/{order['id']}/close", {**bill, "receiptNumber": number}, key=number)
        for till, number in zip(tills, ("A-000001", "B-000001"), strict=True)
    ]
    closed = [ended(one) for one in closing]

    assert [reply.status for reply in closed] == [200, 200]
    assert sorted(reply.json["surplusMinor"] for reply in closed) == [0, COLA_MINOR]
    now = curl.ask("GET", f"/pos/orders/{order['id']}").json
    assert sum(one["amountMinor"] for one in now["payments"]) == 2 * COLA_MINOR
    assert sorted(one["unappliedMinor"] for one in now["payments"]) == [0, COLA_MINOR]
    assert {one["receiptNumber"] for one in now["payments"]} == {"A-000001", "B-000001"}
    assert server.count(f"SELECT count(*) FROM alert WHERE kind = 'surplus' AND entity_id = '{order['id']}'") == 1
    assert server.count(f"SELECT count(*) FROM invoice WHERE order_id = '{order['id']}'") == 1


def test_fifty_requests_with_one_key_on_fifty_lines_at_once_have_one_effect_and_one_answer(
    server: Installed, curl: Curl
) -> None:
    together, replies = threading.Barrier(AT_ONCE), list[Reply]()
    before = server.count("SELECT count(*) FROM pos_order")

    def ask() -> None:
        line = Line(server, curl.token)
        line.ask("GET", "/health")
        together.wait(timeout=LIMIT_S)
        replies.append(line.ask("POST", "/pos/orders", {"tableId": "table-6"}, key="at once"))
        line.close()

    run_at_once([threading.Thread(target=ask) for _ in range(AT_ONCE)])
    assert [reply.status for reply in replies] == [201] * AT_ONCE
    assert sum(not reply.is_replay for reply in replies) == 1
    assert all(reply.json == replies[0].json for reply in replies)
    assert server.count("SELECT count(*) FROM pos_order") == before + 1
    assert server.count(f"SELECT count(*) FROM change WHERE entity_id = '{replies[0].json['id']}'") == 1


def run_at_once(threads: Sequence[threading.Thread]) -> None:
    """Start all, wait for all."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=LIMIT_S)


def test_the_example_of_the_documents_rings_up_sends_and_closes_an_order_with_curl_alone(
    server: Installed, curl: Curl
) -> None:
    script = ROOT / "docs" / "examples" / "one-order.sh"
    command = ["bash", str(script), f"http://127.0.0.1:{server.port}", curl.token]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)

    assert done.returncode == 0, done.stderr
    assert re.search(r"closed +CLOSED under INV-\d{6}-\d{4}, 0 too much", done.stdout), done.stdout
    assert done.stdout.rstrip().endswith("it is done once")
    opened = re.search(r"opened +(\S+) at table-5", done.stdout)
    told: dict[str, Any] = curl.ask("GET", "/pos/orders").json
    assert opened is not None, done.stdout
    (order,) = (order for order in told["orders"] if order["number"] == opened[1])
    assert (order["state"], len(order["tickets"])) == ("CLOSED", 2)
