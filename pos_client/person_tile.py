"""A person's tile on the login screen and how it is painted: initials in a circle, name, and what they are here."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize

from shared.qt.painting import MIDDLE, Brush
from shared.qt.text import FittedText
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TypeSize, Weight

NAME_LINES = 2


@dataclass(frozen=True, slots=True)
class PersonTile:
    """One person. `stripe` counts people from 0 and picks the circle's colour."""

    key: str
    title: str
    role: str = ""
    stripe: int = 0
    selected: bool = False
    at_work: str = ""
    """Since when this person is in, in words, in place of the role; empty for who is not."""
    available: bool = True

    @property
    def initials(self) -> str:
        """The first letters of the first two words of the name."""
        return "".join(word[0] for word in self.title.split()[:2]).upper()


class PersonPainter:
    """Paints `PersonTile`s in a `PagedGrid`."""

    def __init__(self, holder: ThemeHolder) -> None:
        self._holder = holder

    def least_size(self) -> QSize:
        """Room for the circle, two lines of the name and the role."""
        metrics = self._holder.metrics
        note = self._holder.font_metrics(self._holder.font(TypeSize.NOTE)).height()
        tall = metrics.px(72) + NAME_LINES * self._name_height() + note + 2 * metrics.space(3) + metrics.space(2)
        return QSize(max(metrics.touch(), metrics.px(128)), tall)

    def usual_size(self) -> QSize:
        """The size tiles have where there is room."""
        return self.least_size()

    def clips(self, tile: PersonTile, rect: QRect) -> bool:
        """Whether the name has to be shortened at this size."""
        return not self._name(tile, rect).whole

    def paint(self, brush: Brush, tile: PersonTile, rect: QRect, *, pressed: bool, focused: bool) -> None:
        """Paint one tile; the chosen one is framed."""
        holder, ink, metrics = self._holder, self._holder.ink, self._holder.metrics
        fill = ink.pressed if pressed else ink.selected if tile.selected else ink.raised
        edge = ink.accent if focused else ink.primary if tile.selected else ink.line
        brush.box(rect, fill=fill, radius=metrics.radius, edge=edge, width=2 if tile.selected or focused else 1)
        note, name = holder.font(TypeSize.NOTE), self._name(tile, rect)
        side, words_px = metrics.px(72), len(name.lines) * self._name_height() + holder.font_metrics(note).height()
        top = rect.top() + (rect.height() - side - metrics.space(2) - words_px) // 2
        circle = QRect(rect.left() + (rect.width() - side) // 2, top, side, side)
        stripes = ink.stripes()
        brush.box(circle, fill=stripes[tile.stripe % len(stripes)], radius=side // 2)
        font = holder.font(TypeSize.HEADING, Weight.BOLD)
        brush.text(circle, tile.initials, font=font, colour=ink.on_fill, align=MIDDLE)
        font = holder.font(TypeSize.BODY, Weight.SEMIBOLD)
        top += side + metrics.space(2)
        words = QRect(rect.left() + metrics.space(2), top, rect.width() - 2 * metrics.space(2), self._name_height())
        brush.lines(words, name, font=font, colour=ink.text, align=MIDDLE)
        words.moveTop(top + len(name.lines) * self._name_height())
        brush.text(
            words, tile.at_work or tile.role, font=note, colour=ink.ok if tile.at_work else ink.muted, align=MIDDLE
        )

    def _name(self, tile: PersonTile, rect: QRect) -> FittedText:
        width = rect.width() - 2 * self._holder.metrics.space(2)
        font = self._holder.font(TypeSize.BODY, Weight.SEMIBOLD)
        return self._holder.text.fit(tile.title, font, width, max_lines=NAME_LINES)

    def _name_height(self) -> int:
        return self._holder.font_metrics(self._holder.font(TypeSize.BODY, Weight.SEMIBOLD)).height()
