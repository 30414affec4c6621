"""A short night through the real programs; then its files are doctored, and the check sees each thing that was done."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.check import Findings, check
from shared.database import Connection, open_writer

LIMIT_S = 200
FIGURES = {
    "orders_rung",
    "orders_on_server",
    "lost",
    "doubled",
    "out_of_order",
    "payments_difference_minor",
    "tickets_missing",
    "views_unequal",
    "kills",
    "seconds",
}


@dataclass(frozen=True)
class Played:
    """A night that was played, and what the program said of it."""

    folder: Path
    figures: dict[str, Any]
    said: str
    code: int


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Twenty orders, played once for all tests here."""
    base = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "demo.main", "--orders", "20", "--offscreen", "--seed", "1", "--speed", "110"]
    command += ["--report", str(base / "night"), "--json", str(base / "figures.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    figures = json.loads((base / "figures.json").read_text()) if (base / "figures.json").exists() else {}
    return Played(base / "night", figures, done.stdout + done.stderr, done.returncode)


def test_a_short_night_keeps_the_promise(night: Played) -> None:
    assert night.code == 0, night.said
    assert set(night.figures) == FIGURES
    assert night.figures["orders_rung"] == night.figures["orders_on_server"] >= 20
    assert night.figures["kills"] >= 2
    for name in FIGURES - {"orders_rung", "orders_on_server", "kills", "seconds"}:
        assert night.figures[name] == 0, night.said


def test_a_short_night_leaves_its_story(night: Played) -> None:
    pictures = {path.stem for path in (night.folder / "pictures").glob("*.png")}
    page = (night.folder / "index.html").read_text(encoding="utf-8")

    assert {"1-login-till-1", "2-order-till-1", "3-pay-till-1", "5-offline-sync-till-1"} <= pictures
    assert all(f"pictures/{name}.png" in page for name in pictures)
    assert "The promise was kept." in page


def test_the_check_can_be_run_by_itself(night: Played) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demo.check", str(night.folder)], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stdout
    assert "The promise was kept." in done.stdout


@pytest.fixture
def copy(night: Played, tmp_path: Path) -> Path:
    """The night's files, to be doctored."""
    shutil.copytree(night.folder, tmp_path / "copy")
    return tmp_path / "copy"


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """A file to operate on."""
    connection = open_writer(path)
    connection.pragma("foreign_keys", 0)
    yield connection
    connection.close()


def server_file(folder: Path) -> Path:
    """The server's file of a night."""
    return next((folder / "server").glob("*.sqlite"))


def paid_orders(tx: Connection) -> list[tuple[str, str]]:
    """Closed orders of one line at least: id and body."""
    rows = tx.execute("SELECT id, body FROM pos_order WHERE state = 'CLOSED' ORDER BY id").fetchall()
    return [(str(key), bytes(body).decode()) for key, body in rows]  # type: ignore[arg-type]


def edit(tx: Connection, table: str, key: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the body of one row."""
    body = json.loads(tx.execute(f"SELECT body FROM {table} WHERE id = ?", (key,)).get)
    change(body)
    tx.execute(f"UPDATE {table} SET body = ? WHERE id = ?", (json.dumps(body).encode(), key))


def order_removed(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        tx.execute("DELETE FROM pos_order WHERE id = ?", (paid_orders(tx)[0][0],))


def order_doubled(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        key, body = paid_orders(tx)[0]
        other = key[:-1] + ("0" if key[-1] != "0" else "1")
        doubled = json.dumps(json.loads(body) | {"id": other}).encode()
        tx.execute(
            """INSERT INTO pos_order SELECT ?, (SELECT max(revision) + 1 FROM change), version, state, is_open,
               table_id, changed_at, ? FROM pos_order WHERE id = ?""",
            (other, doubled, key),
        )


def orders_swapped(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        (one, one_body), (other, other_body) = paid_orders(tx)[:2]
        tx.execute("UPDATE pos_order SET body = ? WHERE id = ?", (other_body.encode(), one))
        tx.execute("UPDATE pos_order SET body = ? WHERE id = ?", (one_body.encode(), other))


def line_a_cent_off(folder: Path) -> None:
    def cent(body: dict[str, Any]) -> None:
        body["lines"][0]["priceMinor"] += 1

    with opened(server_file(folder)) as tx:
        edit(tx, "pos_order", paid_orders(tx)[0][0], cent)


def payment_a_cent_off(folder: Path) -> None:
    def cent(body: dict[str, Any]) -> None:
        body["payments"][0]["amountMinor"] += 1

    with opened(server_file(folder)) as tx:
        edit(tx, "pos_order", paid_orders(tx)[0][0], cent)


def payment_doubled(folder: Path) -> None:
    def again(body: dict[str, Any]) -> None:
        body["payments"].append(body["payments"][0])

    with opened(server_file(folder)) as tx:
        edit(tx, "pos_order", paid_orders(tx)[0][0], again)


def ticket_gone(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        tx.execute("DELETE FROM ticket WHERE id = (SELECT min(id) FROM ticket)")


def ticket_stage_changed(folder: Path) -> None:
    def back(body: dict[str, Any]) -> None:
        body["status"] = "QUEUED"

    with opened(server_file(folder)) as tx:
        edit(tx, "ticket", str(tx.execute("SELECT min(id) FROM ticket").get), back)


def kitchen_ticket_gone(folder: Path) -> None:
    with opened(folder / "kitchen-1" / "kds.sqlite") as tx:
        tx.execute("DELETE FROM server_ticket WHERE id = (SELECT min(id) FROM server_ticket)")


def view_differing(folder: Path) -> None:
    def other(body: dict[str, Any]) -> None:
        body["guests"] = 9

    with opened(folder / "till-2" / "pos.sqlite") as tx:
        edit(tx, "server_order", str(tx.execute("SELECT min(id) FROM server_order").get), other)


def operation_repeated(folder: Path) -> None:
    with opened(server_file(folder)) as tx:
        columns = [str(name) for (_, name, *_) in tx.execute("PRAGMA table_info(operation)").fetchall()]
        new = {"id": "id || '-again'", "seq": "(SELECT max(seq) + 1 FROM operation)"}
        values = ", ".join(new.get(name, name) for name in columns)
        tx.execute(f"INSERT INTO operation SELECT {values} FROM operation ORDER BY rowid LIMIT 1")


def operations_swapped(folder: Path) -> None:
    """A send takes the place of its own create."""
    with opened(server_file(folder)) as tx:
        create, entity = tx.execute("SELECT rowid, entity_id FROM operation WHERE kind = 'create_order'").fetchall()[0]
        send = tx.execute(
            "SELECT rowid FROM operation WHERE kind = 'send_to_kitchen' AND entity_id = ? ORDER BY rowid", (entity,)
        ).fetchall()[0][0]
        for one, other in ((create, -1), (send, create), (-1, send)):
            tx.execute("UPDATE operation SET rowid = ? WHERE rowid = ?", (other, one))


def journaled_line_unknown(folder: Path) -> None:
    """A screen called a line saved that nobody has."""
    path = folder / "journal" / "till-1.jsonl"
    first = next(json.loads(line) for line in path.read_text().splitlines() if '"sent"' in line)
    first["lines"][0]["id"] = "01K0000000EVERT11100000000"
    with path.open("a") as journal:
        journal.write(json.dumps(first) + "\n")


def operation_left_waiting(folder: Path) -> None:
    with opened(folder / "till-1" / "pos.sqlite") as tx:
        tx.execute("UPDATE operation SET status = 'PENDING' WHERE seq = (SELECT max(seq) FROM operation)")


DOCTORS: list[tuple[Callable[[Path], None], str]] = [
    (order_removed, "lost"),
    (order_doubled, "doubled"),
    (orders_swapped, "lost"),
    (line_a_cent_off, "lost"),
    (payment_a_cent_off, "payments_difference_minor"),
    (payment_doubled, "doubled"),
    (ticket_gone, "tickets_missing"),
    (ticket_stage_changed, "tickets_missing"),
    (kitchen_ticket_gone, "tickets_missing"),
    (view_differing, "views_unequal"),
    (operation_repeated, "doubled"),
    (operations_swapped, "out_of_order"),
    (journaled_line_unknown, "lost"),
    (operation_left_waiting, "views_unequal"),
]


@pytest.mark.parametrize(("doctor", "figure"), DOCTORS, ids=[doctor.__name__ for doctor, _ in DOCTORS])
def test_the_check_sees_what_was_done_to_the_files(copy: Path, doctor: Callable[[Path], None], figure: str) -> None:
    doctor(copy)

    findings: Findings = check(copy)

    assert getattr(findings, figure) > 0, findings
    assert not findings.is_clean


def test_an_untouched_copy_is_clean(copy: Path) -> None:
    assert check(copy).is_clean
