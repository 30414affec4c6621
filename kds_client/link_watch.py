"""Watches the link for the window: by what the terminal says of it, and by how long it has said nothing new."""

from PySide6.QtCore import QObject, QTimer, Signal

from kds_client.connection import SILENT_MS, Link, Silence, Standing, standing
from shared.clock import Clock
from shared.terminal import Terminal


class LinkWatch(QObject):
    """`due` is emitted at the moment from which silence is to be shown, without waiting for the next second."""

    due = Signal()

    def __init__(self, terminal: Terminal, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._terminal, self._clock = terminal, clock
        self._silence = Silence(clock.monotonic_s())
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.due)

    def look(self, *, last_ticket: str, queued: int) -> Standing:
        """How the link stands, in words. `last_ticket` is when the newest one was sent, as the wall clock says it;
        `queued` counts the marks of a person that wait here: that tickets were seen waits too, and is nobody's care.
        """
        view, now_s = self._terminal.link(), self._clock.monotonic_s()
        self._silence.hear(view, now_s, now_ms=self._terminal.now_ms())
        silent_ms = self._silence.silent_ms(now_s)
        need_person = self._terminal.desk.counts()[1]
        if silent_ms < SILENT_MS:
            self._timer.start(SILENT_MS - silent_ms)
        stale_ms = self._silence.stale_ms(now_s)
        return standing(Link(view, queued, need_person, silent_ms, stale_ms, last_ticket))

    def stop(self) -> None:
        """Nobody is left to tell."""
        self._timer.stop()
