"""A sheet inside the window, over a darkened screen: forced choices, a PIN for one action, a reason for a void."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder

_SHADE_SHARE: Final = 0.66  # how much of the screen behind is taken away


class SheetPanel(QWidget):
    """The sheet itself, a round box on the surface colour."""

    def __init__(self, holder: ThemeHolder, parent: QWidget) -> None:
        super().__init__(parent)
        self._holder = holder

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = self._holder.ink
        with Brush(self, self._holder, event) as brush:
            brush.box(self.rect(), fill=ink.surface, radius=self._holder.metrics.radius_large, edge=ink.line)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A touch between the sheet's own buttons does nothing, least of all to what is behind."""
        event.accept()


class SheetOverlay(QWidget):
    """Covers `window`, darkens it, and shows one content at a time.

    `opened` comes with every sheet, also one that takes another's place. `closed` follows each exactly once; its
    argument says whether the person put it away (Escape or a tap beside it, only where `dismissible`) rather than the
    screen with `close_sheet`.
    """

    opened = Signal()
    closed = Signal(bool)

    modal_sheet = True  # for the walk over the screens: while it is visible nothing beneath can be reached

    def __init__(self, holder: ThemeHolder, window: QWidget) -> None:
        super().__init__(window)
        self._holder = holder
        self._window = window
        self._content: QWidget | None = None
        self._over: QWidget | None = None
        self._focused_before: QWidget | None = None
        self._dismissible = True
        self._pressed = False
        self.panel = SheetPanel(holder, self)
        self._column = QVBoxLayout(self.panel)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        window.installEventFilter(self)
        holder.changed.connect(self._place)
        self.hide()

    def open_sheet(self, content: QWidget, *, over: QWidget | None = None, dismissible: bool = True) -> None:
        """Show `content`, filling the area of `over`, or in the middle at its own size.

        A sheet that is still open is closed first. The overlay owns the content and deletes it when it is closed.
        """
        self.close_sheet()
        self._focused_before = self._window.focusWidget()
        self._content, self._over, self._dismissible = content, over, dismissible
        self._pressed = False
        self._column.addWidget(content)
        self._place()
        self.show()
        self.raise_()
        self.opened.emit()
        (content.focusProxy() or content).setFocus(Qt.FocusReason.PopupFocusReason)
        focused: QWidget | None = self._window.focusWidget()
        if focused is None or not self.isAncestorOf(focused):
            self.setFocus(Qt.FocusReason.PopupFocusReason)

    def room_px(self, over: QWidget) -> int:
        """How wide a content over this area can be."""
        metrics = self._holder.metrics
        return over.width() - 2 * metrics.space(4) - 2 * metrics.space(6)

    def close_sheet(self) -> None:
        """Put the sheet away from the program."""
        self._close(by_person=False)

    def content(self) -> QWidget | None:
        """What is on the sheet, or None while it is closed."""
        return self._content

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt gives the name
        """The Tab key goes round on the sheet and never to what is behind it."""
        stops = [
            widget
            for widget in self.panel.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled()
        ]
        if not stops:
            return False
        here = self._window.focusWidget()
        place = stops.index(here) if here in stops else (-1 if forward else 0)
        stops[(place + (1 if forward else -1)) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts the sheet away; no other key reaches what is behind it."""
        if event.key() == Qt.Key.Key_Escape and self._dismissible:
            self._close(by_person=True)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Taken here, so that nothing behind the sheet is pressed."""
        self._pressed = True
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second half of the double tap that opened the sheet does not put it away again."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A tap beside the sheet puts it away."""
        pressed, self._pressed = self._pressed, False
        if pressed and self._dismissible and not self.panel.geometry().contains(event.position().toPoint()):
            self._close(by_person=True)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        with Brush(self, self._holder, event) as brush:
            shade = QColor(self._holder.ink.shade)
            shade.setAlphaF(_SHADE_SHARE)
            brush.painter.fillRect(event.rect(), shade)

    def _close(self, *, by_person: bool) -> None:
        content, self._content = self._content, None
        if content is None:
            return
        self.hide()
        self._column.removeWidget(content)
        content.hide()
        content.deleteLater()
        before, self._focused_before = self._focused_before, None
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit(by_person)

    def _place(self) -> None:
        metrics = self._holder.metrics
        inside = metrics.space(6)
        self._column.setContentsMargins(inside, inside, inside, inside)
        self.setGeometry(self._window.rect())
        margin = metrics.space(4)
        room = self.rect().adjusted(margin, margin, -margin, -margin)
        if self._over is not None:
            corner = self._over.mapTo(self._window, QPoint(0, 0))
            over = QRect(corner, self._over.size()).adjusted(margin, margin, -margin, -margin)
            self.panel.setGeometry(over.intersected(room))
            return
        size = self._wanted().boundedTo(room.size())
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(room.center())
        self.panel.setGeometry(place)

    def _wanted(self) -> QSize:
        self._column.activate()
        return self._column.totalSizeHint().expandedTo(self._column.totalMinimumSize())
