"""Two real tills ring up while their server is SIGKILLed again and again: nothing lost, doubled or out of order."""

from __future__ import annotations

import random
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from demo.check import check
from tests.end_to_end.crash_rows import operations_in
from tests.end_to_end.kill_night import KillNight, open_night
from tests.end_to_end.test_server_kill import BEFORE_ANSWER, BEFORE_COMMIT, EACH_ROW, ROWS, table
from tests.end_to_end.watched_process import WatchedProcess
from tests.soak import Soak

KILLS = 3
LONG_SERIES_KILLS = 10
SERIES = 20
LATEST_S = 0.004
TILLS = ("till-1", "till-2")


def series(folder: Path, *, seed: int, kills: int) -> Counter[str]:
    """Kill the server so often, let both tills drain, and check. Raises AssertionError when a promise is broken."""
    chance, figures = random.Random(seed), Counter[str](kills=kills)
    night = open_night(folder, *TILLS)
    try:
        tills = [night.start(name, str(seed * 1000 + place), "busy") for place, name in enumerate(TILLS)]
        for _ in range(kills):
            till = chance.choice(tills)
            till.skip()
            till.hear("send", chance.randint(20, 80))
            threading.Event().wait(chance.random() * LATEST_S)
            figures.update(killed_once(night, tills))
        for till in tills:
            till.kill()
        night.drain(*TILLS)
        assert night.server.stop() == 0
    finally:
        night.close()
    figures["acknowledged writes"] = len(operations_in(night.server_file))
    findings = check(folder)
    assert findings.is_clean, findings
    assert findings.told == 0
    figures.update(orders=findings.orders_rung)
    return figures


def killed_once(night: KillNight, tills: list[WatchedProcess]) -> set[str]:
    """Kill the server and start it again; the rows that it fell in.

    They are proven by requests that had been sent before the kill and were never answered, and by the server's file.
    """
    for till in tills:
        till.listen()
    asked = {name for till in tills for name in without_answer(till)}
    night.server.kill()
    for till in tills:
        till.listen()
    answered = {name for till in tills for word, name in till.said if word == "answer"}
    known = operations_in(night.server_file)
    night.server.start()
    return {BEFORE_ANSWER if name in known else BEFORE_COMMIT for name in asked - answered}


def without_answer(till: WatchedProcess) -> set[str]:
    """The operations whose last word is that they were sent."""
    last = {name: word for word, name in till.said if word in ("send", "answer", "silence")}
    return {name for name, word in last.items() if word == "send"}


def test_two_tills_whose_server_is_killed_again_and_again_agree_with_it_in_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = series(tmp_path, seed=1, kills=KILLS)

    with capsys.disabled():
        sys.stdout.write(f"\nunder two real tills, {figures['orders']} orders: {table(figures)}\n")
    assert figures["orders"] > KILLS
    assert sum(figures[row] for row in ROWS) > 0


@pytest.mark.soak
def test_two_hundred_kills_of_a_server_under_two_real_tills(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=SERIES):
        soak.note(seed, series(tmp_path / str(seed), seed=seed, kills=LONG_SERIES_KILLS))

    total = soak.total()
    assert total["kills"] < SERIES * LONG_SERIES_KILLS or min(total[row] for row in ROWS) >= EACH_ROW, table(total)
