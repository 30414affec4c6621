"""The rows of an order in pages, one of them open with its buttons; a single painted widget and two arrows."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder
from shared.qt.widgets.line_row import LineAction, LineRow, RowPainter, RowShape
from shared.qt.widgets.page_bar import PageBar
from shared.qt.widgets.painted import PaintedTargets

_ROWS_SHOWN: Final = 200  # rows measured for one list; an order this long is cut into pages far earlier


class LineArea(PaintedTargets):
    """The painted part: one page of rows. A row's target is its head; the buttons of the open row are their own."""

    def __init__(self, holder: ThemeHolder, parent: QWidget | None = None) -> None:
        super().__init__(holder, parent)
        self._painter = RowPainter(holder)
        self._rows: tuple[LineRow, ...] = ()
        self._open: str | None = None
        self._actions: tuple[LineAction, ...] = ()
        self._shapes: dict[str, RowShape] = {}
        self._rects: dict[str, QRect] = {}
        self._buttons: dict[str, tuple[LineAction, QRect]] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def shape_of(self, row: LineRow, *, actions: Sequence[LineAction] = ()) -> RowShape:
        """How much room a row takes at this width."""
        return self._painter.shape(row, self.width(), actions)

    def make_room(self, room_px: int) -> None:
        """So much height is there for one page."""
        self._painter.make_room(room_px)

    def show_rows(self, rows: Sequence[LineRow], *, opened: str | None, actions: Sequence[LineAction]) -> None:
        """Show one page of rows, `opened` with its buttons; what stays where and as it was is not painted again."""
        shown = (tuple(rows), opened, tuple(actions))
        before = (self._rows, self._open, self._actions)
        rects = self._rects
        self._rows, self._open, self._actions = shown
        self._place()
        if self._rects != rects or before[1:] != shown[1:]:
            self.update()
            return
        for old, row in zip(before[0], shown[0], strict=True):
            if old != row:
                self.update(self._visual(self._whole(row)))

    def target_rects(self) -> Mapping[str, QRect]:
        return self._rects

    def clipped_texts(self) -> list[str]:
        return [row.title for row in self._rows if self._painter.clips(row, self.width())]

    def sizeHint(self) -> QSize:
        metrics = self.holder.metrics
        return QSize(metrics.px(320), 6 * metrics.touch())

    def minimumSizeHint(self) -> QSize:
        metrics = self.holder.metrics
        return QSize(metrics.px(240), 3 * metrics.touch())

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = self.holder.ink
        with Brush(self, self.holder, event) as brush:
            brush.painter.fillRect(event.rect(), ink.surface)
            for row in self._rows:
                whole = self._whole(row)
                if brush.needs(whole):
                    pressed, focused = row.key == self.pressed_key, self.shows_focus(row.key)
                    self._painter.paint(
                        brush, row, whole, opened=row.key == self._open, pressed=pressed, focused=focused
                    )
            for key, (action, rect) in self._buttons.items():
                if brush.needs(rect):
                    pressed, focused = key == self.pressed_key, self.shows_focus(key)
                    self._painter.paint_action(brush, action, rect, pressed=pressed, focused=focused)

    def _place(self) -> None:
        self._rects, self._buttons, self._shapes = {}, {}, {}
        top = 0
        for row in self._rows:
            actions = self._actions if row.key == self._open else ()
            shape = self._shapes[row.key] = self.shape_of(row, actions=actions)
            self._rects[row.key] = QRect(0, top, self.width(), shape.head)
            for action, (name, rect) in zip(actions, shape.actions, strict=True):
                key = action_target(row.key, name)
                self._buttons[key] = (action, rect.translated(0, top))
                self._rects[key] = rect.translated(0, top)
            top += shape.whole

    def _whole(self, row: LineRow) -> QRect:
        """A row with its buttons."""
        head = self._rects[row.key]
        return QRect(head.topLeft(), QSize(head.width(), self._shapes[row.key].whole))


class LineList(QWidget):
    """Rows in pages. `row_tapped` carries the row's key, `action_tapped` the row's and the action's."""

    row_tapped = Signal(str)
    action_tapped = Signal(str, str)

    def __init__(self, holder: ThemeHolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holder = holder
        self._rows: tuple[LineRow, ...] = ()
        self._open: str | None = None
        self._actions: tuple[LineAction, ...] = ()
        self._pages: tuple[tuple[LineRow, ...], ...] = ((),)
        self._page = 0
        self.area = LineArea(holder)
        self.pages = PageBar(holder)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.area, 1)
        self._column.addWidget(self.pages)
        self.setFocusProxy(self.area)
        self.area.tapped.connect(self._on_tapped)
        self.pages.turned.connect(self.turn_to)
        holder.changed.connect(self._measure)
        self._measure()

    def set_rows(
        self, rows: Sequence[LineRow], *, opened: str | None = None, actions: Sequence[LineAction] = ()
    ) -> None:
        """Show these rows; when another row is opened, turn to its page."""
        moved = opened is not None and opened != self._open
        shown = (tuple(rows[:_ROWS_SHOWN]), opened, tuple(actions))
        if shown != (self._rows, self._open, self._actions):
            self._rows, self._open, self._actions = shown
            self._share_out()
        if moved and opened is not None:
            self.show_row(opened)

    def show_row(self, key: str) -> None:
        """Turn to the page that has this row."""
        for number, page in enumerate(self._pages):
            if number != self._page and any(row.key == key for row in page):
                self.turn_to(number)

    def turn_to(self, page: int) -> None:
        """Show one page, counted from 0."""
        self._page = min(max(page, 0), len(self._pages) - 1)
        self._show_page()

    def page_count(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._column.activate()
        self._share_out()

    def _measure(self) -> None:
        """The bar keeps off the edges that the rows go up to."""
        metrics = self._holder.metrics
        self.pages.setContentsMargins(metrics.space(4), metrics.space(2), metrics.space(4), metrics.space(2))
        self._share_out()

    def _share_out(self) -> None:
        """Fill pages from the top; the bar takes room only when one page is not enough."""
        self.area.make_room(self.height() - self.pages.sizeHint().height())
        shape_of, opened = self.area.shape_of, self._open
        tall = [shape_of(row, actions=self._actions if row.key == opened else ()).whole for row in self._rows]
        pages = self._fill(tall, self.height())
        if len(pages) > 1:
            pages = self._fill(tall, self.height() - self.pages.sizeHint().height())
        self._pages = pages
        self._page = min(self._page, len(pages) - 1)
        self._show_page()

    def _fill(self, heights: Sequence[int], room: int) -> tuple[tuple[LineRow, ...], ...]:
        pages: list[list[LineRow]] = [[]]
        used = 0
        for row, tall in zip(self._rows, heights, strict=True):
            if pages[-1] and used + tall > room:
                pages.append([])
                used = 0
            pages[-1].append(row)
            used += tall
        return tuple(tuple(page) for page in pages)

    def _show_page(self) -> None:
        self.pages.show_page(self._page, len(self._pages))
        self.area.show_rows(self._pages[self._page], opened=self._open, actions=self._actions)

    def _on_tapped(self, target: str) -> None:
        for row in self._pages[self._page]:
            if target == row.key:
                self.row_tapped.emit(row.key)
                return
            for action in self._actions if row.key == self._open else ():
                if target == action_target(row.key, action.key):
                    self.action_tapped.emit(row.key, action.key)
                    return


def action_target(row: str, action: str) -> str:
    """The key under which a row's button is found in `touch_rects`."""
    return f"{row}/{action}"
