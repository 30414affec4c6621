"""evertill-agent: the same replay without a window, so that what was saved goes out while the program is closed.

It has the file of its device only while no window has it (`claims.py`). It writes no tap and shows nothing, and a
window that starts waits for no more than the end of a write.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

from shared.claims import LOOK_S, AgentClaim
from shared.errors import EvertillError
from shared.opening import open_terminal
from shared.settings import DeviceKind, DeviceSettings, default_settings_path, load_settings
from shared.terminal import Terminal

AGAIN_S: Final = 15.0
"""A file that can't be opened is tried again so often: somebody may be making room on the disk."""

Say = Callable[[str], None]


class Agent:
    """Sends for one device whenever no window does. `look` is called again and again by one thread."""

    def __init__(self, claim: AgentClaim, open_device: Callable[[], Terminal], *, say: Say) -> None:
        """`open_device` opens the file, which is claimed while it is called; it may raise an EvertillError.

        `say` gets a sentence for whoever reads the log of the service, each time something changed.
        """
        self._claim = claim
        self._open = open_device
        self._say = say
        self._terminal: Terminal | None = None
        self._news = threading.Event()
        self._told = ""

    def look(self) -> float:
        """Once around: take the file, go on, or give it back. Returns the seconds until the next look."""
        if self._claim.is_wanted():
            self._stand_back()
            self._tell("A window is open: it sends by itself.")
            return LOOK_S
        if self._terminal is None:
            return self._begin()
        if self._news.is_set():
            self._news.clear()
            self._tell(_state(self._terminal))
        return LOOK_S

    def close(self) -> None:
        """End in order: what is on its way goes again another time, under the same id."""
        self._stand_back()
        self._claim.close()

    def _begin(self) -> float:
        if not self._claim.take():
            return LOOK_S
        try:
            self._terminal = self._open()
        except EvertillError as error:
            self._claim.give_back()
            self._tell(f"{error.title}. {error.advice} {error.detail}")
            return AGAIN_S
        self._news.set()
        self._terminal.subscribe(lambda _: self._news.set())
        self._terminal.start()
        return LOOK_S

    def _stand_back(self) -> None:
        if self._terminal is not None:
            self._terminal.close()  # gives the claim back, last
            self._terminal = None

    def _tell(self, sentence: str) -> None:
        if sentence != self._told:
            self._told = sentence
            self._say(sentence)


def _state(terminal: Terminal) -> str:
    waiting, _ = terminal.desk.counts()
    if not waiting and terminal.cards.in_doubt():
        return "Asking what became of a card or mobile money."
    if not waiting:
        return "All is sent."
    if terminal.link().state.is_up:
        return "Sending what waits."
    return "What was saved waits here until the server can be reached."


def serve(settings: DeviceSettings, *, stop: threading.Event, say: Say) -> None:
    """Send for this device until `stop` is set. Raises AlreadyRunning when another agent does."""
    claim = AgentClaim(settings.database_path)
    agent = Agent(claim, lambda: open_terminal(settings, give_back=claim.give_back), say=say)
    try:
        while not stop.is_set():
            stop.wait(agent.look())
    finally:
        agent.close()


def main() -> int:
    """Run as a service until SIGTERM. Returns the exit code: 1 for settings that can't be used, or a second agent."""
    parser = argparse.ArgumentParser(prog="evertill-agent", description="Sends what was saved while no window is open.")
    parser.add_argument(
        "--settings", type=Path, default=default_settings_path(DeviceKind.POS), help="the device's file of settings"
    )
    asked = parser.parse_args()
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        serve(load_settings(asked.settings), stop=stop, say=_write_down)
    except EvertillError as error:
        sys.stderr.write(f"{error.title}.\n{error.detail}\n{error.advice}\n")
        return 1
    return 0


def _write_down(sentence: str) -> None:
    """For the log of the service, at once."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
