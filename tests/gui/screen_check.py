"""Walks a shown screen as a finger and an eye would: small targets, overlaps, clipped texts, things off the edge.

Used by every test of a screen. Painted widgets take part through `touch_rects()` and `clipped_texts()`.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import hypot
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractScrollArea, QLabel, QLineEdit, QWidget

from shared.qt.metrics import TOUCH_FLOOR_PX, TOUCH_MM, Metrics

LEFT = Qt.MouseButton.LeftButton
SIZES = ((1024, 768, 15.0), (1366, 768, 15.6), (1920, 1080, 21.5))  # width, height, diagonal in inches
QUICKLY = 80
"""How quickly a picture is packed, 0 to 100. Qt's own choice takes a third longer and makes it a quarter smaller."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a screen; `where` is the way to the widget from the window."""

    kind: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Target:
    """Something to touch, where it lies in the window. `floating` ones may cover others for a moment."""

    where: str
    rect: QRect
    floating: bool
    whole: bool  # false where a scroll area cuts it off


def faults(window: QWidget, metrics: Metrics) -> list[Fault]:
    """Everything wrong with the screen as it is shown now; an empty list means it is sound."""
    assert window.isVisible(), "show the window before checking it"
    window.ensurePolished()
    there = targets(window)
    found = [fault for target in there for fault in _size_faults(target, metrics)]
    found += _overlaps(there)
    for widget in list(_reachable(window)):
        found += _text_faults(widget, window)
        found += _place_faults(widget, window)
    return found


def targets(window: QWidget) -> list[Target]:
    """Everything that a finger could press on the screen as it is shown now."""
    return [target for widget in list(_reachable(window)) for target in _targets(widget, window)]


def assert_screen_is_sound(window: QWidget, metrics: Metrics) -> None:
    """Fail with every fault in words."""
    wrong = faults(window, metrics)
    assert not wrong, "\n".join(str(fault) for fault in wrong)


def save_picture(widget: QWidget, name: str) -> Path:
    """Keep a picture of the widget in `$EVERTILL_PICTURES` (default build/pictures), for looking at."""
    folder = Path(os.environ.get("EVERTILL_PICTURES", "build/pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    assert widget.grab().save(str(path), "PNG", QUICKLY), f"could not write {path}"
    return path


def press(widget: QWidget, spot: QPoint | None = None) -> None:
    """A finger on the middle of the widget, or on a spot of it: press and release on the real window."""
    window = widget.window()
    there = widget.mapTo(window, spot if spot is not None else widget.rect().center())
    assert window.rect().contains(there), "the spot is outside the window"
    reached = window.childAt(there) or window
    at = reached.mapFrom(window, there)
    QTest.mousePress(reached, LEFT, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseRelease(reached, LEFT, Qt.KeyboardModifier.NoModifier, at)


def double_tap(widget: QWidget, spot: QPoint | None = None) -> None:
    """Two quick taps of a finger on one place, as the window system hands them on."""
    window = widget.window()
    there = widget.mapTo(window, spot if spot is not None else widget.rect().center())
    QTest.mouseDClick(window.windowHandle(), LEFT, Qt.KeyboardModifier.NoModifier, there)


def press_target(widget: Any, key: str) -> None:
    """A finger on one target of a painted widget."""
    rects: dict[str, QRect] = widget.touch_rects()
    assert key in rects, f"{key} is not on show; these are: {', '.join(rects)}"
    press(widget, rects[key].center())


def gap_mm(one: QRect, other: QRect, metrics: Metrics) -> float:
    """The distance between the nearest edges of two rects in the same coordinates; 0 where they touch."""
    across = max(one.left() - other.right() - 1, other.left() - one.right() - 1, 0)
    along = max(one.top() - other.bottom() - 1, other.top() - one.bottom() - 1, 0)
    return hypot(across, along) / metrics.px_per_mm


def _reachable(window: QWidget) -> Iterator[QWidget]:
    """Every visible widget a finger could get to: with a sheet open, only the sheet."""
    everything = [window, *window.findChildren(QWidget)]
    sheets = [widget for widget in everything if widget.isVisible() and getattr(widget, "modal_sheet", False)]
    roof = sheets[-1] if sheets else None
    for widget in everything:
        if widget.isVisible() and (roof is None or widget is roof or roof.isAncestorOf(widget)):
            yield widget


def _targets(widget: QWidget, window: QWidget) -> Iterator[Target]:
    where = _where(widget, window)
    floating = any(getattr(one, "floats_above", False) for one in _with_parents(widget, window))
    rects: Callable[[], dict[str, QRect]] | None = getattr(widget, "touch_rects", None)
    if rects is not None:
        for key, rect in rects().items():
            placed = QRect(widget.mapTo(window, rect.topLeft()), rect.size())
            yield Target(where=f"{where}[{key}]", rect=placed, floating=floating, whole=_is_whole(widget, rect, window))
    elif isinstance(widget, QAbstractButton | QLineEdit):
        placed = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
        whole = _is_whole(widget, widget.rect(), window)
        yield Target(where=where, rect=placed, floating=floating, whole=whole)


def _size_faults(target: Target, metrics: Metrics) -> Iterator[Fault]:
    least = max(TOUCH_FLOOR_PX, metrics.mm(TOUCH_MM))
    width, height = target.rect.width(), target.rect.height()
    if target.whole and min(width, height) < least:
        millimetres = f"{width / metrics.px_per_mm:.1f} x {height / metrics.px_per_mm:.1f} mm"
        yield Fault("small target", target.where, f"{width} x {height} px, {millimetres}; least is {least} px")


def _overlaps(there: list[Target]) -> list[Fault]:
    return [
        Fault("overlap", one.where, f"shares ground with {other.where}")
        for one, other in combinations(there, 2)
        if one.floating == other.floating and one.rect.intersects(other.rect)
    ]


def _text_faults(widget: QWidget, window: QWidget) -> Iterator[Fault]:
    where = _where(widget, window)
    clipped: Callable[[], list[str]] | None = getattr(widget, "clipped_texts", None)
    if clipped is not None:
        for text in clipped():
            yield Fault("clipped text", where, repr(text))
    elif isinstance(widget, QLabel) and widget.text():
        if widget.wordWrap():
            needed = widget.heightForWidth(widget.width())
            if needed > widget.height() or _longest_word(widget) > widget.contentsRect().width():
                yield Fault("clipped text", where, f"{widget.text()!r} needs {needed} px of height")
        elif widget.sizeHint().width() > widget.width() or widget.fontMetrics().height() > widget.height():
            yield Fault("clipped text", where, f"{widget.text()!r} needs {widget.sizeHint().width()} px of width")
    elif isinstance(widget, QAbstractButton) and widget.text():
        needed = widget.fontMetrics().horizontalAdvance(widget.text())
        if needed > widget.contentsRect().width() or widget.fontMetrics().height() > widget.height():
            yield Fault("clipped text", where, f"{widget.text()!r} needs {needed} px of width")


def _longest_word(label: QLabel) -> int:
    return max((label.fontMetrics().horizontalAdvance(word) for word in label.text().split()), default=0)


def _place_faults(widget: QWidget, window: QWidget) -> Iterator[Fault]:
    if widget is window or _scrolled(widget, window):
        return
    rect = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
    if not window.rect().contains(rect):
        yield Fault("outside the window", _where(widget, window), f"{_say(rect)} in {_say(window.rect())}")
    parent = widget.parentWidget()
    if parent is not None and parent is not window and not parent.rect().contains(widget.geometry()):
        yield Fault("cut off", _where(widget, window), f"{_say(widget.geometry())} in {_say(parent.rect())}")


def _scrolled(widget: QWidget, window: QWidget) -> bool:
    """Whether a scroll area may rightly show only a part of it. Item views and their parts look after themselves."""
    return any(isinstance(one, QAbstractScrollArea) for one in list(_with_parents(widget, window))[1:])


def _is_whole(widget: QWidget, rect: QRect, window: QWidget) -> bool:
    for one in _with_parents(widget, window):
        parent = one.parentWidget()
        if parent is not None and isinstance(parent.parentWidget(), QAbstractScrollArea):
            return parent.rect().contains(QRect(widget.mapTo(parent, rect.topLeft()), rect.size()))
        if isinstance(one, QAbstractItemView):
            return False
    return True


def _with_parents(widget: QWidget, window: QWidget) -> Iterator[QWidget]:
    here: QWidget | None = widget
    while here is not None:
        yield here
        here = None if here is window else here.parentWidget()


def _where(widget: QWidget, window: QWidget) -> str:
    names = [one.objectName() or type(one).__name__ for one in _with_parents(widget, window)]
    text = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
    return " > ".join(reversed(names)) + (f" {text!r}" if text else "")


def _say(rect: QRect) -> str:
    return f"({rect.x()}, {rect.y()}, {rect.width()} x {rect.height()})"
