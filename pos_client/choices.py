"""The sheet of an item's questions: forced choices, extras, how many; it closes itself when nothing is left to ask."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from shared.domain.menu import Menu, MenuItem, ModifierGroup, missing_choices
from shared.domain.order import Modifier
from shared.money import Currency
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import Badge, ButtonKind, Ink, Label, Role, TouchButton

MOST = 99


class ChoicesSheet(QWidget):
    """`chosen` carries the modifiers and how many; `given_up` follows Cancel."""

    chosen = Signal(object, int)
    given_up = Signal()

    def __init__(
        self, holder: ThemeHolder, menu: Menu, item: MenuItem, *, currency: Currency, columns: int = 4
    ) -> None:
        """`columns` is how many options stand side by side: fewer on a narrow screen."""
        super().__init__()
        self._columns = columns
        self._holder, self._menu, self._item, self._currency = holder, menu, item, currency
        self._groups = menu.groups_of(item)
        self._picked: dict[str, Modifier] = {}
        self._buttons: dict[str, dict[str, TouchButton]] = {}
        self._quantity = 1
        self.count = Label("1", role=Role.TITLE)
        self.add = TouchButton(holder, "Add", kind=ButtonKind.PRIMARY, min_mm=(40, 16))
        self.add.setObjectName("add_item")
        self.add.clicked.connect(self._finish)
        self._build()
        self._show()

    def _build(self) -> None:
        metrics = self._holder.metrics
        column = QVBoxLayout(self)
        column.setContentsMargins(metrics.space(2), metrics.space(2), metrics.space(2), metrics.space(2))
        column.setSpacing(metrics.space(3))
        top = QHBoxLayout()
        top.setSpacing(metrics.space(3))
        top.addWidget(Label(self._item.name, role=Role.TITLE))
        top.addWidget(Label(self._currency.text(self._item.price_minor), ink=Ink.MUTED))
        top.addStretch(1)
        for name, icon, by in (("fewer", IconName.MINUS, -1), ("more", IconName.PLUS, 1)):
            button = TouchButton(self._holder, icon=icon, min_mm=(16, 14))
            button.setObjectName(name)
            button.setAccessibleName("Fewer" if by < 0 else "More")
            button.clicked.connect(lambda _=False, step=by: self._count(step))
            top.addWidget(button)
            if by < 0:
                top.addWidget(self.count)
        column.addLayout(top)
        for group in self._groups:
            column.addLayout(self._group_head(group))
            column.addLayout(self._options(group))
        column.addStretch(1)
        low = QHBoxLayout()
        low.setSpacing(metrics.mm(8))
        low.addStretch(1)
        cancel = TouchButton(self._holder, "Cancel", min_mm=(28, 16))
        cancel.setObjectName("cancel")
        cancel.clicked.connect(self.given_up)
        low.addWidget(cancel)
        low.addWidget(self.add)
        column.addLayout(low)

    def _group_head(self, group: ModifierGroup) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._holder.metrics.space(2))
        row.addWidget(Label(group.name, role=Role.HEADING))
        if group.least:
            row.addWidget(Badge(self._holder, f"choose {group.least}", tone=Tone.WARN))
        else:
            row.addWidget(Label(f"up to {group.most}", ink=Ink.MUTED))
        row.addStretch(1)
        return row

    def _options(self, group: ModifierGroup) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(self._holder.metrics.space(2))
        self._buttons[group.id] = {}
        for place, option in enumerate(group.options):
            extra = f"+{self._currency.text(option.price_minor)}" if option.price_minor else ""
            button = TouchButton(self._holder, option.name, detail=extra, min_mm=(28, 14))
            button.setCheckable(True)
            button.setObjectName(f"option:{option.id}")
            modifier = Modifier(id=option.id, name=option.name, price_minor=option.price_minor)
            button.clicked.connect(self._picker(group, modifier))
            grid.addWidget(button, place // self._columns, place % self._columns)
            self._buttons[group.id][option.id] = button
        for place in range(self._columns):
            grid.setColumnStretch(place, 1)
        return grid

    def _picker(self, group: ModifierGroup, modifier: Modifier) -> Callable[[], None]:
        def pick() -> None:
            ids = [option.id for option in group.options]
            if modifier.id in self._picked:
                del self._picked[modifier.id]
            else:
                taken = [one for one in self._picked if one in ids]
                if len(taken) >= group.most:
                    del self._picked[taken[0]]
                self._picked[modifier.id] = modifier
            self._show()
            if all(one.least for one in self._groups) and not self._missing():
                self._finish()

        return pick

    def _count(self, by: int) -> None:
        self._quantity = min(MOST, max(1, self._quantity + by))
        self._show()

    def _missing(self) -> tuple[ModifierGroup, ...]:
        return missing_choices(self._menu, self._item, tuple(self._picked.values()))

    def _show(self) -> None:
        self.count.setText(str(self._quantity))
        for buttons in self._buttons.values():
            for option_id, button in buttons.items():
                button.setChecked(option_id in self._picked)
        missing = self._missing()
        each = self._item.price_minor + sum(one.price_minor for one in self._picked.values())
        self.add.setEnabled(not missing)
        self.add.set_words(
            f"{missing[0].name} missing" if missing else f"Add {self._currency.text(each * self._quantity)}"
        )

    def _finish(self) -> None:
        """The choices in the order in which the menu asks for them."""
        if self._missing():
            return
        ids = [option.id for group in self._groups for option in group.options]
        self.chosen.emit(tuple(self._picked[one] for one in ids if one in self._picked), self._quantity)
