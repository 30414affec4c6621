"""Which of a device's programs has its file: one window or its agent, and the window comes first.

Two locks stand beside the file. Whoever holds the *file's* has it open, sends and settles. Whoever holds the *window's*
is a window that runs or starts; an agent that sees it held gives the file back. The kernel frees both when their holder
dies: the agent follows a killed window, and whoever starts next a killed agent.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import Final

from shared.errors import AlreadyRunning, DatabaseReadOnly
from shared.locks import OsLock

Wait = Callable[[float], object]

LOOK_S: Final = 0.1
"""So often an agent looks whether a window wants the file, and a window whether it is free."""
GLANCE_LOOKS: Final = 5
"""An agent takes the window's lock for an instant when it looks: a window that finds it taken looks so often."""
HANDOVER_LOOKS: Final = 100
"""So often a window looks for the file: an agent's answer on its way may take 5 s to be given up (`Terminal.close`)."""
STUCK_ADVICE: Final = (
    "The background sender has this device's file and does not let it go. Wait a minute, then start again."
)


def take_for_window(path: Path, *, wait: Wait | None = None) -> Callable[[], None]:
    """Take the device's file at `path` for a window, from the agent if it has it. Returns what gives it back.

    `wait` is called with seconds between two looks. Raises AlreadyRunning: at once when a window runs, after 10 s when
    an agent does not let go.
    """
    wait = wait or threading.Event().wait
    window, file = _window_lock(path), _file_lock(path)

    def give_back() -> None:
        file.release()
        window.release()

    if not _taken(window, GLANCE_LOOKS, wait):
        raise AlreadyRunning(str(path))
    try:
        if _taken(file, HANDOVER_LOOKS, wait):
            return give_back
    except BaseException:
        give_back()
        raise
    give_back()
    raise AlreadyRunning(str(path), advice=STUCK_ADVICE)


def take_for_reading(path: Path) -> Callable[[], None]:
    """Keep the device's programs off its file while that is read. Returns what gives it back.

    Where nothing can be written beside the file (its disk is mounted for reading) the locks that stand there are taken,
    and none is made: without them no program can run on it. Raises AlreadyRunning when one does.
    """
    try:
        return take_for_window(path)
    except DatabaseReadOnly:
        locks = _window_lock(path), _file_lock(path)

    def give_back() -> None:
        for lock in locks:
            lock.release()

    if not all(lock.acquire_as_it_stands() for lock in locks):
        give_back()
        raise AlreadyRunning(str(path))
    return give_back


class Holder(Enum):
    """Who has a device's file."""

    WINDOW = auto()
    AGENT = auto()
    NOBODY = auto()


class AgentClaim:
    """An agent's claim on a device's file: only while no window wants it. One agent a file."""

    def __init__(self, path: Path) -> None:
        """Raises AlreadyRunning when another agent waits for this file."""
        self._window, self._file = _window_lock(path), _file_lock(path)
        self._agent = OsLock(path.with_suffix(".agent-lock"))
        if not self._agent.acquire():
            raise AlreadyRunning(str(path), advice="One background sender is enough: it serves this device already.")

    def is_wanted(self) -> bool:
        """Whether a window runs or starts."""
        free = self._window.acquire()
        self._window.release()
        return not free

    def take(self) -> bool:
        """Take the file if no window wants it and nobody has it."""
        return not self.is_wanted() and self._file.acquire()

    def give_back(self) -> None:
        """Let the next one have the file; the agent may take it again later."""
        self._file.release()

    def close(self) -> None:
        """Give all back."""
        self._file.release()
        self._agent.release()


def holder(path: Path) -> Holder:
    """Which program has the device's file at `path` just now. Makes no lock file, whoever asks."""
    if _is_held(path.with_suffix(".window-lock")):
        return Holder.WINDOW
    return Holder.AGENT if _is_held(path.with_suffix(".lock")) else Holder.NOBODY


def _is_held(path: Path) -> bool:
    lock = OsLock(path)
    free = lock.acquire_as_it_stands()
    lock.release()
    return not free


def _window_lock(path: Path) -> OsLock:
    return OsLock(path.with_suffix(".window-lock"))


def _file_lock(path: Path) -> OsLock:
    return OsLock(path.with_suffix(".lock"))


def _taken(lock: OsLock, looks: int, wait: Wait) -> bool:
    for look in range(looks):
        if look:
            wait(LOOK_S)
        if lock.acquire():
            return True
    return False
