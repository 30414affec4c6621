"""The number pad: 20 mm keys on the glass and the same keys on a hardware keyboard."""

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from shared.qt.icons import IconName
from shared.qt.metrics import KEY_MM
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TypeSize
from shared.qt.widgets.button import TouchButton

_ROWS: Final = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"))
_FLASH_MS: Final = 90  # how long a key stays drawn as pressed when it was struck on a keyboard


class Keypad(QWidget):
    """Digits, an optional "00" and backspace. Numbers read from left to right in every language, so it never mirrors.

    A hardware keyboard works while the pad has the focus; a screen whose focus is elsewhere hands its key events to
    `take_key`.
    """

    digit_pressed = Signal(str)  # "0".."9" or "00"
    backspace_pressed = Signal()
    enter_pressed = Signal()  # from a keyboard only: on the glass the screen's own button stands for it

    def __init__(self, holder: ThemeHolder, *, double_zero: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holder = holder
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._keys: dict[str, TouchButton] = {}
        for row, digits in enumerate(_ROWS):
            for column, digit in enumerate(digits):
                self._add_digit(digit, row, column)
        if double_zero:
            self._add_digit("00", 3, 0)
        self._add_digit("0", 3, 1)
        self.backspace_key = self._key("", icon=IconName.BACKSPACE)
        self.backspace_key.setAccessibleName(self.tr("Delete the last digit"))
        self.backspace_key.clicked.connect(lambda: self.backspace_pressed.emit())
        self._grid.addWidget(self.backspace_key, 3, 2)
        self._measure()
        holder.changed.connect(self._measure)

    def key(self, digit: str) -> TouchButton:
        """The key of "0".."9" or "00"."""
        return self._keys[digit]

    def take_key(self, event: QKeyEvent) -> bool:
        """Act on a key of a hardware keyboard; false when it is none of ours."""
        text = event.text()
        if len(text) == 1 and text in self._keys:
            self._flash(self._keys[text])
            self.digit_pressed.emit(text)
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._flash(self.backspace_key)
            self.backspace_pressed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enter_pressed.emit()
        else:
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.take_key(event):
            super().keyPressEvent(event)

    def _add_digit(self, digit: str, row: int, column: int) -> None:
        key = self._key(digit)
        key.clicked.connect(lambda: self.digit_pressed.emit(digit))
        self._keys[digit] = key
        self._grid.addWidget(key, row, column)

    def _key(self, text: str, *, icon: IconName | None = None) -> TouchButton:
        key = TouchButton(
            self._holder, text, icon=icon, size=TypeSize.FIGURE, min_mm=(KEY_MM, KEY_MM), max_lines=1, parent=self
        )
        key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        return key

    def _flash(self, key: TouchButton) -> None:
        key.setDown(True)
        QTimer.singleShot(_FLASH_MS, key, lambda: key.setDown(False))

    def _measure(self) -> None:
        self._grid.setSpacing(self._holder.metrics.space(3))
