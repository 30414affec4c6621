"""The pages of *Fix*: what of a line to change, another dish, another table, another sum."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_client.menu_side import MenuSide
from shared.domain.menu import Floor
from shared.money import Currency
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import ButtonKind, Ink, Keypad, Label, MenuTile, PagedGrid, Role, TilePainter, TouchButton
from shared.terminal import Terminal

MOST_DIGITS = 9
TAKE_OUT = (
    "The rest is sent without it, and so is what was tapped later. Tell the guest, and the kitchen if it was told."
)
LAST = "Nothing else is in it, so it can't be taken out. A manager can discard it."


class Page(QWidget):
    """A title above, and below it the way back, which changes nothing: `given_up`."""

    given_up = Signal()

    def __init__(self, holder: ThemeHolder, title: str) -> None:
        super().__init__()
        self.holder = holder
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(holder.metrics.space(3))
        self.column.addWidget(Label(title, role=Role.TITLE, wrap=True))
        self.low = QHBoxLayout()
        self.low.setSpacing(holder.metrics.mm(8))
        self.low.addWidget(self.button("page_back", "Go back", self.given_up.emit))
        self.low.addStretch(1)

    def button(self, name: str, words: str, do: object, *, kind: ButtonKind = ButtonKind.CONTROL) -> TouchButton:
        """A button of this page."""
        made = TouchButton(self.holder, words, kind=kind, min_mm=(34, 14))
        made.setObjectName(name)
        made.clicked.connect(do)
        return made


class LinePage(Page):
    """What of a line is to be another way."""

    choices_wanted = Signal()
    dish_wanted = Signal()
    take_out_wanted = Signal()

    def __init__(self, holder: ThemeHolder, title: str, *, is_on_menu: bool, is_last: bool) -> None:
        """A dish that `is_on_menu` no more can only become another one; the `is_last` line can't be taken out."""
        super().__init__(holder, title)
        ways = [("fix_choices", "How many, note and choices", self.choices_wanted.emit)] if is_on_menu else []
        for name, words, do in (*ways, ("fix_dish", "Another dish", self.dish_wanted.emit)):
            self.column.addWidget(self.button(name, words, do))
        if is_last:
            self.column.addWidget(Label(LAST, ink=Ink.MUTED, wrap=True))
        else:
            self.column.addSpacing(holder.metrics.mm(8))
            self.column.addWidget(self.button("fix_take_out", "Take it out", self.take_out_wanted.emit))
            self.column.addWidget(Label(TAKE_OUT, ink=Ink.MUTED, wrap=True))
        self.column.addStretch(1)
        self.column.addLayout(self.low)


class DishPage(Page):
    """The menu; `chosen` carries the dish."""

    chosen = Signal(str)

    def __init__(self, holder: ThemeHolder, terminal: Terminal, title: str, *, begin: str) -> None:
        """`begin` is the category to show first; none for the menu's first."""
        super().__init__(holder, title)
        self.menu = MenuSide(holder, terminal)
        self.menu.search.hide()
        self.menu.start_again(begin=begin)
        self.menu.item_tapped.connect(self.chosen)
        self.column.addWidget(self.menu, 1)
        self.column.addLayout(self.low)


class TablePage(Page):
    """The tables of the house; `chosen` carries one."""

    chosen = Signal(str)

    def __init__(self, holder: ThemeHolder, floor: Floor, *, chosen: str | None) -> None:
        super().__init__(holder, "Which table?")
        rooms = {room.id: room.name for room in floor.rooms}
        self.tiles: PagedGrid[MenuTile] = PagedGrid(holder, TilePainter(holder))
        self.tiles.setObjectName("fix_tables")
        self.tiles.tile_tapped.connect(self.chosen)
        self.tiles.set_tiles(
            [
                MenuTile(key=table.id, title=table.name, foot=rooms.get(table.room_id, ""))
                for table in floor.tables
                if table.id != chosen
            ],
            first_page=True,
        )
        self.column.addWidget(self.tiles, 1)
        self.column.addLayout(self.low)


class AmountPage(Page):
    """A sum of money typed anew; `chosen` carries it in minor units."""

    chosen = Signal(int)

    def __init__(self, holder: ThemeHolder, currency: Currency, *, amount_minor: int) -> None:
        super().__init__(holder, "How much of the guest's money is for this bill?")
        self._currency, self._typed, self._before = currency, "", amount_minor
        self.shown = Label("", role=Role.HERO, align=Qt.AlignmentFlag.AlignCenter)
        self.keypad = Keypad(holder, double_zero=True)
        self.keypad.setObjectName("fix_keypad")
        self.keypad.digit_pressed.connect(self._type)
        self.keypad.backspace_pressed.connect(self._erase)
        self.keypad.enter_pressed.connect(self._finish)
        self.save = self.button("save_amount", "Save", self._finish, kind=ButtonKind.PRIMARY)
        self.column.addWidget(self.shown)
        self.column.addWidget(self.keypad, 1)
        self.low.addWidget(self.save)
        self.column.addLayout(self.low)
        self.setFocusProxy(self.keypad)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A keyboard types the amount."""
        if not self.keypad.take_key(event):
            super().keyPressEvent(event)

    def _amount(self) -> int:
        return int(self._typed or "0")

    def _type(self, digits: str) -> None:
        if len(self._typed) + len(digits) <= MOST_DIGITS:
            self._typed = f"{self._typed}{digits}"
            self._show()

    def _erase(self) -> None:
        self._typed = self._typed[:-1]
        self._show()

    def _show(self) -> None:
        amount = self._amount()
        self.shown.setText(self._currency.text(amount if self._typed else self._before))
        self.save.setEnabled(bool(amount) and amount != self._before)

    def _finish(self) -> None:
        if self.save.isEnabled():
            self.chosen.emit(self._amount())
