"""The sums of the bill beside the keypad: what is owed, what was given, and the change or what is missing."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from shared.money import Currency
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import Card, Divider, Ink, Label, Role, TouchButton

LOUD_FIGURES, TITLE_FIGURES = 9, 12
"""Signs of an amount up to which it stands in the largest figures, and in the next."""


class BillCard(Card):
    """Money in minor units of the currency it is told."""

    def __init__(self, holder: ThemeHolder) -> None:
        super().__init__(holder)
        self.due_name = Label("", ink=Ink.MUTED)
        self.due = Label("", role=Role.HERO)
        self.due.setObjectName("due")
        self.given = Label("", role=Role.STRONG)
        self.off_name, self.off = Label("Discount", ink=Ink.MUTED), Label("", role=Role.STRONG)
        self.off.setObjectName("off")
        self.discount = TouchButton(holder, "Discount", min_mm=(30, 14))
        self.discount.setObjectName("discount")
        self.change_name = Label("Change", role=Role.HEADING, ink=Ink.MUTED)
        self.change = Label("", role=Role.FIGURE, ink=Ink.OK)
        self.change.setObjectName("change")
        column = QVBoxLayout(self)
        column.setSpacing(holder.metrics.space(3))
        column.addWidget(self.due_name)
        column.addWidget(self.due)
        off = QHBoxLayout()
        off.addWidget(self.off_name, 1)
        off.addWidget(self.off)
        column.addLayout(off)
        given = QHBoxLayout()
        given.addWidget(Label("Given", ink=Ink.MUTED), 1)
        given.addWidget(self.given)
        column.addLayout(given)
        column.addWidget(Divider(holder))
        column.addWidget(self.change_name)
        column.addWidget(self.change)
        column.addStretch(1)
        column.addWidget(self.discount)

    def show_discount(self, currency: Currency, off_minor: int, *, can_give: bool) -> None:
        """What was taken off, which is in what is owed already, and whether more may be."""
        for label in (self.off_name, self.off):
            label.setVisible(bool(off_minor))
        self.off.setText(currency.text(-off_minor))
        self.discount.setEnabled(can_give)

    def show_sums(self, currency: Currency, *, name: str, due_minor: int, given_minor: int) -> None:
        """What is owed, under its name, and what was given; before that there is no change to speak of."""
        self.due_name.setText(name)
        change_minor = given_minor - due_minor
        self.due.setText(currency.text(due_minor))
        self.due.set_role(_role_of(self.due.text(), Role.HERO))
        self.given.setText(currency.text(given_minor))
        self.change_name.setText("Missing" if given_minor and change_minor < 0 else "Change")
        self.change.setText(currency.text(abs(change_minor)) if given_minor else "")
        self.change.set_role(_role_of(self.change.text(), Role.FIGURE))
        self.change.set_ink(Ink.OK if change_minor >= 0 else Ink.WARN)


def _role_of(amount: str, usual: Role) -> Role:
    """How loud an amount can be: a long one in smaller figures, so that it never pushes others off the screen."""
    if len(amount) <= LOUD_FIGURES:
        return usual
    return Role.TITLE if len(amount) <= TITLE_FIGURES else Role.HEADING
