"""The floor: rooms, tables by their state, the open orders with their badges, and takeaway."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_client import words
from pos_client.floor_plan import FloorPlan, TableFace
from pos_client.frame import Screen
from pos_client.order_cards import OrderCard, OrderCards
from pos_client.session import Session
from shared.domain.menu import Table
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import (
    ButtonKind,
    Edge,
    EmptyState,
    Ink,
    Label,
    Panel,
    Role,
    SheetOverlay,
    Tab,
    TabRow,
    TouchButton,
)
from shared.terminal import LineStage, OrderView, SyncBadge, Terminal


class TablesScreen(Screen):
    """`order_wanted` carries the order to open and, for a new one, its table (empty: takeaway)."""

    order_wanted = Signal(str, str)

    def __init__(self, holder: ThemeHolder, terminal: Terminal, session: Session) -> None:
        super().__init__(holder, terminal, session)
        self._room = ""
        self._views: tuple[OrderView, ...] = ()
        self.header.start.addWidget(Label("Tables", role=Role.HEADING))
        self.open_count = Label("", ink=Ink.MUTED)
        self.header.start.addWidget(self.open_count)
        self.rooms = TabRow(holder)
        self.rooms.setObjectName("rooms")
        self.rooms.chosen.connect(self._choose_room)
        self.takeaway = TouchButton(holder, "Takeaway", kind=ButtonKind.PRIMARY, icon=IconName.PLUS, min_mm=(32, 12))
        self.takeaway.setObjectName("takeaway")
        self.takeaway.clicked.connect(lambda: self.order_wanted.emit(self.terminal.new_id(), ""))
        self.plan = FloorPlan(holder)
        self.plan.setObjectName("floor")
        self.plan.tapped.connect(self._open_table)
        self.no_plan = EmptyState(
            holder,
            icon=IconName.TABLE,
            title="No tables here yet",
            advice="The floor plan comes from the server. Takeaway orders can be taken at once.",
        )
        self.cards = OrderCards(holder)
        self.cards.setObjectName("orders")
        self.cards.tapped.connect(lambda order_id: self.order_wanted.emit(order_id, ""))
        self.no_orders = EmptyState(
            holder, icon=IconName.RECEIPT, title="No open orders", advice="Tap a table to open one."
        )
        self.sheet = SheetOverlay(holder, self)
        self._build()

    def refresh(self, ids: frozenset[str] | None = None) -> None:
        """Tables and cards, when an order or the floor changed."""
        super().refresh(ids)
        if ids is None or any(name.startswith("order:") or name in ("catalog", "link") for name in ids):
            self._views = self.terminal.open_orders()
        self._show()

    def tick(self) -> None:
        """Ages go on."""
        super().tick()
        self._show()

    def _show(self) -> None:
        floor = self.terminal.floor
        rooms = [Tab(room.id, room.name) for room in floor.rooms]
        if self._room not in [room.key for room in rooms]:
            self._room = rooms[0].key if rooms else ""
            self.rooms.set_tabs(rooms, current=self._room or None)
        faces = [self._face(table) for table in floor.tables if table.room_id == self._room]
        self.plan.show_tables(faces)
        self.plan.setVisible(bool(faces))
        self.no_plan.setVisible(not faces)
        self.cards.show_cards([self._card(view) for view in self._views])
        self.cards.setVisible(bool(self._views))
        self.no_orders.setVisible(not self._views)
        self.open_count.setText(f"{len(self._views)} open" if self._views else "")

    def _face(self, table: Table) -> TableFace:
        """The state of a table, by the most pressing of its orders."""
        views = [view for view in self._views if view.table_id == table.id and view.is_open]
        if not views:
            return TableFace(table)
        total = self.terminal.business.currency.text(sum(view.totals.total_minor for view in views))
        if any(view.badge is SyncBadge.NEEDS_YOU for view in views):
            return TableFace(table, Tone.BAD, "Needs you")
        if len(views) > 1:
            return TableFace(table, Tone.INFO, f"{len(views)} orders · {total}")
        new = len(views[0].unsent_ids)
        if new:
            return TableFace(table, Tone.WARN, f"{new} new")
        stages = [line.stage for line in views[0].lines if line.stage is not LineStage.VOIDED]
        if stages and all(stage is LineStage.READY for stage in stages):
            return TableFace(table, Tone.OK, "Ready")
        return TableFace(table, Tone.INFO, total)

    def _card(self, view: OrderView) -> OrderCard:
        name = view.table_name
        return OrderCard(
            key=view.id,
            number=view.number,
            place=f"Table {name}" if name[:1].isdigit() else name,
            total=self.terminal.business.currency.text(view.totals.total_minor),
            badge=words.order_badge(view),
            stands=words.kitchen_line(view, now_ms=self.terminal.now_ms()),
        )

    def _choose_room(self, room_id: str) -> None:
        self._room = room_id
        self._show()

    def _open_table(self, table_id: str) -> None:
        """One order: that one. None: a new one. Several: which?"""
        views = [view for view in self._views if view.table_id == table_id and view.is_open]
        if not views:
            self.order_wanted.emit(self.terminal.new_id(), table_id)
        elif len(views) == 1:
            self.order_wanted.emit(views[0].id, table_id)
        else:
            self.sheet.open_sheet(self._which(views, table_id))

    def _which(self, views: Sequence[OrderView], table_id: str) -> QWidget:
        metrics = self.holder.metrics
        content = QWidget()
        column = QVBoxLayout(content)
        column.setSpacing(metrics.space(3))
        column.addWidget(Label("Which order?", role=Role.HEADING))
        for view in views:
            total = self.terminal.business.currency.text(view.totals.total_minor)
            button = TouchButton(self.holder, view.number, detail=f"{view.waiter_name} · {total}", min_mm=(80, 14))
            button.setObjectName(f"which:{view.id}")
            button.clicked.connect(lambda _=False, order_id=view.id: self._chosen(order_id, table_id))
            column.addWidget(button)
        new = TouchButton(self.holder, "New order", icon=IconName.PLUS, kind=ButtonKind.PRIMARY, min_mm=(80, 14))
        new.setObjectName("which:new")
        new.clicked.connect(lambda: self._chosen(self.terminal.new_id(), table_id))
        column.addWidget(new)
        return content

    def _chosen(self, order_id: str, table_id: str) -> None:
        self.sheet.close_sheet()
        self.order_wanted.emit(order_id, table_id)

    def _build(self) -> None:
        metrics = self.holder.metrics
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        left = QVBoxLayout()
        left.setContentsMargins(metrics.space(4), metrics.space(4), metrics.space(4), metrics.space(4))
        left.setSpacing(metrics.space(6))
        top = QHBoxLayout()
        top.addWidget(self.rooms, 1)
        top.addWidget(self.takeaway)
        left.addLayout(top)
        left.addWidget(self.plan, 1)
        left.addWidget(self.no_plan, 1)
        row.addLayout(left, 1)
        side = Panel(self.holder, edge=Edge.START)
        side.setFixedWidth(metrics.px(404))
        column = QVBoxLayout(side)
        column.setContentsMargins(metrics.space(4), metrics.space(6), metrics.space(4), metrics.space(4))
        column.setSpacing(metrics.space(4))
        column.addWidget(Label("Open orders", role=Role.HEADING))
        column.addWidget(self.cards, 1)
        column.addWidget(self.no_orders, 1)
        row.addWidget(side)
