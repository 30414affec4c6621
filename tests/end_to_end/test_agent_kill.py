"""The agent, SIGKILLed again and again while it sends what a dead till left: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from demo.check import check
from shared.database import open_reader
from shared.store import outbox
from tests.end_to_end.crash_rows import BEFORE_ANSWER, BEFORE_SEND, IDLE, WHILE_STORED, remains_in, rows_hit
from tests.end_to_end.kill_night import KillNight, open_night
from tests.end_to_end.test_agent import ALL_SENT
from tests.end_to_end.watched_process import WatchedProcess
from tests.soak import Soak

KILLS_IN_CI = 40
KILLS, SERIES = 20, 25
"""So many kills in a series, and so many series, make five hundred kills; then each row was hit at least so often:"""
EACH_ROW = 20
ROWS = (BEFORE_SEND, BEFORE_ANSWER, WHILE_STORED, IDLE)
"""An agent writes no tap, so no kill of it falls before the commit of one."""

#: Where the killer aims: at which word, and how long after it at most, in seconds.
AIMS = (("send", 0.003), ("answer", 0.0), ("answer", 0.002), ("send", 0.0), (ALL_SENT, 0.02))
ORDERS_LEFT = 4
"""What a till rings up with nobody to send it to, before the agent is let loose on it."""


def series(folder: Path, *, seed: int, kills: int) -> Counter[str]:
    """Kill the agent so often, let the till drain, and check; the figures. Raises AssertionError."""
    chance, figures = random.Random(seed), Counter[str](kills=kills)
    night = open_night(folder, "till-1")
    try:
        night.drain("till-1")  # it knows the menu
        for kill in range(kills):
            word, delay_s = AIMS[kill % len(AIMS)]
            if not owed(night):
                leave_behind(night, seed=seed * 1000 + kill)
            figures.update(killed_once(night, word, delay_s * chance.random()))
        night.drain("till-1")
        assert night.server.stop() == 0
    finally:
        night.close()
    findings = check(folder)
    assert findings.is_clean, findings
    figures.update(orders=findings.orders_rung, lost=findings.lost, doubled=findings.doubled)
    figures.update({"out of order": findings.out_of_order})
    return figures


def owed(night: KillNight) -> int:
    """What the till's file still owes."""
    with closing(open_reader(night.file_of("till-1"))) as reader:
        return outbox.waiting(reader)


def leave_behind(night: KillNight, *, seed: int) -> None:
    """A till rings up while the server is gone, and dies."""
    night.server.kill()
    till = night.start("till-1", str(seed), "busy")
    till.hear("saved", ORDERS_LEFT)
    till.kill()
    night.server.start()


def killed_once(night: KillNight, word: str, delay_s: float) -> set[str]:
    """Start the agent, kill it where the aim says, and look at what it left: the rows of the crash table."""
    agent = WatchedProcess("agent_process", night.folder / "till-1", "watched")
    night.running.append(agent)
    agent.hear(word)
    if delay_s:
        threading.Event().wait(delay_s)
    agent.kill()
    remains = remains_in(night.file_of("till-1"))
    assert remains.halves == ()
    hit = rows_hit(agent.said, remains, server_file=night.server_file)
    tried = {name for said, name in agent.said if said == "send"}
    if remains.unsettled - tried:
        hit.add(BEFORE_SEND)
    if word == ALL_SENT and not remains.unsettled:
        hit.add(IDLE)
    return hit


def table(figures: Mapping[str, int]) -> str:
    """The figures as they are printed."""
    rows = [f"{figures['kills']} kills of an agent, {figures['orders']} orders; each kill in every row that it proves:"]
    rows += [f"  {row:<46}{figures[row]:>5}" for row in ROWS]
    return "\n".join(
        [*rows, "  " + ", ".join(f"{name} {figures[name]}" for name in ("lost", "doubled", "out of order"))]
    )


def test_an_agent_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = series(tmp_path, seed=1, kills=KILLS_IN_CI)

    with capsys.disabled():
        sys.stdout.write(f"\n{table(figures)}\n")
    assert figures["orders"]
    assert sum(figures[row] for row in ROWS) >= KILLS_IN_CI


@pytest.mark.soak
def test_five_hundred_kills_of_an_agent_reach_every_row_of_the_crash_table(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=SERIES):
        soak.note(seed, series(tmp_path / str(seed), seed=seed, kills=KILLS))

    total = soak.total()
    assert total["kills"] < SERIES * KILLS or min(total[row] for row in ROWS) >= EACH_ROW, table(total)
