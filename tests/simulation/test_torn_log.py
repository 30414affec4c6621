"""Power cuts under the production writer: FULL loses nothing, and the same test sees NORMAL and OFF lose."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from random import Random
from shutil import rmtree

import pytest

from shared.database import Connection, Synchronous, Writer
from tests.simulation.torn_log import Acknowledge, TornReport, Workload, torn_cuts
from tests.soak import Soak

CUTS = 80
SEED = 20151127
PATIENCE_S = 60.0


def prepare(tx: Connection) -> None:
    tx.execute(
        "CREATE TABLE intent (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE lane (intent TEXT NOT NULL REFERENCES intent (id), part INTEGER NOT NULL) STRICT"
    )


def burst(writer: Writer, chance: Random, names: list[str]) -> list[Future[None]]:
    """Queue all of them while the writer is held, so that they share one commit on every machine."""
    reached, go_on = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        reached.set()
        assert go_on.wait(PATIENCE_S)

    def put(name: str, body: bytes) -> Future[None]:
        def work(tx: Connection) -> None:
            tx.execute("INSERT INTO intent VALUES (?, ?)", (name, body))
            tx.executemany("INSERT INTO lane VALUES (?, ?)", [(name, 1), (name, 2)])

        return writer.submit(work)

    held = writer.submit(hold)
    assert reached.wait(PATIENCE_S)
    futures = [put(name, chance.randbytes(chance.choice((20, 700, 9_000)))) for name in names]
    go_on.set()
    held.result(PATIENCE_S)
    return futures


def copy_the_log_often(tx: Connection) -> None:
    tx.checkpoint_pages = 24


def run(writer: Writer, chance: Random, acknowledge: Acknowledge) -> None:
    """Bursts of one to six writes; in half of the runs the log is copied and begun anew every few bursts."""
    if chance.random() < 0.5:
        writer.submit(copy_the_log_often).result(PATIENCE_S)
    for number in range(chance.randint(4, 14)):
        names = [f"{number}-{part}" for part in range(chance.randint(1, 6))]
        for name, future in zip(names, burst(writer, chance, names), strict=True):
            future.result(PATIENCE_S)
            acknowledge(name)
    writer.submit(lambda _: None).result(PATIENCE_S)  # behind the last answer the log may still be copied


def found(tx: Connection) -> list[str]:
    rows = tx.execute("SELECT id, (SELECT count(*) FROM lane WHERE intent = id) FROM intent").fetchall()
    assert all(lanes == 2 for _, lanes in rows), "half a transaction"
    assert tx.execute("SELECT count(*) FROM lane").get == 2 * len(rows), "half a transaction"
    return [str(name) for name, _ in rows]


ROWS = Workload(prepare=prepare, run=run, found=found)


def cut(folder: Path, *, synchronous: Synchronous, cuts: int = CUTS, seed: int = SEED) -> TornReport:
    return torn_cuts(ROWS, synchronous=synchronous, cuts=cuts, seed=seed, folder=folder)


def test_full_loses_nothing_that_was_told_as_stored(tmp_path: Path) -> None:
    report = cut(tmp_path, synchronous="FULL")
    assert (report.cuts, report.lost, report.damaged) == (CUTS, 0, 0)
    assert report.died_in_the_middle > CUTS * 0.9
    assert report.acknowledged > 10 * CUTS
    assert report.bytes_torn_off > 1000 * CUTS


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_the_same_cuts_see_a_weaker_promise_broken(tmp_path: Path, synchronous: Synchronous) -> None:
    report = cut(tmp_path, synchronous=synchronous)
    assert report.lost > CUTS
    assert report.cuts_that_lost > CUTS / 2


def test_one_seed_gives_the_same_cuts(tmp_path: Path) -> None:
    once, again = tmp_path / "once", tmp_path / "again"
    assert cut(once, synchronous="NORMAL", cuts=10) == cut(again, synchronous="NORMAL", cuts=10)


@pytest.mark.soak
def test_thousands_of_power_cuts_lose_nothing_that_was_acknowledged(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=125):
        place = tmp_path / str(seed)
        place.mkdir()
        report = cut(place, synchronous="FULL", seed=seed)
        assert (report.cuts, report.lost, report.damaged) == (CUTS, 0, 0), seed
        soak.note(seed, asdict(report))
        rmtree(place)
