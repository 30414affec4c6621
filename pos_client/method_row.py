"""How the guest pays: cash, card or mobile money, the chosen one marked."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_client.gateway_words import ICONS, NAMES
from shared.domain.bill import Method
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import TouchButton


class MethodRow(QWidget):
    """`chosen` carries the `Method` that a person taps."""

    chosen = Signal(object)

    def __init__(self, holder: ThemeHolder) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(holder.metrics.space(3))
        self.buttons: dict[Method, TouchButton] = {}
        for method, text in NAMES.items():
            button = TouchButton(holder, text, icon=ICONS[method], min_mm=(20, 14))
            button.setObjectName(f"method:{text}")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, by=method: self.chosen.emit(by))
            self.buttons[method] = button
            row.addWidget(button, 1)

    def show_chosen(self, chosen: Method, *, takes_cash: bool, takes_cards: bool) -> None:
        """The chosen one is no button any more: to tap it again changes nothing."""
        for method, button in self.buttons.items():
            is_chosen = method is chosen
            button.setChecked(is_chosen)
            button.setEnabled(is_chosen or (takes_cash if method is Method.CASH else takes_cards))
            button.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, is_chosen)
