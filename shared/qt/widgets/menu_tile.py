"""A tile of the menu and how it is painted: stripe of its category, name, price, how many are ordered, sold out."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QFont

from shared.qt.metrics import TILE_MM
from shared.qt.painting import MIDDLE, Brush, blended
from shared.qt.text import FittedText
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TypeSize, Weight

_NAME_LINES = 2


@dataclass(frozen=True, slots=True)
class MenuTile:
    """What one tile shows. `foot` is the price, or the words for sold out; `stripe` counts the categories from 0."""

    key: str
    title: str
    foot: str = ""
    stripe: int | None = None
    count: str = ""
    available: bool = True
    selected: bool = False


class TilePainter:
    """Paints `MenuTile`s. The grid asks it for the least and the usual size and for what does not fit."""

    def __init__(self, holder: ThemeHolder) -> None:
        self._holder = holder

    def least_size(self) -> QSize:
        """No tile is smaller than 25 x 22 mm, nor than two lines of its name and the price."""
        metrics = self._holder.metrics
        name = self._holder.font_metrics(self._holder.font(TypeSize.BODY, Weight.SEMIBOLD)).height()
        tall = name * _NAME_LINES + self._foot_height() + 2 * metrics.space(3)
        return QSize(metrics.mm(TILE_MM[0]), max(metrics.mm(TILE_MM[1]), tall))

    def usual_size(self) -> QSize:
        """The size tiles have where there is room."""
        metrics = self._holder.metrics
        return QSize(metrics.px(168), metrics.px(104)).expandedTo(self.least_size())

    def clips(self, tile: MenuTile, rect: QRect) -> bool:
        """Whether the name has to be shortened at this size."""
        return not self._name(tile, rect)[1].whole

    def paint(self, brush: Brush, tile: MenuTile, rect: QRect, *, pressed: bool, focused: bool) -> None:
        """Paint one tile. A tile that is sold out is a blend of tokens, not a transparent one."""
        ink, metrics = self._holder.ink, self._holder.metrics
        fill, edge = ink.raised, ink.line
        name_ink, foot_ink = ink.text, ink.muted
        if not tile.available:
            fill, name_ink, foot_ink = ink.disabled, ink.disabled_text, ink.disabled_text
        elif pressed:
            fill = ink.pressed
            foot_ink = ink.text
        elif tile.selected:
            fill, edge = ink.selected, ink.primary
        if focused:
            edge = ink.accent
        brush.box(rect, fill=fill, radius=metrics.radius, edge=edge, width=2 if focused or tile.selected else 1)
        if tile.stripe is not None:
            brush.stripe(rect, colour=self._stripe_ink(tile), width=metrics.px(5), radius=metrics.radius)
        inside = self._inside(rect)
        font, name = self._name(tile, rect)
        brush.lines(inside, name, font=font, colour=name_ink)
        foot = QRect(inside.left(), inside.bottom() + 1 - self._foot_height(), inside.width(), self._foot_height())
        brush.text(foot, tile.foot, font=self._foot_font(), colour=foot_ink)
        if tile.count:
            bubble = self._bubble(tile, rect)
            brush.box(bubble, fill=ink.primary, radius=bubble.height() // 2)
            brush.text(bubble, tile.count, font=self._count_font(), colour=ink.on_primary, align=MIDDLE)

    def _name(self, tile: MenuTile, rect: QRect) -> tuple[QFont, FittedText]:
        """A long name in smaller letters on a line more, if the tile has the room: two dishes may begin alike."""
        inside = self._inside(rect)
        width = inside.width()
        if tile.count:
            width = self._bubble(tile, rect).left() - self._holder.metrics.space(1) - inside.left()
        usual, small = (self._holder.font(size, Weight.SEMIBOLD) for size in (TypeSize.BODY, TypeSize.NOTE))
        lines = (inside.height() - self._foot_height()) // self._holder.font_metrics(small).height()
        return self._holder.text.best(tile.title, ((usual, _NAME_LINES), (small, max(_NAME_LINES, lines))), width)

    def _inside(self, rect: QRect) -> QRect:
        metrics = self._holder.metrics
        side = metrics.space(3)
        lead = side + (metrics.px(5) + metrics.space(1) if rect.width() > metrics.px(120) else metrics.px(5))
        return rect.adjusted(lead, side, -side, -side)

    def _bubble(self, tile: MenuTile, rect: QRect) -> QRect:
        metrics = self._holder.metrics
        measures = self._holder.font_metrics(self._count_font())
        height = max(metrics.px(26), measures.height() + metrics.space(1))
        width = max(metrics.px(32), self._holder.text.width(tile.count, self._count_font()) + 2 * metrics.space(2))
        return QRect(rect.right() + 1 - metrics.space(2) - width, rect.top() + metrics.space(2), width, height)

    def _stripe_ink(self, tile: MenuTile) -> QColor:
        stripes = self._holder.ink.stripes()
        colour = stripes[(tile.stripe or 0) % len(stripes)]
        return colour if tile.available else blended(colour, self._holder.ink.surface)

    def _foot_font(self) -> QFont:
        return self._holder.font(TypeSize.BODY, Weight.MEDIUM)

    def _count_font(self) -> QFont:
        return self._holder.font(TypeSize.NOTE, Weight.BOLD)

    def _foot_height(self) -> int:
        return self._holder.font_metrics(self._foot_font()).height()
