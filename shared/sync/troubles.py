"""What keeps a device from storing or reading what the server says, in words for the person at it."""

from __future__ import annotations

import logging
from typing import Final

from shared.errors import EvertillError

UNREADABLE: Final = "Some of what the server sent can't be read by this version. This program needs an update."

log = logging.getLogger(__name__)


class Troubles:
    """Those of one replay."""

    def __init__(self) -> None:
        self._disk = self._unreadable = ""

    @property
    def words(self) -> str:
        """What a person is told; usually nothing."""
        return self._disk or self._unreadable

    def note(self, error: BaseException) -> None:
        """A mistake: into the log, and, if it is about this device's disk, to the person at it."""
        if isinstance(error, EvertillError):
            log.warning("%s", error)
            self._disk = error.title
        else:
            log.error("the worker met a mistake", exc_info=error)

    def over(self) -> None:
        """The disk took something again."""
        self._disk = ""

    def saw(self, *, unreadable: int) -> None:
        """So much of what the server sent can't be read."""
        self._unreadable = UNREADABLE if unreadable else self._unreadable
