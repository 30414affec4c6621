"""`server_write`, `server_replay`: an order made with all that a write means, beside a bare server; a key once more."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.knocking import Answers, answered, post
from benchmarks.measure import Rates, Row, median, percentile
from benchmarks.serving import serving
from shared.clock import SystemClock
from shared.ulids import SystemUlids

ROUNDS: Final = 5
#: How many clients at once, and what of the bare server's orders a second ours has to do then.
BARS: Final = {1: 0.8, 5: 1.3, 32: 2.0}
EACH: Final = {1: 600, 5: 1500, 32: 3000}
REPLAY_BAR: Final = 1.5


def run() -> list[Row]:
    """Both servers in processes of their own, durable alike; the same requests, one case after the other in turn."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "ours") as ours:
        token = ours.enrol(Path(folder) / "till").token
        for clients, bar in BARS.items():
            slowest: list[Answers] = []
            cases = _cases(ours.url, token, clients=clients, kept=slowest)
            rates = Rates.of(cases, reference="bare", rounds=ROUNDS)
            rows.append(rates.row(f"server_write.{clients}", "ours", unit="orders/s", bar=bar))
            if clients in (1, 5):
                name = "server_replay" if clients == 1 else f"server_replay.{clients}"
                rows.append(rates.row(name, "again", unit="orders/s", bar=REPLAY_BAR, against="ours"))
            p99_ms = [percentile(one.took_s, 0.99) * 1000 for one in slowest]
            sys.stdout.write(f"server_write.{clients}: p99 {median(p99_ms):.1f} ms\n")
    return rows


def _cases(url: str, token: str, *, clients: int, kept: list[Answers]) -> dict[str, Callable[[Path], float]]:
    asked: list[Sequence[bytes]] = []

    def bare(folder: Path) -> float:
        with _bare(folder) as there:
            return answered(there, creates(token, EACH[clients]), clients=clients).rate

    def ours(_: Path) -> float:
        asked.append(creates(token, EACH[clients]))
        kept.append(_done(answered(url, asked[-1], clients=clients)))
        return kept[-1].rate

    def again(_: Path) -> float:
        return _done(answered(url, asked[-1], clients=clients)).rate

    return {"bare": bare, "ours": ours, "again": again}


def _done(answers: Answers) -> Answers:
    assert answers.statuses == {201}, answers.statuses
    return answers


def creates(token: str, count: int) -> list[bytes]:
    """So many new orders of two lines each, every one with a key of its own."""
    ulids = SystemUlids(SystemClock())
    found = []
    for number in range(count):
        line = b'{"id":"%b","itemId":"cola","quantity":1}'
        lines = b",".join(line % ulids.new().encode() for _ in range(2))
        body = b'{"id":"%b","actorId":"amina","tableId":"table-%d","guests":2,"items":[%b]}'
        order = body % (ulids.new().encode(), 1 + number % 12, lines)
        found.append(post("/pos/orders", order, token=token, key=ulids.new()))
    return found


@contextmanager
def _bare(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.bare_server", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http\S+", process.stdout.readline())
        assert found is not None, "the bare server did not start"
        yield found.group()
        process.kill()
