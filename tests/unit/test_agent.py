"""The agent's looks: it opens the file when no window does, gives it back when one comes, and says what it does."""

from __future__ import annotations

from pathlib import Path

from shared.agent import AGAIN_S, Agent
from shared.claims import LOOK_S, AgentClaim, take_for_window
from shared.errors import DiskFull
from shared.locks import OsLock
from shared.terminal import Terminal
from tests.unit.terminal_rig import open_rig, send, tile


def folder_in(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def is_free(path: Path) -> bool:
    with OsLock(path) as lock:
        return lock.held


def test_it_stands_back_for_a_window_and_goes_on_when_the_window_is_gone(tmp_path: Path) -> None:
    said: list[str] = []
    path = tmp_path / "pos.sqlite"
    claim = AgentClaim(path)
    opened: list[int] = []

    def open_device() -> Terminal:
        opened.append(1)
        return open_rig(folder_in(tmp_path, f"{len(opened)}"), release=claim.give_back).terminal

    agent = Agent(claim, open_device, say=said.append)
    assert agent.look() == LOOK_S
    agent.look()
    give_back = take_for_window(path, wait=lambda _: agent.look())
    agent.look()
    assert opened == [1]
    give_back()
    agent.look()
    agent.look()
    assert opened == [1, 1]
    assert said == ["All is sent.", "A window is open: it sends by itself.", "All is sent."]
    agent.close()
    assert is_free(tmp_path / "pos.lock")


def test_it_says_that_what_was_saved_waits_while_there_is_no_server(tmp_path: Path) -> None:
    said: list[str] = []
    claim = AgentClaim(tmp_path / "pos.sqlite")
    rig = open_rig(folder_in(tmp_path, "device"), release=claim.give_back)
    agent = Agent(claim, lambda: rig.terminal, say=said.append)
    agent.look()
    rig.terminal.submit(tile(rig.terminal))
    rig.settle()
    rig.terminal.submit(send(rig.terminal))
    rig.settle()
    agent.look()
    agent.look()
    assert said == ["What was saved waits here until the server can be reached."]
    agent.close()


def test_a_file_that_cannot_be_opened_is_told_once_and_tried_again_later(tmp_path: Path) -> None:
    said: list[str] = []
    claim = AgentClaim(tmp_path / "pos.sqlite")

    def full() -> Terminal:
        raise DiskFull("pos.sqlite")

    agent = Agent(claim, full, say=said.append)
    assert agent.look() == AGAIN_S
    assert is_free(tmp_path / "pos.lock"), "whoever mends it needs the file"
    assert agent.look() == AGAIN_S
    assert len(said) == 1
    assert said[0].startswith("The disk is full. ")
    agent.close()
