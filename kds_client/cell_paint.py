"""Paints one cell of the board: head with table and age, notices, items, the button; all from looks measured before."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor

from kds_client.ages import AgeFace, Sla
from kds_client.layout import Cell
from kds_client.sizes import Sizes
from kds_client.ticket_face import ItemState, Step
from kds_client.ticket_look import ItemLook, NoticeLook, TicketLook, allergy_height
from shared.qt.icons import IconName
from shared.qt.painting import END, MIDDLE, Brush

STEP_WORDS = {Step.START: "Start", Step.READY: "Ready", Step.BUMP: "Bump"}
SLA_ICONS = {Sla.GREEN: IconName.DOT, Sla.ORANGE: IconName.TRIANGLE, Sla.RED: IconName.SQUARE}


class CellPainter:
    """Knows the sizes; a cell's rects are given as for left-to-right."""

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._holder = sizes.holder

    def head_rect(self, look: TicketLook, cell: Cell) -> QRect:
        """The head of a cell: a target, and what the clock repaints."""
        return QRect(cell.x, cell.y, cell.width, look.shape.head if cell.first else look.shape.again)

    def button_rect(self, look: TicketLook, cell: Cell) -> QRect:
        """The zone of the button, in the last cell of a ticket."""
        sizes = self._sizes
        top = cell.y + cell.height - look.shape.foot
        return QRect(cell.x, top, cell.width, look.shape.foot).adjusted(
            sizes.row_pad, sizes.row_pad // 2, -sizes.row_pad, -sizes.row_pad
        )

    def item_rects(self, look: TicketLook, cell: Cell) -> dict[str, QRect]:
        """Where each item of this cell stands, by its line."""
        rects = {}
        top = self.head_rect(look, cell).bottom() + 1
        for part in look.parts[cell.start : cell.stop]:
            if isinstance(part, ItemLook):
                rects[part.face.line_id] = QRect(cell.x, top, cell.width, part.height)
            top += part.height
        return rects

    def paint(self, brush: Brush, look: TicketLook, cell: Cell, age: AgeFace, *, pressed: str, chosen: bool) -> None:
        """The whole cell; `pressed` is the key of the target under the finger, `chosen` marks the bump bar's ticket."""
        ink, sizes = self._holder.ink, self._sizes
        fill, text = self._colours(age)
        whole = QRect(cell.x, cell.y, cell.width, cell.height)
        width = sizes.edges[age.sla.value] + (sizes.edges[0] if chosen else 0)
        brush.box(whole, fill=ink.raised, radius=sizes.radius, edge=ink.accent if chosen else fill, width=width)
        self._head(brush, look, cell, age=age, fill=fill, text=text)
        top = self.head_rect(look, cell).bottom() + 1
        for part in look.parts[cell.start : cell.stop]:
            rect = QRect(cell.x, top, cell.width, part.height)
            if isinstance(part, NoticeLook):
                self._notice(brush, part, rect)
            else:
                self._item(brush, part, rect, pressed=pressed.endswith(part.face.line_id))
            top += part.height
            brush.line(cell.x + sizes.pad, top - 1, cell.x + cell.width - sizes.pad, colour=ink.line)
        if cell.last:
            self._button(brush, look, cell, pressed=pressed.startswith(look.face.step))
        else:
            self._cut(brush, cell)

    def _colours(self, age: AgeFace) -> tuple[QColor, QColor]:
        sla = self._holder.sla
        found = {Sla.GREEN: sla.green, Sla.ORANGE: sla.orange, Sla.RED: sla.red}[age.sla]
        return found.fill, found.text

    def _head(self, brush: Brush, look: TicketLook, cell: Cell, *, age: AgeFace, fill: QColor, text: QColor) -> None:
        sizes = self._sizes
        rect = self.head_rect(look, cell)
        brush.box(rect, fill=fill, radius=sizes.radius)
        inside = rect.adjusted(sizes.pad, sizes.row_pad, -sizes.pad, -sizes.row_pad)
        if not cell.first:
            brush.text(inside, f"{look.face.table} continued", font=sizes.words, colour=text)
            return
        head_px, words_px = sizes.line(sizes.head), sizes.line(sizes.words)
        room = inside.width() - sizes.row_pad - sizes.age_width
        table = QRect(inside.x(), inside.y(), room, len(look.table.lines) * head_px)
        brush.lines(table, look.table, font=sizes.head, colour=text)
        low_room = inside.width() - sizes.row_pad - sizes.words_width
        order = QRect(inside.x(), table.bottom() + 1, low_room, len(look.order.lines) * sizes.line(sizes.order))
        brush.lines(order, look.order, font=sizes.order, colour=text)
        clock = QRect(inside.right() - sizes.clock_width + 1, inside.y(), sizes.clock_width, head_px)
        brush.text(clock, age.text, font=sizes.head, colour=text, align=END)
        low = QRect(clock.x(), table.bottom() + 1, clock.width(), words_px)
        brush.text(low, age.words, font=sizes.words, colour=text, align=END)
        taken = sizes.width(age.words, sizes.words) + (sizes.row_pad if age.words else 0)
        icon = QRect(low.right() - taken - sizes.icon + 1, low.center().y() - sizes.icon // 2, sizes.icon, sizes.icon)
        brush.icon(icon, SLA_ICONS[age.sla], colour=text)

    def _notice(self, brush: Brush, part: NoticeLook, rect: QRect) -> None:
        sizes, ink = self._sizes, self._holder.ink
        inside = rect.adjusted(sizes.pad, sizes.row_pad, -sizes.pad, -sizes.row_pad)
        icon = QRect(inside.x(), inside.y(), sizes.detail_px, sizes.detail_px)
        brush.icon(icon, part.icon, colour=ink.notice)
        words = inside.adjusted(sizes.detail_px + sizes.row_pad, 0, 0, 0)
        brush.lines(words, part.words, font=sizes.detail, colour=ink.notice)

    def _item(self, brush: Brush, part: ItemLook, rect: QRect, *, pressed: bool) -> None:
        sizes, ink = self._sizes, self._holder.ink
        struck = part.face.state is not ItemState.TO_COOK
        if pressed:
            brush.painter.fillRect(brush.mirrored(rect.adjusted(sizes.edges[2], 0, -sizes.edges[2], 0)), ink.pressed)
        colour = ink.muted if struck else ink.text
        line = sizes.line(sizes.name)
        top = rect.y() + sizes.row_pad
        number = QRect(rect.x() + sizes.pad, top, part.text_left - sizes.pad, line)
        quantity = sizes.quantity_struck if struck else sizes.quantity
        brush.text(number, part.face.quantity, font=quantity, colour=colour)
        left, room = rect.x() + part.text_left, rect.width() - part.text_left - sizes.pad
        name = QRect(left, top, room, len(part.name.lines) * line)
        brush.lines(name, part.name, font=sizes.name_struck if struck else sizes.name, colour=colour)
        if part.face.state is ItemState.VOID:
            brush.text(QRect(left, top, room, line), "VOID", font=sizes.words, colour=ink.bad, align=END)
        y = name.bottom() + 1
        if part.details is not None:
            height = len(part.details.lines) * sizes.line(sizes.detail)
            font = sizes.detail_struck if struck else sizes.detail
            brush.lines(QRect(left, y, room, height), part.details, font=font, colour=colour if struck else ink.notice)
            y += height
        for words in part.allergies:
            height = allergy_height(words, sizes)
            frame = QRect(left, y, room, height)
            brush.box(frame, fill=ink.bad_back, radius=sizes.row_pad, edge=ink.bad, width=sizes.edges[0])
            icon = QRect(left + sizes.row_pad, y + sizes.row_pad // 2, sizes.detail_px, sizes.detail_px)
            brush.icon(icon, IconName.ALLERGY, colour=ink.bad)
            inside = frame.adjusted(2 * sizes.row_pad + sizes.detail_px, sizes.row_pad // 2, -sizes.row_pad, 0)
            brush.lines(inside, words, font=sizes.detail, colour=ink.text)
            y += height + sizes.row_pad

    def _button(self, brush: Brush, look: TicketLook, cell: Cell, *, pressed: bool) -> None:
        sizes, ink = self._sizes, self._holder.ink
        rect = self.button_rect(look, cell)
        ready, bump = look.face.step is Step.READY, look.face.step is Step.BUMP
        fill = ink.ok_fill if ready else ink.primary if bump else ink.control
        text = ink.on_fill if ready else ink.on_primary if bump else ink.text
        brush.box(rect, fill=ink.pressed if pressed else fill, radius=sizes.radius)
        words = STEP_WORDS[look.face.step]
        if look.face.queued:
            words = f"{words} · {look.face.queued} queued"
        brush.text(rect, words, font=sizes.button, colour=text, align=MIDDLE)

    def _cut(self, brush: Brush, cell: Cell) -> None:
        """A marked edge: the ticket goes on in the next cell."""
        sizes, ink = self._sizes, self._holder.ink
        words = QRect(cell.x, cell.y + cell.height - sizes.touch, cell.width, sizes.touch)
        brush.text(words, "goes on in the next column", font=sizes.words, colour=ink.notice, align=MIDDLE)
