"""A server is put back from an old copy, and it and its tills are SIGKILLed while it is healed: all is there once."""

from __future__ import annotations

import random
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from demo.check import check
from shared.clock import SystemClock
from shared.database import open_reader
from shared.wal import log_of
from shared.wire.healing import Phase
from tests.end_to_end.crash_rows import operations_in
from tests.end_to_end.kill_night import KillNight, open_night
from tests.end_to_end.watched_process import WatchedProcess
from tests.soak import Soak

TILLS = ("till-1", "till-2")
SERVER = "server"
COPY = "copy.sqlite"
SOLD = 5
"""So many answers each till has had before the copy is made, and at least so many operations are not in it."""
MUCH = 250
"""So many, that the server needs several steps to do them again, and a kill finds it between or within them."""
LATEST_S = 0.4
"""A kill falls within this time after a till began to speak of what the server lost ..."""
STEP_S = 0.06
"""... and within this time after a till heard that the server does it again: about as long as one step takes."""
SILENT_S = 3.0
ALONE, APPLYING, TOGETHER = 1, 1, 0
LONG_ALONE, LONG_APPLYING, LONG_TOGETHER, SERIES = 3, 4, 1, 5
NOT_YET = "before a report"


def copy(night: KillNight) -> None:
    """Copy the server's file, while tills go on."""
    with closing(open_reader(night.server_file)) as reader:
        reader.pragma("query_only", 0)
        reader.execute("VACUUM INTO ?", (str(night.folder / COPY),))


def put_back(night: KillNight) -> None:
    """Put the copy in the place of a dead server's file."""
    file = night.server_file
    for beside in (log_of(file), file.with_name(f"{file.name}-shm")):
        beside.unlink(missing_ok=True)
    shutil.copy(night.folder / COPY, file)


def phase(night: KillNight) -> str:
    """How far the healing had come when everything stood still."""
    with closing(open_reader(night.server_file)) as reader:
        found = reader.execute("SELECT phase FROM healing").get
    return NOT_YET if found is None else str(found)


def lost_with(night: KillNight) -> set[str]:
    """What the server has done and its copy does not have."""
    return operations_in(night.server_file) - operations_in(night.folder / COPY)


class Series:
    """One night: its restaurant, the tills that run now, and where the kills fell."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        self.night = open_night(folder, *TILLS)
        self.figures = Counter[str]()
        self._seed = seed * 1000
        self._chance = random.Random(seed)
        self._running: dict[str, WatchedProcess] = {}

    def open(self, name: str) -> None:
        """Start a till; it rings up as fast as it can."""
        self._seed += 1
        self._running[name] = self.night.start(name, str(self._seed), "busy")

    def restore(self, *, sold: int) -> set[str]:
        """Sell, copy, sell on, and put the copy back, with all tills off. Returns what had been done by then.

        All of it was answered: a bill that nobody was told of would leave a hole in the invoices.
        """
        for name in TILLS:
            self.open(name)
        for till in self._running.values():
            till.hear("answer", SOLD)
        copy(self.night)
        while len(lost_with(self.night)) < sold:
            for till in self._running.values():
                till.hear("answer")
        for till in self._running.values():
            till.kill()
        self._running.clear()
        self.night.drain(*TILLS)
        self.night.server.kill()
        had = operations_in(self.night.server_file)
        self.figures["lost at first"] = len(lost_with(self.night))
        put_back(self.night)
        self.night.server.start()
        return had

    def kill(self) -> None:
        """When the one that was started last speaks of what was lost, kill one of all that run, and start it again."""
        self._wait_for("report", "")
        self._kill_one(LATEST_S)

    def kill_while_applying(self) -> None:
        """When the one that was started last has heard that the server does again what was lost."""
        self._wait_for("healing", Phase.APPLYING)
        self._kill_one(STEP_S)

    def _kill_one(self, latest_s: float) -> None:
        threading.Event().wait(self._chance.random() * latest_s)
        victim = self._chance.choice([SERVER] * len(self._running) + [*self._running])
        if victim == SERVER:
            self.night.server.kill()
            self.figures[f"{SERVER}, {phase(self.night)}"] += 1
            for till in self._running.values():
                till.skip()
            self.night.server.start()
        else:
            self._running.pop(victim).kill()
            self.figures[f"till, {phase(self.night)}"] += 1
            self.open(victim)
        self.figures["kills"] += 1

    def _wait_for(self, word: str, name: str) -> None:
        """Not for ever: where all is healed already nobody speaks of it any more."""
        till = list(self._running.values())[-1]
        heard, clock = len(till.said), SystemClock()
        until_s = clock.monotonic_s() + SILENT_S
        while (word, name) not in till.said[heard:] and (rest_s := until_s - clock.monotonic_s()) > 0:
            till.listen(timeout_s=rest_s)

    def finish(self) -> None:
        """All are switched on once more, tell what they have, and end in order."""
        for till in self._running.values():
            till.kill()
        self.night.drain(*TILLS)
        assert phase(self.night) == Phase.DONE
        assert self.night.server.stop() == 0


def series(folder: Path, *, seed: int, sold: int, kills: tuple[int, int, int]) -> Counter[str]:
    """So many kills while the server waits for the second till, does it all again, and later. Raises AssertionError."""
    alone, applying, together = kills
    played = Series(folder, seed=seed)
    night = played.night
    try:
        had = played.restore(sold=sold)
        played.open("till-1")
        for _ in range(alone):
            played.kill()
        played.open("till-2")
        for _ in range(applying):
            played.kill_while_applying()
        for _ in range(together):
            played.kill()
        played.finish()
    finally:
        night.close()
    assert had <= operations_in(night.server_file)
    findings = check(folder)
    assert findings.is_clean, findings
    assert findings.told == 0
    with closing(open_reader(night.server_file)) as reader:
        assert reader.execute("SELECT count(*) FROM alert WHERE kind IN ('healing', 'invoice_twice')").get == 0
    played.figures.update(orders=findings.orders_rung)
    return played.figures


def table(figures: Mapping[str, int]) -> str:
    rows = [f"  {name:<30}{count:>6}" for name, count in sorted(figures.items())]
    return "\n".join(["kills while a restored server was healed, by who died and how far it was:", *rows])


def test_a_healing_through_which_server_and_till_are_killed_brings_everything_back_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = series(tmp_path, seed=1, sold=SOLD, kills=(ALONE, APPLYING, TOGETHER))

    with capsys.disabled():
        sys.stdout.write(f"\n{table(figures)}\n")
    assert figures["lost at first"] >= SOLD


@pytest.mark.soak
def test_forty_kills_while_restored_servers_are_healed(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=SERIES):
        kills = (LONG_ALONE, LONG_APPLYING, LONG_TOGETHER)
        soak.note(seed, series(tmp_path / str(seed), seed=seed, sold=MUCH, kills=kills))

    total = soak.total()
    if total["kills"] >= SERIES * sum((LONG_ALONE, LONG_APPLYING, LONG_TOGETHER)):
        for row in (f"{SERVER}, {Phase.REPORTING}", f"{SERVER}, {Phase.APPLYING}", f"till, {Phase.APPLYING}"):
            assert total[row], f"no kill fell there: {table(total)}"
