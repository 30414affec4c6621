"""Reads the settings, opens the terminal, shows the kitchen's window."""

import argparse
import logging
import sys
from pathlib import Path

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QApplication

from kds_client.bump_bar import keymap
from kds_client.window import Window
from shared.clock import SystemClock
from shared.enrol_flags import add_flags, enrol_if_asked
from shared.errors import BadSettings, EvertillError
from shared.opening import open_terminal
from shared.qt.bridge import Bridge
from shared.qt.last_resort import LastResort
from shared.qt.starting import end_on_signals, make_holder, say_why, when_painted
from shared.qt.sweeping import Sweeper
from shared.qt.tokens import ThemeName
from shared.qt.warming import Warmer
from shared.settings import DeviceKind, DeviceSettings, default_settings_path, load_settings
from shared.terminal import Terminal

log = logging.getLogger(__name__)


def main() -> int:
    """Run the kitchen screen until its window is closed. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="evertill-kds", description="The kitchen screen.")
    parser.add_argument(
        "--settings", type=Path, default=default_settings_path(DeviceKind.KDS), help="the device's file"
    )
    parser.add_argument("--theme", choices=[name.value for name in ThemeName], help="instead of the settings' theme")
    add_flags(parser)
    asked = parser.parse_args()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Evertill")
    try:
        enrol_if_asked(parser, asked, DeviceKind.KDS)
        settings = kitchen_settings(asked.settings, theme=asked.theme)
        terminal = open_terminal(settings)
    except EvertillError as error:
        return say_why(app, error)
    return run(app, settings, terminal)


def kitchen_settings(path: Path, *, theme: str | None) -> DeviceSettings:
    """The settings of this screen. Raises BadSettings, also for a till's: its file must not become a kitchen's."""
    settings = load_settings(path)
    if settings.kind is not DeviceKind.KDS:
        raise BadSettings(
            f"{path}: kind is {settings.kind.value}",
            title="These are the settings of a till",
            advice="Enrol this screen as a kitchen screen (evertill-server enrol), and start it with that file.",
        )
    keymap(settings.keys)
    return settings if theme is None else settings.model_copy(update={"theme": theme})


def run(app: QApplication, settings: DeviceSettings, terminal: Terminal) -> int:
    """Show the window over an open terminal, and close both in order."""
    holder = make_holder(app, settings)
    window = Window(holder, terminal, Bridge(), SystemClock())
    resort = LastResort(holder, window=window, go_back=window.go_back, report=log.error)
    resort.install()
    ticker: QTimer = end_on_signals(app, window)
    when_painted(window.board, terminal.start)
    when_painted(window.board, Warmer(window).start)
    if settings.full_screen:
        window.showFullScreen()
    else:
        window.resize(QSize(1920, 1080).boundedTo(app.primaryScreen().availableSize()))
        window.show()
    sweeper = Sweeper(window)
    code = app.exec()
    ticker.stop()
    sweeper.stop()
    resort.uninstall()
    terminal.close()
    return code
