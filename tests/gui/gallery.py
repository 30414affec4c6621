"""Renders every widget in each look into pictures, for looking at: `python -m tests.gui.gallery [folder]`."""

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from shared.qt.icons import IconName
from shared.qt.metrics import Metrics
from shared.qt.theme import Theme, ThemeHolder, installed_family
from shared.qt.tokens import TIMES, ThemeName, Tone, TypeSize
from shared.qt.widgets import (
    Badge,
    Banner,
    ButtonKind,
    Card,
    Edge,
    EmptyState,
    FigureTile,
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
    PinPad,
    Role,
    SheetOverlay,
    StatusPill,
    Tab,
    TabRow,
    TilePainter,
    ToneIcon,
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


def pieces(holder: ThemeHolder) -> QWidget:
    """Buttons in every kind and state, badges, figures, banners, an empty place, all icons."""
    metrics = holder.metrics
    window = Panel(holder, ground=Ground.BG)
    column = QVBoxLayout(window)
    column.setSpacing(metrics.space(3))
    for enabled in (True, False):
        row = QHBoxLayout()
        for kind in ButtonKind:
            button = TouchButton(holder, kind.value.title(), kind=kind)
            button.setEnabled(enabled)
            row.addWidget(button)
        column.addLayout(row)
    row = QHBoxLayout()
    chosen = TouchButton(holder, "Tomato", min_mm=(25, 16))
    chosen.setCheckable(True)
    chosen.setChecked(True)
    down = TouchButton(holder, "Pressed", kind=ButtonKind.PRIMARY)
    down.setDown(True)
    for widget in (
        chosen,
        TouchButton(holder, "Guacamole", detail="+2.00"),
        TouchButton(holder, "Allergy", icon=IconName.WARNING, kind=ButtonKind.WARN),
        down,
        TouchButton(holder, "Take 50.00\nand close", kind=ButtonKind.OK, size=TypeSize.TITLE),
    ):
        row.addWidget(widget)
    column.addLayout(row)
    row = QHBoxLayout()
    for tone in Tone:
        row.addWidget(Badge(holder, tone.value.title(), tone=tone))
        pill = StatusPill(holder)
        pill.show_state(f"{tone.value.title()} · 3 waiting", tone=tone)
        row.addWidget(pill)
    column.addLayout(row)
    row = QHBoxLayout()
    for label, value, tone in (
        ("Waiting", "6", Tone.NEUTRAL),
        ("Need attention", "1", Tone.BAD),
        ("First try", "99.3%", Tone.OK),
    ):
        row.addWidget(FigureTile(holder, label, value, tone=tone))
    column.addLayout(row)
    banner = Banner(holder)
    banner.show_message(
        tone=Tone.BAD,
        title="Order #1236 was closed on another till",
        text="Your change to add fries was not applied. The order on this till now shows the version of the server.",
    )
    banner.set_actions({"both": "See both", "new": "Add to new order", "ok": "OK"})
    column.addWidget(banner)
    plain = Banner(holder)
    plain.show_message(
        tone=Tone.WARN, text="Card and mobile money need a connection. Take cash now, or wait for the network."
    )
    column.addWidget(plain)
    band = Banner(holder, full_width=True)
    band.show_message(
        tone=Tone.BAD,
        title="Not connected for 00:42",
        text="Last ticket 19:41:18 · 2 updates kept here",
        icon=IconName.CLOSE,
    )
    column.addWidget(band)
    return window


def icons(holder: ThemeHolder) -> QWidget:
    """All icons with their names, and an empty place."""
    window = Panel(holder, ground=Ground.BG)
    grid = QGridLayout(window)
    for number, name in enumerate(IconName):
        picture = ToneIcon(holder)
        picture.show_icon(name, Tone.INFO)
        picture.setFixedSize(48, 48)
        grid.addWidget(picture, number // 10 * 2, number % 10, Qt.AlignmentFlag.AlignHCenter)
        label = Label(name.value, role=Role.NOTE, ink=Ink.MUTED, align=Qt.AlignmentFlag.AlignCenter)
        grid.addWidget(label, number // 10 * 2 + 1, number % 10)
    card = Card(holder)
    inside = QVBoxLayout(card)
    inside.addWidget(
        EmptyState(
            holder,
            icon=IconName.RECEIPT,
            title="No open orders",
            advice="Tap a table to start one.",
            action="New takeaway",
        )
    )
    grid.addWidget(card, 8, 0, 1, 10)
    return window


def pin(holder: ThemeHolder) -> QWidget:
    """The PIN pad on its side of the login screen."""
    window = Panel(holder)
    column = QVBoxLayout(window)
    margin = holder.metrics.space(12)
    column.setContentsMargins(margin, margin, margin, margin)
    pad = PinPad(holder)
    pad.dots.show_filled(2)
    column.addWidget(pad)
    return window


def sheet(holder: ThemeHolder) -> QWidget:
    """A sheet of choices over the order screen."""
    window = order_screen(holder)
    window.resize(1366, 768)
    overlay = SheetOverlay(holder, window)
    content = QWidget()
    column = QVBoxLayout(content)
    column.addWidget(Label("Chicken Bowl", role=Role.TITLE))
    row = QHBoxLayout()
    for number, name in enumerate(("Tomato", "Corn", "Green chili", "Red chili")):
        choice = TouchButton(holder, name, min_mm=(25, 16))
        choice.setCheckable(True)
        choice.setChecked(number == 0)
        row.addWidget(choice)
    column.addLayout(row)
    overlay.open_sheet(content)
    return window


def main() -> None:
    """Render all of it."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/pictures/gallery")
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(sys.argv)
    assert isinstance(app, QApplication)
    metrics = Metrics.of_screen(diagonal_inch=15.6, width_px=1366, height_px=768)
    for name in ThemeName:
        holder = ThemeHolder(Theme(name=name, metrics=metrics, family=installed_family()))
        holder.dress(app)
        for build in (order_screen, pieces, icons, pin, sheet):
            window = build(holder)
            width = 480 if build is pin else 1366
            window.resize(width, 768)
            window.show()
            window.grab().save(str(folder / f"{build.__name__}-{name.value}.png"))
            window.close()
            window.deleteLater()


if __name__ == "__main__":
    main()
