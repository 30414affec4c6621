"""What stands in place of the keypad once the bill is closed: the change to give, large, and the way back."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout

from pos_client.gateway_words import NAMES
from shared.domain.order import OrderState
from shared.money import Currency
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize
from shared.qt.widgets import Badge, ButtonKind, Card, Ink, Label, Role, TouchButton
from shared.terminal import CardPayment, OrderView


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

    def show_closed(
        self,
        view: OrderView,
        currency: Currency,
        *,
        letter: str,
        taken: tuple[int, int] | None,
        payment: CardPayment | None,
    ) -> None:
        """The change to give; or that it was not this till that closed the order, so that no money changes hands.

        `taken` is what cash was taken on this showing and what for, `payment` what the guest paid by card.
        """
        receipts = [number for number in view.receipt_numbers if number.startswith(f"{letter}-")]
        receipt = f"receipt {receipts[-1] if receipts else ''}"
        settled = "On the server" if view.invoice_number else "Saved here"
        state, tone = ("Saving", Tone.INFO) if view.saving else (settled, Tone.OK)
        self.button.setEnabled(not view.saving)  # whoever leaves has read that the money is saved, or that it is not
        if taken is not None:
            change = taken[0] - taken[1]
            title = "Change to give" if change else "No change to give"
            text = f"{currency.text(taken[0])} taken for {currency.text(taken[1])} · {receipt}"
            self.show_words(state, tone, title=title, amount=currency.text(change), text=text)
        elif payment is not None:
            title = f"Paid by {NAMES[payment.method].lower()}"
            amount = currency.text(payment.wish.total_minor)
            self.show_words(state, tone, title=title, amount=amount, text=f"No change to give · {receipt}")
        else:
            voided = "merged into another order" if view.is_merged else "voided"
            what = voided if view.state is OrderState.VOIDED else "paid and closed"
            title = f"Order {view.number} was {what} already"
            text = "No money was taken on this screen. Look at the order before you take any."
            self.show_words("Closed", Tone.WARN, title=title, amount="", text=text)
