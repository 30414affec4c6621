"""What an empty place says: an icon, what is so, and what to do about it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shared.qt.icons import IconName
from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder
from shared.qt.widgets.button import ButtonKind, TouchButton
from shared.qt.widgets.label import Ink, Label, Role


class _BigIcon(QWidget):
    """The icon of an empty place, quiet and large."""

    def __init__(self, holder: ThemeHolder, icon: IconName) -> None:
        super().__init__()
        self._holder = holder
        self._icon = icon
        holder.changed.connect(self._measure)
        self._measure()

    def paintEvent(self, event: QPaintEvent) -> None:
        with Brush(self, self._holder, event) as brush:
            brush.icon(self.rect(), self._icon, colour=self._holder.ink.muted)

    def _measure(self) -> None:
        self.setFixedHeight(self._holder.metrics.px(56))
        self.update()


class EmptyState(QWidget):
    """Stands in the middle of an empty list. With `action` it has a button, and `action_pressed` is emitted."""

    action_pressed = Signal()

    def __init__(
        self,
        holder: ThemeHolder,
        *,
        icon: IconName,
        title: str,
        advice: str = "",
        action: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._holder = holder
        middle = Qt.AlignmentFlag.AlignCenter
        self.title = Label(title, role=Role.HEADING, wrap=True, align=middle)
        self.advice = Label(advice, ink=Ink.MUTED, wrap=True, align=middle)
        self.button = TouchButton(holder, action, kind=ButtonKind.CONTROL)
        self.button.clicked.connect(lambda: self.action_pressed.emit())
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        self._column.addWidget(_BigIcon(holder, icon))
        self._column.addWidget(self.title)
        self._column.addWidget(self.advice)
        self._column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addStretch(1)
        self.advice.setVisible(bool(advice))
        self.button.setVisible(bool(action))
        self._measure()
        holder.changed.connect(self._measure)

    def say(self, title: str, advice: str) -> None:
        """Say something else; without advice the title stands alone."""
        self.title.setText(title)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))

    def _measure(self) -> None:
        metrics = self._holder.metrics
        self._column.setSpacing(metrics.space(3))
        margin = metrics.space(4)
        self._column.setContentsMargins(margin, margin, margin, margin)
