"""Pay: what is owed, what was given, the change; cash now, card and mobile money when there is a connection."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from pos_client import words
from pos_client.bill_card import BillCard
from pos_client.by_gateway import ByGateway
from pos_client.cash_keys import CashKeys
from pos_client.discounting import Discounting
from pos_client.frame import Screen
from pos_client.gateway_panel import GatewayPanel
from pos_client.gateway_words import Said
from pos_client.method_row import MethodRow
from pos_client.paid_panel import PaidPanel
from pos_client.receipt_card import ReceiptCard
from pos_client.session import Intention, Session
from shared.domain.bill import Method
from shared.domain.commands import PayCash
from shared.ids import LineId, OperationId, OrderId
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize
from shared.qt.widgets import Banner, ButtonKind, Ink, Label, Role, TouchButton
from shared.terminal import OrderView, Terminal


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
        self.middle = QStackedWidget()
        super().__init__(holder, terminal, session, back="Order")
        self._order_id = OrderId("")
        self._view: OrderView | None = None
        self._given = 0
        self._taken_minor: int | None = None
        self._told_minor = 0  # what the guest was asked for: the change stays the same whatever reaches the order later
        self._paying_id = ""
        self._refusal = ""
        self._intention = intention(terminal)
        self.by_gateway = ByGateway(terminal, session, intention)
        self.title = Label("", role=Role.HEADING)
        self.number = Label("", ink=Ink.MUTED, elide=True)
        self.header.start.addWidget(self.title)
        self.header.start.addWidget(self.number)
        self.bill = BillCard(holder)
        self.methods = MethodRow(holder)
        self.methods.chosen.connect(self._choose)
        self.banner = Banner(holder)
        self.gateway = GatewayPanel(holder)
        self.gateway.cancel_wanted.connect(self._cancel)
        self.gateway.cash_wanted.connect(self._take_cash_anyway)
        self.cash = CashKeys(holder)
        self.cash.given.connect(self._give)
        self.cash.entered.connect(self._take)
        self.paid = PaidPanel(holder)
        self.paid.done.connect(self.done)
        self.receipt = ReceiptCard(holder, terminal)
        self.take = TouchButton(holder, "", kind=ButtonKind.OK, min_mm=(40, 24), max_lines=2, size=TypeSize.HEADING)
        self.take.setObjectName("take_money")
        self.take.clicked.connect(self._take)
        self._build()
        self.sheet = self.make_sheet()
        self.discounting = Discounting(holder, terminal, session, sheet=self.sheet, toast=self.toast)
        self.bill.discount.clicked.connect(self._ask_discount)

    def toast_anchor(self) -> QWidget:
        """Over the keys, so that the button that takes the money stays free."""
        return self.middle

    def open_order(self, order_id: str) -> None:
        """Show what this order owes; nothing is given yet."""
        self._order_id, self.order_id_on_show = OrderId(order_id), order_id
        self._given = 0
        self._taken_minor = None
        self._refusal = ""
        self.toast.put_away()  # what it offers to take back is of the order before
        self.by_gateway.open_order()

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
        before, self._view = self._view, self.terminal.order(self._order_id)
        view = self._view
        if view is None:
            return
        self.say_over(self.sheet, before, view)
        self.by_gateway.read(view)
        self._intention.shown((view.id, view.owed_ids, view.totals.total_minor))
        self.title.setText(f"Pay · {words.place(view.table_name)}")
        self.number.setText(view.number)
        self.receipt.show_order(view)
        self._show_money(view)

    def left(self) -> None:
        """Nothing is asked any more."""
        self.sheet.close_sheet()
        super().left()

    def tick(self) -> None:
        """The guest's time goes down."""
        super().tick()
        if self._view is not None and self._view.is_open and self.by_gateway.is_running:
            self._show_methods(self._view)

    def show_refusals(self) -> None:
        """A payment that was not saved is said where the eye is, and stays until the next tap."""
        others = []
        for refused in self.terminal.take_refusals():
            if self.by_gateway.was_refused(refused.intent_id):
                self._refusal = words.refusal(refused)
            elif refused.intent_id == self._paying_id:
                self._refusal = words.refusal(refused)
                self._taken_minor = None
            else:
                others.append(refused)
        self.tell_refusals(others)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A keyboard types the amount."""
        types = self.sells() and self.by_gateway.method is Method.CASH
        if not types or not self.cash.keypad.take_key(event):
            super().keyPressEvent(event)

    def _show_money(self, view: OrderView) -> None:
        currency = self.terminal.business.currency
        due = self._due() if self._taken_minor is None else self._told_minor
        given = self._given if self._taken_minor is None else self._taken_minor
        sums_matter = view.is_open or self._taken_minor is not None
        name = "To pay" if view.is_open else "Paid" if self._taken_minor is not None else "Total"
        self.bill.show_sums(currency, name=name, due_minor=due, given_minor=given if sums_matter else 0)
        can_give = view.is_open and bool(view.owed_ids) and not self.by_gateway.is_running
        self.bill.show_discount(currency, view.totals.discount_minor, can_give=can_give)
        notes, room_px = self.terminal.business.notes_minor, self.selling.width()
        self.cash.show_sums(currency, notes, due_minor=due, given_minor=given, room_px=room_px)
        if view.is_open:
            self._show_methods(view)
            self._show_take(view, given)
            self._show_banner(view)
        else:
            self.take.setEnabled(False)
            self.take.set_words("Taken" if self._taken_minor is not None or self.by_gateway.has_paid else "Closed")
            self.paid.show_closed(
                view,
                self.terminal.business.currency,
                letter=self.terminal.settings.letter,
                taken=None if self._taken_minor is None else (self._taken_minor, self._told_minor),
                payment=self.by_gateway.payment if self.by_gateway.has_paid else None,
            )
        self.middle.setCurrentWidget(self.selling if view.is_open else self.paid)

    def _show_take(self, view: OrderView, given: int) -> None:
        currency, method = self.terminal.business.currency, self.by_gateway.method
        if method is Method.CASH:
            enough = bool(view.owed_ids) and given >= self._due()
            self.take.set_words(f"Take {currency.text(given)}\nand close" if enough else "Amount missing")
        else:
            enough = not self.by_gateway.is_running and self.by_gateway.can_take(view)
            self.take.set_words(
                "Wait for\nthe guest" if self.by_gateway.is_running else f"Ask for {currency.text(self._due())}"
            )
        self.take.setEnabled(enough)

    def _show_methods(self, view: OrderView) -> None:
        """What can be chosen, and the keypad or how far a payment is."""
        gateway = self.by_gateway
        idle = not gateway.is_running
        self.methods.show_chosen(gateway.method, takes_cash=idle, takes_cards=idle and gateway.can_take(view))
        by_cash = gateway.method is Method.CASH
        self.typing.setCurrentWidget(self.cash if by_cash else self.gateway)
        if not by_cash:
            self.gateway.show_said(gateway.progress(), self.terminal.business.currency.text(self._due()))
            self.gateway.show_ways(can_cancel=gateway.can_cancel, can_take_cash=gateway.is_cancelling)

    def _show_banner(self, view: OrderView) -> None:
        """The worst first: what was refused, what a payment came to, why only cash can be taken."""
        said = self.by_gateway.said(view, is_typing=self._given > 0)
        if self._refusal:
            said = Said("The money was not taken", self._refusal, Tone.BAD, IconName.WARNING)
        self.banner.show_message(tone=said.tone, title=said.title, text=said.text, icon=said.icon)

    def _choose(self, method: Method) -> None:
        self.by_gateway.choose(method)
        self._give(0)

    def _cancel(self) -> None:
        self.by_gateway.cancel()
        self.refresh(frozenset())

    def _take_cash_anyway(self) -> None:
        self.by_gateway.take_cash_anyway()
        self.refresh(frozenset())

    def _due(self) -> int:
        return self._view.totals.total_minor if self._view is not None else 0

    def _give(self, amount_minor: int) -> None:
        self._given = amount_minor
        self._refusal = ""
        self.refresh(frozenset())

    def _ask_discount(self) -> None:
        """Over the keypad; large words take the whole screen."""
        if self._view is not None:
            self.discounting.ask(self._view, self if self.holder.metrics.has_large_words else self.middle)

    def _take(self) -> None:
        """Take the money. However often it is tapped on one showing of the bill, it is one payment."""
        view = self._view
        if view is None or not view.is_open or not self.take.isEnabled():
            return
        self.toast.put_away()  # what was taken off stays so: the guest is asked for this sum
        if self.by_gateway.method is not Method.CASH:
            self.by_gateway.ask(view)
            self.refresh(frozenset())
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
        self.selling = self._keys()
        self.middle.addWidget(self.selling)
        self.middle.addWidget(self.paid)
        self.middle.currentChanged.connect(self.toast.raise_)  # Qt lays the next page over what is kept there
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
        column.addWidget(self.methods)
        column.addWidget(self.banner)
        self.typing = QStackedWidget()
        self.typing.addWidget(self.cash)
        self.typing.addWidget(self.gateway)
        column.addWidget(self.typing, 1)
        return keys
