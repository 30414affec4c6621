"""The groups of choices on the sheet, in pages where they do not fit; after a forced choice the next question shows."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shared.domain.menu import ModifierGroup, Option
from shared.domain.order import Modifier
from shared.money import Currency
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import Badge, Ink, Label, PageBar, Role, TouchButton

MOST_COLUMNS = 4
ROWS_A_BLOCK = 3
"""A group with more rows of options is cut into blocks, so that a page is never taller than the sheet."""


class ChoiceGroups(QWidget):
    """`picked` follows every tap on an option."""

    picked = Signal()

    def __init__(
        self,
        holder: ThemeHolder,
        groups: Sequence[ModifierGroup],
        *,
        currency: Currency,
        room_px: int,
        picked: Sequence[Modifier] = (),
    ) -> None:
        """`room_px` is how wide the sheet is inside; `picked` are the choices that a line has already."""
        super().__init__()
        self._holder, self._groups, self._currency = holder, tuple(groups), currency
        self._picked = {one.id: one for one in picked}
        self._buttons: dict[str, TouchButton] = {}
        self._blocks: list[tuple[ModifierGroup, QWidget]] = []
        self._shown: list[list[int]] = [[]]
        self._page = 0
        for option in (one for group in self._groups for one in group.options):
            self._buttons[option.id] = self._button(option)
        self._columns = self._fitting(room_px)
        self.area = QWidget()
        self.pages = PageBar(holder)
        self.pages.turned.connect(self._turn)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(holder.metrics.space(2))
        column.addWidget(self.area, 1)
        column.addWidget(self.pages)
        self.area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        inside = QVBoxLayout(self.area)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(holder.metrics.space(3))
        for group in self._groups:
            self._add_blocks(group, inside)
        inside.addStretch(1)
        self._show()

    def modifiers(self) -> tuple[Modifier, ...]:
        """The choices, in the order in which the menu asks for them."""
        ids = dict.fromkeys(option.id for group in self._groups for option in group.options)
        return tuple(self._picked[one] for one in ids if one in self._picked)

    def are_full(self) -> bool:
        """Whether no group could take one choice more."""
        return all(self._taken(group) >= min(group.most, len(group.options)) for group in self._groups)

    def sizeHint(self) -> QSize:
        metrics = self._holder.metrics
        tall = sum(block.sizeHint().height() + metrics.space(3) for _, block in self._blocks)
        return QSize(self._columns * metrics.mm(30), tall)

    def minimumSizeHint(self) -> QSize:
        metrics = self._holder.metrics
        widest = max((block.minimumSizeHint().width() for _, block in self._blocks), default=0)
        return QSize(widest, 3 * metrics.touch())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room, fewer pages."""
        super().resizeEvent(event)
        self._share_out()

    def _add_blocks(self, group: ModifierGroup, column: QVBoxLayout) -> None:
        at_once = ROWS_A_BLOCK * self._columns
        for first in range(0, len(group.options), at_once):
            block = QWidget()
            rows = QVBoxLayout(block)
            rows.setContentsMargins(0, 0, 0, 0)
            rows.setSpacing(self._holder.metrics.space(2))
            rows.addLayout(self._head(group, continued=first > 0))
            rows.addLayout(self._options(group, group.options[first : first + at_once]))
            column.addWidget(block)
            self._blocks.append((group, block))

    def _head(self, group: ModifierGroup, *, continued: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._holder.metrics.space(2))
        row.addWidget(Label(f"{group.name}, more" if continued else group.name, role=Role.HEADING))
        if group.least and not continued:
            row.addWidget(Badge(self._holder, f"choose {group.least}", tone=Tone.WARN))
        elif not continued:
            row.addWidget(Label(f"up to {group.most}", ink=Ink.MUTED))
        row.addStretch(1)
        return row

    def _options(self, group: ModifierGroup, options: Sequence[Option]) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(self._holder.metrics.space(2))
        for place, option in enumerate(options):
            button = self._buttons[option.id]
            button.clicked.connect(self._picker(group, option))
            grid.addWidget(button, place // self._columns, place % self._columns)
        for place in range(self._columns):
            grid.setColumnStretch(place, 1)
        return grid

    def _button(self, option: Option) -> TouchButton:
        extra = f"+{self._currency.text(option.price_minor)}" if option.price_minor else ""
        button = TouchButton(self._holder, option.name, detail=extra, min_mm=(25, 14))
        button.setCheckable(True)
        button.setMinimumWidth(button.minimumSizeHint().width())
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # all columns alike
        button.setObjectName(f"option:{option.id}")
        return button

    def _fitting(self, room_px: int) -> int:
        """As many columns as have room for the widest option, four at most."""
        gap = self._holder.metrics.space(2)
        widest = max((button.minimumWidth() for button in self._buttons.values()), default=1)
        return min(MOST_COLUMNS, max(1, (room_px + gap) // (widest + gap)))

    def _picker(self, group: ModifierGroup, option: Option) -> Callable[[], None]:
        modifier = Modifier(id=option.id, name=option.name, price_minor=option.price_minor)

        def pick() -> None:
            ids = [one.id for one in group.options]
            if modifier.id in self._picked:
                if self._taken(group) > group.least:  # what must be chosen is exchanged by another tap, never undone
                    del self._picked[modifier.id]
            else:
                taken = [one for one in self._picked if one in ids]
                if len(taken) >= group.most:
                    del self._picked[taken[0]]
                self._picked[modifier.id] = modifier
                self._go_on(group)
            self._show()
            self.picked.emit()

        return pick

    def _go_on(self, group: ModifierGroup) -> None:
        """When the forced questions of this page are answered, turn to the next page that asks one."""
        if any(self._asks(self._blocks[place][0]) for place in self._shown[self._page]) or not group.least:
            return
        for number, places in enumerate(self._shown):
            if any(self._asks(self._blocks[place][0]) for place in places):
                self._turn(number)
                return

    def _asks(self, group: ModifierGroup) -> bool:
        return self._taken(group) < group.least

    def _taken(self, group: ModifierGroup) -> int:
        return sum(option.id in self._picked for option in group.options)

    def _show(self) -> None:
        for option_id, button in self._buttons.items():
            button.setChecked(option_id in self._picked)

    def _turn(self, page: int) -> None:
        self._page = min(max(page, 0), len(self._shown) - 1)
        on_page = set(self._shown[self._page])
        for place, (_, block) in enumerate(self._blocks):
            block.setVisible(place in on_page)
        self.pages.show_page(self._page, len(self._shown))

    def _share_out(self) -> None:
        """Blocks from the top while they fit; the bar takes room only when one page is not enough."""
        self._shown = self._fill(self.height())
        if len(self._shown) > 1:
            self._shown = self._fill(self.height() - self.pages.sizeHint().height() - self._holder.metrics.space(2))
        self._turn(self._page)

    def _fill(self, height: int) -> list[list[int]]:
        gap = self._holder.metrics.space(3)
        pages: list[list[int]] = [[]]
        used = 0
        for place, (_, block) in enumerate(self._blocks):
            tall = block.sizeHint().height() + gap
            if pages[-1] and used + tall - gap > height:
                pages.append([])
                used = 0
            pages[-1].append(place)
            used += tall
        return pages
