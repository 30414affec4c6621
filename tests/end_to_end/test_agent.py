"""The agent and the till on one file: what a closed or killed till left goes out once, and no till waits for long."""

from __future__ import annotations

from contextlib import closing

import pytest

from demo.check import check
from shared.database import open_reader
from shared.store import outbox
from tests.end_to_end.crash_rows import operations_in
from tests.end_to_end.kill_night import KillNight
from tests.end_to_end.watched_process import WatchedProcess

ROUNDS = 2
ALL_SENT, A_WINDOW = "All", "A"
"""The first words of what the agent says of itself."""


def begin(night: KillNight) -> WatchedProcess:
    """A new agent of the till."""
    agent = WatchedProcess("agent_process", night.folder / "till-1")
    night.running.append(agent)
    return agent


def waiting(night: KillNight) -> int:
    """What the till's file still owes."""
    with closing(open_reader(night.file_of("till-1"))) as reader:
        return outbox.waiting(reader)


def test_what_a_dead_till_left_goes_out_without_it_and_the_till_takes_over_again(night: KillNight) -> None:
    agent, by_the_till = begin(night), set[str]()
    agent.hear(ALL_SENT)
    for number in range(ROUNDS):
        till = night.start("till-1", str(number + 1), "busy")  # open: the agent has given it the file
        agent.hear(A_WINDOW)
        till.hear("answer", 3)
        night.server.kill()
        till.hear("saved", 3)
        till.kill()
        by_the_till |= {name for word, name in till.said if word == "send"}
        assert waiting(night)
        if number % 2:
            agent.kill()
            agent = begin(night)
        night.server.start()
        agent.hear(ALL_SENT)
        assert waiting(night) == 0

    assert operations_in(night.server_file) - by_the_till, "the agent sent nothing that the till had not tried"
    agent.kill()
    night.drain("till-1")
    assert night.server.stop() == 0
    findings = check(night.folder)
    assert findings.is_clean, findings
    assert findings.orders_rung


def test_a_killed_agent_leaves_nothing_that_a_till_would_wait_for(night: KillNight) -> None:
    agent = begin(night)
    agent.hear(ALL_SENT)
    agent.kill()
    till = night.start("till-1", "1")
    till.hear("saved")
    till.kill()


def test_a_second_agent_says_so_and_leaves(night: KillNight) -> None:
    first = begin(night)
    first.hear(ALL_SENT)
    second = begin(night)
    with pytest.raises(AssertionError, match="This is already running on this device"):
        second.hear(ALL_SENT)
    first.skip()
    assert waiting(night) == 0
