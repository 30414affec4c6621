"""Tiles in rows and columns, a page at a time: one painted widget and two big arrows, nothing to flick."""

from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder
from shared.qt.widgets.page_bar import PageBar
from shared.qt.widgets.painted import PaintedTargets


class GridTile(Protocol):
    """What the grid itself needs to know of a tile."""

    @property
    def key(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def available(self) -> bool: ...


T = TypeVar("T", bound=GridTile)
T_contra = TypeVar("T_contra", bound=GridTile, contravariant=True)


class GridPainter(Protocol[T_contra]):
    """What paints the tiles of one kind; `shared.qt.widgets.menu_tile.TilePainter` is the usual one."""

    def least_size(self) -> QSize: ...

    def usual_size(self) -> QSize: ...

    def clips(self, tile: T_contra, rect: QRect) -> bool: ...

    def paint(self, brush: Brush, tile: T_contra, rect: QRect, *, pressed: bool, focused: bool) -> None: ...


class TileArea(PaintedTargets, Generic[T]):
    """The painted part of a grid: one page of tiles. Screens use it through `PagedGrid`."""

    resized = Signal()

    def __init__(self, holder: ThemeHolder, painter: GridPainter[T], parent: QWidget | None = None) -> None:
        super().__init__(holder, parent)
        self._painter = painter
        self._tiles: dict[str, T] = {}
        self._rects: dict[str, QRect] = {}
        self._columns = 1

    def fit(self, height: int) -> tuple[int, int]:
        """How many columns and rows have room in this width and in `height` pixels."""
        gap = self._gap()
        usual = self._painter.usual_size()
        columns = max(1, (self.width() + gap) // (usual.width() + gap))
        rows = max(1, (height + gap) // (usual.height() + gap))
        return columns, rows

    def show_tiles(self, tiles: Sequence[T], columns: int) -> None:
        """Show one page; a tile that is the same as before is not painted again."""
        before = self._tiles
        self._tiles = {tile.key: tile for tile in tiles}
        if columns == self._columns and list(before) == list(self._tiles) and self._rects:
            for key, tile in self._tiles.items():
                if before[key] != tile:
                    self.repaint_target(key)
            return
        self._columns = columns
        self._place()

    def target_rects(self) -> Mapping[str, QRect]:
        return self._rects

    def clipped_texts(self) -> list[str]:
        return [tile.title for key, tile in self._tiles.items() if self._painter.clips(tile, self._rects[key])]

    def minimumSizeHint(self) -> QSize:
        return self._painter.least_size()

    def sizeHint(self) -> QSize:
        usual = self._painter.usual_size()
        return QSize(3 * usual.width(), 2 * usual.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        with Brush(self, self.holder, event) as brush:
            for key, tile in self._tiles.items():
                rect = self._rects[key]
                if brush.needs(rect):
                    pressed = key == self.pressed_key
                    self._painter.paint(brush, tile, rect, pressed=pressed, focused=self.shows_focus(key))

    def _place(self) -> None:
        gap = self._gap()
        height = self._painter.usual_size().height()
        columns = self._columns
        self._rects = {}
        for number, key in enumerate(self._tiles):
            row, column = divmod(number, columns)
            left = column * (self.width() + gap) // columns
            right = (column + 1) * (self.width() + gap) // columns - gap
            self._rects[key] = QRect(left, row * (height + gap), right - left, height)
        self.update()

    def _gap(self) -> int:
        return self.holder.metrics.space(3)


class PagedGrid(QWidget, Generic[T]):
    """A grid of tiles in pages. `tile_tapped` carries the key; `refused` that of a tile that is not available.

    Setting tiles that differ little (a count went up) repaints only those. The page stays where it was, or becomes
    the last one there is.
    """

    tile_tapped = Signal(str)
    refused = Signal(str)

    def __init__(self, holder: ThemeHolder, painter: GridPainter[T], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holder = holder
        self._all: tuple[T, ...] = ()
        self._page = 0
        self._per_page = 1
        self.area: TileArea[T] = TileArea(holder, painter)
        self.pages = PageBar(holder)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.area, 1)
        self._column.addWidget(self.pages)
        self.setFocusProxy(self.area)
        self.area.tapped.connect(self._on_tapped)
        self.area.resized.connect(self._share_out)
        self.pages.turned.connect(self.turn_to)
        holder.changed.connect(self._measure)
        self._measure()

    def set_tiles(self, tiles: Sequence[T], *, first_page: bool = False) -> None:
        """Show these tiles, from the first page if `first_page`, as when another category was chosen."""
        self._all = tuple(tiles)
        if first_page:
            self._page = 0
        self._share_out()

    def turn_to(self, page: int) -> None:
        """Show one page, counted from 0."""
        self._page = page
        self._share_out()

    def page(self) -> int:
        """The page on show, counted from 0."""
        return self._page

    def page_count(self) -> int:
        """How many pages there are."""
        return max(1, -(-len(self._all) // self._per_page))

    def _share_out(self) -> None:
        """Count what fits. The bar takes room only when one page is not enough."""
        whole = self.height()
        columns, rows = self.area.fit(whole)
        if len(self._all) > columns * rows:
            rows = self.area.fit(whole - self.pages.sizeHint().height() - self._column.spacing())[1]
        self._per_page = columns * rows
        self._page = min(max(self._page, 0), self.page_count() - 1)
        start = self._page * self._per_page
        self.pages.show_page(self._page, self.page_count())
        self.area.show_tiles(self._all[start : start + self._per_page], columns)

    def _on_tapped(self, key: str) -> None:
        tile = next((tile for tile in self._all if tile.key == key), None)
        if tile is not None:
            (self.tile_tapped if tile.available else self.refused).emit(key)

    def _measure(self) -> None:
        self._column.setSpacing(self._holder.metrics.space(3))
        self._share_out()
