"""The all-day view: how much of each item is still to be cooked, large, in columns and pages."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from kds_client.counts import ItemCount
from kds_client.layout import Area, Page, Shape, columns_for, place
from kds_client.sizes import Sizes
from shared.qt.painting import MIDDLE, Brush
from shared.qt.text import FittedText
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TIMES
from shared.qt.widgets import PaintedTargets

NEXT: Final = "page:next"
_EMPTY: Final = "Nothing to cook."
_WIDEST: Final = "000"


class AllDay(PaintedTargets):
    """One cell for each item: its count, its name, and how it is wanted. A tap on the bar at the bottom turns."""

    def __init__(self, holder: ThemeHolder, *, distance_m: float, parent: QWidget | None = None) -> None:
        """`distance_m` is from the cook's eye to the screen in metres."""
        super().__init__(holder, parent)
        self._distance_m = distance_m
        self._counts: dict[str, ItemCount] = {}
        self._texts: dict[str, tuple[FittedText, tuple[FittedText, ...]]] = {}
        self._pages: tuple[Page, ...] = (Page(),)
        self._page = 0
        self._sizes = Sizes(holder, distance_m=distance_m)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tapped.connect(self._tap)

    def show_counts(self, counts: Sequence[ItemCount]) -> None:
        """Show these, in their order."""
        found = {count.name: count for count in counts}
        if list(found.items()) != list(self._counts.items()):
            self._counts = found
            self._lay_out()

    def turn(self, by: int) -> None:
        """Another page, round and round."""
        self._page = (self._page + by) % len(self._pages)
        self.update()

    def target_rects(self) -> Mapping[str, QRect]:
        if len(self._pages) == 1:
            return {}
        sizes = self._sizes
        top = self.height() - sizes.margin - sizes.touch
        return {NEXT: QRect(sizes.margin, top, self.width() - 2 * sizes.margin, sizes.touch)}

    def clipped_texts(self) -> list[str]:
        return [name for name, (words, ways) in self._texts.items() if not all(one.whole for one in (words, *ways))]

    def sizeHint(self) -> QSize:
        return QSize(self._sizes.least_column() * 3, self._sizes.zone * 5)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._sizes.least_column(), self._sizes.zone * 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room, more columns."""
        super().resizeEvent(event)
        self._lay_out()

    def on_theme_changed(self) -> None:
        """Measure everything again."""
        self._sizes = Sizes(self.holder, distance_m=self._distance_m)
        self._lay_out()
        super().on_theme_changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, sizes = self.holder.ink, self._sizes
        with Brush(self, self.holder, event) as brush:
            brush.painter.fillRect(event.rect(), ink.bg)
            if not self._counts:
                brush.text(self.rect(), _EMPTY, font=sizes.head, colour=ink.text, align=MIDDLE)
            for cell in self._pages[self._page].cells:
                rect = QRect(cell.x + sizes.margin, cell.y + sizes.margin, cell.width, cell.height)
                if brush.needs(rect):
                    self._paint_count(brush, rect, self._counts[cell.key])
            for key, rect in self.target_rects().items():
                brush.box(rect, fill=ink.pressed if self.pressed_key == key else ink.control, radius=sizes.radius)
                words = f"Page {self._page + 1} of {len(self._pages)}"
                brush.text(rect, words, font=sizes.words, colour=ink.text, align=MIDDLE)

    def _paint_count(self, brush: Brush, rect: QRect, count: ItemCount) -> None:
        ink, sizes = self.holder.ink, self._sizes
        brush.box(rect, fill=ink.raised, radius=sizes.radius, edge=ink.line)
        name, ways = self._texts[count.name]
        inside = rect.adjusted(sizes.pad, sizes.row_pad, -sizes.pad, -sizes.row_pad)
        number = QRect(inside.x(), inside.y(), self._number_width(), sizes.line(sizes.head))
        brush.text(number, str(count.quantity), font=sizes.head, colour=ink.text)
        left, room = number.right() + 1 + sizes.pad, inside.right() - number.right() - sizes.pad
        top = number.center().y() - sizes.line(sizes.name) // 2
        words = QRect(left, top, room, len(name.lines) * sizes.line(sizes.name))
        brush.lines(words, name, font=sizes.name, colour=ink.text)
        below = max(words.bottom(), number.bottom()) + 1
        for way in ways:
            tall = len(way.lines) * sizes.line(sizes.detail)
            brush.lines(QRect(left, below, room, tall), way, font=sizes.detail, colour=ink.notice)
            below += tall

    def _lay_out(self) -> None:
        sizes = self._sizes
        width, height = self.width() - 2 * sizes.margin, self.height() - 2 * sizes.margin
        columns = columns_for(width, gap=sizes.gap, least_column=sizes.least_column())
        area = Area(max(1, width), max(sizes.zone, height), columns, sizes.gap, 0, sizes.touch + sizes.gap)
        room = area.column_width - 2 * sizes.pad - self._number_width() - sizes.pad
        self._texts = {
            count.name: (
                sizes.wrapped(count.name, sizes.name, room),
                tuple(
                    sizes.wrapped(f"{way.quantity}{TIMES} {way.words or 'as it is'}", sizes.detail, room)
                    for way in count.variants
                ),
            )
            for count in self._counts.values()
        }
        self._pages = place([self._shape(name) for name in self._counts], area)
        self._page = min(self._page, len(self._pages) - 1)
        self.update()

    def _shape(self, name: str) -> Shape:
        sizes = self._sizes
        words, ways = self._texts[name]
        tall = max(len(words.lines) * sizes.line(sizes.name), sizes.line(sizes.head))
        tall += sum(len(way.lines) for way in ways) * sizes.line(sizes.detail)
        return Shape(name, tall + 2 * sizes.row_pad, 0, (), 0)

    def _number_width(self) -> int:
        return self._sizes.width(_WIDEST, self._sizes.head)

    def _tap(self, _key: str) -> None:
        self.turn(1)
