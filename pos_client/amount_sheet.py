"""The sheet for a sum of money: what it is for, the digits, and nothing that tells what is expected."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shared.money import Currency
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import ButtonKind, Ink, Keypad, Label, Role, TouchButton

MOST_DIGITS = 9
APART_MM = 8.0
"""Between giving up and the sum that is taken at its word."""


class AmountSheet(QWidget):
    """`said` carries the sum in minor units, once; `given_up` follows Cancel. Nothing typed is no sum, not even 0."""

    said = Signal(int)
    given_up = Signal()

    def __init__(
        self, holder: ThemeHolder, currency: Currency, *, title: str, text: str, done: str, may_be_zero: bool = False
    ) -> None:
        super().__init__()
        self._currency, self._may_be_zero = currency, may_be_zero
        self._typed = ""
        self.shown = Label("", role=Role.HERO)
        self.shown.setObjectName("amount")
        self.keypad = Keypad(holder, double_zero=True)
        self.keypad.setObjectName("keypad")
        self.keypad.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.keypad.digit_pressed.connect(self._type)
        self.keypad.backspace_pressed.connect(self._erase)
        self.keypad.enter_pressed.connect(self._finish)
        self.setFocusProxy(self.keypad)
        self.done = TouchButton(holder, done, kind=ButtonKind.PRIMARY, min_mm=(40, 16))
        self.done.setObjectName("done")
        self.done.clicked.connect(self._finish)
        cancel = TouchButton(holder, "Cancel", min_mm=(28, 16))
        cancel.setObjectName("cancel")
        cancel.clicked.connect(self.given_up)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(holder.metrics.space(2))
        column.addWidget(Label(title, role=Role.HEADING, wrap=True))
        column.addWidget(Label(text, ink=Ink.MUTED, wrap=True))
        column.addWidget(self.shown)
        column.addWidget(self.keypad, 1)
        low = QHBoxLayout()
        low.setSpacing(holder.metrics.mm(APART_MM))
        low.addWidget(cancel)
        low.addWidget(self.done, 1)
        column.addLayout(low)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A keyboard types the sum."""
        if not self.keypad.take_key(event):
            super().keyPressEvent(event)

    def _type(self, digits: str) -> None:
        typed = (self._typed + digits).lstrip("0") or "0"
        if len(typed) <= MOST_DIGITS:
            self._typed = typed
        self._show()

    def _erase(self) -> None:
        self._typed = self._typed[:-1]
        self._show()

    def _show(self) -> None:
        self.shown.setText(self._currency.text(int(self._typed or "0")))
        self.shown.set_ink(Ink.TEXT if self._typed else Ink.MUTED)
        self.done.setEnabled(bool(self._typed) and (self._may_be_zero or int(self._typed) > 0))

    def _finish(self) -> None:
        if self.done.isEnabled():
            self.done.setEnabled(False)
            self.said.emit(int(self._typed))
