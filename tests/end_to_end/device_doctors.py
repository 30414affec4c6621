"""Ways to doctor what devices and journals of a night say."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.end_to_end.doctoring import edit, opened, paid_orders, server_file


def kitchen_ticket_gone(folder: Path) -> None:
    with opened(folder / "kitchen-1" / "kds.sqlite") as tx:
        tx.execute("DELETE FROM server_ticket WHERE id = (SELECT min(id) FROM server_ticket)")


def view_differing(folder: Path) -> None:
    def other(body: dict[str, Any]) -> None:
        body["guests"] = 9

    with opened(folder / "till-2" / "pos.sqlite") as tx:
        edit(tx, "server_order", str(tx.execute("SELECT min(id) FROM server_order").get), other)


def journaled_line_unknown(folder: Path) -> None:
    """A screen called a line saved that nobody has."""
    path = folder / "journal" / "till-1.jsonl"
    first = next(json.loads(line) for line in path.read_text().splitlines() if '"sent"' in line)
    first["lines"][0]["id"] = "01K0000000EVERT11100000000"
    with path.open("a") as journal:
        journal.write(json.dumps(first) + "\n")


def doctored_journal(folder: Path, device: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """Write a journal anew."""
    path = folder / "journal" / f"{device}.jsonl"
    lines = change([json.loads(line) for line in path.read_text().splitlines()])
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def journal_torn_off(folder: Path) -> None:
    """The last payment that a screen called saved is in no journal, as if the driver had missed it."""

    def torn(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        last = max(place for place, line in enumerate(lines) if line["event"] == "paid")
        return [line for line in lines if line.get("payment") != lines[last]["payment"]]

    doctored_journal(folder, "till-1", torn)


def journal_gone(folder: Path) -> None:
    (folder / "journal" / "till-1.jsonl").unlink()


def till_file_gone(folder: Path) -> None:
    shutil.rmtree(folder / "till-2")


def kitchen_file_gone(folder: Path) -> None:
    shutil.rmtree(folder / "kitchen-2")


def line_doubled_on_both_sides(folder: Path) -> None:
    """One tap made two lines, and till, server and journal agree on it: only what the guest meant tells."""

    def again(body: dict[str, Any]) -> None:
        body["lines"].append(body["lines"][0] | {"id": body["lines"][0]["id"][:-1] + "0"})

    with opened(server_file(folder)) as tx:
        key = paid_orders(tx)[0][0]
        edit(tx, "pos_order", key, again)
    for till in ("till-1", "till-2"):
        with opened(folder / till / "pos.sqlite") as tx:
            edit(tx, "server_order", key, again)

    def told(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for line in lines:
            if line["event"] == "sent" and line["order"] == key:
                line["lines"].append(line["lines"][0] | {"id": line["lines"][0]["id"][:-1] + "0"})
        return lines

    for till in ("till-1", "till-2"):
        doctored_journal(folder, till, told)


def operation_of_nobody(folder: Path) -> None:
    with opened(folder / "till-1" / "pos.sqlite") as tx:
        tx.execute("DELETE FROM operation WHERE seq = (SELECT min(seq) FROM operation WHERE kind = 'change_order')")


def mark_undone(folder: Path) -> None:
    """A bump that a board had saved is in no file any more: not on the server, not on the boards."""

    def back(body: dict[str, Any]) -> None:
        body["status"] = "READY"

    with opened(server_file(folder)) as tx:
        key = str(tx.execute("SELECT min(id) FROM ticket").get)
        edit(tx, "ticket", key, back)
    for kitchen in ("kitchen-1", "kitchen-2"):
        with opened(folder / kitchen / "kds.sqlite") as tx:
            edit(tx, "server_ticket", key, back)


def operation_left_waiting(folder: Path) -> None:
    with opened(folder / "till-1" / "pos.sqlite") as tx:
        tx.execute("UPDATE operation SET status = 'PENDING' WHERE seq = (SELECT max(seq) FROM operation)")
