"""Pay: what is owed, what was given, the change; cash now, card and mobile money when there is a connection."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from pos_client import words
from pos_client.bill_card import BillCard
from pos_client.frame import Screen
from pos_client.paid_panel import PaidPanel
from pos_client.receipt_card import ReceiptCard
from pos_client.session import Intention, Session
from shared.domain.commands import PayCash
from shared.domain.order import OrderState
from shared.ids import LineId, OperationId, OrderId
from shared.money import SUGGESTIONS, note_suggestions
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize
from shared.qt.widgets import Banner, ButtonKind, Ink, Keypad, Label, Role, TouchButton
from shared.terminal import OrderView, Terminal

MOST_DIGITS = 9
METHODS = (("Cash", IconName.CASH), ("Card", IconName.CARD), ("Mobile money", IconName.PHONE))


class PayScreen(Screen):
    """`done` follows the money in the drawer: back to the tables."""

    done = Signal()

    def __init__(
        self,
        holder: ThemeHolder,
        terminal: Terminal,
        session: Session,
        *,
        intention: type[Intention] = Intention,
    ) -> None:
        """`intention` makes the id under which money is taken."""
        super().__init__(holder, terminal, session, back="Order")
        self._order_id = OrderId("")
        self._view: OrderView | None = None
        self._given = 0
        self._taken_minor: int | None = None
        self._told_minor = 0  # what the guest was asked for: the change stays the same whatever reaches the order later
        self._paying_id = ""
        self._refusal = ""
        self._intention = intention(terminal)
        self.title = Label("", role=Role.HEADING)
        self.number = Label("", ink=Ink.MUTED, elide=True)
        self.header.start.addWidget(self.title)
        self.header.start.addWidget(self.number)
        self.bill = BillCard(holder)
        self.banner = Banner(holder)
        self.exact = TouchButton(holder, "Exact", min_mm=(25, 14))
        self.exact.setObjectName("exact")
        self.exact.clicked.connect(lambda: self._give(self._due()))
        self.notes = [TouchButton(holder, "", min_mm=(18, 14)) for _ in range(SUGGESTIONS)]
        for place, button in enumerate(self.notes):
            button.setObjectName(f"note:{place}")
            button.clicked.connect(lambda _=False, at=place: self._give(self._suggested(at)))
        for button in (self.exact, *self.notes):
            button.setCheckable(True)
        self.keypad = Keypad(holder, double_zero=True)
        self.keypad.setObjectName("keypad")
        self.keypad.digit_pressed.connect(self._type)
        self.keypad.backspace_pressed.connect(lambda: self._give(self._given // 10))
        self.keypad.enter_pressed.connect(self._take)
        self.paid = PaidPanel(holder)
        self.paid.done.connect(self.done)
        self.receipt = ReceiptCard(holder, terminal)
        self.take = TouchButton(holder, "", kind=ButtonKind.OK, min_mm=(40, 24), max_lines=2, size=TypeSize.HEADING)
        self.take.setObjectName("take_money")
        self.take.clicked.connect(self._take)
        self._build()

    def open_order(self, order_id: str) -> None:
        """Show what this order owes; nothing is given yet."""
        self._order_id = OrderId(order_id)
        self._given = 0
        self._taken_minor = None
        self._refusal = ""

    def sells(self) -> bool:
        """Whether the money is still to be taken."""
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
        self._intention.shown((view.id, view.owed_ids, view.totals.total_minor))
        self.title.setText(f"Pay · {words.place(view.table_name)}")
        self.number.setText(view.number)
        self.receipt.show_order(view)
        self._show_money(view)

    def show_refusals(self) -> None:
        """A payment that was not saved is said where the eye is, and stays until the next tap."""
        for refused in self.terminal.take_refusals():
            if refused.intent_id == self._paying_id:
                self._refusal = words.refusal(refused)
                self._taken_minor = None
            else:
                self.toast.tell(words.refusal(refused))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A keyboard types the amount."""
        if not self.sells() or not self.keypad.take_key(event):
            super().keyPressEvent(event)

    def _show_money(self, view: OrderView) -> None:
        currency = self.terminal.business.currency
        due = self._due() if self._taken_minor is None else self._told_minor
        given = self._given if self._taken_minor is None else self._taken_minor
        sums_matter = view.is_open or self._taken_minor is not None
        name = "To pay" if view.is_open else "Paid" if self._taken_minor is not None else "Total"
        self.bill.show_sums(currency, name=name, due_minor=due, given_minor=given if sums_matter else 0)
        self.exact.set_words(f"Exact {currency.text(due)}")
        room = self.selling.width() - self.exact.sizeHint().width()
        self.exact.setChecked(given == due and given > 0)
        for place, button in enumerate(self.notes):
            amount = self._suggested(place)
            button.setChecked(given == amount and given > 0)
            button.set_words(currency.text(amount).removesuffix("." + "0" * currency.decimals))
            room -= button.sizeHint().width() + self.holder.metrics.space(3)
            button.setVisible(bool(amount) and room >= 0)  # sums of many digits leave room for fewer notes
        enough = view.is_open and bool(view.owed_ids) and given >= due
        self.take.setEnabled(enough)
        if view.is_open:
            self.take.set_words(f"Take {currency.text(given)}\nand close" if enough else "Amount missing")
            self._show_banner()
        else:
            self.take.set_words("Taken" if self._taken_minor is not None else "Closed")
            self._show_closed(view)
        self.middle.setCurrentWidget(self.selling if view.is_open else self.paid)

    def _show_closed(self, view: OrderView) -> None:
        """The change to give; or that it was not this till that closed the order, so that no money changes hands."""
        currency = self.terminal.business.currency
        if self._taken_minor is None:
            voided = "merged into another order" if view.is_merged else "voided"
            what = voided if view.state is OrderState.VOIDED else "paid and closed"
            self.paid.show_words(
                "Closed", Tone.WARN, title=f"Order {view.number} was {what} already", amount="",
                text="No money was taken on this screen. Look at the order before you take any.",
            )  # fmt: skip
            return
        change = self._taken_minor - self._told_minor
        taken = f"{currency.text(self._taken_minor)} taken for {currency.text(self._told_minor)}"
        ours = f"{self.terminal.settings.letter}-"
        receipts = [number for number in view.receipt_numbers if number.startswith(ours)]
        settled = "On the server" if view.invoice_number else "Saved here"
        self.paid.show_words(
            "Saving" if view.saving else settled,
            Tone.INFO if view.saving else Tone.OK,
            title="Change to give" if change else "No change to give",
            amount=currency.text(change),
            text=f"{taken} · receipt {receipts[-1] if receipts else ''}",
        )

    def _show_banner(self) -> None:
        link_up = self.terminal.link().state.is_up
        if self._refusal:
            self.banner.show_message(tone=Tone.BAD, title="The money was not taken", text=self._refusal)
        elif link_up:
            self.banner.show_message(
                tone=Tone.INFO, title="Card and mobile money are not set up here", text="Take cash.", icon=IconName.CASH
            )
        else:
            self.banner.show_message(
                tone=Tone.WARN,
                title="Card and mobile money need a connection",
                text="Take cash now, or wait for the network.",
                icon=IconName.OFFLINE,
            )

    def _due(self) -> int:
        return self._view.totals.total_minor if self._view is not None else 0

    def _suggested(self, place: int) -> int:
        sums = note_suggestions(self._due(), self.terminal.business.notes_minor)
        return sums[place] if place < len(sums) else 0

    def _give(self, amount_minor: int) -> None:
        self._given = amount_minor
        self._refusal = ""
        self.refresh(frozenset())

    def _type(self, digits: str) -> None:
        text = f"{self._given or ''}{digits}"
        if len(text) <= MOST_DIGITS:
            self._give(int(text))

    def _take(self) -> None:
        """Take the money. However often it is tapped on one showing of the bill, it is one payment."""
        view = self._view
        if view is None or not view.is_open or not self.take.isEnabled():
            return
        self._taken_minor, self._told_minor = self._given, view.totals.total_minor
        self._paying_id = self._intention.id
        self.terminal.submit(
            PayCash(
                id=OperationId(self._paying_id),
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
        self.middle = QStackedWidget()
        self.selling = self._keys()
        self.middle.addWidget(self.selling)
        self.middle.addWidget(self.paid)
        right = QVBoxLayout()
        right.setSpacing(metrics.space(4))
        right.addWidget(self.receipt, 1)
        right.addWidget(self.take)
        row.addWidget(self.bill, 5)
        row.addWidget(self.middle, 10)
        row.addLayout(right, 5)

    def _keys(self) -> QWidget:
        metrics = self.holder.metrics
        keys = QWidget()
        column = QVBoxLayout(keys)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.space(3))
        methods = QHBoxLayout()
        methods.setSpacing(metrics.space(3))
        for text, icon in METHODS:
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
        return keys
