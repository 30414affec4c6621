"""Says when a widget was painted; a module of its own, so that a measured process loads nothing else for it."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from shared.clock import SystemClock


class PaintWatch(QObject):
    """Notes when a widget's `paintEvent` ended, in the clock's seconds, and how often it was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.count = 0
        self.ended_s = 0.0
        self._clock = SystemClock()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Paints in place of Qt, to be there when it is done."""
        if event.type() != QEvent.Type.Paint:
            return False
        watched.event(event)
        self.ended_s = self._clock.monotonic_s()
        self.count += 1
        return True
