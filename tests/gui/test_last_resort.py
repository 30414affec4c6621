"""The last resort: a mistake in a screen becomes words and two ways on, in this thread or another."""

import sys
import threading
from collections.abc import Callable, Iterator
from types import TracebackType

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from shared.qt.last_resort import LastResort
from shared.qt.metrics import Metrics
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import TouchButton
from tests.gui.screen_check import faults, press

OnShow = Callable[..., QWidget]


class Night:
    """A window with a button whose slot fails, and what the outside was told."""

    def __init__(self, holder: ThemeHolder) -> None:
        self.window = QWidget()
        self.broken = TouchButton(holder, "Broken")
        self.broken.clicked.connect(self._fail)
        QVBoxLayout(self.window).addWidget(self.broken)
        self.reports: list[str] = []
        self.returns = 0
        self.way_back_fails = False
        self.last_resort = LastResort(holder, window=self.window, go_back=self._go_back, report=self.reports.append)

    def _fail(self) -> None:
        raise ValueError("a mistake in a slot")

    def _go_back(self) -> None:
        if self.way_back_fails:
            raise ValueError("the way back is broken too")
        self.returns += 1


@pytest.fixture
def before() -> Iterator[list[str]]:
    """The hooks that were there before ours; they note what they get."""
    kept: list[str] = []
    old, old_in_threads = sys.excepthook, threading.excepthook

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        kept.append(repr(error))

    sys.excepthook = note
    yield kept
    sys.excepthook, threading.excepthook = old, old_in_threads


@pytest.fixture
def night(holder: ThemeHolder, on_show: OnShow, before: list[str]) -> Iterator[Night]:
    """The hooks in place, the window shown."""
    made = Night(holder)
    on_show(made.window)
    made.last_resort.install()
    yield made
    made.last_resort.uninstall()


def test_a_mistake_in_a_slot_is_said_in_words_and_the_till_goes_on(night: Night, metrics: Metrics) -> None:
    screen = night.last_resort.screen
    assert not screen.isVisible()
    press(night.broken)
    assert screen.isVisible()
    assert screen.geometry() == night.window.rect()
    assert "safe on this till" in screen.advice.text()
    assert "ValueError: a mistake in a slot" in night.reports[0]
    screen_faults = [fault for fault in faults(night.window, metrics) if "LastResortScreen" in fault.where]
    assert [fault for fault in screen_faults if fault.kind != "overlap"] == []
    press(screen.back_button)
    assert (night.returns, screen.isVisible()) == (1, False)


def test_another_program_may_use_its_own_words(holder: ThemeHolder, on_show: OnShow) -> None:
    window = on_show(QWidget())
    last_resort = LastResort(
        holder,
        window=window,
        go_back=lambda: None,
        report=lambda details: None,
        advice="The tickets are safe.",
        back="Go back to the board",
    )
    assert last_resort.screen.advice.text() == "The tickets are safe."
    assert last_resort.screen.back_button.text() == "Go back to the board"


def test_details_are_there_for_whoever_asks(night: Night) -> None:
    screen = night.last_resort.screen
    press(night.broken)
    assert not screen.details.isVisible()
    press(screen.details_button)
    assert screen.details.isVisible()
    assert "a mistake in a slot" in screen.details.toPlainText()
    press(screen.copy_button)
    assert QGuiApplication.clipboard().text() == screen.details.toPlainText()
    assert screen.copy_button.text() == "Copied"


def test_a_mistake_on_the_way_back_stays_on_the_screen(night: Night) -> None:
    screen = night.last_resort.screen
    press(night.broken)
    night.way_back_fails = True
    press(screen.back_button)
    assert screen.isVisible()
    assert "the way back is broken too" in screen.details.toPlainText()
    night.way_back_fails = False
    press(screen.back_button)
    assert not screen.isVisible()


def test_a_mistake_in_another_thread_is_shown_in_this_one(night: Night, qtbot: QtBot) -> None:
    def fail() -> None:
        raise ValueError("far away")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join(timeout=30)
    qtbot.waitUntil(night.last_resort.screen.isVisible)
    assert "far away" in night.reports[0]


def test_a_loop_of_mistakes_does_not_fill_the_memory(night: Night) -> None:
    for number in range(60):
        night.last_resort.handle(ValueError, ValueError(f"{number} " + "x" * 1000), None)
    details = night.last_resort.screen.details.toPlainText()
    assert len(details) <= 20_000
    assert "ValueError: 0 " in details


def test_an_interrupt_passes_through(night: Night, before: list[str]) -> None:
    night.last_resort.handle(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert before == ["KeyboardInterrupt()"]
    assert not night.last_resort.screen.isVisible()


def test_when_reporting_fails_the_first_error_is_not_lost(
    holder: ThemeHolder, on_show: OnShow, before: list[str]
) -> None:
    def report(details: str) -> None:
        raise OSError("the log is gone")

    window = on_show(QWidget())
    last_resort = LastResort(holder, window=window, go_back=lambda: None, report=report)
    last_resort.install()
    last_resort.handle(ValueError, ValueError("first"), None)
    last_resort.uninstall()
    assert before == ["ValueError('first')"]


def test_the_hooks_are_given_back(holder: ThemeHolder, on_show: OnShow, before: list[str]) -> None:
    window = on_show(QWidget())
    was, was_in_threads = sys.excepthook, threading.excepthook
    last_resort = LastResort(holder, window=window, go_back=lambda: None, report=lambda details: None)
    last_resort.install()
    assert sys.excepthook is not was
    last_resort.uninstall()
    assert (sys.excepthook, threading.excepthook) == (was, was_in_threads)
