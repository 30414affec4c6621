"""The sheet for a few words: common phrases as buttons, and letters on the screen for all others."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import ButtonKind, Ink, Label, Role, TouchButton

NOTES = ("No onion", "No cheese", "Sauce aside", "Well done", "Spicy", "ALLERGY: ")
ALLERGENS = ("nuts", "gluten", "milk", "eggs", "shellfish", "sesame")
REASONS = (
    "Wrong dish",
    "Guest changed their mind",
    "Sold out",
    "Took too long",
    "Not as ordered",
    "Rung up by mistake",
)
PAY_IN_REASONS = ("Change from the bank", "More float", "Tips for the house", "Paid back")
PAY_OUT_REASONS = ("To the safe", "Supplies", "Delivery", "Tips paid out", "Wages", "Less float")
DISCOUNT_REASONS = ("Waited too long", "Complaint", "Regular guest", "Staff meal", "On the house", "Voucher")
DONE_ABOUT_ALERTS = (
    "Refunded in cash",
    "Checked, all is right",
    "Spoke with the person",
    "Booked by hand",
    "Counted again",
    "Nothing to do",
)
DRAWER_REASONS = ("Change a note", "Checked the drawer", "Opened by mistake")
ROWS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL'", "ZXCVBNM-")
MOST_CHARS = 120
MOST_WITH_MORE = 200
"""As many as a note can carry; what is there already leaves room for as much as an allergy, up to this."""
ROOM_FOR_MORE = 40
NO_ROOM = "No room for more. Erase something first."


class PhraseSheet(QWidget):
    """`said` carries the words, `given_up` follows Cancel. `at_once`: a phrase by itself is enough and closes it."""

    said = Signal(str)
    given_up = Signal()

    def __init__(
        self,
        holder: ThemeHolder,
        title: str,
        phrases: Sequence[str],
        *,
        text: str = "",
        done: str = "Save",
        at_once: bool = False,
    ) -> None:
        super().__init__()
        self._holder, self._text, self._at_once = holder, text[:MOST_WITH_MORE], at_once
        self._most = min(max(MOST_CHARS, len(self._text) + ROOM_FOR_MORE), MOST_WITH_MORE)
        self._after_phrase = bool(text) and not text.endswith(" ")
        self.shown = Label("", role=Role.HEADING, wrap=True)
        self.full = Label(NO_ROOM, role=Role.STRONG, ink=Ink.WARN)
        self.full.setObjectName("full")
        self.save = TouchButton(holder, done, kind=ButtonKind.PRIMARY, min_mm=(40, 14))
        self.save.setObjectName("save")
        self.save.clicked.connect(self._finish)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build(title, phrases)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A keyboard writes too."""
        if event.key() == Qt.Key.Key_Backspace:
            self._backspace()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
        elif event.text().isprintable() and event.text():
            self._type(event.text())
        else:
            super().keyPressEvent(event)

    def _build(self, title: str, phrases: Sequence[str]) -> None:
        metrics = self._holder.metrics
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.space(2))
        column.addWidget(Label(title, role=Role.HEADING, wrap=True))
        column.addWidget(self.shown)
        column.addWidget(self.full)
        grid = QGridLayout()
        grid.setSpacing(metrics.space(2))
        for place, phrase in enumerate(phrases):
            button = TouchButton(self._holder, phrase.strip(" :"), min_mm=(38, 12))
            button.setObjectName(f"phrase:{phrase}")
            button.clicked.connect(lambda _=False, words=phrase: self._phrase(words))
            grid.addWidget(button, place // 3, place % 3)
        column.addLayout(grid)
        column.addStretch(1)
        column.addWidget(self._keyboard())
        low = QHBoxLayout()
        low.setSpacing(metrics.mm(8))
        space = TouchButton(self._holder, "Space", min_mm=(50, 14))
        space.setObjectName("space")
        space.clicked.connect(lambda: self._type(" "))
        cancel = TouchButton(self._holder, "Cancel", min_mm=(28, 14))
        cancel.setObjectName("cancel")
        cancel.clicked.connect(self.given_up)
        low.addWidget(cancel)
        low.addWidget(space, 1)
        low.addWidget(self.save)
        column.addLayout(low)

    def _keyboard(self) -> QWidget:
        """The letters; they stand in the same order also where the rest is read from the right."""
        metrics = self._holder.metrics
        keys = QWidget()
        keys.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        column = QVBoxLayout(keys)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.space(2))
        for row in ROWS:
            line = QHBoxLayout()
            line.setSpacing(metrics.space(1))
            for letter in row:
                line.addWidget(self._key(letter), 2)
            if row == ROWS[-1]:
                back = TouchButton(self._holder, icon=IconName.BACKSPACE, min_mm=(16, 12))
                back.setObjectName("erase")
                back.setAccessibleName("Erase the last letter")
                back.clicked.connect(self._backspace)
                line.addWidget(back, 3)
            column.addLayout(line)
        return keys

    def _key(self, letter: str) -> TouchButton:
        key = TouchButton(self._holder, letter, min_mm=(12, 12))
        key.setObjectName(f"key:{letter}")
        key.clicked.connect(lambda _=False, typed=letter: self._type(typed))
        return key

    def _phrase(self, phrase: str) -> None:
        if self._at_once:
            self.said.emit(phrase)
            return
        self._put(self._joined() + phrase, is_phrase=True)

    def _type(self, letter: str) -> None:
        before = self._joined() if self._after_phrase and letter != " " else self._text
        starts = not before or before.endswith(". ")
        self._put(before + (letter.upper() if starts else letter.lower()), is_phrase=False)

    def _put(self, text: str, *, is_phrase: bool) -> None:
        """Whole or not at all: half a word of an allergy would be read as none."""
        fits = len(text) <= self._most
        if fits:
            self._text, self._after_phrase = text, is_phrase
        self._show(is_full=not fits)

    def _joined(self) -> str:
        """What is there, ready for more words."""
        return self._text if not self._text or self._text.endswith((" ", ": ")) else f"{self._text}, "

    def _backspace(self) -> None:
        self._text = self._text[:-1]
        self._after_phrase = False
        self._show()

    def _show(self, *, is_full: bool = False) -> None:
        self.full.setVisible(is_full)
        self.shown.setText(self._text or "Tap a phrase or write")
        self.shown.set_ink(Ink.TEXT if self._text else Ink.MUTED)
        self.save.setEnabled(bool(self._text.strip()) or not self._at_once)

    def _finish(self) -> None:
        if self.save.isEnabled():
            self.said.emit(self._text.strip())
