"""The floor plan of one room, painted: each table with its state by colour, frame and word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from shared.domain.menu import Table
from shared.qt.painting import MIDDLE, Brush
from shared.qt.text import FittedText
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize, Weight
from shared.qt.widgets import PaintedTargets

PATH_SHARE = 0.45
"""How wide a row or column of the plan is that few or no tables reach into, against one that is full of them."""
MOST_CELL_MM = 15


@dataclass(frozen=True, slots=True)
class TableFace:
    """How a table looks now: NEUTRAL is free; `word` says under its name what the colour means."""

    table: Table
    tone: Tone = Tone.NEUTRAL
    word: str = ""


class FloorPlan(PaintedTargets):
    """Tables at their places; `tapped` carries the table's id. Small rooms fill the area, none needs scrolling."""

    def __init__(self, holder: ThemeHolder, parent: QWidget | None = None) -> None:
        super().__init__(holder, parent)
        self._faces: tuple[TableFace, ...] = ()
        self._rects: dict[str, QRect] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_tables(self, faces: Sequence[TableFace]) -> None:
        """Show these tables; nothing is painted when nothing changed."""
        if tuple(faces) != self._faces:
            self._faces = tuple(faces)
            self._place()

    def face(self, table_id: str) -> TableFace | None:
        """How a table is shown."""
        return next((face for face in self._faces if face.table.id == table_id), None)

    def target_rects(self) -> Mapping[str, QRect]:
        return self._rects

    def clipped_texts(self) -> list[str]:
        return [face.table.name for face in self._faces if not self._name(face, self._rects[face.table.id])[1].whole]

    def sizeHint(self) -> QSize:
        touch = self.holder.metrics.touch()
        return QSize(8 * touch, 6 * touch)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Places follow the size."""
        super().resizeEvent(event)
        self._place()

    def on_theme_changed(self) -> None:
        """Measure again."""
        self._place()
        super().on_theme_changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        with Brush(self, self.holder, event) as brush:
            brush.painter.fillRect(event.rect(), self.holder.ink.bg)
            for face in self._faces:
                rect = self._rects[face.table.id]
                if brush.needs(rect):
                    self._paint(brush, face, rect)

    def _paint(self, brush: Brush, face: TableFace, rect: QRect) -> None:
        holder, ink, metrics = self.holder, self.holder.ink, self.holder.metrics
        tone = holder.tone(face.tone)
        free = face.tone is Tone.NEUTRAL
        fill = ink.raised if free else tone.back
        edge = ink.line if free else tone.fore
        if face.table.id == self.pressed_key:
            fill = ink.pressed
        width = 3 if self.shows_focus(face.table.id) else 2
        brush.box(rect, fill=fill, radius=metrics.radius, edge=edge, width=width)
        inside = rect.adjusted(metrics.space(1), 0, -metrics.space(1), 0)
        name_font, called = self._name(face, rect)
        word_font = holder.font(TypeSize.NOTE, Weight.SEMIBOLD)
        name_px = len(called.lines) * holder.font_metrics(name_font).height()
        fitted = holder.text.fit(face.word, word_font, inside.width(), max_lines=3 - min(2, len(called.lines)))
        word_px = len(fitted.lines) * holder.font_metrics(word_font).height() if face.word else 0
        top = inside.center().y() - (name_px + word_px) // 2
        name = QRect(inside.x(), top, inside.width(), name_px)
        brush.lines(name, called, font=name_font, colour=ink.text, align=MIDDLE)
        if face.word:
            below = QRect(inside.x(), top + name_px, inside.width(), word_px)
            brush.lines(below, fitted, font=word_font, colour=ink.muted if free else tone.fore, align=MIDDLE)

    def _name(self, face: TableFace, rect: QRect) -> tuple[QFont, FittedText]:
        """The table's name as large as it can be read whole: nobody may serve the wrong one of two that begin alike."""
        holder = self.holder
        large, usual, small = (
            holder.font(size, Weight.BOLD) for size in (TypeSize.HEADING, TypeSize.BODY, TypeSize.NOTE)
        )
        width = rect.width() - 2 * holder.metrics.space(1)
        return holder.text.best(face.table.name, ((large, 1), (usual, 1), (usual, 2), (small, 2)), width)

    def _place(self) -> None:
        """From cells to pixels: the whole grid fits, and no table is smaller than a finger needs."""
        metrics, tables = self.holder.metrics, [face.table for face in self._faces]
        gap, touch = metrics.space(2), metrics.touch()
        across = _edges([(table.x, table.width) for table in tables], room=self.width(), most=self.width())
        along = _edges([(table.y, table.height) for table in tables], room=self.height(), most=metrics.mm(MOST_CELL_MM))
        self._rects = {}
        for table in tables:
            left, top = across[table.x], along[table.y]
            width = max(across[table.x + table.width] - left - gap, touch)
            height = max(along[table.y + table.height] - top - gap, touch)
            self._rects[table.id] = QRect(left, top, width, height)
        self.update()


def _edges(spans: Sequence[tuple[int, int]], *, room: int, most: int) -> list[int]:
    """Where each cell of one direction begins, in pixels; paths between the tables are narrow, so tables are larger.

    `spans` are first cell and count of each table, `most` is the most that a cell takes.
    """
    count = max((first + wide for first, wide in spans), default=1)
    across = [sum(first <= cell < first + wide for first, wide in spans) for cell in range(count)]
    shares = [1.0 if 2 * tables >= max(across) else PATH_SHARE for tables in across]
    unit = min(room / sum(shares), most)
    return [round(unit * sum(shares[:cell])) for cell in range(count + 1)]
