"""What would make a first tap slow is done when the window is up, a little at a time."""

from PySide6.QtCore import QObject, QTimer

from shared.domain.model import build_models


class Warmer(QObject):
    """Builds from `start` on what checks and writes the models, of which one takes 1 ms as a rule and 6 at most.

    What a tap needs before its turn is built by the tap.
    """

    def __init__(self, window: QObject) -> None:
        super().__init__(window)
        self.is_done = False
        self._models = build_models()
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._build_one)

    def start(self) -> None:
        """Begin; called when the window was painted."""
        self._timer.start()

    def _build_one(self) -> None:
        """One model, and then let others have their turn."""
        if next(self._models, None) is None:
            self.is_done = True
            self._timer.stop()
