"""A table of rows with columns, for lists that grow: model and view, badges painted by a delegate, read in pages."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from shared.qt.painting import badge_size
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize, Weight
from shared.qt.widgets.page_bar import PageBar

TONE_ROLE: Final = Qt.ItemDataRole.UserRole + 1  # a Tone: the cell is painted as a badge
STRONG_ROLE: Final = Qt.ItemDataRole.UserRole + 2  # True: in bold
MUTED_ROLE: Final = Qt.ItemDataRole.UserRole + 3  # True: in the quiet colour
END_ROLE: Final = Qt.ItemDataRole.UserRole + 4  # True: at the trailing edge, as amounts are
AFTER_ROLE: Final = Qt.ItemDataRole.UserRole + 5  # str: quieter words after the text


class RowDelegate(QStyledItemDelegate):
    """Paints a cell: plain, bold, quiet or as a badge, with the row's line beneath."""

    def __init__(self, holder: ThemeHolder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._holder = holder

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one cell from the model's roles."""
        ink, metrics = self._holder.ink, self._holder.metrics
        rect: QRect = option.rect
        state = option.state
        direction = option.direction
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, ink.selected)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), ink.line)
        inside = rect.adjusted(metrics.space(3), 0, -metrics.space(3), 0)
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        tone = _tone_of(index)
        if tone is not None and text:
            self._badge(painter, inside, text=text, tone=tone, direction=direction)
        else:
            font = self.font_of(index)
            painter.setFont(font)
            painter.setPen(ink.muted if index.data(MUTED_ROLE) else ink.text)
            side = Qt.AlignmentFlag.AlignRight if index.data(END_ROLE) else Qt.AlignmentFlag.AlignLeft
            words = self._holder.font_metrics(font).elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
            flags = QStyle.visualAlignment(direction, side | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(inside, flags | Qt.TextFlag.TextSingleLine, words)
            self._after(painter, inside, index, direction=direction)
        painter.restore()

    def _after(
        self,
        painter: QPainter,
        inside: QRect,
        index: QModelIndex | QPersistentModelIndex,
        *,
        direction: Qt.LayoutDirection,
    ) -> None:
        """The quieter words, where the text leaves room."""
        words = str(index.data(AFTER_ROLE) or "")
        if not words:
            return
        font = self._holder.font(TypeSize.BODY)
        left = inside.left() + self._before_width(index)
        room = QRect(left, inside.top(), inside.right() + 1 - left, inside.height())
        painter.setFont(font)
        painter.setPen(self._holder.ink.muted)
        flags = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        fitted = self._holder.text.fit(words, font, room.width()).lines[0]
        painter.drawText(QStyle.visualRect(direction, inside, room), flags | Qt.TextFlag.TextSingleLine, fitted)

    def _before_width(self, index: QModelIndex | QPersistentModelIndex) -> int:
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        return self._holder.text.width(text, self.font_of(index)) + self._holder.metrics.space(2)

    def font_of(self, index: QModelIndex | QPersistentModelIndex) -> QFont:
        """The font of a cell."""
        return self._holder.font(TypeSize.BODY, Weight.SEMIBOLD if index.data(STRONG_ROLE) else Weight.REGULAR)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        metrics = self._holder.metrics
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        if _tone_of(index) is not None:
            wide = badge_size(self._holder, text=text).width()
        else:
            # one pixel more: eliding takes parts of a pixel for too wide
            wide = self._holder.font_metrics(self.font_of(index)).horizontalAdvance(text) + 1
            after = str(index.data(AFTER_ROLE) or "")
            if after:
                wide = self._before_width(index) + self._holder.text.width(after, self._holder.font(TypeSize.BODY))
        return QSize(wide + 2 * metrics.space(3), max(metrics.touch(), metrics.px(56)))

    def _badge(self, painter: QPainter, inside: QRect, *, text: str, tone: Tone, direction: Qt.LayoutDirection) -> None:
        metrics = self._holder.metrics
        ink = self._holder.tone(tone)
        size = badge_size(self._holder, text=text).boundedTo(inside.size())
        spot = QRect(inside.left(), inside.top() + (inside.height() - size.height()) // 2, size.width(), size.height())
        spot = QStyle.visualRect(direction, inside, spot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink.back)
        painter.drawRoundedRect(spot, metrics.radius_small, metrics.radius_small)
        font = self._holder.font(TypeSize.NOTE, Weight.SEMIBOLD)
        painter.setFont(font)
        painter.setPen(ink.fore)
        room = spot.width() - 2 * metrics.space(2)
        words = self._holder.text.fit(text, font, room).lines[0]
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, words)


def _tone_of(index: QModelIndex | QPersistentModelIndex) -> Tone | None:
    """The tone of a cell; Qt hands a tone back as the plain text that it also is."""
    data = index.data(TONE_ROLE)
    return next((tone for tone in Tone if tone == data), None)


class RowTable(QWidget):
    """A table that is turned page by page. Give it a model; the view is at `view` for selection and signals."""

    room_changed = Signal()
    """It has room for more rows, or for fewer."""

    def __init__(self, holder: ThemeHolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holder = holder
        self._model: QAbstractItemModel | None = None
        self._shares: dict[int, float] = {}
        self._room = 0
        self.view = QTableView(self)
        self.pages = PageBar(holder)
        self.view.setItemDelegate(RowDelegate(holder, self.view))
        self.view.setShowGrid(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.view, 1)
        self._column.addWidget(self.pages)
        self.pages.turned.connect(self.turn_to)
        self.view.viewport().installEventFilter(self)
        holder.changed.connect(self._measure)
        self._measure()

    def set_model(
        self, model: QAbstractItemModel, *, stretch: int | None = None, shares: Mapping[int, float] | None = None
    ) -> None:
        """Show a model; column `stretch` takes the room that the others leave, else the last one does.

        `shares` are the least parts of the width that columns take, so that they do not crowd at the start.
        """
        self._model = model
        self._shares = dict(shares or {})
        self.view.setModel(model)
        header = self.view.horizontalHeader()
        header.setStretchLastSection(stretch is None)
        for column in range(model.columnCount()):
            mode = QHeaderView.ResizeMode.Stretch if column == stretch else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed if column in self._shares else mode)
        for changed in (model.modelReset, model.dataChanged, model.rowsInserted):
            changed.connect(self._share_out)
        model.modelReset.connect(self._count)
        model.rowsInserted.connect(self._count)
        model.rowsRemoved.connect(self._count)
        self._count()

    def turn_to(self, page: int) -> None:
        """Show one page, counted from 0."""
        self.view.verticalScrollBar().setValue(page * self._rows_a_page() * self._row_height())
        self._count()

    def page_count(self) -> int:
        """How many pages there are."""
        rows = self._model.rowCount() if self._model is not None else 0
        return max(1, -(-rows // self._rows_a_page()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._count()
            self._share_out()
            before, self._room = self._room, self._rows_a_page()
            if self._room != before:
                self.room_changed.emit()
        return super().eventFilter(watched, event)

    def _share_out(self) -> None:
        """Each column of `shares` as wide as its words, and at least its part; half as much again is the most."""
        header, room = self.view.horizontalHeader(), self.view.viewport().width()
        for column, share in self._shares.items():
            words = max(self.view.sizeHintForColumn(column), header.sectionSizeHint(column))
            header.resizeSection(column, min(max(words, round(share * room)), round(1.5 * share * room)))

    def rows_a_page(self) -> int:
        """How many whole rows there is room for: what a model that is read in pages should hold."""
        return self._rows_a_page()

    def _rows_a_page(self) -> int:
        return max(1, self.view.viewport().height() // self._row_height())

    def _row_height(self) -> int:
        metrics = self._holder.metrics
        return max(metrics.touch(), metrics.px(56))

    def _count(self) -> None:
        top = self.view.verticalScrollBar().value() // self._row_height()
        page = -(-top // self._rows_a_page())
        self.pages.show_page(min(page, self.page_count() - 1), self.page_count())

    def _measure(self) -> None:
        metrics = self._holder.metrics
        self._column.setSpacing(metrics.space(2))
        self.view.verticalHeader().setDefaultSectionSize(self._row_height())
        self._count()
