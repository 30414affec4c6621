"""Paints the rows of a ticket: a notice about all of it, or an item with its modifiers, allergies and state."""

from typing import Final

from PySide6.QtCore import QRect

from kds_client.news import VOID
from kds_client.sizes import Sizes
from kds_client.ticket_face import ItemState
from kds_client.ticket_look import ItemLook, NoticeLook, allergy_height
from shared.qt.icons import IconName
from shared.qt.painting import END, Brush
from shared.qt.text import FittedText

_ALLERGY: Final = IconName.ALLERGY


class ItemPainter:
    """Knows the sizes; all rects are as for left-to-right."""

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._holder = sizes.holder

    def notice(self, brush: Brush, part: NoticeLook, rect: QRect) -> None:
        """An icon and a line about the whole ticket."""
        sizes, ink = self._sizes, self._holder.ink
        inside = rect.adjusted(sizes.pad, sizes.row_pad, -sizes.pad, -sizes.row_pad)
        side = sizes.detail_px
        icon = QRect(inside.x(), inside.y() + (sizes.line(sizes.detail) - side) // 2, side, side)
        brush.icon(icon, part.icon, colour=ink.notice)
        words = inside.adjusted(side + sizes.row_pad, 0, 0, 0)
        brush.lines(words, part.words, font=sizes.detail, colour=ink.notice)

    def item(self, brush: Brush, part: ItemLook, rect: QRect, *, pressed: bool) -> None:
        """One item. What is done or voided is struck and faded; what is voided says so too."""
        sizes, ink = self._sizes, self._holder.ink
        state = part.face.state
        struck = state is not ItemState.TO_COOK
        if pressed:
            inside = rect.adjusted(sizes.edges[2], 0, -sizes.edges[2], 0)
            brush.painter.fillRect(brush.mirrored(inside), ink.pressed)
        colour = ink.muted if struck else ink.text
        line = sizes.line(sizes.name)
        top = rect.y() + sizes.row_pad
        number = QRect(rect.x() + sizes.pad, top, part.text_left - sizes.pad, line)
        brush.text(number, part.face.quantity, font=sizes.quantity_struck if struck else sizes.quantity, colour=colour)
        left, room = rect.x() + part.text_left, rect.width() - part.text_left - sizes.pad
        name = QRect(left, top, room, len(part.name.lines) * line)
        brush.lines(name, part.name, font=sizes.name_struck if struck else sizes.name, colour=colour)
        if state is ItemState.VOID:
            brush.text(QRect(left, top, room, line), VOID, font=sizes.words, colour=ink.bad, align=END)
        below = name.bottom() + 1
        font = sizes.detail_struck if struck else sizes.detail
        if part.details is not None:
            height = len(part.details.lines) * sizes.line(sizes.detail)
            details = QRect(left, below, room, height)
            brush.lines(details, part.details, font=font, colour=colour if struck else ink.notice)
            below += height
        for words in part.allergies:
            frame = QRect(left, below + sizes.row_pad // 2, room, allergy_height(words, sizes))
            self._allergy(brush, words, frame, struck=struck)
            below += frame.height() + sizes.row_pad

    def _allergy(self, brush: Brush, words: FittedText, frame: QRect, *, struck: bool) -> None:
        sizes, ink = self._sizes, self._holder.ink
        colour, text = (ink.muted, ink.muted) if struck else (ink.bad, ink.text)
        fill = None if struck else ink.bad_back
        brush.box(frame, fill=fill, radius=sizes.row_pad, edge=colour, width=sizes.edges[1])
        side, line = sizes.detail_px, sizes.line(sizes.detail)
        top = frame.y() + sizes.row_pad // 2
        icon = QRect(frame.x() + sizes.row_pad, top + (line - side) // 2, side, side)
        brush.icon(icon, _ALLERGY, colour=colour)
        inside = QRect(icon.right() + 1 + sizes.row_pad, top, frame.right() - icon.right() - 2 * sizes.row_pad, line)
        brush.lines(inside, words, font=sizes.detail_struck if struck else sizes.detail, colour=text)
