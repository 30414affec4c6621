"""In place of the keypad: what a guest is asked for by card or mobile money, how far it is, and the ways out."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from pos_client.gateway_words import Said
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TypeSize
from shared.qt.widgets import ButtonKind, Card, Ink, Label, Role, ToneIcon, TouchButton


class GatewayPanel(Card):
    """`cancel_wanted` and `cash_wanted` follow its buttons; the guest is asked by the screen's large button."""

    cancel_wanted = Signal()
    cash_wanted = Signal()

    def __init__(self, holder: ThemeHolder) -> None:
        super().__init__(holder)
        middle = Qt.AlignmentFlag.AlignCenter
        self.icon = ToneIcon(holder)
        self.title = Label("", role=Role.TITLE, wrap=True, align=middle)
        self.title.setObjectName("gateway_title")
        self.amount = Label("", role=Role.HERO, align=middle)
        self.text = Label("", ink=Ink.MUTED, wrap=True, align=middle)
        self.cancel = TouchButton(holder, "Cancel this payment", min_mm=(60, 14))
        self.cancel.setObjectName("cancel_payment")
        self.cancel.clicked.connect(self.cancel_wanted)
        self.cash = TouchButton(
            holder, "Take cash all the same", kind=ButtonKind.WARN, min_mm=(60, 14), size=TypeSize.BODY
        )
        self.cash.setObjectName("cash_anyway")
        self.cash.clicked.connect(self.cash_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(holder.metrics.space(3))
        column.addStretch(1)
        column.addWidget(self.icon, 0, middle)
        for label in (self.title, self.amount, self.text):
            column.addWidget(label)
        column.addStretch(1)
        column.addWidget(self.cancel)
        column.addWidget(self.cash)

    def show_said(self, said: Said, amount: str) -> None:
        """Where it stands, and for how much."""
        self.icon.show_icon(said.icon, said.tone)
        self.title.setText(said.title)
        self.amount.setText(amount)
        self.text.setText(said.text)

    def show_ways(self, *, can_cancel: bool, can_take_cash: bool) -> None:
        """Which ways out there are."""
        self.cancel.setVisible(can_cancel)
        self.cash.setVisible(can_take_cash)
