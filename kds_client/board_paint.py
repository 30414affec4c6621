"""Paints what stands on the board beside tickets: the bars to other pages, and the words of an empty board."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QWidget

from kds_client.cell_paint import CellPainter, Manner
from kds_client.cell_pictures import CellPictures
from kds_client.layout import Cell, Page
from kds_client.sizes import Sizes
from kds_client.ticket_face import TicketFace
from kds_client.ticket_look import TicketLook
from shared.qt.icons import IconName
from shared.qt.painting import MIDDLE, Brush

MORE: Final = "page:more"
BACK: Final = "page:back"
_EMPTY: Final = "No tickets."


class BoardPainter:
    """Paints cells, whole or only their clocks, and all around them. Rects are as for left-to-right."""

    def __init__(self, widget: QWidget, sizes: Sizes) -> None:
        self._sizes = sizes
        self._holder = sizes.holder
        self.cells = CellPainter(sizes)
        self.pictures = CellPictures(widget, self.cells, sizes.holder)

    def targets(self, looks: Mapping[str, TicketLook], page: Page, size: QSize) -> dict[str, QRect]:
        """What can be touched on a page of a board of this size, by key."""
        sizes = self._sizes
        rects: dict[str, QRect] = {}
        for cell in page.cells:
            rects |= self._targets_of(looks[cell.key], cell)
        half = (size.width() - 2 * sizes.margin - sizes.gap) // 2
        top = size.height() - sizes.margin - sizes.touch
        if page.before:
            rects[BACK] = QRect(sizes.margin, top, half, sizes.touch)
        if page.after:
            rects[MORE] = QRect(size.width() - sizes.margin - half, top, half, sizes.touch)
        return rects

    def _targets_of(self, look: TicketLook, cell: Cell) -> dict[str, QRect]:
        rects = {}
        if cell.first:
            rects[f"head:{cell.key}"] = self.cells.head_rect(look, cell)
        for line_id, rect in self.cells.item_rects(look, cell).items():
            rects[f"item:{cell.key}:{line_id}"] = rect
        if cell.last:
            rects[f"{look.face.step}:{cell.key}"] = self.cells.button_rect(look, cell)
        return rects

    def cell(self, brush: Brush, look: TicketLook, cell: Cell, *, manner: Manner, asked: QRegion) -> None:
        """A cell, or only its clock where no more of it is asked for."""
        around = self.cells.reach_rect(cell)
        if not brush.needs(around):
            return
        beside = asked.intersected(brush.mirrored(around))
        for clock in self.cells.clock_rects(look, cell) if cell.first else ():
            beside = beside.subtracted(QRegion(brush.mirrored(clock)))
        if beside.isEmpty():
            self.cells.paint_clock(brush, look, cell, manner=manner)
        else:
            self.pictures.paint(brush, look, cell, manner=manner)

    def bar(self, brush: Brush, rect: QRect, words: str, *, is_down: bool, is_lit: bool) -> None:
        """One of the two bars at the bottom; `is_lit` while a new ticket flashes on a page behind it."""
        sizes, ink = self._sizes, self._holder.ink
        fill = ink.text if is_lit else ink.pressed if is_down else ink.control
        brush.box(rect, fill=fill, radius=sizes.radius)
        brush.text(rect, words, font=sizes.words, colour=ink.bg if is_lit else ink.text, align=MIDDLE)

    def empty(self, brush: Brush, rect: QRect, advice_words: str) -> None:
        """What an empty board says, large enough to be read from the stove."""
        sizes, ink = self._sizes, self._holder.ink
        side = 2 * sizes.head_px
        tall = side + sizes.line(sizes.head) + sizes.line(sizes.detail) + 2 * sizes.gap
        top = rect.center().y() - tall // 2
        icon = QRect(rect.x(), top, rect.width(), side)
        brush.icon(icon, IconName.KITCHEN, colour=ink.muted)
        title = QRect(rect.x(), icon.bottom() + sizes.gap, rect.width(), sizes.line(sizes.head))
        brush.text(title, _EMPTY, font=sizes.head, colour=ink.text, align=MIDDLE)
        advice = QRect(rect.x(), title.bottom() + sizes.gap, rect.width(), sizes.line(sizes.detail))
        brush.text(advice, advice_words, font=sizes.detail, colour=ink.muted, align=MIDDLE)


def more_words(faces: Sequence[TicketFace], now_ms: int) -> str:
    """`+7 more · oldest 05:15 · 2 late`: what stands on later pages."""
    late = sum(face.is_late(now_ms) for face in faces)
    return " · ".join((f"+{len(faces)} more", _oldest(faces, now_ms), *((f"{late} late",) if late else ())))


def back_words(faces: Sequence[TicketFace], now_ms: int) -> str:
    """`9 before these · oldest 20:00`: what stands on earlier pages."""
    return f"{len(faces)} before these · {_oldest(faces, now_ms)}"


def _oldest(faces: Sequence[TicketFace], now_ms: int) -> str:
    return f"oldest {min(faces, key=lambda face: face.sent_at_ms).age(now_ms).text}"
