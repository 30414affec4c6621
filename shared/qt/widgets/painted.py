"""The ground of widgets that paint their own touch targets: floor plans, tiles, tabs, rows and the kitchen's board.

One widget with computed rects paints many times faster than a widget per tile, but loses what Qt gives a button. This
gives it back: a press is shown at once, a release inside the same target counts, sliding off lets go, the keyboard
moves between targets, and a test can ask where everything is.
"""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from shared.qt.double_tap import is_echo
from shared.qt.theme import ThemeHolder

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_TAP_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Select)


class PaintedTargets(QWidget):
    """Subclass it, return the rects from `target_rects` and paint with `pressed_key` and `focused_key`.

    `tapped` carries the key of the target. Keys are names the screen chose, such as an item's id.
    """

    tapped = Signal(str)

    def __init__(self, holder: ThemeHolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.holder = holder
        self.pressed_key: str | None = None
        self.focused_key: str | None = None
        self._pressed_at_ms: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        holder.changed.connect(self.on_theme_changed)

    def target_rects(self) -> Mapping[str, QRect]:
        """Every target on show by its key, as it lies for left-to-right. Kept cheap: asked at every press."""
        return {}

    def can_tap(self, key: str) -> bool:
        """Whether a press on this target is shown and counts."""
        return True

    def clipped_texts(self) -> list[str]:
        """Texts that had to be shortened to fit, for the checks that walk the screens."""
        return []

    def on_theme_changed(self) -> None:
        """Measure and paint again. Extend it where rects are kept."""
        self.updateGeometry()
        self.update()

    def touch_rects(self) -> dict[str, QRect]:
        """Every target on show by its key, where it really lies in this widget."""
        return {key: self._visual(rect) for key, rect in self.target_rects().items()}

    def key_at(self, spot: QPoint) -> str | None:
        """The target under a point of this widget."""
        there = self._visual(QRect(spot, QSize(1, 1))).topLeft()
        return next((key for key, rect in self.target_rects().items() if rect.contains(there)), None)

    def repaint_target(self, key: str | None) -> None:
        """Ask for one target to be painted again."""
        rect = self.target_rects().get(key) if key is not None else None
        if rect is not None:
            self.update(self._visual(rect))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show the press before anything else happens."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._pressed_at_ms = event.timestamp()
        key = self.key_at(event.position().toPoint())
        if key is not None and self.can_tap(key):
            self._press(key)
            self.repaint(self._visual(self.target_rects()[key]))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A finger that slides off its target lets go of it."""
        if self.pressed_key is not None and self.key_at(event.position().toPoint()) != self.pressed_key:
            self._press(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A release on the pressed target is a tap."""
        key = self.pressed_key
        self._press(None)
        if key is not None and self.key_at(event.position().toPoint()) == key:
            self.tapped.emit(key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second of two quick taps here is a tap like any other; whether it counts is for the screen to say."""
        if is_echo(event, last_press_ms=self._pressed_at_ms):
            event.accept()
            return
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move between targets, Enter and Space tap the one in focus."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._move_focus(*_STEPS[key])
        elif key in _TAP_KEYS and self.focused_key in self.target_rects() and self.can_tap(str(self.focused_key)):
            self.tapped.emit(str(self.focused_key))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard arrives at the target it left, or at the first."""
        rects = self.target_rects()
        if self.focused_key not in rects:
            self.focused_key = next(iter(rects), None)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark of the keyboard away."""
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Mirror at once when the reading direction changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self.update()

    def shows_focus(self, key: str) -> bool:
        """Whether this target is to be drawn with the mark of the keyboard."""
        return self.hasFocus() and key == self.focused_key

    def _press(self, key: str | None) -> None:
        before, self.pressed_key = self.pressed_key, key
        if before != key:
            self.repaint_target(before)
            self.repaint_target(key)

    def _move_focus(self, right: int, down: int) -> None:
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            right = -right
        rects = self.target_rects()
        here = rects.get(self.focused_key) if self.focused_key is not None else None
        if here is None:
            self.focused_key = next(iter(rects), None)
        else:
            nearest = min(
                (key for key, rect in rects.items() if _lies_towards(here, rect, right=right, down=down)),
                key=lambda key: _distance(here, rects[key], across=bool(right)),
                default=self.focused_key,
            )
            self.focused_key = nearest
        self.update()

    def _visual(self, rect: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), rect)


def _lies_towards(here: QRect, there: QRect, *, right: int, down: int) -> bool:
    step = there.center() - here.center()
    return (
        (step.x() * right > 0 and abs(step.x()) >= abs(step.y()))
        if right
        else (step.y() * down > 0 and abs(step.y()) >= abs(step.x()))
    )


def _distance(here: QRect, there: QRect, *, across: bool) -> int:
    step = there.center() - here.center()
    along, beside = (step.x(), step.y()) if across else (step.y(), step.x())
    return abs(along) + 3 * abs(beside)
