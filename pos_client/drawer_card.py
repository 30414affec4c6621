"""The drawer of a shift beside its report: float, what went in and out, the count and the difference; open orders."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pos_client import words
from shared.money import Currency
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import Badge, Card, Divider, Ink, Label, Role
from shared.shift_desk import TillReport
from shared.terminal import OrderView

ORDERS_SHOWN, FEWER_ORDERS_SHOWN = 3, 1


class DrawerCard(Card):
    """Money in minor units of the currency that it is told."""

    def __init__(self, holder: ThemeHolder) -> None:
        super().__init__(holder)
        self.float, self.moved, self.counted = (Label("", role=Role.STRONG) for _ in range(3))
        self.difference = Label("", role=Role.TITLE)
        self.difference.setObjectName("difference")
        self.expected = Label("", role=Role.NOTE, ink=Ink.MUTED, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(holder.metrics.space(1))
        column.addWidget(Label("Cash drawer", role=Role.HEADING))
        for name, value in (
            ("Float", self.float),
            ("Paid in / out", self.moved),
            ("Counted (blind)", self.counted),
        ):
            row = QHBoxLayout()
            row.addWidget(Label(name, ink=Ink.MUTED), 1)
            row.addWidget(value)
            column.addLayout(row)
        column.addWidget(Divider(holder))
        row = QHBoxLayout()
        row.addWidget(Label("Difference"), 1)
        row.addWidget(self.difference)
        column.addLayout(row)
        column.addWidget(self.expected)

    def show_drawer(self, report: TillReport, currency: Currency, *, counted_minor: int | None) -> None:
        """`counted_minor` is what was counted, None before that: then nothing here tells what to count."""
        total = report.total
        paid_out = f"-{currency.text(total.paid_out_minor)}" if total.paid_out_minor else currency.text(0)
        self.float.setText(currency.text(total.float_minor))
        self.moved.setText(f"{currency.text(total.paid_in_minor)} / {paid_out}")
        if counted_minor is None:
            self.counted.setText("not yet")
            self.difference.setText("")
            self.expected.setText("What should be in the drawer is shown after the count.")
            return
        expected = _expected(report)
        difference = counted_minor - expected
        sign = "+" if difference > 0 else ""
        self.counted.setText(currency.text(counted_minor))
        self.difference.setText(f"{sign}{currency.text(difference)}")
        self.difference.set_ink(Ink.WARN if difference else Ink.OK)
        word = "Too much in the drawer." if difference > 0 else "Missing from the drawer." if difference else "Exact."
        self.expected.setText(f"{word} Expected {currency.text(expected)}.")


class StaysOpenCard(Card):
    """The orders that go on after the shift: they are paid in whatever shift is open then."""

    def __init__(self, holder: ThemeHolder) -> None:
        super().__init__(holder)
        self.title = Label("", role=Role.HEADING)
        shown = FEWER_ORDERS_SHOWN if holder.metrics.has_large_words else ORDERS_SHOWN
        self.rows = [
            (Label("", role=Role.STRONG), Label("", elide=True), Badge(holder, "stays open", tone=Tone.INFO))
            for _ in range(shown)
        ]
        self.more = Label("", ink=Ink.MUTED)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(holder.metrics.space(1))
        column.addWidget(self.title)
        for number, place, badge in self.rows:
            row = QHBoxLayout()
            row.addWidget(number)
            row.addWidget(place, 1)
            row.addWidget(badge)
            column.addLayout(row)
        column.addWidget(self.more)

    def show_orders(self, views: Sequence[OrderView]) -> None:
        """The oldest first, and how many more there are."""
        self.title.setText("Open orders" if views else "No open orders")
        for place, (number, where, badge) in enumerate(self.rows):
            shown = place < len(views)
            for widget in (number, where, badge):
                widget.setVisible(shown)
            if shown:
                number.setText(views[place].number)
                where.setText(words.place(views[place].table_name))
        left = len(views) - len(self.rows)
        self.more.setVisible(left > 0)
        self.more.setText(f"and {left} more")


def _expected(report: TillReport) -> int:
    """By the server's books where it has closed the shift, else by this till's."""
    server = report.server
    if server is not None and server.expected_minor is not None:
        return server.expected_minor
    return report.total.expected_minor
