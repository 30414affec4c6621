"""What state a thing is in, by icon, word and count: the small badge, and the pill in the header that is touched."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from shared.qt.icons import IconName
from shared.qt.painting import Brush, badge_size
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize, Weight

TONE_ICON = {
    Tone.NEUTRAL: IconName.DOT,
    Tone.OK: IconName.SYNCED,
    Tone.INFO: IconName.SYNCING,
    Tone.WARN: IconName.OFFLINE,
    Tone.BAD: IconName.WARNING,
}


class Badge(QWidget):
    """A small mark with a word, on a row or card. It is not touched: the row is."""

    def __init__(
        self,
        holder: ThemeHolder,
        text: str = "",
        *,
        tone: Tone = Tone.NEUTRAL,
        icon: IconName | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._holder = holder
        self._text = text
        self._tone = tone
        self._icon = icon
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        holder.changed.connect(self._remeasure)

    def show_state(self, text: str, *, tone: Tone, icon: IconName | None = None) -> None:
        """Show another state; nothing happens when it is the same."""
        if (text, tone, icon) != (self._text, self._tone, self._icon):
            self._text, self._tone, self._icon = text, tone, icon
            self._remeasure()

    def text(self) -> str:
        """The word on show."""
        return self._text

    def tone(self) -> Tone:
        """The tone on show."""
        return self._tone

    def clipped_texts(self) -> list[str]:
        """The word, when the badge was given less room than it needs."""
        return [self._text] if self.width() < self.sizeHint().width() else []

    def sizeHint(self) -> QSize:
        return badge_size(self._holder, text=self._text, icon=self._icon)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with Brush(self, self._holder, event) as brush:
            brush.badge(self.rect(), tone=self._tone, text=self._text, icon=self._icon)

    def _remeasure(self) -> None:
        self.updateGeometry()
        self.update()


class StatusPill(QAbstractButton):
    """The badge on every screen's header: icon, word and count. A tap (`clicked`) opens the Sync screen.

    It is a target like any other, so it has the full height of one.
    """

    def __init__(self, holder: ThemeHolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holder = holder
        self._tone = Tone.NEUTRAL
        self._icon = TONE_ICON[Tone.NEUTRAL]
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        holder.changed.connect(self._remeasure)

    def show_state(self, text: str, *, tone: Tone, icon: IconName | None = None) -> None:
        """Show another state, with the tone's own icon unless one is given; nothing happens when it is the same."""
        shown = icon if icon is not None else TONE_ICON[tone]
        if (text, tone, shown) != (self.text(), self._tone, self._icon):
            self._tone, self._icon = tone, shown
            self.setText(text)
            self._remeasure()

    def tone(self) -> Tone:
        """The tone on show."""
        return self._tone

    def clipped_texts(self) -> list[str]:
        """The word, when the pill was given less room than it needs."""
        return [self.text()] if self.width() < self.sizeHint().width() else []

    def sizeHint(self) -> QSize:
        metrics = self._holder.metrics
        words = self._holder.text.width(self.text(), self._holder.font(TypeSize.BODY, Weight.SEMIBOLD))
        height = metrics.touch()
        width = words + 2 * metrics.space(4) + metrics.px(18) + metrics.space(2)
        return QSize(max(width, height), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        metrics = self._holder.metrics
        tone = self._holder.tone(self._tone)
        with Brush(self, self._holder, event) as brush:
            edge = tone.fore if self.isDown() or self.hasFocus() else None
            brush.box(self.rect(), fill=tone.back, radius=self.height() // 2, edge=edge, width=2)
            side = metrics.px(18)
            brush.icon(QRect(metrics.space(4), 0, side, self.height()), self._icon, colour=tone.fore)
            left = metrics.space(4) + side + metrics.space(2)
            words = QRect(left, 0, self.width() - left - metrics.space(3), self.height())
            brush.text(words, self.text(), font=self._holder.font(TypeSize.BODY, Weight.SEMIBOLD), colour=tone.fore)

    def _remeasure(self) -> None:
        self.updateGeometry()
        self.update()
