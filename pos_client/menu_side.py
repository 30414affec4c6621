"""The menu beside the order: category tabs, tiles in pages with counts and sold-out, search by name."""

from collections import Counter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pos_client import words
from shared.domain.menu import MenuItem
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import (
    Banner,
    EmptyState,
    Ground,
    MenuTile,
    PagedGrid,
    Panel,
    Tab,
    TabRow,
    TilePainter,
    TouchButton,
)
from shared.terminal import LineStage, OrderView, Terminal

FOUND = "found"
STRIPES = 5


class MenuSide(Panel):
    """`item_tapped` carries the item, `refused` why a dish can't be had, `way_on` where a notice's button leads."""

    item_tapped = Signal(str)
    refused = Signal(str)
    search_wanted = Signal()
    way_on = Signal(str)

    def __init__(self, holder: ThemeHolder, terminal: Terminal) -> None:
        super().__init__(holder, ground=Ground.BG)
        self._terminal = terminal
        self._category = ""
        self._found = ""
        self._counts: Counter[str] = Counter()
        self.tabs = TabRow(holder)
        self.tabs.setObjectName("categories")
        self.tabs.chosen.connect(self._choose)
        self.search = TouchButton(holder, icon=IconName.SEARCH)
        self.search.setObjectName("search")
        self.search.setAccessibleName("Search the menu")
        self.search.clicked.connect(self.search_wanted)
        self.tiles: PagedGrid[MenuTile] = PagedGrid(holder, TilePainter(holder))
        self.tiles.setObjectName("tiles")
        self.notice = Banner(holder)
        self.notice.setObjectName("notice")
        self.notice.action_pressed.connect(self.way_on)
        self.notice.hide()
        self.tiles.tile_tapped.connect(self.item_tapped)
        self.tiles.refused.connect(self._refuse)
        self.empty = EmptyState(
            holder, icon=IconName.SEARCH, title="Nothing here yet", advice="Choose another category, or search anew."
        )
        metrics = holder.metrics
        column = QVBoxLayout(self)
        column.setContentsMargins(metrics.space(4), metrics.space(4), metrics.space(4), metrics.space(4))
        column.setSpacing(metrics.space(3))
        top = QHBoxLayout()
        top.addWidget(self.tabs, 1)
        top.addWidget(self.search)
        column.addLayout(top)
        column.addWidget(self.notice)
        column.addWidget(self.tiles, 1)
        column.addWidget(self.empty, 1)

    def start_again(self, *, begin: str = "") -> None:
        """For another order: the search is over. Without `begin` the category stays where it is."""
        self._found = ""
        self._category = begin or self._category
        self.read()

    def read(self) -> None:
        """Read the menu again."""
        categories = self._terminal.menu.categories
        if self._category not in [category.id for category in categories] and not self._found:
            self._category = categories[0].id if categories else ""
        tabs = [Tab(category.id, category.name) for category in categories]
        if self._found:
            tabs.insert(0, Tab(FOUND, f"'{self._found}'"))
        self.tabs.set_tabs(tabs, current=FOUND if self._found else self._category or None)
        self._show(first_page=True)

    def show_counts(self, view: OrderView | None) -> None:
        """How many of each dish are new on the order."""
        counts: Counter[str] = Counter()
        for line in view.lines if view is not None else ():
            if line.stage is LineStage.NEW:
                counts[line.item_id] += line.quantity
        if counts != self._counts:
            self._counts = counts
            self._show(first_page=False)

    def show_notice(self, said: words.Notice | None) -> None:
        """Say over the tiles what is not as usual with the order on show, and where to go on; None while all is."""
        self.notice.setVisible(said is not None)
        if said is not None:
            icon = IconName.WARNING if said.tone is Tone.WARN else None  # the cloud of that tone would say offline
            self.notice.show_message(tone=said.tone, title=said.title, text=said.text, icon=icon)
            self.notice.set_actions({said.way: said.action})
            self.notice.button(said.way).setObjectName(f"way:{said.way}")

    def look_for(self, text: str) -> None:
        """Show the dishes whose name has these letters."""
        self._found = text.strip()
        self.read()

    def favourites(self) -> tuple[str, ...]:
        """The first words to offer for a search: the names of the categories' first dishes."""
        firsts: dict[str, str] = {}
        for item in self._terminal.menu.items:
            letters = [word for word in item.name.split() if word.isalpha()]
            firsts.setdefault(item.category_id, letters[-1] if letters else item.name)
        return tuple(dict.fromkeys(firsts.values()))[:6]

    def to_be_had(self, item_id: str, name: str = "This dish") -> MenuItem | None:
        """The dish as it is by now; None, and `refused` says why, where it left the menu or is sold out."""
        item = self._terminal.menu.item(item_id)
        missing = words.not_to_be_had(item, name)
        if missing:
            self.refused.emit(missing)
        return None if missing else item

    def still_has(self, item_id: str, name: str) -> MenuItem | None:
        """The dish, sold out or not; None, and `refused` says so, where it left the menu."""
        item = self._terminal.menu.item(item_id)
        if item is None:
            self.refused.emit(words.not_to_be_had(None, name))
        return item

    def _items(self) -> list[MenuItem]:
        if self._found:
            wanted = self._found.casefold()
            return [item for item in self._terminal.menu.items if wanted in item.name.casefold()]
        return [item for item in self._terminal.menu.items if item.category_id == self._category]

    def _show(self, *, first_page: bool) -> None:
        currency = self._terminal.business.currency
        stripes = {category.id: category.stripe % STRIPES for category in self._terminal.menu.categories}
        items = self._items()
        self.tiles.set_tiles(
            [
                MenuTile(
                    key=item.id,
                    title=item.name,
                    foot=words.dish_foot(item, currency),
                    stripe=stripes.get(item.category_id, 0),
                    count=str(self._counts[item.id]) if self._counts[item.id] else "",
                    available=not item.sold_out,
                )
                for item in items
            ],
            first_page=first_page,
        )
        self.tiles.setVisible(bool(items))
        self.empty.setVisible(not items)
        self.empty.title.setText(f"No dish has '{self._found}' in its name" if self._found else "Nothing here yet")

    def _choose(self, category_id: str) -> None:
        if category_id != FOUND:
            self._found = ""
            self._category = category_id
            self.read()

    def _refuse(self, item_id: str) -> None:
        self.to_be_had(item_id)


def where_the_newest_began(terminal: Terminal) -> str:
    """The category of the first dish of the newest open order; empty where there is none."""
    firsts = [view.lines[0].item_id for view in terminal.open_orders() if view.lines]
    item = terminal.menu.item(firsts[-1]) if firsts else None
    return item.category_id if item is not None else ""
