"""The sheet of *Fix*: what was refused part by part, each changed on a page of its own, then all of it sent again."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from pos_client.choices import ChoicesSheet
from pos_client.fix_pages import AmountPage, DishPage, LinePage, TablePage
from pos_client.order_taps import Pick, line_of
from shared.domain.commands import AddLine, MoveTable, NewLine, NewPayment
from shared.domain.fixing import Correction, Part, TakeOut
from shared.domain.menu import MenuItem
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import ButtonKind, Ink, Label, LineList, LineRow, Role, TouchButton
from shared.terminal import OperationRow, Terminal

TIMES = "\N{MULTIPLICATION SIGN}"
APART_MM = 8.0
CHANGED = "Changed"
TAKEN_OUT = "Taken out · tap to put it back"
PAID = "The guest has paid for this order: the bill stays as it was told, and the server reports a difference."


class FixSheet(QWidget):
    """`fixed` carries the parts that were changed or taken out; `given_up` says that none was sent."""

    fixed = Signal(object)
    given_up = Signal()

    def __init__(self, holder: ThemeHolder, terminal: Terminal, row: OperationRow, *, room_px: int) -> None:
        """`room_px` is how wide the sheet is inside."""
        super().__init__()
        self._holder, self._terminal, self._row, self._room_px = holder, terminal, row, room_px
        self._parts: dict[str, Part] = {part.id: part for part in row.parts}
        self._changed: dict[str, Correction] = {}
        self.lines = LineList(holder)
        self.lines.setObjectName("parts")
        self.lines.row_tapped.connect(self._open)
        self.send = TouchButton(holder, "Send again", kind=ButtonKind.PRIMARY, min_mm=(40, 16))
        self.send.setObjectName("send_fixed")
        self.send.clicked.connect(lambda: self.fixed.emit(tuple(self._changed.values())))
        self._pages = QStackedLayout(self)
        self._front = QWidget()
        self._pages.addWidget(self._front)
        self._build()
        self._show()

    def _build(self) -> None:
        metrics = self._holder.metrics
        column = QVBoxLayout(self._front)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.space(3))
        column.addWidget(
            Label(f"Fix · {self._row.what} · {self._row.entity}".removesuffix(" · "), role=Role.TITLE, wrap=True)
        )
        if self._row.error:
            column.addWidget(Label(f"The server said: {self._row.error}", ink=Ink.BAD, wrap=True))
        column.addWidget(Label("Tap what has to be another way. What was tapped later goes after it.", wrap=True))
        if self._row.is_paid:
            column.addWidget(Label(PAID, wrap=True))
        column.addWidget(self.lines, 1)
        low = QHBoxLayout()
        low.setSpacing(metrics.mm(APART_MM))
        cancel = TouchButton(self._holder, "Leave it", min_mm=(34, 16))
        cancel.setObjectName("cancel")
        cancel.clicked.connect(self.given_up)
        low.addWidget(cancel)
        low.addStretch(1)
        low.addWidget(self.send)
        column.addLayout(low)

    def _show(self) -> None:
        self.lines.set_rows([self._line_row(part) for part in self._parts.values()])
        self.send.setEnabled(bool(self._changed))

    def _line_row(self, part: Part) -> LineRow:
        is_out = self._is_out(part.id)
        status = TAKEN_OUT if is_out else CHANGED if part.id in self._changed else ""
        currency = self._terminal.business.currency
        match part:
            case AddLine(line=line):
                about = [f"Seat {line.seat}"] if line.seat else []
                about += [one for one in (*(choice.name for choice in line.modifiers), line.note) if one]
                price = line.quantity * ((line.price_minor or 0) + sum(one.price_minor for one in line.modifiers))
                return LineRow(
                    key=part.id,
                    lead=f"{line.quantity}{TIMES}",
                    title=line.name or line.item_id,
                    amount=currency.text(price),
                    detail=", ".join(about),
                    status=status,
                    struck=is_out,
                )
            case MoveTable():
                name = self._terminal.floor.table_name(part.table_id)
                return LineRow(key=part.id, lead="", title="Table", amount=name, status=status)
            case NewPayment():
                amount = currency.text(part.amount)
                return LineRow(key=part.id, lead="", title="Cash for the bill", amount=amount, status=status)

    def _is_out(self, key: str) -> bool:
        return isinstance(self._changed.get(key), TakeOut)

    def _open(self, key: str) -> None:
        """A page for the part; a line that was taken out comes back as it is."""
        if self._is_out(key):
            self._put_back(key)
            return
        match self._parts[key]:
            case AddLine(line=line):
                self._ask_what(line)
            case MoveTable() as move:
                tables = TablePage(self._holder, self._terminal.floor, chosen=move.table_id)
                tables.chosen.connect(lambda table_id: self._take(move.model_copy(update={"table_id": table_id})))
                self._turn_to(tables)
            case NewPayment() as paid:
                amounts = AmountPage(self._holder, self._terminal.business.currency, amount_minor=paid.amount)
                amounts.chosen.connect(lambda minor: self._take(_paying(paid, minor)))
                self._turn_to(amounts)

    def _ask_what(self, line: NewLine) -> None:
        item = self._terminal.menu.item(line.item_id)
        title = f"{line.quantity}{TIMES} {line.name or (item.name if item else line.item_id)}"
        is_last = all(key == line.id or self._is_out(key) for key in self._parts)
        page = LinePage(self._holder, title, is_on_menu=item is not None, is_last=is_last)
        page.choices_wanted.connect(lambda: self._ask_choices(line, item))
        page.dish_wanted.connect(lambda: self._ask_dish(line))
        page.take_out_wanted.connect(lambda: self._take_out(line))
        self._turn_to(page)

    def _ask_dish(self, line: NewLine) -> None:
        before = self._terminal.menu.item(line.item_id)
        begin = before.category_id if before is not None else ""
        page = DishPage(self._holder, self._terminal, f"Instead of {line.name or line.item_id}", begin=begin)
        page.chosen.connect(lambda item_id: self._ask_choices(line, self._terminal.menu.item(item_id)))
        self._turn_to(page)

    def _ask_choices(self, line: NewLine, item: MenuItem | None) -> None:
        """Choices, quantity, note and seat of a dish; another one begins without the choices of the first."""
        if item is None:
            return
        choices = line.modifiers if item.id == line.item_id else ()
        page = ChoicesSheet(
            self._holder,
            self._terminal.menu,
            item,
            currency=self._terminal.business.currency,
            room_px=self._room_px,
            before=Pick(choices, line.quantity, line.note, line.seat),
        )
        menu = self._terminal.menu
        page.chosen.connect(lambda pick: self._take(AddLine(line=line_of(item, pick, line_id=line.id, menu=menu))))
        self._turn_to(page)

    def _turn_to(self, page: ChoicesSheet | LinePage | DishPage | TablePage | AmountPage) -> None:
        """One page at a time over the front; whoever goes back from it has changed nothing."""
        self._back()
        page.given_up.connect(self._back)
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        page.setFocus()

    def _take(self, part: Part) -> None:
        self._parts[part.id] = self._changed[part.id] = part
        self._back()
        self._show()

    def _take_out(self, line: NewLine) -> None:
        part = AddLine(line=line)
        self._changed[part.id] = TakeOut(part.id)
        self._back()
        self._show()

    def _put_back(self, key: str) -> None:
        """As it was before it was taken out, changed or not."""
        del self._changed[key]
        part = self._parts[key]
        if part not in self._row.parts:
            self._changed[key] = part
        self._show()

    def _back(self) -> None:
        page = self._pages.currentWidget()
        if page is not None and page is not self._front:
            self._pages.setCurrentWidget(self._front)
            self._pages.removeWidget(page)
            page.deleteLater()


def _paying(paid: NewPayment, amount_minor: int) -> NewPayment:
    """So much of the guest's money is for the bill; what was handed over was never less."""
    tendered = max(paid.tendered, amount_minor + paid.tip)
    return paid.model_copy(update={"amount": amount_minor, "tendered": tendered})
