"""Paints one cell of the board: head with table and clock, notices, items, the cut of a long ticket, and the button."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor

from kds_client.ages import AgeFace, Sla
from kds_client.item_paint import ItemPainter
from kds_client.layout import Cell
from kds_client.sizes import Sizes
from kds_client.ticket_face import Step
from kds_client.ticket_look import ItemLook, NoticeLook, TicketLook
from shared.qt.icons import IconName
from shared.qt.painting import END, MIDDLE, Brush
from shared.qt.tokens import SlaColour

STEP_WORDS: Final = {Step.START: "Start", Step.READY: "Ready", Step.BUMP: "Bump"}
SLA_ICONS: Final = {Sla.GREEN: IconName.DOT, Sla.ORANGE: IconName.TRIANGLE, Sla.RED: IconName.SQUARE}
_GOES_ON: Final = "goes on"
_DASH: Final = 3  # length of a dash of the torn edge, in widths of its line


@dataclass(frozen=True, slots=True)
class Manner:
    """How a cell is painted just now, beside what its ticket says."""

    age: AgeFace
    pressed: str = ""
    """The key of the target under the finger."""
    digit: str = ""
    """What chooses it on a bump bar; empty while nobody uses one."""
    is_chosen: bool = False
    news: str = ""
    """What has just happened to it; said where its age has no word of its own, since that must not be hidden."""
    is_lit: bool = False
    """The bright half of a flash."""
    is_held: bool = False
    """Whether to say that updates of it wait on this screen."""


def words_of_clock(manner: Manner) -> str:
    """What stands beside the state's shape: the state's word, and what has just happened where it has none."""
    return manner.age.words or manner.news


class CellPainter:
    """Knows the sizes; all rects are as for left-to-right."""

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._holder = sizes.holder
        self._items = ItemPainter(sizes)

    def reach_rect(self, cell: Cell) -> QRect:
        """The cell with the frame that a choice puts around it, which stands in the gap between cells."""
        ring = 2 * self._sizes.ring
        return QRect(cell.x, cell.y, cell.width, cell.height).adjusted(-ring, -ring, ring, ring)

    def head_rect(self, look: TicketLook, cell: Cell) -> QRect:
        """The head of a cell; in a ticket's first cell it is a target."""
        return QRect(cell.x, cell.y, cell.width, look.shape.head if cell.first else look.shape.again)

    def clock_rects(self, look: TicketLook, cell: Cell) -> tuple[QRect, QRect]:
        """The age, and the shape with its word: all that changes with every second."""
        sizes = self._sizes
        inside = self._inside(self.head_rect(look, cell))
        tall = sizes.line(sizes.head)
        age = QRect(inside.right() + 1 - sizes.age_width, inside.y(), sizes.age_width, tall)
        low = inside.y() + len(look.table.lines) * tall
        words = QRect(
            inside.right() + 1 - sizes.words_width, low, sizes.words_width, self._sizes.line(self._sizes.words)
        )
        return age, words

    def button_rect(self, look: TicketLook, cell: Cell) -> QRect:
        """The bump zone, the whole width of a ticket's last cell; the button is drawn inside it."""
        top = cell.y + cell.height - look.shape.foot
        return QRect(cell.x, top, cell.width, look.shape.foot)

    def item_rects(self, look: TicketLook, cell: Cell) -> dict[str, QRect]:
        """Where each item of this cell stands, by its line."""
        rects = {}
        for part, rect in self._parts(look, cell):
            if isinstance(part, ItemLook):
                rects[part.face.line_id] = rect
        return rects

    def paint_still(self, brush: Brush, look: TicketLook, cell: Cell, *, manner: Manner) -> None:
        """All of a cell but its clock, or what of it the event asks for."""
        ink, sizes = self._holder.ink, self._sizes
        whole, head = QRect(cell.x, cell.y, cell.width, cell.height), self.head_rect(look, cell)
        colour = self._sla(manner.age)
        edge = sizes.edges[manner.age.sla.value]
        brush.box(whole, fill=colour.fill, radius=sizes.radius)
        body = whole.adjusted(edge, head.height(), -edge, -edge if cell.last else 0)
        brush.box(body, fill=ink.raised, radius=sizes.radius - edge)
        square = QRect(body.x(), body.y(), body.width(), min(sizes.radius, body.height()))
        brush.painter.fillRect(brush.mirrored(square), ink.raised)
        self._head(brush, look, cell, manner=manner)
        for part, rect in self._parts(look, cell):
            if brush.needs(rect):
                if isinstance(part, ItemLook):
                    self._items.item(brush, part, rect, pressed=manner.pressed.endswith(f":{part.face.line_id}"))
                else:
                    self._items.notice(brush, part, rect)
                brush.line(whole.x() + edge, rect.bottom(), whole.right() + 1 - edge, colour=ink.line)
        if cell.last:
            self._button(brush, look, cell, manner=manner)
        else:
            self._cut(brush, cell, colour.fill)

    def paint_clock(self, brush: Brush, look: TicketLook, cell: Cell, *, manner: Manner) -> None:
        """What a second changes, on the ground that the head has; a continued cell has no clock."""
        if not cell.first:
            return
        sizes = self._sizes
        fill, text = self._head_colours(manner)
        age, low = self.clock_rects(look, cell)
        for rect in (age, low):
            brush.painter.fillRect(brush.mirrored(rect), fill)
        brush.text(age, manner.age.text, font=sizes.head, colour=text, align=END)
        words = words_of_clock(manner)
        brush.text(low, words, font=sizes.words, colour=text, align=END)
        taken = sizes.width(words, sizes.words) + (sizes.row_pad if words else 0)
        icon = QRect(low.right() + 1 - taken - sizes.icon, low.center().y() - sizes.icon // 2, sizes.icon, sizes.icon)
        brush.icon(icon, SLA_ICONS[manner.age.sla], colour=text)

    def paint_ring(self, brush: Brush, cell: Cell) -> None:
        """The frame of the bump bar's choice."""
        sizes = self._sizes
        round_px = sizes.radius + 2 * sizes.ring
        brush.box(self.reach_rect(cell), fill=None, radius=round_px, edge=self._holder.ink.text, width=sizes.ring)

    def _head(self, brush: Brush, look: TicketLook, cell: Cell, *, manner: Manner) -> None:
        sizes = self._sizes
        rect = self.head_rect(look, cell)
        fill, text = self._head_colours(manner)
        if manner.is_lit or manner.pressed.startswith("head:"):
            brush.box(rect, fill=fill, radius=sizes.radius)
            low = QRect(rect.x(), rect.bottom() + 1 - sizes.radius, rect.width(), sizes.radius)
            brush.painter.fillRect(brush.mirrored(low), fill)
        inside = self._inside(rect)
        if not cell.first:
            brush.text(inside, f"{look.face.table} continued", font=sizes.words, colour=text)
            self._dashes(brush, cell, top=rect.y(), colour=self._holder.ink.bg)
            return
        tall = len(look.table.lines) * sizes.line(sizes.head)
        room = inside.width() - sizes.row_pad
        table = QRect(inside.x(), inside.y(), room - sizes.age_width, tall)
        brush.lines(table, look.table, font=sizes.head, colour=text)
        order = QRect(inside.x(), table.bottom() + 1, room - sizes.words_width, inside.bottom() - table.bottom())
        brush.lines(order, look.order, font=sizes.order, colour=text)

    def _button(self, brush: Brush, look: TicketLook, cell: Cell, *, manner: Manner) -> None:
        sizes, ink = self._sizes, self._holder.ink
        zone = self.button_rect(look, cell)
        if not brush.needs(zone):
            return
        rect = zone.adjusted(sizes.pad, sizes.row_pad, -sizes.pad, -sizes.pad)
        fill, down, text = {
            Step.START: (ink.control, ink.pressed, ink.text),
            Step.READY: (ink.ok_fill, ink.ok_pressed, ink.on_fill),
            Step.BUMP: (ink.primary, ink.primary_pressed, ink.on_primary),
        }[look.face.step]
        is_down = manner.pressed.startswith(f"{look.face.step}:")
        brush.box(rect, fill=down if is_down else fill, radius=sizes.radius)
        words = QRect(rect)
        if manner.is_held:
            tall, note = sizes.line(sizes.button), sizes.line(sizes.order)
            words = QRect(rect.x(), rect.y() + (rect.height() - tall - note) // 2, rect.width(), tall)
            under = QRect(rect.x(), words.bottom() + 1, rect.width(), note)
            count = look.face.queued
            brush.text(
                under,
                f"{count} update{'s' if count > 1 else ''} kept here",
                font=sizes.order,
                colour=text,
                align=MIDDLE,
            )
        brush.text(words, STEP_WORDS[look.face.step], font=sizes.button, colour=text, align=MIDDLE)
        if manner.digit:
            side = sizes.line(sizes.words) + sizes.row_pad
            chip = QRect(rect.x() + sizes.pad, rect.center().y() - side // 2, side, side)
            brush.box(chip, fill=None, radius=sizes.row_pad, edge=text, width=sizes.edges[0])
            brush.text(chip, manner.digit, font=sizes.words, colour=text, align=MIDDLE)

    def _cut(self, brush: Brush, cell: Cell, colour: QColor) -> None:
        """A marked edge: the ticket goes on at the top of the next column."""
        sizes, ink = self._sizes, self._holder.ink
        tall = sizes.cut - sizes.edges[2]
        strip = QRect(cell.x, cell.y + cell.height - sizes.cut, cell.width, tall)
        text = sizes.width(_GOES_ON, sizes.words)
        left = strip.x() + (strip.width() - text - sizes.pad - sizes.icon) // 2
        brush.text(QRect(left, strip.y(), text, strip.height()), _GOES_ON, font=sizes.words, colour=ink.notice)
        arrow = QRect(left + text + sizes.pad, strip.center().y() - sizes.icon // 2, sizes.icon, sizes.icon)
        brush.icon(arrow, IconName.CHEVRON_RIGHT, colour=ink.notice)
        self._dashes(brush, cell, top=cell.y + cell.height - sizes.edges[2], colour=colour)

    def _dashes(self, brush: Brush, cell: Cell, *, top: int, colour: QColor) -> None:
        """A torn edge across the cell."""
        thick = self._sizes.edges[2]
        step = _DASH * thick
        for left in range(cell.x + step, cell.x + cell.width - step, 2 * step):
            brush.painter.fillRect(brush.mirrored(QRect(left, top, step, thick)), colour)

    def _head_colours(self, manner: Manner) -> tuple[QColor, QColor]:
        ink = self._holder.ink
        if manner.is_lit:
            return ink.text, ink.bg
        if manner.pressed.startswith("head:"):
            return ink.pressed, ink.text
        colour = self._sla(manner.age)
        return colour.fill, colour.text

    def _parts(self, look: TicketLook, cell: Cell) -> list[tuple[ItemLook | NoticeLook, QRect]]:
        top = cell.y + (look.shape.head if cell.first else look.shape.again)
        found = []
        for part in look.parts[cell.start : cell.stop]:
            found.append((part, QRect(cell.x, top, cell.width, part.height)))
            top += part.height
        return found

    def _inside(self, head: QRect) -> QRect:
        sizes = self._sizes
        return head.adjusted(sizes.pad, sizes.row_pad, -sizes.pad, -sizes.row_pad)

    def _sla(self, age: AgeFace) -> SlaColour[QColor]:
        sla = self._holder.sla
        return (sla.green, sla.orange, sla.red)[age.sla.value]
