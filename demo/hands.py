"""A waiter's hands inside the till's own process: real presses and releases on the real window's widgets."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QIODevice, QPoint, QSaveFile, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from pos_client.window import Window

Steps = Generator[Callable[[], bool], None, None]
"""Something that takes a while: yields what has to be so before it goes on."""

LEFT = Qt.MouseButton.LeftButton
MOST_PAGES = 60


class CannotReach(Exception):
    """What should be tapped is not on the screen."""


def press(widget: QWidget, spot: QPoint | None = None) -> None:
    """A finger on the middle of a widget, or on a spot of it."""
    window = widget.window()
    there = widget.mapTo(window, spot if spot is not None else widget.rect().center())
    reached = window.childAt(there) or window
    at = reached.mapFrom(window, there)
    QTest.mousePress(reached, LEFT, pos=at)
    QTest.mouseRelease(reached, LEFT, pos=at)


def photograph(widget: QWidget, path: Path) -> None:
    """A picture of a screen at its own size, however small a display may show it; whole or not there at all.

    The night kills this very program, perhaps while it takes a picture.
    """
    path.parent.mkdir(exist_ok=True)
    picture = QPixmap(widget.size())
    widget.render(picture)
    file = QSaveFile(str(path))
    if file.open(QIODevice.OpenModeFlag.WriteOnly) and picture.save(file, "PNG"):
        file.commit()


class Hands:
    """Finds things by their names on the screen on show and taps them."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def sees(self, name: str) -> bool:
        """Whether a widget of this name is on the screen and can be used."""
        found = self._find(name)
        return found is not None and found.isEnabled()

    def read(self) -> None:
        """What stays over the screen until somebody has seen it is read, and tapped away."""
        toast = self.window.screen_on_show.toast
        if toast.is_kept:
            press(toast.button)

    def tap(self, name: str) -> None:
        """Tap a widget. Raises CannotReach."""
        self.read()
        found = self._find(name)
        if found is None or not found.isEnabled():
            raise CannotReach(f"{name} on {type(self.window.screen_on_show).__name__}")
        press(found)

    def targets(self, name: str) -> dict[str, Any]:
        """The targets of a painted widget that are on show."""
        found = self._find(name)
        area: Any = getattr(found, "area", found)
        return {} if area is None else dict(area.touch_rects())

    def tap_on(self, name: str, key: str) -> None:
        """Tap a target of a painted widget. Raises CannotReach."""
        self.read()
        found = self._find(name)
        area: Any = getattr(found, "area", found)
        rect = None if area is None else area.touch_rects().get(key)
        if rect is None:
            raise CannotReach(f"{key} in {name} on {type(self.window.screen_on_show).__name__}")
        press(area, rect.center())

    def turn_to(self, name: str, key: str) -> Steps:
        """Turn pages, forwards and then back, until the target is on show, or all were seen."""
        found: Any = self._find(name)
        pages = () if found is None else (found.pages.next_button, found.pages.previous_button)
        for button in pages:
            for _ in range(MOST_PAGES):
                if key in self.targets(name):
                    return
                if not button.isVisible() or not button.isEnabled():
                    break
                press(button)
                yield lambda: True

    def open_order(self, order_id: str) -> Steps:
        """Open an order by its card beside the floor plan."""
        yield from self.to_tables()
        yield from self.turn_to("orders", order_id)
        self.tap_on("orders", order_id)
        yield lambda: self.window.screen_on_show is self.window.order

    def to_tables(self) -> Steps:
        """Back to the floor from wherever we are, logging in if nobody is."""
        window = self.window
        for _ in range(6):
            if window.screen_on_show is window.tables:
                return
            if window.screen_on_show is window.login:
                yield from self._log_in()
            elif window.screen_on_show is window.order and window.order.sheet.isVisible():
                self.tap("cancel")
            elif window.screen_on_show is window.pay and self.sees("done"):
                self.tap("done")
            else:
                self.tap("back")
            yield lambda: True
        yield lambda: window.screen_on_show is window.tables

    def _log_in(self) -> Steps:
        window = self.window
        yield lambda: bool(self.targets("people"))
        self.tap_on("people", "amina")
        for digit in "1111":
            press(window.login.pad.keypad.key(digit))
            yield lambda: True
        yield lambda: window.screen_on_show is window.tables

    def _find(self, name: str) -> QWidget | None:
        found: list[QWidget] = self.window.screen_on_show.findChildren(QWidget, name)
        return next((widget for widget in found if widget.isVisible()), None)
