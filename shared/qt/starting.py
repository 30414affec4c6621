"""How a window program starts and ends: the theme of its settings, signals that close it, and why it can't open."""

import signal
import sys
from collections.abc import Callable
from textwrap import wrap
from types import FrameType

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from shared.errors import EvertillError
from shared.qt.icons import IconName
from shared.qt.metrics import Metrics
from shared.qt.theme import Theme, ThemeHolder, installed_family
from shared.qt.tokens import SlaName, ThemeName
from shared.qt.widgets import EmptyState, Ground, Panel
from shared.settings import DeviceSettings

LISTEN_MS = 200
UNPAINTED_MS = 1000
"""A window that nobody shows (minimised, its screen off) is waited for no longer."""
LEAST_WIDTH_PX, LEAST_HEIGHT_PX = 1024, 600
DETAIL_LINES, DETAIL_CHARS = 10, 100


def make_holder(app: QApplication, settings: DeviceSettings) -> ThemeHolder:
    """The theme that the settings ask for, in force in the whole application."""
    size = app.primaryScreen().size()
    metrics = Metrics.of_screen(
        diagonal_inch=settings.diagonal_inch,
        width_px=max(size.width(), LEAST_WIDTH_PX),
        height_px=max(size.height(), LEAST_HEIGHT_PX),
        scale_percent=settings.scale_percent,
    )
    theme = Theme(
        name=ThemeName(settings.theme), metrics=metrics, sla=SlaName(settings.sla_palette), family=installed_family()
    )
    holder = ThemeHolder(theme)
    holder.dress(app)
    return holder


def end_on_signals(app: QApplication, window: QWidget) -> QTimer:
    """SIGTERM and SIGINT close the window; the timer gives Python the chance to hear them.

    It also ends an application that was not running yet when the signal came.
    """
    heard: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        heard.append(number)
        app.quit()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    ticker = QTimer(window)
    ticker.timeout.connect(lambda: app.quit() if heard else None)
    ticker.start(LISTEN_MS)
    return ticker


class _FirstPaint(QObject):
    """Lets a timer that is running run out at once when the widget that it watches is painted."""

    def __init__(self, timer: QTimer) -> None:
        super().__init__(timer)
        self._timer = timer

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            if self._timer.isActive():
                self._timer.start(0)
        return super().eventFilter(watched, event)


def when_painted(widget: QWidget, then: Callable[[], None]) -> None:
    """Call `then` once, after the first paint of a widget that is still to be shown, or soon if there is none."""
    timer = QTimer(widget, singleShot=True)
    timer.timeout.connect(then)
    timer.start(UNPAINTED_MS)
    widget.installEventFilter(_FirstPaint(timer))


def say_why(app: QApplication, error: EvertillError) -> int:
    """The program can't open: say why in a window, in words, and on the terminal for whoever started it."""
    metrics = Metrics.of_screen(diagonal_inch=15.6, width_px=1366, height_px=768)
    holder = ThemeHolder(Theme(name=ThemeName.DARK, metrics=metrics, family=installed_family()))
    holder.dress(app)
    panel = Panel(holder, ground=Ground.BG)
    panel.setWindowTitle(f"Evertill · {error.title}")
    column = QVBoxLayout(panel)
    advice = "\n\n".join(text for text in (error.advice, _shortened(error.detail)) if text)
    state = EmptyState(holder, icon=IconName.WARNING, title=error.title, advice=advice, action="Close")
    state.action_pressed.connect(app.quit)
    column.addWidget(state)
    panel.resize(LEAST_WIDTH_PX, LEAST_HEIGHT_PX)
    ticker = end_on_signals(app, panel)
    panel.show()
    sys.stderr.write(f"{error}\n{error.advice}\n")
    sys.stderr.flush()
    app.exec()
    ticker.stop()
    return 1


def _shortened(detail: str) -> str:
    """As much of the small print as the window has room for; the terminal has all of it."""
    lines = [piece for line in detail.splitlines() for piece in wrap(line, DETAIL_CHARS)]
    return "\n".join(lines if len(lines) <= DETAIL_LINES else [*lines[:DETAIL_LINES], "…"])
