"""Garbage is looked for by the window's thread, between taps: a little at a time, all when there is little to do."""

import ctypes
import gc
import sys
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer

SWEEP_MS: Final = 100
WHOLE_AFTER: Final = 3_000
"""So many sweeps after the last one of everything, the next is due."""
AT_THE_LATEST: Final = 9_000
FEW: Final = 500
"""Objects more than at the last sweep: nobody taps."""


class Sweeper(QObject):
    """Stands in for Python's own collector from when the program is up until `stop`.

    That one runs in whichever thread makes an object too many, for longer than a frame, and would take down what
    belongs to a window in a thread that must not touch it. What the program is made of is no garbage: it is never
    walked through again.
    """

    def __init__(self, window: QObject) -> None:
        super().__init__(window)
        self._since_whole = 0
        self._give_back = _giver()
        gc.freeze()
        gc.disable()
        self._timer = QTimer(self, interval=SWEEP_MS)
        self._timer.timeout.connect(self.sweep)
        self._timer.start()

    def sweep(self) -> None:
        """Look through what was made since the last time; now and then through all that was made since the start.

        What is free after that goes back to the system: else a till would keep what its busiest minute took.
        """
        self._since_whole += 1
        idle = gc.get_count()[0] < FEW
        if self._since_whole >= (WHOLE_AFTER if idle else AT_THE_LATEST):
            self._since_whole = 0
            gc.collect()
            self._give_back()
        else:
            gc.collect(1)

    def stop(self) -> None:
        """From here on Python does it again."""
        self._timer.stop()
        gc.enable()
        gc.unfreeze()


def _giver() -> Callable[[], object]:
    """What gives freed memory back; nothing where the C library has no such thing, as musl, macOS and Windows."""
    if sys.platform != "linux":
        return lambda: None
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return (lambda: None) if trim is None else partial(trim, 0)
