"""A screen like that of an order, made only of the shared widgets: an example to build from and to check."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TIMES, Tone
from shared.qt.widgets import (
    Badge,
    ButtonKind,
    Edge,
    Ground,
    HeaderBar,
    Ink,
    Label,
    LineAction,
    LineList,
    LineRow,
    MenuTile,
    PagedGrid,
    Panel,
    Role,
    StatusPill,
    Tab,
    TabRow,
    TilePainter,
    TouchButton,
)

_NAMES = (
    "Chicken Bowl",
    "Steak Bowl",
    "Veggie Bowl",
    "Carnitas Bowl",
    "Barbacoa Bowl",
    "Chicken Burrito",
    "Steak Burrito",
    "Veggie Burrito",
    "Carnitas Burrito",
    "Barbacoa Burrito",
    "Chicken Tacos",
    "Steak Tacos",
    "Fish Tacos",
    "Crispy Tacos",
    "Veggie Tacos",
    "Chicken Salad",
    "Steak Salad",
    "House Salad",
    "Soup of the day",
    "Kids Plate with rice and beans",
)


def menu_tiles() -> list[MenuTile]:
    """Twenty tiles like those of a menu."""
    return [
        MenuTile(
            key=f"item-{number}",
            title=name,
            foot="Sold out" if number == 8 else f"{8 + number * 0.37:.2f}",
            stripe=number // 5 if number < 18 else 4,
            count="2" if number == 0 else "",
            available=number != 8,
        )
        for number, name in enumerate(_NAMES)
    ]


def order_rows() -> list[LineRow]:
    """Four rows of an order: two new, two sent."""
    return [
        LineRow(key="a", lead=f"2{TIMES}", title="Chicken Bowl", amount="21.96", detail="Black beans, rice, no cheese"),
        LineRow(key="b", lead=f"1{TIMES}", title="Sparkling Water", amount="3.39"),
        LineRow(
            key="c",
            lead=f"1{TIMES}",
            title="Steak Tacos",
            amount="9.25",
            detail="Green salsa",
            status="In kitchen 4:10",
            status_tone=Tone.OK,
            faded=True,
        ),
        LineRow(
            key="d",
            lead=f"2{TIMES}",
            title="Chips & Guacamole",
            amount="8.90",
            status="Ready",
            status_tone=Tone.OK,
            faded=True,
        ),
    ]


ROW_ACTIONS = (
    LineAction(key="less", icon=IconName.MINUS),
    LineAction(key="more", icon=IconName.PLUS),
    LineAction(key="note", text="Note"),
    LineAction(key="void", text="Void", danger=True, apart=True),
)


def order_screen(holder: ThemeHolder) -> QWidget:
    """Something like the order screen, made only of what is here."""
    window = Panel(holder, ground=Ground.BG)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(_header(holder))
    body = QHBoxLayout()
    body.setSpacing(0)
    column.addLayout(body, 1)
    body.addWidget(_order_side(holder))
    metrics = holder.metrics
    right = QVBoxLayout()
    right.setContentsMargins(metrics.space(4), metrics.space(4), metrics.space(4), metrics.space(4))
    right.setSpacing(metrics.space(4))
    top = QHBoxLayout()
    tabs = TabRow(holder, [Tab(name, name) for name in ("Mains", "Starters", "Sides", "Desserts", "Drinks", "Bar")])
    top.addWidget(tabs, 1)
    top.addWidget(TouchButton(holder, icon=IconName.SEARCH))
    right.addLayout(top)
    grid: PagedGrid[MenuTile] = PagedGrid(holder, TilePainter(holder))
    grid.set_tiles(menu_tiles())
    right.addWidget(grid, 1)
    body.addLayout(right, 1)
    return window


def _header(holder: ThemeHolder) -> QWidget:
    header = HeaderBar(holder)
    header.start.addWidget(TouchButton(holder, "Tables", icon=IconName.BACK, kind=ButtonKind.PLAIN))
    header.start.addWidget(Label("Table 5", role=Role.HEADING))
    header.start.addWidget(Label("#1235 · 2 guests · Amina", ink=Ink.MUTED))
    pill = StatusPill(holder)
    pill.show_state("Offline · 3 waiting", tone=Tone.WARN)
    header.end.addWidget(pill)
    header.end.addWidget(Label("19:42", role=Role.STRONG, ink=Ink.MUTED))
    header.end.addWidget(TouchButton(holder, "Amina K."))
    return header


def _order_side(holder: ThemeHolder) -> QWidget:
    metrics = holder.metrics
    side = Panel(holder, edge=Edge.END)
    side.setFixedWidth(max(metrics.px(404), 1))
    column = QVBoxLayout(side)
    column.setContentsMargins(0, 0, 0, metrics.space(3))
    badges = QHBoxLayout()
    badges.setContentsMargins(metrics.space(4), metrics.space(3), metrics.space(4), 0)
    badges.addWidget(Badge(holder, "Not synced yet", tone=Tone.WARN, icon=IconName.UPLOAD))
    badges.addWidget(Badge(holder, "Course 1", tone=Tone.INFO))
    badges.addStretch(1)
    badges.addWidget(Label("2 new · 3 sent", role=Role.NOTE, ink=Ink.MUTED))
    column.addLayout(badges)
    lines = LineList(holder)
    lines.set_rows(order_rows(), opened="a", actions=ROW_ACTIONS)
    column.addWidget(lines, 1)
    total = QHBoxLayout()
    total.setContentsMargins(metrics.space(4), 0, metrics.space(4), 0)
    total.addWidget(Label("Total", role=Role.TITLE))
    total.addStretch(1)
    total.addWidget(Label("43.50", role=Role.TITLE))
    column.addLayout(total)
    buttons = QHBoxLayout()
    buttons.setContentsMargins(metrics.space(4), 0, metrics.space(4), 0)
    buttons.addWidget(TouchButton(holder, "Pay", min_mm=(20, 20)), 2)
    buttons.addWidget(TouchButton(holder, "Send 2 to kitchen", kind=ButtonKind.PRIMARY, min_mm=(20, 20)), 3)
    column.addLayout(buttons)
    return side
