"""Breaks texts into lines that fit, and remembers the answer: a painted screen asks the same again at every frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

_KEPT: Final = 4096  # answers; then the memory starts afresh, which costs one slower frame


@dataclass(frozen=True, slots=True)
class FittedText:
    """A text broken into lines for a width; `whole` is false when something had to be left out."""

    lines: tuple[str, ...]
    whole: bool


class TextFitter:
    """Measures in the fonts of one theme. Fonts are known by identity, so whoever owns them must keep them."""

    def __init__(self) -> None:
        self._measures: dict[int, QFontMetrics] = {}
        self._widths: dict[tuple[int, str], int] = {}
        self._fitted: dict[tuple[int, str, int, int], FittedText] = {}

    def learn(self, font: QFont) -> None:
        """Remember measures in this font from now on. The caller keeps the font alive."""
        self._measures[id(font)] = QFontMetrics(font)

    def measures(self, font: QFont) -> QFontMetrics:
        """The measures of a font, kept when it was learnt."""
        return self._measures.get(id(font)) or QFontMetrics(font)

    def width(self, text: str, font: QFont) -> int:
        """The width of a text on one line in pixels."""
        if id(font) not in self._measures:
            return QFontMetrics(font).horizontalAdvance(text)
        key = (id(font), text)
        found = self._widths.get(key)
        if found is None:
            if len(self._widths) >= _KEPT:
                self._widths.clear()
            found = self._widths[key] = self._measures[id(font)].horizontalAdvance(text)
        return found

    def fit(self, text: str, font: QFont, width: int, *, max_lines: int = 1) -> FittedText:
        """`fit_text`, remembered."""
        if id(font) not in self._measures:
            return fit_text(text, QFontMetrics(font), width, max_lines=max_lines)
        key = (id(font), text, width, max_lines)
        found = self._fitted.get(key)
        if found is None:
            if len(self._fitted) >= _KEPT:
                self._fitted.clear()
            found = self._fitted[key] = fit_text(text, self._measures[id(font)], width, max_lines=max_lines)
        return found

    def broken(self, text: str, font: QFont, width: int) -> str:
        """The text with each word that is wider than the line in pieces that fit, of at least one letter."""
        words = text.split(" ")
        if all(self.width(word, font) <= width for word in words):
            return text
        return " ".join(piece for word in words for piece in self._pieces(word, font, width))

    def _pieces(self, word: str, font: QFont, width: int) -> list[str]:
        pieces = [""]
        for letter in word:
            if pieces[-1] and self.width(pieces[-1] + letter, font) > width:
                pieces.append("")
            pieces[-1] += letter
        return pieces

    def best(self, text: str, ways: Sequence[tuple[QFont, int]], width: int) -> tuple[QFont, FittedText]:
        """The first of the ways (font and most lines) in which the whole text fits; else the last."""
        (font, max_lines), *others = ways
        fitted = self.fit(text, font, width, max_lines=max_lines)
        return self.best(text, others, width) if others and not fitted.whole else (font, fitted)


def fit_text(text: str, measures: QFontMetrics, width: int, *, max_lines: int = 1) -> FittedText:
    """Break `text` at spaces into at most `max_lines` lines of `width` pixels, the last one elided where it must be.

    Line feeds in the text are kept as breaks. A single word wider than the line is elided too.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and measures.horizontalAdvance(longer) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    if len(lines) > max_lines:
        lines = [*lines[: max_lines - 1], " ".join(lines[max_lines - 1 :])]
    fitted = tuple(_within(line, measures, width) for line in lines)
    return FittedText(lines=fitted, whole=fitted == tuple(lines))


def _within(line: str, measures: QFontMetrics, width: int) -> str:
    if measures.horizontalAdvance(line) <= width:
        return line
    return measures.elidedText(line, Qt.TextElideMode.ElideRight, width)
