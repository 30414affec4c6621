"""The order: its lines with their stages at the start, the menu beside them, Send and Pay in the corner."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_client.choices import ChoicesSheet
from pos_client.frame import Screen
from pos_client.menu_side import MenuSide
from pos_client.order_side import OrderSide
from pos_client.order_taps import OrderTaps
from pos_client.phrases import NOTES, REASONS, PhraseSheet
from pos_client.session import Session
from shared.domain.order import Modifier
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import Ink, Label, Role, SheetOverlay
from shared.terminal import LineRow, LineStage, OrderView, Terminal

WIDE_PX = 800
"""From this width (at the design's scale) on, four choices stand side by side."""


class OrderScreen(Screen):
    """`pay_wanted` carries the order to pay."""

    pay_wanted = Signal(str)

    def __init__(self, holder: ThemeHolder, terminal: Terminal, session: Session) -> None:
        self.menu = MenuSide(holder, terminal)
        super().__init__(holder, terminal, session, back="Tables")
        self.taps = OrderTaps(terminal, session, order_id=terminal.new_id(), table_id="")
        self._view: OrderView | None = None
        self._opened = ""
        self.title = Label("", role=Role.HEADING)
        self.about = Label("", ink=Ink.MUTED, elide=True)
        self.header.start.addWidget(self.title)
        self.header.start.addWidget(self.about)
        self.side = OrderSide(holder, terminal)
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side)
        row.addWidget(self.menu, 1)
        self.sheet = SheetOverlay(holder, self)
        self.side.row_tapped.connect(self._select)
        self.side.action_tapped.connect(self._act)
        self.side.send.clicked.connect(self._send)
        self.side.pay.clicked.connect(self._pay)
        self.side.badge_pressed.connect(self.sync_pressed)
        self.menu.item_tapped.connect(self._tap_item)
        self.menu.refused.connect(lambda name: self.toast.tell(f"{name} is sold out."))
        self.menu.search_wanted.connect(self._search)
        self.toast.undone.connect(self._undo)
        self._removed: LineRow | None = None

    def toast_anchor(self) -> QWidget:
        """Over the menu, so that Send and Pay stay free."""
        return self.menu

    def open_order(self, order_id: str, table_id: str) -> None:
        """Show this order; a new one exists from its first line on."""
        view = self.terminal.order(order_id)
        known = view.table_id if view is not None else table_id
        self.taps = OrderTaps(self.terminal, self.session, order_id=order_id, table_id=known or "")
        self._opened = ""
        self.menu.start_again()

    def refresh(self, ids: frozenset[str] | None = None) -> None:
        """The order and, after a change of the catalogue, the menu."""
        super().refresh(ids)
        if ids is None or "catalog" in ids:
            self.menu.read()
        self._view = view = self.taps.view
        self.taps.shown(view)
        name = self.terminal.floor.table_name(self.taps.table_id)
        self.title.setText(f"Table {name}" if name[:1].isdigit() else name)
        words = (
            [view.number, f"{view.guests} guests" if view.guests else "", view.waiter_name] if view else ["New order"]
        )
        self.about.setText(" · ".join(word for word in words if word))
        lines = {line.id for line in view.lines} if view is not None else set()
        self._opened = self._opened if self._opened in lines else ""
        self.side.show_order(view, opened=self._opened)
        self.menu.show_counts(view)

    def tick(self) -> None:
        """Ages of the lines go on."""
        super().tick()
        self.side.show_order(self._view, opened=self._opened)

    def _tap_item(self, item_id: str) -> None:
        item = self.terminal.menu.item(item_id)
        if item is None:
            return
        if any(group.least for group in self.terminal.menu.groups_of(item)):
            columns = 4 if self.menu.width() >= self.holder.metrics.px(WIDE_PX) else 3
            currency = self.terminal.business.currency
            content = ChoicesSheet(self.holder, self.terminal.menu, item, currency=currency, columns=columns)
            content.chosen.connect(lambda modifiers, count: self._add(item_id, modifiers, count))
            content.given_up.connect(self.sheet.close_sheet)
            self.sheet.open_sheet(content, over=self.menu)
            return
        self._add(item_id, (), 1)

    def _add(self, item_id: str, modifiers: tuple[Modifier, ...], quantity: int) -> None:
        self.sheet.close_sheet()
        item = self.terminal.menu.item(item_id)
        if item is not None:
            self._opened = self.taps.add(item, modifiers, quantity)
            self.refresh(frozenset())
            self.side.show_row(self._opened)

    def _select(self, line_id: str) -> None:
        self._opened = "" if line_id == self._opened else line_id
        self.side.show_order(self._view, opened=self._opened)

    def _act(self, line_id: str, action: str) -> None:
        line = self._line(line_id)
        if line is None:
            return
        match action:
            case "more" if line.stage is LineStage.NEW:
                self.taps.set_quantity(line, line.quantity + 1)
            case "more":
                self.taps.again(line)
            case "less" if line.quantity > 1:
                self.taps.set_quantity(line, line.quantity - 1)
            case "less" | "void" if line.stage is LineStage.NEW:
                self._remove(line)
            case "note":
                self._ask_note(line)
            case "void":
                self._ask_reason(line)
            case _:
                return
        self.refresh(frozenset())

    def _remove(self, line: LineRow) -> None:
        self._removed = line
        self.taps.remove(line)
        self.toast.offer(line.id, f"{line.name} removed.")

    def _undo(self, _: str) -> None:
        if self._removed is not None:
            line = self._removed
            item = self.terminal.menu.item(line.item_id)
            if item is not None:
                self.taps.add(item, line.modifiers, line.quantity)
            self._removed = None
            self.refresh(frozenset())

    def _ask_note(self, line: LineRow) -> None:
        content = PhraseSheet(self.holder, f"Note for {line.name}", NOTES, text=line.note)
        content.said.connect(lambda text: self._note(line.id, text))
        content.given_up.connect(self.sheet.close_sheet)
        self.sheet.open_sheet(content, over=self.menu)

    def _note(self, line_id: str, text: str) -> None:
        self.sheet.close_sheet()
        line = self._line(line_id)
        if line is not None:
            self.taps.note(line, text)
        self.refresh(frozenset())

    def _ask_reason(self, line: LineRow) -> None:
        title = f"Why is {line.name} taken off the bill?"
        content = PhraseSheet(self.holder, title, REASONS, done="Void", at_once=True)
        content.said.connect(lambda reason: self._void(line.id, reason))
        content.given_up.connect(self.sheet.close_sheet)
        self.sheet.open_sheet(content, over=self.menu)

    def _void(self, line_id: str, reason: str) -> None:
        self.sheet.close_sheet()
        line = self._line(line_id)
        if line is not None and self._view is not None:
            self.taps.void(line, reason, base_version=self._view.base_version)
        self.refresh(frozenset())

    def _search(self) -> None:
        content = PhraseSheet(self.holder, "Which dish?", self.menu.favourites(), done="Find", at_once=True)
        content.said.connect(self._find)
        content.given_up.connect(self.sheet.close_sheet)
        self.sheet.open_sheet(content, over=self.menu)

    def _find(self, text: str) -> None:
        self.sheet.close_sheet()
        self.menu.look_for(text)

    def _send(self) -> None:
        if self._view is not None and self._view.unsent_ids:
            self.taps.send(self._view)
            self.refresh(frozenset())

    def _pay(self) -> None:
        if self._view is not None:
            self.pay_wanted.emit(self._view.id)

    def _line(self, line_id: str) -> LineRow | None:
        view = self.taps.view
        return None if view is None else next((line for line in view.lines if line.id == line_id), None)
