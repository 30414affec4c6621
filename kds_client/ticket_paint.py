"""Paints one cell of the board: head with table and age, notices, items, the cut of a long ticket, and the button."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect

from kds_client.ages import AgeFace, Sla
from kds_client.layout import Cell
from kds_client.sizes import Sizes
from kds_client.ticket_face import Step
from kds_client.ticket_look import ItemLook, TicketLook
from shared.qt.icons import IconName
from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder

_SHAPES: Final = {Sla.GREEN: IconName.DOT, Sla.ORANGE: IconName.TRIANGLE, Sla.RED: IconName.SQUARE}
_STEP_WORDS: Final = {Step.START: "Start", Step.READY: "Ready", Step.BUMP: "Bump"}
_NEW: Final = "NEW"
_VOID: Final = "VOID"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a cell is painted just now, beside what its ticket says."""

    age: AgeFace
    pressed: str | None = None
    """The key of the target under the finger, if it is one of this ticket's."""
    number: str = ""
    """The digit of the bump bar that chooses it."""
    chosen: bool = False
    is_new: bool = False
    flashing: bool = False
    held: bool = False
    """Whether to say that updates of it wait on this screen."""


@dataclass(frozen=True, slots=True)
class CellRects:
    """Where the pieces of one cell lie, for left-to-right."""

    whole: QRect
    head: QRect
    clock: QRect
    parts: tuple[QRect, ...]
    foot: QRect
    cut: QRect


def head_key(ticket_id: str) -> str:
    """The target of a ticket's head: a tap on it does what the button does."""
    return f"head:{ticket_id}"


def step_key(step: Step, ticket_id: str) -> str:
    """The target of a ticket's button, as `start:<ticket id>`."""
    return f"{step.value}:{ticket_id}"


def item_key(ticket_id: str, line_id: str) -> str:
    """The target of one item."""
    return f"item:{ticket_id}:{line_id}"


def rects_of(cell: Cell, look: TicketLook, sizes: Sizes) -> CellRects:
    """Where everything in a cell lies. Pieces that a cell does not have are empty rects."""
    whole = QRect(cell.x, cell.y, cell.width, cell.height)
    head = QRect(cell.x, cell.y, cell.width, look.shape.head if cell.first else look.shape.again)
    clock = QRect()
    if cell.first:
        left = whole.right() + 1 - sizes.pad - sizes.clock_width
        clock = QRect(left, head.top() + sizes.row_pad, sizes.clock_width, head.height() - 2 * sizes.row_pad)
    top = head.bottom() + 1
    parts = []
    for part in look.parts[cell.start : cell.stop]:
        parts.append(QRect(cell.x, top, cell.width, part.height))
        top += part.height
    rest = QRect(cell.x, top, cell.width, whole.bottom() + 1 - top)
    foot, cut = (rest, QRect()) if cell.last else (QRect(), rest)
    return CellRects(whole, head, clock, tuple(parts), foot, cut)


class TicketPainter:
    """Paints cells with one theme and one set of sizes. Only what the event asks for is painted."""

    def __init__(self, holder: ThemeHolder, sizes: Sizes) -> None:
        self._holder = holder
        self._sizes = sizes

    def paint(self, brush: Brush, cell: Cell, look: TicketLook, manner: Manner) -> None:
        """Paint a cell, or only its clock where no more of it is asked for."""
        rects = rects_of(cell, look, self._sizes)
        if not brush.needs_beside(rects.whole, rects.clock):
            self._paint_clock(brush, rects.clock, manner)
            return
        self._paint_ground(brush, rects, manner)
        if cell.first:
            self._paint_head(brush, rects, look, manner)
        else:
            self._paint_again(brush, rects, look, manner)
        for rect, part in zip(rects.parts, look.parts[cell.start : cell.stop], strict=True):
            if brush.needs(rect):
                if isinstance(part, ItemLook):
                    self._paint_item(brush, rect, part, pressed=manner.pressed == item_key(cell.key, part.face.line_id))
                else:
                    self._paint_notice(brush, rect, part)
        if cell.last:
            self._paint_button(brush, rects.foot, look, manner)
        else:
            self._paint_cut(brush, rects.cut, manner)
