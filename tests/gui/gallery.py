"""Renders every widget in each look into pictures, for looking at: `python -m tests.gui.gallery [folder]`."""

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from shared.qt.icons import IconName
from shared.qt.metrics import Metrics
from shared.qt.theme import Theme, ThemeHolder, installed_family
from shared.qt.tokens import ThemeName, Tone, TypeSize
from shared.qt.widgets import (
    Badge,
    Banner,
    ButtonKind,
    Card,
    EmptyState,
    FigureTile,
    Ground,
    Ink,
    Label,
    Panel,
    PinPad,
    Role,
    SheetOverlay,
    StatusPill,
    ToneIcon,
    TouchButton,
)
from tests.gui.sample_order import order_screen


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
