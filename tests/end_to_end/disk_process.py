"""A till, a server or windows on a small disk that fills up or is write-protected: `disk_process FOLDER WHAT ...`.

Runs by way of `small_disk` and prints one JSON object: what the test asserts.
"""

import contextlib
import fcntl
import io
import json
import random
import shutil
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from demo.journal import Journal
from reference_server.main import main as server_command
from shared.clock import SystemClock
from shared.ids import OrderId
from shared.opening import open_device_file, open_terminal
from shared.recover import main as recover
from shared.settings import load_settings
from shared.terminal import Bounds, Terminal
from shared.ulids import SystemUlids
from tests.end_to_end.programs import refusal
from tests.end_to_end.server_process import Line, ServerProcess
from tests.end_to_end.small_disk import Disk
from tests.end_to_end.till_process import Waiter
from tests.unit.store.till import Till
from tests.unit.test_damaged_file import serve

KEPT_BYTES = 4 * 1024 * 1024
MOST_PAYMENTS = 400


class Payer(Waiter):
    """A waiter that leaves orders unpaid, and pays them when it is told to."""

    def ring_up(self) -> OrderId:
        """An open order, sent."""
        order_id = OrderId(self._terminal.new_id())
        self._round(order_id)
        return order_id

    def tap_refused(self) -> str:
        """Tap a new order, which is expected to be refused; returns the words."""
        self._terminal.take_refusals()
        self._tap_tile(OrderId(self._terminal.new_id()))
        return self._outcome()

    def pay(self, order_id: OrderId) -> str:
        """Take cash; returns the words if it was refused, or nothing."""
        self._take_cash(order_id)
        return self._outcome()

    def is_paid(self, order_id: str) -> bool:
        """Whether the order is closed on this till, and durably so."""
        view = self._terminal.order(order_id)
        return view is not None and not view.is_open and not view.saving

    def settled(self) -> None:
        """Until the server has everything."""
        self._news.wait(lambda: self._terminal.desk.counts()[0] == 0)

    def _outcome(self) -> str:
        self._news.wait(lambda: self._terminal.in_hand() == 0)
        refusals = self._terminal.take_refusals()
        return f"{refusals[-1].title}. {refusals[-1].advice}" if refusals else ""


def till(folder: Path, settings: Path) -> dict[str, Any]:
    """Fill the disk of a till in service, first to the bound and then to the brim; then make room."""
    disk = Disk(folder)
    bounds = Bounds(least_free_bytes=KEPT_BYTES) if disk.is_mounted else Bounds()
    terminal: Terminal = open_terminal(load_settings(settings), bounds=bounds)
    payer = Payer(terminal, Journal(settings.parent / "journal.jsonl", device="till"), random.Random(3))
    terminal.start()
    payer.wait_for_menu()
    orders = [payer.ring_up() for _ in range(12)]
    payer.settled()
    told: dict[str, Any] = {"mounted": disk.is_mounted}

    disk.fill(leave_bytes=KEPT_BYTES - 65_536)
    if disk.is_mounted:
        told["tap_at_the_bound"] = payer.tap_refused()
    told["cash_at_the_bound"] = payer.pay(orders[0])
    payer.settled()

    disk.fill()
    told["cash_on_a_full_disk"], told["taken_on_a_full_disk"] = "", 0
    unpaid = orders[1:]
    while unpaid and not told["cash_on_a_full_disk"]:
        told["cash_on_a_full_disk"] = payer.pay(unpaid[0])
        if not told["cash_on_a_full_disk"]:
            assert payer.is_paid(unpaid.pop(0))
            told["taken_on_a_full_disk"] += 1
    told["refused_stays_open"] = bool(unpaid) and not payer.is_paid(unpaid[0])
    told["open_orders_seen"] = len(terminal.open_orders()) >= len(unpaid)

    disk.make_room()
    told["cash_after"] = [words for words in map(payer.pay, unpaid) if words]
    payer.ring_up()
    payer.settled()
    told["needs_person"] = terminal.desk.counts()[1]
    terminal.close()
    return told


def server(folder: Path) -> dict[str, Any]:
    """Fill the disk of a server while it answers; then make room and ask the same again."""
    disk = Disk(folder)
    words = io.StringIO()
    with contextlib.redirect_stdout(words):
        assert server_command(["token", "--data", str(folder / "data"), "--role", "waiter"]) == 0
    process = ServerProcess(folder / "data")
    process.start()
    line = Line(process, words.getvalue().strip())
    body = {"tableId": "table-5"}
    told: dict[str, Any] = {
        "mounted": disk.is_mounted,
        "before": line.ask("POST", "/pos/orders", body, key="k0").status,
    }
    if disk.is_mounted:
        disk.fill()
        taken = 1
        reply = line.ask("POST", "/pos/orders", body, key="k1")
        while reply.status == 201 and taken < MOST_PAYMENTS:
            taken += 1
            reply = line.ask("POST", "/pos/orders", body, key=f"k{taken}")
        told |= {"full": reply.status, "words": reply.json["message"], "read": line.ask("GET", "/menu").status}
        again = line.ask("POST", "/pos/orders", body, key=f"k{taken}")
        told["still_full"] = again.status
        disk.make_room()
        reply = line.ask("POST", "/pos/orders", body, key=f"k{taken}")
        told |= {"after": reply.status, "replayed": reply.is_replay}
        orders = line.ask("GET", "/pos/orders").json["orders"]
        told |= {"orders": len(orders), "expected": taken + 1}
    line.close()
    told["exit"] = process.stop()
    return told


def read_only(folder: Path, settings: Path) -> dict[str, Any]:
    """Start till and kitchen on a disk that can't be written."""
    place = Disk(folder).protect()
    told = {}
    for kind, module in (("pos", "pos_client.main"), ("kds", "kds_client.main")):
        file = settings.parent / f"{kind}.toml"
        file.write_text(f"{settings.read_text().replace('KIND', kind)}data_dir = {json.dumps(str(place))}\n")
        told[kind] = refusal(module, file)
    return told


def rescue(folder: Path, into: Path) -> dict[str, Any]:
    """Write-protect the disk of a till that is gone, whole and damaged, and take out what it had."""
    disk = Disk(folder)
    with closing(open_device_file(into / "till" / "pos.sqlite", ulids=SystemUlids(SystemClock()))) as connection:
        serve(Till(connection), range(2))
    for name, first in (("whole", 0), ("damaged", 4096)):
        shutil.copytree(into / "till", folder / name)
        file = folder / name / "pos.sqlite"
        file.write_bytes(bytes(first) + file.read_bytes()[first:])
    (folder / "whole" / "pos.window-lock").touch()
    disk.protect()
    told: dict[str, Any] = {"mounted": disk.is_mounted}
    for name in ("whole", "damaged"):
        with contextlib.redirect_stdout(io.StringIO()):
            told[name] = recover([str(folder / name / "pos.sqlite"), "--into", str(into / name)])
    with (folder / "whole" / "pos.window-lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with contextlib.redirect_stderr(io.StringIO()) as words:
            told["held"] = recover([str(folder / "whole" / "pos.sqlite"), "--dry-run"])
    told["words"] = words.getvalue()
    return told


if __name__ == "__main__":
    at, what, rest = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    match what:
        case "till":
            found = till(at, Path(rest))
        case "server":
            found = server(at)
        case "rescue":
            found = rescue(at, Path(rest))
        case _:
            found = read_only(at, Path(rest))
    sys.stdout.write(f"\n{json.dumps(found)}\n")
