"""What stands in place of the keypad once the bill is closed: the change to give, large, and the way back."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize
from shared.qt.widgets import Badge, ButtonKind, Card, Ink, Label, Role, TouchButton


class PaidPanel(Card):
    """`done` follows its button, which lies away from where the money was taken: a double tap leaves nothing unread."""

    done = Signal()

    def __init__(self, holder: ThemeHolder) -> None:
        super().__init__(holder)
        middle = Qt.AlignmentFlag.AlignCenter
        self.state = Badge(holder, "", tone=Tone.NEUTRAL)
        self.title = Label("", role=Role.HEADING, ink=Ink.MUTED, align=middle)
        self.amount = Label("", role=Role.HERO, ink=Ink.OK, align=middle)
        self.amount.setObjectName("change_due")
        self.text = Label("", ink=Ink.MUTED, wrap=True, align=middle)
        self.button = TouchButton(holder, "Done", kind=ButtonKind.PRIMARY, min_mm=(60, 20), size=TypeSize.HEADING)
        self.button.setObjectName("done")
        self.button.clicked.connect(self.done)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(holder.metrics.space(3))
        column.addStretch(1)
        column.addWidget(self.state, 0, middle)
        for label in (self.title, self.amount, self.text):
            column.addWidget(label)
        column.addStretch(1)
        column.addWidget(self.button)

    def show_words(self, state: str, tone: Tone, *, title: str, amount: str, text: str) -> None:
        """`amount` is what the guest gets back, or empty when nothing was taken here."""
        self.state.show_state(state, tone=tone)
        self.title.setText(title)
        self.amount.setText(amount)
        self.amount.setVisible(bool(amount))
        self.text.setText(text)
