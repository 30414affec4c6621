"""Pure: where tickets stand: columns filled from the top in the given order, long tickets cut and continued.

Tickets are known here only by their heights. Columns go on without an end and are then cut into pages of as many as
the screen has, so that a ticket that is longer than the whole screen still has a place for every part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """The heights of one ticket's pieces in pixels.

    `head` with the table and the age, `again` for the head of a continued cell, `parts` from the first notice to the
    last item, `foot` with the button.
    """

    key: str
    head: int
    again: int
    parts: tuple[int, ...]
    foot: int

    @property
    def whole(self) -> int:
        """The height of the ticket in one cell."""
        return self.head + sum(self.parts) + self.foot


@dataclass(frozen=True, slots=True)
class Area:
    """The board: its size, how many columns, the gap between cells, and the strip that a cut takes, in pixels.

    `bar` is what the line with "+7 more" takes from the height when one page is not enough.
    """

    width: int
    height: int
    columns: int
    gap: int
    cut: int
    bar: int

    @property
    def column_width(self) -> int:
        """The width of one column."""
        return max(1, (self.width - (self.columns - 1) * self.gap) // self.columns)


@dataclass(frozen=True, slots=True)
class Cell:
    """A place on the board and what stands in it: the ticket's parts from `start` up to `stop`.

    A ticket in one cell is `first` and `last`; a cut one has its head in the first and its button in the last cell.
    """

    key: str
    x: int
    y: int
    width: int
    height: int
    start: int
    stop: int
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What is on show at once, and the tickets that are not, or not wholly, because they stand before or after."""

    cells: tuple[Cell, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A cell before it has a column's place on a page."""

    key: str
    column: int
    y: int
    height: int
    start: int
    stop: int
    first: bool
    last: bool


def place(shapes: Sequence[Shape], area: Area, *, margin: int = 0) -> tuple[Page, ...]:
    """The pages of a board, at least one. Every ticket stands on one or more of them, in the order given.

    `margin` is how far the area lies from the widget's top and leading edge; cells are placed in the widget.
    """
    pieces = _fill(shapes, height=area.height, area=area)
    if pieces and pieces[-1].column >= area.columns:
        pieces = _fill(shapes, height=area.height - area.bar, area=area)
    count = pieces[-1].column // area.columns + 1 if pieces else 1
    return tuple(_page(pieces, number, area=area, margin=margin) for number in range(count))


def columns_for(width: int, *, gap: int, least_column: int) -> int:
    """How many columns of at least this width fit; never none."""
    return max(1, (width + gap) // (least_column + gap))


def _fill(shapes: Iterable[Shape], *, height: int, area: Area) -> list[_Piece]:
    pieces: list[_Piece] = []
    column = y = 0
    for shape in shapes:
        if y and y + shape.whole > height:
            column, y = column + 1, 0
        if shape.whole <= height:
            pieces.append(_Piece(shape.key, column, y, shape.whole, 0, len(shape.parts), first=True, last=True))
        else:
            pieces += _cut(shape, column, height=height, cut=area.cut)
            column = pieces[-1].column
        y = pieces[-1].y + pieces[-1].height + area.gap
    return pieces


def _cut(shape: Shape, column: int, *, height: int, cut: int) -> list[_Piece]:
    """A ticket that is taller than a column, from the top of `column` on, at least one part in each cell."""
    pieces: list[_Piece] = []
    start, top = 0, shape.head
    while True:
        rest = top + sum(shape.parts[start:]) + shape.foot
        if rest <= height or start >= len(shape.parts):
            tall = min(rest, height)
            pieces.append(_Piece(shape.key, column, 0, tall, start, len(shape.parts), first=not pieces, last=True))
            return pieces
        stop, used = start + 1, top + shape.parts[start]
        while stop < len(shape.parts) - 1 and used + shape.parts[stop] + cut <= height:
            used += shape.parts[stop]
            stop += 1
        tall = min(used + cut, height)
        pieces.append(_Piece(shape.key, column, 0, tall, start, stop, first=not pieces, last=False))
        column, start, top = column + 1, stop, shape.again


def _page(pieces: Sequence[_Piece], number: int, *, area: Area, margin: int) -> Page:
    low, high = number * area.columns, (number + 1) * area.columns
    step = area.column_width + area.gap
    return Page(
        cells=tuple(
            Cell(
                key=piece.key,
                x=margin + (piece.column - low) * step,
                y=margin + piece.y,
                width=area.column_width,
                height=piece.height,
                start=piece.start,
                stop=piece.stop,
                first=piece.first,
                last=piece.last,
            )
            for piece in pieces
            if low <= piece.column < high
        ),
        before=tuple(dict.fromkeys(piece.key for piece in pieces if piece.column < low)),
        after=tuple(dict.fromkeys(piece.key for piece in pieces if piece.column >= high)),
    )
