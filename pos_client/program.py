"""Reads the settings, opens the terminal, shows the till's window."""

import argparse
import logging
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from pos_client.window import Window
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
    """Run the till until its window is closed. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="evertill-pos", description="The till.")
    parser.add_argument(
        "--settings", type=Path, default=default_settings_path(DeviceKind.POS), help="the device's file"
    )
    parser.add_argument("--theme", choices=[name.value for name in ThemeName], help="instead of the settings' theme")
    add_flags(parser)
    asked = parser.parse_args()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Evertill")
    try:
        enrol_if_asked(parser, asked, DeviceKind.POS)
        settings = till_settings(asked.settings, theme=asked.theme)
        terminal = open_terminal(settings)
    except EvertillError as error:
        return say_why(app, error)
    return run(app, settings, terminal)


def till_settings(path: Path, *, theme: str | None) -> DeviceSettings:
    """The settings of this till. Raises BadSettings, also for a kitchen screen's: its file must not become a till's."""
    settings = load_settings(path)
    if settings.kind is not DeviceKind.POS:
        raise BadSettings(
            f"{path}: kind is {settings.kind.value}",
            title="These are the settings of a kitchen screen",
            advice="Enrol this device as a till (evertill-server enrol), and start it with that file.",
        )
    return settings if theme is None else settings.model_copy(update={"theme": theme})


def run(app: QApplication, settings: DeviceSettings, terminal: Terminal) -> int:
    """Show the window over an open terminal, and close both in order."""
    holder = make_holder(app, settings)
    window = Window(holder, terminal, Bridge())
    resort = LastResort(holder, window=window, go_back=window.to_tables, report=log.error)
    resort.install()
    ticker = end_on_signals(app, window)
    when_painted(window.screen_on_show, terminal.start)
    when_painted(window.screen_on_show, Warmer(window).start)
    if settings.full_screen:
        window.showFullScreen()
    else:
        window.resize(1366, 768)
        window.show()
    sweeper = Sweeper(window)
    code = app.exec()
    ticker.stop()
    sweeper.stop()
    resort.uninstall()
    terminal.close()
    return code
