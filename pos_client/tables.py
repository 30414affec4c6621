"""Home: the floor by rooms with the state of each table, all open orders with their badges, and takeaway."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from pos_client.faces import card_of, face_of
from pos_client.floor_plan import FloorPlan
from pos_client.frame import Screen
from pos_client.home_tabs import FLOOR, ORDERS, SHIFT, show_home_tabs
from pos_client.merging import Merging
from pos_client.order_cards import OrderCard, OrderCards
from pos_client.session import Intention, Session
from pos_client.which_sheet import WhichSheet
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import (
    ButtonKind,
    Edge,
    EmptyState,
    Ground,
    Label,
    Panel,
    Role,
    Tab,
    TabRow,
    TouchButton,
)
from shared.terminal import OrderView, Terminal

SIDE_SHARE = 0.36
NO_ORDERS = ("No open orders", "Tap a table to open one.")


class TablesScreen(Screen):
    """`order_wanted` carries the order to open and, for a new one, its table (empty: takeaway).

    `shift_wanted` follows the tab of the shift.
    """

    order_wanted = Signal(str, str)
    shift_wanted = Signal()

    def __init__(
        self, holder: ThemeHolder, terminal: Terminal, session: Session, *, intention: type[Intention] = Intention
    ) -> None:
        super().__init__(holder, terminal, session)
        self._room = ""
        self._views: tuple[OrderView, ...] = ()
        self.parts = TabRow(holder)
        self.parts.setObjectName("parts")
        self.parts.chosen.connect(self.turn_to)
        self.header.start.addWidget(self.parts, 1)
        self.rooms = TabRow(holder)
        self.rooms.setObjectName("rooms")
        self.rooms.chosen.connect(self._choose_room)
        self.plan = FloorPlan(holder)
        self.plan.setObjectName("floor")
        self.plan.tapped.connect(self._open_table)
        self.no_plan = EmptyState(
            holder,
            icon=IconName.TABLE,
            title="No tables here yet",
            advice="The floor plan comes from the server. Takeaway orders can be taken at once.",
        )
        self.cards = OrderCards(holder, ground=Ground.SURFACE)
        self.cards.setObjectName("orders")
        self.all_cards = OrderCards(holder, ground=Ground.BG)
        self.all_cards.setObjectName("all_orders")
        self.no_orders = [
            EmptyState(holder, icon=IconName.RECEIPT, title=NO_ORDERS[0], advice=NO_ORDERS[1]) for _ in "ab"
        ]
        for cards in (self.cards, self.all_cards):
            cards.tapped.connect(lambda order_id: self.order_wanted.emit(order_id, ""))
        self.side = Panel(holder, edge=Edge.START)
        self.sheet = self.make_sheet()
        self.merging = Merging(
            holder,
            terminal,
            session,
            overlay=self.sheet,
            done=lambda order_id: self.order_wanted.emit(order_id, ""),
            intention=intention,
        )
        self.pages = QStackedWidget()
        self._build()

    def refresh(self, ids: frozenset[str] | None = None) -> None:
        """Tables and cards, when an order, the floor or the link changed."""
        super().refresh(ids)
        if ids is None or any(name.startswith("order:") or name in ("catalog", "link") for name in ids):
            self._views = self.terminal.open_orders()
            self._show()
            self.merging.look_again(self.say_over)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The orders leave the larger part to the tables, also with large words."""
        self.side.setFixedWidth(min(self.holder.metrics.px(404), round(SIDE_SHARE * self.width())))
        super().resizeEvent(event)

    def entered(self) -> None:
        """Home begins with the floor."""
        self.turn_to(FLOOR)
        super().entered()

    def left(self) -> None:
        """Nothing is asked any more."""
        self.sheet.close_sheet()
        super().left()

    def tick(self) -> None:
        """Ages go on."""
        super().tick()
        self._show_cards()

    def _show(self) -> None:
        floor = self.terminal.floor
        rooms = [Tab(room.id, room.name) for room in floor.rooms]
        if self._room not in [room.key for room in rooms]:
            self._room = rooms[0].key if rooms else ""
        self.rooms.set_tabs(rooms, current=self._room or None)
        currency = self.terminal.business.currency
        on_tables: dict[str | None, list[OrderView]] = {}
        for view in self._views:
            if view.is_open:
                on_tables.setdefault(view.table_id, []).append(view)
        faces = [
            face_of(table, on_tables.get(table.id, ()), currency)
            for table in floor.tables
            if table.room_id == self._room
        ]
        self.plan.show_tables(faces)
        self.plan.setVisible(bool(faces))
        self.no_plan.setVisible(not faces)
        show_home_tabs(self.parts, self._part(), orders=len(self._views))
        self._show_cards()

    def _show_cards(self) -> None:
        for shown, empty in zip((self.cards, self.all_cards), self.no_orders, strict=True):
            shown.show_cards(len(self._views), self._card_of(self._views))
            shown.setVisible(bool(self._views))
            empty.setVisible(not self._views)

    def _card_of(self, views: Sequence[OrderView]) -> Callable[[int], OrderCard]:
        currency, now_ms = self.terminal.business.currency, self.terminal.now_ms()
        return lambda place: card_of(views[place], currency, now_ms=now_ms)

    def _on_table(self, table_id: str) -> list[OrderView]:
        return [view for view in self._views if view.table_id == table_id and view.is_open]

    def _part(self) -> str:
        return (FLOOR, ORDERS)[self.pages.currentIndex()]

    def turn_to(self, part: str) -> None:
        """The floor or all open orders; the shift has a screen of its own."""
        if part == SHIFT:
            self.parts.set_current(self._part())
            self.shift_wanted.emit()
            return
        self.pages.setCurrentIndex((FLOOR, ORDERS).index(part))
        self.parts.set_current(part)

    def _choose_room(self, room_id: str) -> None:
        self._room = room_id
        self._show()

    def _open_table(self, table_id: str) -> None:
        """One order: that one. None: a new one. Several: which?"""
        views = self._on_table(table_id)
        if not views:
            self.order_wanted.emit(self.terminal.new_id(), table_id)
        elif len(views) == 1:
            self.order_wanted.emit(views[0].id, table_id)
        else:
            self.sheet.open_sheet(self._which(views, table_id))

    def _which(self, views: Sequence[OrderView], table_id: str) -> QWidget:
        sheet = WhichSheet(self.holder, len(views), self._card_of(views), title="Which order?")
        sheet.chosen.connect(lambda order_id: self._chosen(order_id, table_id))
        merge = TouchButton(self.holder, "Merge", min_mm=(28, 14))
        sheet.add_button(merge, "which:merge", lambda: self.merging.ask(self._on_table(table_id)))
        new = TouchButton(self.holder, "New order", icon=IconName.PLUS, kind=ButtonKind.PRIMARY, min_mm=(50, 14))
        sheet.add_button(new, "which:new", lambda: self._chosen(self.terminal.new_id(), table_id), wide=True)
        return sheet

    def _chosen(self, order_id: str, table_id: str) -> None:
        self.sheet.close_sheet()
        self.order_wanted.emit(order_id, table_id)

    def _build(self) -> None:
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages)
        for page in (self._floor_page(), self._orders_page()):
            self.pages.addWidget(page)

    def _floor_page(self) -> QWidget:
        metrics = self.holder.metrics
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        left = self._column(self.rooms)
        left.addWidget(self.plan, 1)
        left.addWidget(self.no_plan, 1)
        row.addLayout(left, 1)
        side = self.side
        column = QVBoxLayout(side)
        column.setContentsMargins(metrics.space(4), metrics.space(6), metrics.space(4), metrics.space(4))
        column.setSpacing(metrics.space(4))
        column.addWidget(Label("Open orders", role=Role.HEADING))
        column.addWidget(self.cards, 1)
        column.addWidget(self.no_orders[0], 1)
        row.addWidget(side)
        return page

    def _orders_page(self) -> QWidget:
        page = QWidget()
        column = self._column(Label("All open orders", role=Role.HEADING))
        page.setLayout(column)
        column.addWidget(self.all_cards, 1)
        column.addWidget(self.no_orders[1], 1)
        return page

    def _column(self, head: QWidget) -> QVBoxLayout:
        """A page's column with its head and the way to a takeaway order."""
        metrics = self.holder.metrics
        takeaway = TouchButton(self.holder, "Takeaway", kind=ButtonKind.PRIMARY, icon=IconName.PLUS, min_mm=(32, 12))
        takeaway.setObjectName("takeaway")
        takeaway.clicked.connect(lambda: self.order_wanted.emit(self.terminal.new_id(), ""))
        column = QVBoxLayout()
        column.setContentsMargins(metrics.space(4), metrics.space(4), metrics.space(4), metrics.space(4))
        column.setSpacing(metrics.space(6))
        top = QHBoxLayout()
        top.addWidget(head, 1)
        top.addWidget(takeaway)
        column.addLayout(top)
        return column
