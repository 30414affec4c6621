"""Hands for widgets that paint themselves: boxes, texts that fit, icons and badges, all mirrored for right-to-left.

Every helper takes rects as they are for left-to-right and `Brush` turns them round where the widget reads from the
right, so a painted widget is written once.
"""

from enum import Enum
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QStyle, QWidget

from shared.qt.icons import IconName
from shared.qt.text import FittedText
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize, Weight, blend


class Align(Enum):
    """Where a text stands in its rect; START and END follow the reading direction."""

    START = Qt.AlignmentFlag.AlignLeft
    MIDDLE = Qt.AlignmentFlag.AlignHCenter
    END = Qt.AlignmentFlag.AlignRight


START: Final = Align.START
MIDDLE: Final = Align.MIDDLE
END: Final = Align.END

_TURNED: Final = {START: END, MIDDLE: MIDDLE, END: START}
_ONE_LINE: Final = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
# Put together once: combining Qt's flags for every text of a frame costs more than measuring it.
_FLAGS: Final = {align: int(align.value) | _ONE_LINE for align in Align}


class Brush:
    """A painter on one widget that knows the theme and the reading direction. Use it as a context in `paintEvent`."""

    def __init__(self, widget: QWidget, holder: ThemeHolder, event: QPaintEvent) -> None:
        self.widget = widget
        self.holder = holder
        self.rtl = widget.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self._region = event.region()
        self.painter = QPainter(widget)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def __enter__(self) -> "Brush":
        return self

    def __exit__(self, *_: object) -> None:
        self.painter.end()

    def needs(self, rect: QRect) -> bool:
        """Whether any of this rect (left-to-right) is to be painted now."""
        return self._region.intersects(self.mirrored(rect))

    def mirrored(self, rect: QRect) -> QRect:
        """Where a rect given for left-to-right lies in the widget's own direction."""
        if not self.rtl:
            return rect
        return QStyle.visualRect(Qt.LayoutDirection.RightToLeft, self.widget.rect(), rect)

    def box(
        self, rect: QRect, *, fill: QColor | None, radius: int = 0, edge: QColor | None = None, width: int = 1
    ) -> None:
        """A rect with round corners, filled, with an edge of `width` pixels inside it."""
        painter = self.painter
        area = QRectF(self.mirrored(rect))
        if edge is None:
            painter.setPen(Qt.PenStyle.NoPen)
        else:
            painter.setPen(QPen(edge, width))
            inset = width / 2
            area.adjust(inset, inset, -inset, -inset)
        if fill is None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setBrush(fill)
        round_px = min(radius, area.width() / 2, area.height() / 2)
        if round_px > 0:
            painter.drawRoundedRect(area, round_px, round_px)
        else:
            painter.drawRect(area)

    def stripe(self, rect: QRect, *, colour: QColor, width: int, radius: int) -> None:
        """A stripe along the leading edge that follows the round corners of `rect`."""
        area = QRectF(self.mirrored(rect))
        x = area.left() if not self.rtl else area.right()
        turn = 1 if not self.rtl else -1
        top, bottom = area.top(), area.bottom()
        inner = x + turn * width
        corner = x + turn * radius
        path = QPainterPath(QPointF(corner, top))
        path.quadTo(QPointF(x, top), QPointF(x, top + radius))
        path.lineTo(x, bottom - radius)
        path.quadTo(QPointF(x, bottom), QPointF(corner, bottom))
        path.quadTo(QPointF(inner, bottom), QPointF(inner, bottom - radius))
        path.lineTo(inner, top + radius)
        path.quadTo(QPointF(inner, top), QPointF(corner, top))
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(colour)
        self.painter.drawPath(path)

    def line(self, x1: int, y: int, x2: int, *, colour: QColor) -> None:
        """A level line one pixel thick, from `x1` to `x2` for left-to-right."""
        self.painter.fillRect(self.mirrored(QRect(x1, y, x2 - x1, 1)), colour)

    def text(
        self,
        rect: QRect,
        text: str,
        *,
        font: QFont,
        colour: QColor,
        align: Align = START,
        elide: bool = True,
    ) -> None:
        """One line of text inside `rect`, at its leading, trailing or middle line, shortened where it must be."""
        if elide:
            text = self.holder.text.fit(text, font, rect.width()).lines[0]
        painter = self.painter
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(self.mirrored(rect), _FLAGS[_TURNED[align] if self.rtl else align], text)

    def lines(self, rect: QRect, fitted: FittedText, *, font: QFont, colour: QColor, align: Align = START) -> None:
        """Lines of a fitted text from the top of `rect`, each one line height below the last."""
        height = self.holder.font_metrics(font).height()
        for number, line in enumerate(fitted.lines):
            row = QRect(rect.left(), rect.top() + number * height, rect.width(), height)
            self.text(row, line, font=font, colour=colour, align=align, elide=False)

    def icon(self, rect: QRect, name: IconName, *, colour: QColor) -> None:
        """An icon that fills the square in the middle of `rect`."""
        side = min(rect.width(), rect.height())
        picture = self.holder.icon(name, colour=colour, size_px=side, on=self.widget, rtl=self.rtl)
        area = self.mirrored(rect)
        corner = QPointF(area.left() + (area.width() - side) / 2, area.top() + (area.height() - side) / 2)
        self.painter.drawPixmap(corner, picture)

    def badge(self, corner: QRect, *, tone: Tone, text: str, icon: IconName | None = None) -> QRect:
        """A badge whose leading top corner is that of `corner`; returns the rect it took, for left-to-right."""
        size = badge_size(self.holder, text=text, icon=icon)
        rect = QRect(corner.topLeft(), QSize(min(size.width(), corner.width()), size.height()))
        metrics = self.holder.metrics
        ink = self.holder.tone(tone)
        self.box(rect, fill=ink.back, radius=metrics.radius_small)
        inside = rect.adjusted(metrics.space(2), 0, -metrics.space(2), 0)
        if icon is not None:
            side = metrics.px(14)
            self.icon(QRect(inside.left(), rect.top(), side, rect.height()), icon, colour=ink.fore)
            inside.setLeft(inside.left() + side + metrics.space(1))
        self.text(inside, text, font=self.holder.font(TypeSize.NOTE, Weight.SEMIBOLD), colour=ink.fore)
        return rect


def badge_size(holder: ThemeHolder, *, text: str, icon: IconName | None = None) -> QSize:
    """The size `Brush.badge` takes for this word and icon."""
    metrics = holder.metrics
    font = holder.font(TypeSize.NOTE, Weight.SEMIBOLD)
    width = holder.text.width(text, font) + 2 * metrics.space(2)
    if icon is not None:
        width += metrics.px(14) + metrics.space(1)
    return QSize(width, max(holder.font_metrics(font).height() + metrics.space(1), metrics.px(24)))


def blended(colour: QColor, over: QColor, share: float = 0.5) -> QColor:
    """`colour` at `share` over `over`, opaque: how something faded is painted, without an opacity effect."""
    return QColor(blend(colour.name(), over.name(), share))
