"""Pay: what is owed, what was given, the change; cash now, card and mobile money when there is a connection."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pos_client.frame import Screen
from pos_client.receipt_card import ReceiptCard
from pos_client.session import Intention, Session
from shared.domain.commands import PayCash
from shared.ids import LineId, OrderId
from shared.money import note_suggestions
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import Banner, ButtonKind, Card, Divider, Ink, Keypad, Label, Role, TouchButton
from shared.terminal import OrderView, Terminal

MOST_DIGITS = 9
SUGGESTIONS = 3


class PayScreen(Screen):
    """`done` follows the money in the drawer: back to the tables."""

    done = Signal()

    def __init__(self, holder: ThemeHolder, terminal: Terminal, session: Session) -> None:
        super().__init__(holder, terminal, session, back="Order")
        self._order_id = OrderId("")
        self._view: OrderView | None = None
        self._given = 0
        self._intention = Intention(terminal)
        self._taken_minor = 0
        self.title = Label("", role=Role.HEADING)
        self.number = Label("", ink=Ink.MUTED)
        self.header.start.addWidget(self.title)
        self.header.start.addWidget(self.number)
        self.due = Label("", role=Role.HERO)
        self.due.setObjectName("due")
        self.given = Label("", role=Role.STRONG)
        self.change_name = Label("Change", role=Role.HEADING, ink=Ink.MUTED)
        self.change = Label("", role=Role.FIGURE, ink=Ink.OK)
        self.change.setObjectName("change")
        self.banner = Banner(holder)
        self.exact = TouchButton(holder, "Exact", min_mm=(28, 14))
        self.exact.setObjectName("exact")
        self.exact.clicked.connect(lambda: self._give(self._due()))
        self.notes = [TouchButton(holder, "", min_mm=(20, 14)) for _ in range(SUGGESTIONS)]
        for place, button in enumerate(self.notes):
            button.setObjectName(f"note:{place}")
            button.clicked.connect(lambda _=False, at=place: self._give(self._suggested(at)))
        self.keypad = Keypad(holder, double_zero=True)
        self.keypad.setObjectName("keypad")
        self.keypad.digit_pressed.connect(self._type)
        self.keypad.backspace_pressed.connect(self._backspace)
        self.keypad.enter_pressed.connect(self._take)
        self.receipt = ReceiptCard(holder, terminal)
        self.take = TouchButton(holder, "", kind=ButtonKind.OK, min_mm=(50, 20), max_lines=2)
        self.take.setObjectName("take_money")
        self.take.clicked.connect(self._take)
        self._build()

    def open_order(self, order_id: str) -> None:
        """Show what this order owes; nothing is given yet."""
        self._order_id = OrderId(order_id)
        self._given = 0
        self._taken_minor = 0

    def sells(self) -> bool:
        """Whether the money is still to be taken; afterwards the button leads on."""
        return self._view is not None and self._view.is_open

    @property
    def intention_id(self) -> str:
        """The id under which the money on show will be taken."""
        return self._intention.id

    def refresh(self, ids: frozenset[str] | None = None) -> None:
        """The bill, and whether it is paid."""
        super().refresh(ids)
        self._view = view = self.terminal.order(self._order_id)
        if view is None:
            return
        self._intention.shown((view.owed_ids, view.totals.total_minor))
        name = view.table_name
        self.title.setText(f"Pay · {f'Table {name}' if name[:1].isdigit() else name}")
        self.number.setText(view.number)
        self.receipt.show_order(view)
        self._show_money(view)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A keyboard types the amount."""
        if not self.keypad.take_key(event):
            super().keyPressEvent(event)

    def _show_money(self, view: OrderView) -> None:
        currency = self.terminal.business.currency
        is_paid = not view.is_open
        due = self._due()
        given = self._taken_minor if is_paid else self._given
        self.due.setText(currency.text(due))
        self.given.setText(currency.text(given))
        change = given - due
        self.change_name.setText("Change" if change >= 0 or not given else "Missing")
        self.change.setText(currency.text(abs(change)) if given else "")
        self.change.set_ink(Ink.OK if change >= 0 else Ink.WARN)
        self.exact.set_words(f"Exact {currency.text(due)}")
        for place, button in enumerate(self.notes):
            amount = self._suggested(place)
            button.setVisible(bool(amount))
            button.set_words(currency.text(amount).removesuffix("." + "0" * currency.decimals))
        self.keypad.setEnabled(not is_paid)
        for button in (self.exact, *self.notes):
            button.setEnabled(not is_paid)
        self._show_take(view, due=due, given=given)

    def _show_take(self, view: OrderView, *, due: int, given: int) -> None:
        currency = self.terminal.business.currency
        self.take.set_kind(ButtonKind.OK if view.is_open else ButtonKind.PRIMARY)
        if not view.is_open:
            self.take.set_words("Done")
            self.take.setEnabled(True)
            self.banner.show_message(
                tone=Tone.OK if not view.saving else Tone.INFO,
                title="Saving" if view.saving else f"Paid · receipt {view.receipt_number or ''}",
                text=f"Give {currency.text(given - due)} change." if given > due else "No change to give.",
            )
            return
        enough = bool(view.owed_ids) and given >= due
        self.take.set_words(f"Take {currency.text(given)} and close" if enough else "Amount missing")
        self.take.setEnabled(enough)
        link_up = self.terminal.link().state.is_up
        self.banner.show_message(
            tone=Tone.INFO if link_up else Tone.WARN,
            title="Card and mobile money are not set up here" if link_up else "Card and mobile money need a connection",
            text="Take cash." if link_up else "Take cash now, or wait for the network.",
            icon=IconName.CASH if link_up else IconName.OFFLINE,
        )

    def _due(self) -> int:
        if self._view is None:
            return 0
        return self._view.totals.total_minor

    def _suggested(self, place: int) -> int:
        sums = note_suggestions(self._due(), self.terminal.business.notes_minor)
        return sums[place] if place < len(sums) else 0

    def _give(self, amount_minor: int) -> None:
        self._given = amount_minor
        self.refresh(frozenset())

    def _type(self, digits: str) -> None:
        text = f"{self._given or ''}{digits}"
        if len(text) <= MOST_DIGITS:
            self._give(int(text))

    def _backspace(self) -> None:
        self._give(self._given // 10)

    def _take(self) -> None:
        """Take the money; once it is taken, the same button leads on."""
        view = self._view
        if view is None or not self.take.isEnabled():
            return
        if not view.is_open:
            self.done.emit()
            return
        self._taken_minor = self._given
        self.terminal.submit(
            PayCash(
                id=self._intention.id,
                actor_id=self.session.actor_id,
                at=self.terminal.at(),
                order_id=self._order_id,
                line_ids=tuple(LineId(line_id) for line_id in view.owed_ids),
                total_minor=view.totals.total_minor,
                tendered_minor=self._given,
            )
        )
        self.refresh(frozenset())

    def _build(self) -> None:
        metrics = self.holder.metrics
        row = QHBoxLayout(self.body)
        row.setContentsMargins(metrics.space(4), metrics.space(4), metrics.space(4), metrics.space(4))
        row.setSpacing(metrics.space(4))
        row.addWidget(self._bill(), 5)
        row.addWidget(self._middle(), 10)
        row.addWidget(self._right(), 5)

    def _bill(self) -> QWidget:
        card = Card(self.holder)
        column = QVBoxLayout(card)
        column.addWidget(Label("To pay", ink=Ink.MUTED))
        column.addWidget(self.due)
        given = QHBoxLayout()
        given.addWidget(Label("Given", ink=Ink.MUTED))
        given.addStretch(1)
        given.addWidget(self.given)
        column.addLayout(given)
        column.addWidget(Divider(self.holder))
        change = QHBoxLayout()
        change.addWidget(self.change_name)
        change.addStretch(1)
        change.addWidget(self.change)
        column.addLayout(change)
        column.addStretch(1)
        return card

    def _middle(self) -> QWidget:
        metrics = self.holder.metrics
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.space(3))
        methods = QHBoxLayout()
        methods.setSpacing(metrics.space(3))
        for text, icon in (("Cash", IconName.CASH), ("Card", IconName.CARD), ("Mobile money", IconName.PHONE)):
            button = TouchButton(self.holder, text, icon=icon, min_mm=(20, 14))
            button.setObjectName(f"method:{text}")
            button.setCheckable(True)
            button.setChecked(text == "Cash")
            button.setEnabled(text == "Cash")
            button.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, text == "Cash")
            methods.addWidget(button, 1)
        column.addLayout(methods)
        column.addWidget(self.banner)
        amounts = QGridLayout()
        amounts.setSpacing(metrics.space(3))
        for place, button in enumerate((self.exact, *self.notes)):
            amounts.addWidget(button, 0, place)
            amounts.setColumnStretch(place, 1)
        column.addLayout(amounts)
        self.keypad.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column.addWidget(self.keypad, 1)
        return middle

    def _right(self) -> QWidget:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.holder.metrics.space(4))
        column.addWidget(self.receipt, 1)
        column.addWidget(self.take)
        return right
