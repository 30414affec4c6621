"""Pictures of cells as they were painted last: shaping text is what costs, and most of a board stays as it is."""

from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QWidget

from kds_client.ages import Sla
from kds_client.cell_paint import CellPainter, Manner
from kds_client.layout import Cell
from kds_client.ticket_look import TicketLook
from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture with all that it depends on; the same look stays the same object while its ticket is as it was."""

    look: TicketLook
    size: tuple[int, int]
    span: tuple[int, int]
    sla: Sla
    digit: str
    is_held: bool
    pixels: QPixmap


class PictureBrush(Brush):
    """A brush on a picture of one cell, which keeps the widget's coordinates and reading direction."""

    def __init__(self, widget: QWidget, holder: ThemeHolder, *, picture: QPixmap, rect: QRect) -> None:
        self.widget = widget
        self.holder = holder
        self.rtl = widget.isRightToLeft()
        place = self.mirrored(rect)
        self._region = QRegion(place)
        self.painter = QPainter(picture)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.painter.translate(-place.x(), -place.y())


class CellPictures:
    """Paints cells out of pictures, at most one for each cell on show. What changes with time is painted over them."""

    def __init__(self, widget: QWidget, cells: CellPainter, holder: ThemeHolder) -> None:
        self._widget = widget
        self._cells = cells
        self._holder = holder
        self._kept: dict[tuple[str, int], _Picture] = {}

    def keep_only(self, cells: tuple[Cell, ...]) -> None:
        """Forget the pictures of all other cells."""
        wanted = {(cell.key, cell.start) for cell in cells}
        self._kept = {key: kept for key, kept in self._kept.items() if key in wanted}

    def paint(self, brush: Brush, look: TicketLook, cell: Cell, *, manner: Manner) -> None:
        """A cell with its clock. Under a finger or in a flash it is painted itself: that lasts for a blink."""
        if manner.pressed or manner.is_lit:
            self._cells.paint_still(brush, look, cell, manner=manner)
        else:
            corner = brush.mirrored(QRect(cell.x, cell.y, cell.width, cell.height)).topLeft()
            brush.painter.drawPixmap(corner, self._picture(look, cell, manner))
        self._cells.paint_clock(brush, look, cell, manner=manner)
        if manner.is_chosen:
            self._cells.paint_ring(brush, cell)

    def _picture(self, look: TicketLook, cell: Cell, manner: Manner) -> QPixmap:
        key = (cell.key, cell.start)
        size, span = (cell.width, cell.height), (cell.start, cell.stop)
        kept = self._kept.get(key)
        if (
            kept is None
            or kept.look is not look
            or (kept.size, kept.span) != (size, span)
            or (kept.sla, kept.digit, kept.is_held) != (manner.age.sla, manner.digit, manner.is_held)
        ):
            pixels = self._draw(look, cell, manner)
            kept = self._kept[key] = _Picture(look, size, span, manner.age.sla, manner.digit, manner.is_held, pixels)
        return kept.pixels

    def _draw(self, look: TicketLook, cell: Cell, manner: Manner) -> QPixmap:
        ratio = self._widget.devicePixelRatioF()
        picture = QPixmap(round(cell.width * ratio), round(cell.height * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(self._holder.ink.bg)
        rect = QRect(cell.x, cell.y, cell.width, cell.height)
        with PictureBrush(self._widget, self._holder, picture=picture, rect=rect) as brush:
            self._cells.paint_still(brush, look, cell, manner=manner)
        return picture
