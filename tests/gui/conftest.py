"""What the tests of screens share: no display is needed, and each test gets a dressed theme holder of its own."""

import os
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from shared.qt.metrics import Metrics
from shared.qt.theme import Theme, ThemeHolder, installed_family
from shared.qt.tokens import ThemeName

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def no_window_outlives_its_test(qapp: QApplication) -> Iterator[None]:
    """Each window left over would be styled anew by every later test: together they cost more than the tests."""
    yield
    for window in qapp.topLevelWidgets():
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def metrics() -> Metrics:
    """The sizes of the screen the till's pictures are drawn for."""
    return Metrics.of_screen(diagonal_inch=15.6, width_px=1366, height_px=768)


@pytest.fixture
def holder(qapp: QApplication, metrics: Metrics) -> ThemeHolder:
    """A dark theme in force in the whole application."""
    dressed = ThemeHolder(Theme(name=ThemeName.DARK, metrics=metrics, family=installed_family()))
    dressed.dress(qapp)
    return dressed


@pytest.fixture
def on_show(qtbot: QtBot) -> Callable[..., QWidget]:
    """Shows a widget at a size and waits until it is painted."""

    kept: list[QWidget] = []  # pytest-qt keeps only weak references, and a test may need no name for the window

    def show(widget: QWidget, width: int = 1366, height: int = 768) -> QWidget:
        kept.append(widget)
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show
