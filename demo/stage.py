"""Where the screens of a night stand on a display: all side by side, each as small as it must be, none on another.

`python -m demo.stage` tells the room of the display as JSON, and fails where no window can be opened at all.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from shared.qt.starting import LEAST_HEIGHT_PX, LEAST_WIDTH_PX
from shared.settings import DeviceSettings

ASK_S = 20.0
FRAME_PX = (8, 40)
"""What a window manager adds around a window: to its width, and to its height for the title."""
PLACE = "EVERTILL_DEMO_PLACE"
"""In a window's own environment: where its corner is, as X,Y."""


@dataclass(frozen=True, slots=True)
class Glass:
    """The screen of one device as it hangs in a house: pixels, and inches from corner to corner."""

    width_px: int
    height_px: int
    diagonal_inch: float


TILL = Glass(1366, 768, 15.6)
KITCHEN = Glass(1920, 1080, 21.5)


@dataclass(frozen=True, slots=True)
class Room:
    """The part of a display that windows may use, in its pixels."""

    x: int
    y: int
    width: int
    height: int


def platform() -> dict[str, str]:
    """The environment that has Qt take X where there is both, for a Wayland window can't choose its place."""
    return {"QT_QPA_PLATFORM": "xcb"} if os.environ.get("DISPLAY") and "QT_QPA_PLATFORM" not in os.environ else {}


def room_of_display() -> Room | None:
    """The display's room, or None where no window can be opened; asked of another process, for Qt aborts."""
    asked = subprocess.run(
        [sys.executable, "-m", "demo.stage"],
        capture_output=True,
        text=True,
        timeout=ASK_S,
        check=False,
        env={**os.environ, **platform()},
    )
    return Room(**json.loads(asked.stdout)) if asked.returncode == 0 else None


def placed(names: Sequence[str], glasses: Mapping[str, Glass], room: Room) -> dict[str, dict[str, str]]:
    """For each window the environment in which it opens in its own cell, two side by side, scaled to fit there."""
    rows = -(-len(names) // 2)
    width, height = room.width // 2, room.height // rows
    found = {}
    for place, name in enumerate(names):
        glass = glasses[name]
        fits = min((width - FRAME_PX[0]) / glass.width_px, (height - FRAME_PX[1]) / glass.height_px)
        scale = min(1.0, max(0.2, fits))
        x, y = room.x + place % 2 * width, room.y + place // 2 * height
        where = f"{round(x / scale)},{round(y / scale)}"
        found[name] = {**platform(), "QT_SCALE_FACTOR": f"{scale:.4f}", PLACE: where}
    return found


def as_hung(settings: DeviceSettings, app: QApplication, glass: Glass) -> DeviceSettings:
    """The settings with which a window of this glass's pixels has millimetres as on that glass, whatever shows it."""
    size = app.primaryScreen().size()
    shown = hypot(max(size.width(), LEAST_WIDTH_PX), max(size.height(), LEAST_HEIGHT_PX))
    inch = glass.diagonal_inch * shown / hypot(glass.width_px, glass.height_px)
    return settings.model_copy(update={"diagonal_inch": inch})


def show(window: QWidget, glass: Glass) -> None:
    """Show a window in the glass's size, in its place if it was given one."""
    window.resize(glass.width_px, glass.height_px)
    place = os.environ.get(PLACE)
    if place is not None:
        x, y = place.split(",")
        window.move(int(x), int(y))
    window.show()


def main() -> int:
    """Tell the room of the display."""
    app = QGuiApplication(sys.argv[:1])
    free = app.primaryScreen().availableGeometry()
    ratio = app.primaryScreen().devicePixelRatio()
    room = {"x": free.x(), "y": free.y(), "width": free.width(), "height": free.height()}
    sys.stdout.write(json.dumps({name: round(value * ratio) for name, value in room.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
