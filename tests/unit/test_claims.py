"""Who has a device's file: one window, else its agent, and a window that starts gets it from the agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.claims import GLANCE_LOOKS, HANDOVER_LOOKS, STUCK_ADVICE, AgentClaim, take_for_reading, take_for_window
from shared.errors import AlreadyRunning, DatabaseReadOnly
from shared.locks import OsLock


def file_in(folder: Path) -> Path:
    return folder / "pos.sqlite"


def test_a_window_finds_the_file_free_without_waiting_and_a_second_one_leaves(tmp_path: Path) -> None:
    waited: list[float] = []
    give_back = take_for_window(file_in(tmp_path), wait=waited.append)
    assert waited == []

    with pytest.raises(AlreadyRunning) as refused:
        take_for_window(file_in(tmp_path), wait=waited.append)

    assert refused.value.advice == AlreadyRunning.advice
    assert len(waited) == GLANCE_LOOKS - 1
    give_back()
    take_for_window(file_in(tmp_path), wait=waited.append)()


def test_an_agent_has_the_file_only_while_no_window_wants_it(tmp_path: Path) -> None:
    agent = AgentClaim(file_in(tmp_path))
    assert not agent.is_wanted()
    assert agent.take()
    seen: list[bool] = []

    def agent_looks(_: float) -> None:
        seen.append(agent.is_wanted())
        agent.give_back()

    give_back = take_for_window(file_in(tmp_path), wait=agent_looks)

    assert seen == [True]
    assert not agent.take()
    give_back()
    assert agent.take()
    agent.close()


def test_the_agent_takes_no_file_that_is_free_while_a_window_starts(tmp_path: Path) -> None:
    """Between the window's two locks the file is free: an agent that took it then would hold the window up."""
    agent = AgentClaim(file_in(tmp_path))
    window = OsLock(tmp_path / "pos.window-lock")
    assert window.acquire()
    assert not agent.take()
    window.release()
    assert agent.take()
    agent.close()


def test_a_window_that_meets_an_agents_glance_looks_again(tmp_path: Path) -> None:
    glance = OsLock(tmp_path / "pos.window-lock")
    assert glance.acquire()
    take_for_window(file_in(tmp_path), wait=lambda _: glance.release())()


def test_an_agent_that_does_not_let_go_is_named_and_the_window_leaves_all_as_it_was(tmp_path: Path) -> None:
    agent = AgentClaim(file_in(tmp_path))
    assert agent.take()
    waited: list[float] = []

    with pytest.raises(AlreadyRunning) as refused:
        take_for_window(file_in(tmp_path), wait=waited.append)

    assert refused.value.advice == STUCK_ADVICE
    assert len(waited) == HANDOVER_LOOKS - 1
    assert not agent.is_wanted()
    agent.close()


def test_one_agent_is_enough(tmp_path: Path) -> None:
    first = AgentClaim(file_in(tmp_path))
    with pytest.raises(AlreadyRunning, match="pos") as refused:
        AgentClaim(file_in(tmp_path))
    assert "One background sender" in refused.value.advice
    first.close()
    AgentClaim(file_in(tmp_path)).close()


def test_a_window_that_is_broken_off_while_it_waits_for_the_agent_wants_the_file_no_more(tmp_path: Path) -> None:
    agent = AgentClaim(file_in(tmp_path))
    assert agent.take()

    def broken_off(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_for_window(file_in(tmp_path), wait=broken_off)
    assert not agent.is_wanted()
    agent.close()


@pytest.mark.parametrize("held", ["pos.window-lock", "pos.lock"])
def test_on_a_disk_that_can_only_be_read_the_locks_that_stand_there_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    running = OsLock(tmp_path / held)
    assert running.acquire()

    def read_only(lock: OsLock) -> bool:
        raise DatabaseReadOnly(str(lock))

    monkeypatch.setattr(OsLock, "acquire", read_only)
    with pytest.raises(AlreadyRunning):
        take_for_reading(file_in(tmp_path))
    running.release()
    give_back = take_for_reading(file_in(tmp_path))
    assert not OsLock(tmp_path / held).acquire_as_it_stands(), "nobody starts while it is read"
    give_back()
    again = OsLock(tmp_path / held)
    assert again.acquire_as_it_stands()
    again.release()
