"""The receipt as it will be printed, beside the keypad: its number, its lines, its total."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TIMES
from shared.qt.widgets import Card, Divider, Ink, Label, Role
from shared.terminal import OrderView, Terminal

LINES_SHOWN, FEWER_LINES_SHOWN = 10, 5


class ReceiptCard(Card):
    """Shows at most ten lines, five where words are large, and says how many more there are."""

    def __init__(self, holder: ThemeHolder, terminal: Terminal) -> None:
        super().__init__(holder)
        self._terminal = terminal
        self.number = Label("", ink=Ink.MUTED, wrap=True)
        shown = FEWER_LINES_SHOWN if holder.metrics.has_large_words else LINES_SHOWN
        self.rows = [(Label("", elide=True), Label("")) for _ in range(shown)]
        self.more = Label("", role=Role.NOTE, ink=Ink.MUTED)
        self.off_name, self.off = Label("Discount", ink=Ink.MUTED), Label("")
        self.total = Label("", role=Role.STRONG)
        column = QVBoxLayout(self)
        column.setSpacing(holder.metrics.space(1))
        column.addWidget(Label("Receipt", role=Role.HEADING))
        column.addWidget(self.number)
        column.addSpacing(holder.metrics.space(2))
        column.addWidget(Divider(holder))
        column.addSpacing(holder.metrics.space(2))
        for name, amount in self.rows:
            row = QHBoxLayout()
            row.addWidget(name, 1)
            row.addWidget(amount)
            column.addLayout(row)
        column.addWidget(self.more)
        column.addStretch(1)
        column.addWidget(Divider(holder))
        column.addSpacing(holder.metrics.space(2))
        off = QHBoxLayout()
        off.addWidget(self.off_name, 1)
        off.addWidget(self.off)
        column.addLayout(off)
        low = QHBoxLayout()
        low.addWidget(Label("Total", role=Role.STRONG), 1)
        low.addWidget(self.total)
        column.addLayout(low)

    def show_order(self, view: OrderView) -> None:
        """The order's lines that are owed, grouped as they stand."""
        currency = self._terminal.business.currency
        lines = [line for line in view.lines if not line.voided]
        for place, (name, amount) in enumerate(self.rows):
            shown = place < len(lines)
            name.setVisible(shown)
            amount.setVisible(shown)
            if shown:
                name.setText(f"{lines[place].quantity}{TIMES} {lines[place].name}")
                amount.setText(currency.text(lines[place].total_minor))
        left = len(lines) - len(self.rows)
        self.more.setText(f"and {left} more" if left > 0 else "")
        off_minor = view.totals.discount_minor
        for label in (self.off_name, self.off):
            label.setVisible(bool(off_minor))
        self.off.setText(currency.text(-off_minor))
        self.total.setText(currency.text(view.totals.total_minor))
        if view.invoice_number:
            invoice = f"invoice {view.invoice_number}"  # who is no till may close without a receipt of its own
            self.number.setText(f"{view.receipt_number} · {invoice}" if view.receipt_number else f"Only {invoice}")
        elif view.receipt_number:
            self.number.setText(f"Provisional {view.receipt_number}. The invoice number follows from the server.")
        else:
            self.number.setText(f"Order {view.number}. It gets its receipt number when it is paid.")
