"""evertill-pos: reads the settings, opens the terminal, shows the till's window."""

import argparse
import logging
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QVBoxLayout

from pos_client.window import Window
from shared.errors import EvertillError
from shared.opening import open_terminal
from shared.qt.bridge import Bridge
from shared.qt.icons import IconName
from shared.qt.last_resort import LastResort
from shared.qt.metrics import Metrics
from shared.qt.theme import Theme, ThemeHolder, installed_family
from shared.qt.tokens import SlaName, ThemeName
from shared.qt.widgets import EmptyState, Ground, Panel
from shared.settings import DeviceKind, DeviceSettings, default_settings_path, load_settings
from shared.terminal import Terminal

log = logging.getLogger(__name__)


def main() -> int:
    """Run the till until its window is closed. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="evertill-pos", description="The till.")
    parser.add_argument(
        "--settings", type=Path, default=default_settings_path(DeviceKind.POS), help="the device's file"
    )
    asked = parser.parse_args()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Evertill")
    try:
        settings = load_settings(asked.settings)
        terminal = open_terminal(settings)
    except EvertillError as error:
        return _say_why(app, error)
    return run(app, settings, terminal)


def run(app: QApplication, settings: DeviceSettings, terminal: Terminal) -> int:
    """Show the window over an open terminal, and close both in order."""
    holder = make_holder(app, settings)
    window = Window(holder, terminal, Bridge())
    resort = LastResort(holder, window=window, go_back=window.to_tables, report=log.error)
    resort.install()
    _end_on_signals(app, window)
    terminal.start()
    if settings.full_screen:
        window.showFullScreen()
    else:
        window.resize(1366, 768)
        window.show()
    code = app.exec()
    resort.uninstall()
    terminal.close()
    return code


def make_holder(app: QApplication, settings: DeviceSettings) -> ThemeHolder:
    """The theme that the settings ask for, in force in the whole application."""
    size = app.primaryScreen().size()
    metrics = Metrics.of_screen(
        diagonal_inch=settings.diagonal_inch,
        width_px=max(size.width(), 1024),
        height_px=max(size.height(), 600),
        scale_percent=settings.scale_percent,
    )
    theme = Theme(
        name=ThemeName(settings.theme), metrics=metrics, sla=SlaName(settings.sla_palette), family=installed_family()
    )
    holder = ThemeHolder(theme)
    holder.dress(app)
    return holder


def _end_on_signals(app: QApplication, window: Window) -> None:
    """SIGTERM and SIGINT close the window; the timer gives Python the chance to hear them."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: app.quit())
    ticker = QTimer(window)
    ticker.start(200)
    ticker.timeout.connect(lambda: None)


def _say_why(app: QApplication, error: EvertillError) -> int:
    """The till can't open: say why in a window, in words, and on the terminal for whoever started it."""
    sys.stderr.write(f"{error}\n{error.advice}\n")
    metrics = Metrics.of_screen(diagonal_inch=15.6, width_px=1366, height_px=768)
    holder = ThemeHolder(Theme(name=ThemeName.DARK, metrics=metrics, family=installed_family()))
    holder.dress(app)
    panel = Panel(holder, ground=Ground.BG)
    column = QVBoxLayout(panel)
    advice = f"{error.advice}\n\n{error.detail}" if error.detail else error.advice
    state = EmptyState(holder, icon=IconName.WARNING, title=error.title, advice=advice, action="Close")
    state.action_pressed.connect(app.quit)
    column.addWidget(state)
    panel.resize(1024, 600)
    panel.show()
    signal.signal(signal.SIGTERM, lambda *_: app.quit())
    ticker = QTimer(panel)
    ticker.timeout.connect(lambda: None)
    ticker.start(200)
    app.exec()
    return 1


if __name__ == "__main__":
    sys.exit(main())
