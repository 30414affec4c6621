"""Where a PIN is typed: dots that fill, a keypad, and a line for what went wrong."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder
from shared.qt.widgets.keypad import Keypad
from shared.qt.widgets.label import Ink, Label

PIN_LENGTH: Final = 4


class PinDots(QWidget):
    """One ring for each digit, filled as they are typed. It never knows the digits."""

    def __init__(self, holder: ThemeHolder, *, length: int = PIN_LENGTH, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holder = holder
        self._length = length
        self._filled = 0
        self._wrong = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        holder.changed.connect(self.updateGeometry)

    def show_filled(self, filled: int, *, wrong: bool = False) -> None:
        """Fill the first `filled` rings, in the colour of a mistake if `wrong`."""
        self._filled, self._wrong = filled, wrong
        self.update()

    def filled(self) -> int:
        """How many rings are filled."""
        return self._filled

    def sizeHint(self) -> QSize:
        metrics = self._holder.metrics
        return QSize(self._length * metrics.px(40), metrics.px(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        metrics, ink = self._holder.metrics, self._holder.ink
        side, step = metrics.px(20), metrics.px(40)
        left = (self.width() - (self._length - 1) * step - side) // 2
        with Brush(self, self._holder, event) as brush:
            for place in range(self._length):
                rect = QRect(left + place * step, (self.height() - side) // 2, side, side)
                full = place < self._filled
                edge = ink.bad if self._wrong else (ink.text if full else ink.muted)
                brush.box(rect, fill=edge if full else None, radius=side, edge=edge, width=2)


class PinPad(QWidget):
    """Collects the digits of a PIN and gives them away once, with `entered`.

    The digits are forgotten at that moment; the screen shows the answer with `show_wrong` or `clear`.
    """

    entered = Signal(str)

    def __init__(
        self, holder: ThemeHolder, *, title: str = "", length: int = PIN_LENGTH, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._holder = holder
        self._length = length
        self._digits = ""
        self.title = Label(title or self.tr("Your PIN"), ink=Ink.MUTED, align=Qt.AlignmentFlag.AlignCenter)
        self.dots = PinDots(holder, length=length)
        self.message = Label("", ink=Ink.BAD, wrap=True, align=Qt.AlignmentFlag.AlignCenter)
        self.keypad = Keypad(holder)
        self.setFocusProxy(self.keypad)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for part in (self.title, self.dots, self.message):
            self._column.addWidget(part)
        self._column.addWidget(self.keypad, 1)
        self.keypad.digit_pressed.connect(self._on_digit)
        self.keypad.backspace_pressed.connect(self._on_backspace)
        self._measure()
        holder.changed.connect(self._measure)

    def clear(self) -> None:
        """Forget what was typed and what went wrong."""
        self._digits = ""
        self.message.setText("")
        self.dots.show_filled(0)

    def show_wrong(self, message: str) -> None:
        """Say what went wrong; the next digit starts anew."""
        self._digits = ""
        self.message.setText(message)
        self.dots.show_filled(self._length, wrong=True)

    def show_waiting(self, message: str = "") -> None:
        """All rings filled while the PIN is being checked."""
        self.message.setText(message)
        self.dots.show_filled(self._length)

    def take_key(self, event: QKeyEvent) -> bool:
        """Act on a key of a hardware keyboard; false when it is none of ours."""
        return self.isEnabled() and self.keypad.take_key(event)

    def _on_digit(self, digit: str) -> None:
        if not self._digits:
            self.message.setText("")
        self._digits += digit
        self.dots.show_filled(len(self._digits))
        if len(self._digits) >= self._length:
            digits, self._digits = self._digits, ""
            self.entered.emit(digits)

    def _on_backspace(self) -> None:
        self._digits = self._digits[:-1]
        self.dots.show_filled(len(self._digits))

    def _measure(self) -> None:
        metrics = self._holder.metrics
        self._column.setSpacing(metrics.space(3))
        self.message.setMinimumHeight(metrics.px(24))
