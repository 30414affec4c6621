"""The real till, SIGKILLed again and again while it rings up and the server answers: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from demo.check import check
from tests.end_to_end.crash_rows import ROWS, remains_in, rows_hit
from tests.end_to_end.kill_night import KillNight, open_night
from tests.soak import Soak

KILLS_IN_CI = 40
KILLS, SERIES = 20, 25
"""So many kills in a series, and series in the long proof: five hundred; then each row was hit at least so often:"""
EACH_ROW = 20

#: Where the killer aims: at which word of the till, and how long after it at most, in seconds.
AIMS = (("tap", 0.0006), ("saved", 0.002), ("send", 0.003), ("answer", 0.0), ("idle", 0.02))


def series(folder: Path, *, seed: int, kills: int = KILLS) -> Counter[str]:
    """Kill the till so often, let it drain, and check; the figures. Raises AssertionError when a promise is broken."""
    chance, figures = random.Random(seed), Counter[str](kills=kills)
    night = open_night(folder, "till-1")
    try:
        for kill in range(kills):
            figures.update(killed_once(night, chance, seed=seed * 1000 + kill, aim=AIMS[kill % len(AIMS)]))
        night.drain("till-1")
        assert night.server.stop() == 0
    finally:
        night.close()
    findings = check(folder)
    assert findings.is_clean, findings
    assert findings.told == 0
    figures.update(orders=findings.orders_rung, lost=findings.lost, doubled=findings.doubled)
    figures.update({"out of order": findings.out_of_order})
    return figures


def killed_once(night: KillNight, chance: random.Random, *, seed: int, aim: tuple[str, float]) -> set[str]:
    """Start the till, kill it where the aim says, and look at what it left: the rows of the crash table."""
    word, delay_s = aim
    till = night.start("till-1", str(seed))
    till.hear(word, 1 if word == "idle" else chance.randint(1, 25))
    if delay_s:
        threading.Event().wait(chance.random() * delay_s)
    till.kill()
    remains = remains_in(night.file_of("till-1"))
    assert [name for said, name in till.said if said == "saved" and not remains.has(name)] == []
    assert remains.halves == ()
    return rows_hit(till.said, remains, server_file=night.server_file)


def table(figures: Mapping[str, int]) -> str:
    """The figures as they are printed."""
    rows = [f"{figures['kills']} kills of a till, {figures['orders']} orders; each kill in every row that it proves:"]
    rows += [f"  {row:<46}{figures[row]:>5}" for row in ROWS]
    return "\n".join(
        [*rows, "  " + ", ".join(f"{name} {figures[name]}" for name in ("lost", "doubled", "out of order"))]
    )


def test_a_till_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = series(tmp_path, seed=1, kills=KILLS_IN_CI)

    with capsys.disabled():
        sys.stdout.write(f"\n{table(figures)}\n")
    assert all(figures[row] for row in ROWS)


@pytest.mark.soak
def test_five_hundred_kills_of_a_till_reach_every_row_of_the_crash_table(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=SERIES):
        soak.note(seed, series(tmp_path / str(seed), seed=seed))

    total = soak.total()
    assert total["kills"] < SERIES * KILLS or min(total[row] for row in ROWS) >= EACH_ROW, table(total)
