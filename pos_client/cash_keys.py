"""What a guest hands over in cash: the exact sum, the notes that are likely, and a keypad for all else."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from shared.money import SUGGESTIONS, Currency, note_suggestions
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import Keypad, TouchButton

MOST_DIGITS = 9


class CashKeys(QWidget):
    """`given` carries the sum that is meant now, `entered` follows Enter on a keyboard."""

    given = Signal(int)
    entered = Signal()

    def __init__(self, holder: ThemeHolder) -> None:
        super().__init__()
        self._holder = holder
        self._sums: list[int] = []
        self._given = 0
        self.exact = TouchButton(holder, "Exact", min_mm=(25, 14))
        self.exact.setObjectName("exact")
        self.notes = [TouchButton(holder, "", min_mm=(18, 14)) for _ in range(SUGGESTIONS)]
        for place, button in enumerate((self.exact, *self.notes)):
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, at=place: self.given.emit(self._sums[at]))
        for place, button in enumerate(self.notes):
            button.setObjectName(f"note:{place}")
        self.keypad = Keypad(holder, double_zero=True)
        self.keypad.setObjectName("keypad")
        self.keypad.digit_pressed.connect(self._type)
        self.keypad.backspace_pressed.connect(lambda: self.given.emit(self._given // 10))
        self.keypad.enter_pressed.connect(self.entered)
        self.keypad.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(holder.metrics.space(3))
        amounts = QGridLayout()
        amounts.setSpacing(holder.metrics.space(3))
        for place, button in enumerate((self.exact, *self.notes)):
            amounts.addWidget(button, 0, place)
            amounts.setColumnStretch(place, 1)
        column.addLayout(amounts)
        column.addWidget(self.keypad, 1)

    def show_sums(
        self, currency: Currency, notes_minor: tuple[int, ...], *, due_minor: int, given_minor: int, room_px: int
    ) -> None:
        """The sums that these buttons stand for; of many digits there is room for fewer."""
        likely = note_suggestions(due_minor, notes_minor)
        self._sums = [due_minor, *likely, *[0] * (SUGGESTIONS - len(likely))]
        self._given = given_minor
        self.exact.set_words(f"Exact {currency.text(due_minor)}")
        self.exact.setChecked(given_minor == due_minor and given_minor > 0)
        room_px -= self.exact.sizeHint().width()
        for button, amount in zip(self.notes, self._sums[1:], strict=True):
            button.setChecked(given_minor == amount and given_minor > 0)
            button.set_words(currency.text(amount).removesuffix("." + "0" * currency.decimals))
            room_px -= button.sizeHint().width() + self._holder.metrics.space(3)
            button.setVisible(bool(amount) and room_px >= 0)

    def _type(self, digits: str) -> None:
        text = f"{self._given or ''}{digits}"
        if len(text) <= MOST_DIGITS:
            self.given.emit(int(text))
