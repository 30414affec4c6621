"""Words on a screen: a label that is dressed by its role and tone, never by a size or a colour."""

from enum import StrEnum
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget

_ROLE = "role"
_TONE = "tone"
_LEAST_SHOWN: Final = "Mm…"


class Role(StrEnum):
    """How loud a text is; the type size and weight of each are in the style sheet."""

    NOTE = "note"
    BODY = "body"
    STRONG = "strong"
    HEADING = "heading"
    TITLE = "title"
    FIGURE = "figure"
    HERO = "hero"


class Ink(StrEnum):
    """The colours a text may have on plain ground."""

    TEXT = "text"
    MUTED = "muted"
    FADED = "faded"
    ACCENT = "accent"
    INFO = "info"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Label(QLabel):
    """A plain text. With `wrap` it takes as many lines as its width asks for.

    With `elide` it may be shortened where the row is narrow: only for words that are also said elsewhere.
    """

    def __init__(
        self,
        text: str = "",
        *,
        role: Role = Role.BODY,
        ink: Ink = Ink.TEXT,
        wrap: bool = False,
        elide: bool = False,
        align: Qt.AlignmentFlag | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty(_ROLE, role.value)
        self.setProperty(_TONE, ink.value)
        self.setWordWrap(wrap)
        self._elide = elide
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter if align is None else align
        self._follow_direction()
        self.setText(text)

    def clipped_texts(self) -> list[str]:
        """The text, where it has no room and was not meant to be shortened."""
        if not self.text() or self._elide:
            return []
        room = self.contentsRect()
        if self.wordWrap():
            longest = max((self.fontMetrics().horizontalAdvance(word) for word in self.text().split()), default=0)
            fits = self.heightForWidth(self.width()) <= self.height() and longest <= room.width()
        else:
            fits = super().sizeHint().width() <= self.width() and self.fontMetrics().height() <= self.height()
        return [] if fits else [self.text()]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._follow_direction()

    def _follow_direction(self) -> None:
        """Begin where the screen begins. Qt would go by the text: a sum or a Latin name stood on the wrong side."""
        self.setAlignment(QStyle.visualAlignment(self.layoutDirection(), self._align) | Qt.AlignmentFlag.AlignAbsolute)

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(_LEAST_SHOWN), least.height()) if self._elide else least

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        room = self.contentsRect()
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        flags = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, flags | Qt.TextFlag.TextSingleLine, words)
        painter.end()

    def set_ink(self, ink: Ink) -> None:
        """Change the colour; nothing happens when it is the same."""
        if self.property(_TONE) != ink.value:
            self.setProperty(_TONE, ink.value)
            self.style().polish(self)

    def set_role(self, role: Role) -> None:
        """Change how loud the text is; nothing happens when it is the same."""
        if self.property(_ROLE) != role.value:
            self.setProperty(_ROLE, role.value)
            self.style().polish(self)
