"""The band across a board: that it gets no orders and since when, or what was not saved; as large as modifiers."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kds_client.sizes import Sizes
from shared.qt.icons import IconName
from shared.qt.painting import Brush
from shared.qt.text import FittedText
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone


class Band(QWidget):
    """Two texts from edge to edge, the second beside the first where it fits and below it where not."""

    def __init__(self, holder: ThemeHolder, *, distance_m: float, parent: QWidget | None = None) -> None:
        """`distance_m` is from the cook's eye to the screen in metres."""
        super().__init__(parent)
        self._holder = holder
        self._distance_m = distance_m
        self._title = self._text = ""
        self._tone = Tone.BAD
        self._icon = IconName.OFFLINE
        self._measure_anew()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        holder.changed.connect(self._measure_anew)
        self.hide()

    def show_words(self, title: str, text: str, *, is_bad: bool = True, is_link: bool = True) -> None:
        """Say this of the link or of something else, in red or in amber; the band goes with an empty title."""
        look = (Tone.BAD if is_bad else Tone.WARN, IconName.OFFLINE if is_link else IconName.WARNING)
        if look != (self._tone, self._icon):
            self._tone, self._icon = look
            self.update()
        if (title, text) != (self._title, self._text):
            as_tall = self._tall(self.width())
            self._title, self._text = title, text
            if self._tall(self.width()) != as_tall:
                self._fix_height()
            self.update()
        self.setVisible(bool(title))

    def title(self) -> str:
        """The words in bold on show."""
        return self._title

    def text(self) -> str:
        """The other words on show."""
        return self._text

    def clipped_texts(self) -> list[str]:
        """What did not fit."""
        words = self._fitted(self.width())
        return [] if words.whole and self.height() >= self._tall(self.width()) else [self._text]

    def sizeHint(self) -> QSize:
        return QSize(self._title_width() * 2, self._tall(max(self.width(), 1)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrower may be taller."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fix_height()

    def paintEvent(self, event: QPaintEvent) -> None:
        sizes, ink = self._sizes, self._holder.tone(self._tone)
        line = sizes.line(sizes.detail)
        with Brush(self, self._holder, event) as brush:
            brush.painter.fillRect(event.rect(), ink.back)
            icon = QRect(sizes.margin, sizes.pad, sizes.detail_px, line)
            brush.icon(icon, self._icon, colour=ink.fore)
            left = icon.right() + 1 + sizes.pad
            title = QRect(left, sizes.pad, self.width() - left - sizes.margin, line)
            brush.text(title, self._title, font=sizes.detail, colour=ink.fore)
            if self._is_beside(self.width()):
                left += self._title_width() + sizes.gap
            top = sizes.pad if self._is_beside(self.width()) else sizes.pad + line
            words = QRect(left, top, self.width() - left - sizes.margin, line)
            brush.lines(words, self._fitted(self.width()), font=sizes.plain, colour=ink.fore)

    def _title_width(self) -> int:
        return self._sizes.width(self._title, self._sizes.detail)

    def _room(self, width: int) -> int:
        sizes = self._sizes
        return max(1, width - 2 * sizes.margin - sizes.detail_px - sizes.pad)

    def _is_beside(self, width: int) -> bool:
        sizes = self._sizes
        return self._title_width() + sizes.gap + sizes.width(self._text, sizes.plain) <= self._room(width)

    def _fitted(self, width: int) -> FittedText:
        beside = self._title_width() + self._sizes.gap if self._is_beside(width) else 0
        return self._sizes.wrapped(self._text, self._sizes.plain, self._room(width) - beside)

    def _tall(self, width: int) -> int:
        sizes = self._sizes
        lines = len(self._fitted(width).lines) + (0 if self._is_beside(width) else 1)
        return lines * sizes.line(sizes.detail) + 2 * sizes.pad

    def _fix_height(self) -> None:
        self.setFixedHeight(self._tall(self.width()))

    def _measure_anew(self) -> None:
        self._sizes = Sizes(self._holder, distance_m=self._distance_m)
        self._fix_height()
        self.update()
