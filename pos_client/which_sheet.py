"""The sheet that asks which of several orders is meant: a question, the orders as cards, and the other ways out."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_client.order_cards import OrderCard, OrderCards
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import Ground, Ink, Label, Role, TouchButton


class WhichSheet(QWidget):
    """`chosen` carries the id of the order that was tapped."""

    chosen = Signal(str)

    def __init__(
        self, holder: ThemeHolder, count: int, card: Callable[[int], OrderCard], *, title: str, advice: str = ""
    ) -> None:
        """`card` makes the card at a place, counted from 0; `advice` says under the question what an answer means."""
        super().__init__()
        metrics = holder.metrics
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.space(3))
        column.addWidget(Label(title, role=Role.HEADING, wrap=True))
        if advice:
            column.addWidget(Label(advice, ink=Ink.MUTED, wrap=True))
        self.cards = OrderCards(holder, ground=Ground.SURFACE)
        self.cards.setObjectName("which")
        self.cards.tapped.connect(self.chosen)
        column.addWidget(self.cards, 1)
        self._low = QHBoxLayout()
        self._low.setSpacing(metrics.mm(8))
        column.addLayout(self._low)
        self.cards.show_cards(count, card)

    def add_button(self, button: TouchButton, name: str, pressed: Callable[[], None], *, wide: bool = False) -> None:
        """One more way out, after those that are there; a wide one takes what room is left."""
        button.setObjectName(name)
        button.clicked.connect(lambda: pressed())
        self._low.addWidget(button, 1 if wide else 0)
