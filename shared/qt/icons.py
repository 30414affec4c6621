"""Icons of our own drawing, tinted with a token colour and kept ready by name, colour, size and pixel ratio."""

from collections import OrderedDict
from enum import StrEnum
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_FOLDER: Final = Path(__file__).parent / "icons"
_KEPT: Final = 512  # pictures; some 40 icons in the few colours and sizes of one theme, and room for a second theme
_TINT: Final = b"currentColor"


class IconName(StrEnum):
    """Every icon there is; the value is the file's name."""

    BACK = "back"
    SYNCED = "synced"
    SYNCING = "syncing"
    OFFLINE = "offline"
    WARNING = "warning"
    BACKSPACE = "backspace"
    PLUS = "plus"
    MINUS = "minus"
    NOTE = "note"
    SEARCH = "search"
    TRASH = "trash"
    TABLE = "table"
    TAKEAWAY = "takeaway"
    USER = "user"
    CLOCK = "clock"
    CASH = "cash"
    CARD = "card"
    PHONE = "phone"
    KITCHEN = "kitchen"
    FIRE = "fire"
    CLOSE = "close"
    CHECK = "check"
    CHEVRON_LEFT = "chevron-left"
    CHEVRON_RIGHT = "chevron-right"
    PRINTER = "printer"
    SETTINGS = "settings"
    UNDO = "undo"
    UPLOAD = "upload"
    INFO = "info"
    DOT = "dot"
    TRIANGLE = "triangle"
    SQUARE = "square"
    MENU = "menu"
    LOGOUT = "logout"
    REPEAT = "repeat"
    GUESTS = "guests"
    RECEIPT = "receipt"
    ALLERGY = "allergy"


MIRRORED: Final = frozenset(
    {
        IconName.BACK,
        IconName.BACKSPACE,
        IconName.CHEVRON_LEFT,
        IconName.CHEVRON_RIGHT,
        IconName.UNDO,
        IconName.LOGOUT,
    }
)


class Icons:
    """Renders icons once and keeps at most 512 pictures; the one unused for longest goes first."""

    def __init__(self) -> None:
        self._sources: dict[IconName, bytes] = {}
        self._kept: OrderedDict[tuple[IconName, int, int, float, bool], QPixmap] = OrderedDict()

    def pixmap(
        self, name: IconName, *, colour: QColor, size_px: int, ratio: float = 1.0, mirrored: bool = False
    ) -> QPixmap:
        """A square picture `size_px` wide in logical pixels; `mirrored` flips it for right-to-left."""
        key = (name, colour.rgba(), size_px, ratio, mirrored)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        drawn = self._draw(name, colour=colour, size_px=size_px, ratio=ratio, mirrored=mirrored)
        self._kept[key] = drawn
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return drawn

    def _draw(self, name: IconName, *, colour: QColor, size_px: int, ratio: float, mirrored: bool) -> QPixmap:
        source = self._sources.get(name)
        if source is None:
            source = self._sources[name] = (_FOLDER / f"{name.value}.svg").read_bytes()
        renderer = QSvgRenderer(QByteArray(source.replace(_TINT, colour.name().encode())))
        picture = QPixmap(round(size_px * ratio), round(size_px * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if mirrored:
            painter.translate(size_px, 0)
            painter.scale(-1, 1)
        renderer.render(painter, QRectF(0, 0, size_px, size_px))
        painter.end()
        return picture
