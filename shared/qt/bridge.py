"""Carries "these ids changed" from any thread to the GUI thread: ids only, never objects."""

from threading import Lock

from PySide6.QtCore import QObject, Qt, Signal


class Bridge(QObject):
    """The worker announces as often as it likes; the GUI hears of it once, when it gets round to it.

    Many announcements before that become one `changed` with all their ids, so a burst of answers costs the screens
    one reading. What is held never exceeds the ids that exist. Make it in the GUI thread; `changed` is emitted there.
    """

    changed = Signal(object)  # frozenset[str]
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = Lock()
        self._waiting: set[str] = set()
        self._open = True
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def announce(self, ids: frozenset[str]) -> None:
        """Say that the rows of these ids changed. Callable from any thread; returns at once."""
        if not ids:
            return
        with self._lock:
            if not self._open:
                return
            first = not self._waiting
            self._waiting |= ids
            if first:
                self._woken.emit()

    def close(self) -> None:
        """Say nothing more: the window is going, and a late answer has nobody to tell."""
        with self._lock:
            self._open = False
            self._waiting.clear()

    def _deliver(self) -> None:
        with self._lock:
            ids = frozenset(self._waiting)
            self._waiting.clear()
        if ids:
            self.changed.emit(ids)
