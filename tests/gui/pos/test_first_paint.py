"""The till's first screen is on show before the others are built; and then they are, without anybody's tap."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pos_client.window import SCREENS, Window
from shared.qt.bridge import Bridge
from shared.qt.metrics import Metrics
from shared.qt.theme import Theme, ThemeHolder, installed_family
from shared.qt.tokens import ThemeName
from tests.gui.harness import Rig


class BuiltAtPaint(QObject):
    """Notes which screens there were when one was first painted."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self.found: list[set[str]] = []
        self._window = window
        window.login.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.found.append(built(self._window))
        return super().eventFilter(watched, event)


def built(window: Window) -> set[str]:
    return {name for name in SCREENS if name in vars(window)}


def test_the_first_screen_is_painted_before_the_others_are_built(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    metrics = Metrics.of_screen(diagonal_inch=15.6, width_px=1366, height_px=768)
    holder = ThemeHolder(Theme(name=ThemeName.DARK, metrics=metrics, family=installed_family()))
    rig = Rig(tmp_path)
    window = Window(holder, rig.terminal, Bridge())
    watch = BuiltAtPaint(window)
    window.show()
    qtbot.waitUntil(lambda: window.is_built)
    assert watch.found[0] == {"login"}
    assert built(window) == set(SCREENS)
    assert window.screen_on_show is window.login
    window.screen_on_show.left()
    window.close()
    rig.close()
