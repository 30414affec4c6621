"""Grounds that other widgets stand on: the window's bars and panels, cards, dividing lines and figure tiles."""

from enum import StrEnum

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets.label import Ink, Label, Role

_TONE_INK = {
    Tone.NEUTRAL: Ink.TEXT,
    Tone.OK: Ink.OK,
    Tone.INFO: Ink.INFO,
    Tone.WARN: Ink.WARN,
    Tone.BAD: Ink.BAD,
}


class Ground(StrEnum):
    """The three heights of a plain ground."""

    BG = "bg"
    SURFACE = "surface"
    RAISED = "raised"


class Edge(StrEnum):
    """The side of a panel that has a dividing line; START and END follow the reading direction."""

    START = "start"
    END = "end"
    TOP = "top"
    BOTTOM = "bottom"


class Panel(QWidget):
    """An opaque ground from edge to edge, with a line on one side that keeps its pixel free of children.

    Opaque, so nothing beneath is ever repainted.
    """

    def __init__(
        self,
        holder: ThemeHolder,
        *,
        ground: Ground = Ground.SURFACE,
        edge: Edge | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._holder = holder
        self._ground = ground
        self._edge = edge
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        holder.changed.connect(self.update)
        self._keep_edge_free()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._keep_edge_free()

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = self._holder.ink
        grounds = {Ground.BG: ink.bg, Ground.SURFACE: ink.surface, Ground.RAISED: ink.raised}
        with Brush(self, self._holder, event) as brush:
            brush.painter.fillRect(event.rect(), grounds[self._ground])
            if self._edge is not None:
                brush.painter.fillRect(brush.mirrored(self._edge_rect(self._edge)), ink.line)

    def _keep_edge_free(self) -> None:
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        sides = {Edge.START: 2 if rtl else 0, Edge.TOP: 1, Edge.END: 0 if rtl else 2, Edge.BOTTOM: 3}
        margins = [0, 0, 0, 0]
        if self._edge is not None:
            margins[sides[self._edge]] = 1
        self.setContentsMargins(*margins)

    def _edge_rect(self, edge: Edge) -> QRect:
        width, height = self.width(), self.height()
        match edge:
            case Edge.START:
                return QRect(0, 0, 1, height)
            case Edge.END:
                return QRect(width - 1, 0, 1, height)
            case Edge.TOP:
                return QRect(0, 0, width, 1)
            case Edge.BOTTOM:
                return QRect(0, height - 1, width, 1)


class HeaderBar(Panel):
    """The bar at the top of every screen: things at the start, things at the end, and room between them."""

    def __init__(self, holder: ThemeHolder, parent: QWidget | None = None) -> None:
        super().__init__(holder, ground=Ground.SURFACE, edge=Edge.BOTTOM, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.start = QHBoxLayout()
        self.end = QHBoxLayout()
        self._row = QHBoxLayout(self)
        self._row.addLayout(self.start, 1)
        self._row.addLayout(self.end)
        self._measure()
        holder.changed.connect(self._measure)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._height())

    def _height(self) -> int:
        metrics = self._holder.metrics
        return max(metrics.px(64), metrics.touch() + 2 * metrics.space(2))

    def _measure(self) -> None:
        metrics = self._holder.metrics
        self._row.setContentsMargins(metrics.space(4), 0, metrics.space(4), 0)
        self._row.setSpacing(metrics.space(4))
        for part in (self.start, self.end):
            part.setSpacing(metrics.space(3))
        self.start.setAlignment(Qt.AlignmentFlag.AlignLeading)
        self.updateGeometry()


class Card(QWidget):
    """A raised box with round corners. Put a layout on it; `padding` is in steps of four."""

    def __init__(
        self, holder: ThemeHolder, *, tone: Tone | None = None, padding: int = 4, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._holder = holder
        self._tone = tone
        self._padding = padding
        self._measure()
        holder.changed.connect(self._measure)

    def set_tone(self, tone: Tone | None) -> None:
        """Give the card the colours of a tone, or plain ones with None."""
        if tone is not self._tone:
            self._tone = tone
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        fill, edge = self._colours()
        with Brush(self, self._holder, event) as brush:
            brush.box(self.rect(), fill=fill, radius=self._holder.metrics.radius, edge=edge)

    def _colours(self) -> tuple[QColor, QColor]:
        if self._tone is None:
            return self._holder.ink.raised, self._holder.ink.line
        tone = self._holder.tone(self._tone)
        return tone.back, tone.fore

    def _measure(self) -> None:
        margin = self._holder.metrics.space(self._padding)
        self.setContentsMargins(margin, margin, margin, margin)
        self.update()


class Divider(QWidget):
    """A level line between two parts of a card."""

    def __init__(self, holder: ThemeHolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holder = holder
        self.setFixedHeight(1)
        holder.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        with Brush(self, self._holder, event) as brush:
            brush.painter.fillRect(self.rect(), self._holder.ink.line)


class FigureTile(Card):
    """One figure with its name above it, such as "Waiting 6"."""

    def __init__(
        self,
        holder: ThemeHolder,
        label: str,
        value: str = "",
        *,
        tone: Tone = Tone.NEUTRAL,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(holder, parent=parent)
        self._label = Label(label, ink=Ink.MUTED)
        self._value = Label(value, role=Role.FIGURE, ink=_TONE_INK[tone])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._label)
        column.addWidget(self._value)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_value(self, value: str, *, tone: Tone = Tone.NEUTRAL) -> None:
        """Show another figure; a tone other than neutral colours it."""
        self._value.setText(value)
        self._value.set_ink(_TONE_INK[tone])

    def value(self) -> str:
        """The figure on show."""
        return self._value.text()
