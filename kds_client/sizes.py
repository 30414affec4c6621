"""The kitchen's sizes: fonts by reading distance, everything else by the screen's density and the finger."""

from typing import Final

from PySide6.QtGui import QFont

from kds_client.layout import Area, columns_for
from shared.qt.metrics import BUMP_MM
from shared.qt.text import FittedText
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Weight

# Cap heights in minutes of arc. 16 and 20 are the design's floors for item names, and for table and age; a normal eye
# reads from 5 on (ISO 8596), so the smallest words keep nearly twice that.
_ITEM_ARC: Final = 16.0
_HEAD_ARC: Final = 20.0
_DETAIL_ARC: Final = 13.0
_NOTE_ARC: Final = 9.5
_COLUMN_ITEM_PX: Final = 11.5  # a column is as wide as so many font sizes of an item's name: some twenty letters
DOT: Final = " · "
_DOT_KEPT: Final = "\u00a0· "
_MOST_LINES: Final = 60  # of one text: a note has 200 letters, and nothing a cook must read is left out

_WIDEST_WORDS: Final = "LATE +0:00 h"
_WIDEST_AGE: Final = "0:00 h"
_COMMON_TABLE: Final = "Takeaway"


class Sizes:
    """Fonts and lengths for one theme and one reading distance; made anew when the theme changes."""

    def __init__(self, holder: ThemeHolder, *, distance_m: float) -> None:
        """`distance_m` is from the cook's eye to the screen, in metres."""
        metrics = holder.metrics
        self.holder = holder
        self.item_px = self._font_px(_ITEM_ARC, distance_m)
        self.head_px = self._font_px(_HEAD_ARC, distance_m)
        self.detail_px = self._font_px(_DETAIL_ARC, distance_m)
        self.note_px = self._font_px(_NOTE_ARC, distance_m)
        self.head = holder.font_px(self.head_px, Weight.BOLD)
        self.words = holder.font_px(self.note_px, Weight.BOLD)
        self.order = holder.font_px(self.note_px, Weight.SEMIBOLD)
        self.name = holder.font_px(self.item_px, Weight.SEMIBOLD)
        self.name_struck = holder.font_px(self.item_px, Weight.SEMIBOLD, struck=True)
        self.quantity = holder.font_px(self.item_px, Weight.BOLD)
        self.quantity_struck = holder.font_px(self.item_px, Weight.BOLD, struck=True)
        self.detail = holder.font_px(self.detail_px, Weight.BOLD)
        self.plain = holder.font_px(self.detail_px, Weight.MEDIUM)
        self.detail_struck = holder.font_px(self.detail_px, Weight.BOLD, struck=True)
        self.button = holder.font_px(self.item_px, Weight.SEMIBOLD)
        self.pad = metrics.space(3)
        self.margin = metrics.space(4)
        self.ring = metrics.px(4)
        """The frame around the chosen ticket; it stands in the gap between cells."""
        self.gap = metrics.space(4)
        self.row_pad = metrics.space(2)
        self.radius = metrics.radius
        self.icon = round(self.note_px * 0.9)
        self.touch = metrics.touch()
        words = self.line(self.button) + self.line(self.order) + self.row_pad + self.pad
        self.zone = max(metrics.touch(BUMP_MM), words + self.row_pad)
        """The bump zone: as high as a hand asks, and as its words with a note below them do on a coarse, far screen."""
        self.edges = (metrics.px(2), metrics.px(3), metrics.px(6))
        """The border's width for each of the three states."""
        self.cut = max(self.touch, self.line(self.words) + self.row_pad + self.edges[2])
        """The strip at the foot of a cell that says that the ticket goes on."""
        self.words_width = self.icon + metrics.space(1) + self.width(_WIDEST_WORDS, self.words)
        self.age_width = self.width(_WIDEST_AGE, self.head)

    def least_column(self) -> int:
        """The narrowest column in which a head with a table and an age is readable."""
        head = self.width(_COMMON_TABLE, self.head) + self.age_width + self.row_pad + 2 * self.pad
        return max(round(_COLUMN_ITEM_PX * self.item_px), head)

    def area(self, width: int, height: int) -> Area:
        """Where tickets stand on a board of this size, and in how many columns."""
        width, height = max(1, width - 2 * self.margin), max(self.zone * 2, height - 2 * self.margin)
        columns = columns_for(width, gap=self.gap, least_column=self.least_column())
        return Area(width, height, columns, self.gap, self.cut, self.touch + self.gap)

    def width(self, text: str, font: QFont) -> int:
        """The width of a text in one of these fonts."""
        return self.holder.text.width(text, font)

    def line(self, font: QFont) -> int:
        """The height of a line in one of these fonts."""
        return self.holder.font_metrics(font).height()

    def wrapped(self, text: str, font: QFont, width: int) -> FittedText:
        """A text in as many lines as it needs. A word wider than the line is cut in two, never shortened.

        A dot between two parts stays at the end of its line: at the head of the next it would look like a list's.
        """
        text = self.holder.text.broken(text.replace(DOT, _DOT_KEPT), font, width)
        return self.holder.text.fit(text, font, width, max_lines=_MOST_LINES)

    def _font_px(self, arc_minutes: float, distance_m: float) -> int:
        """The angle is the floor; who chose a larger scale gets larger words."""
        metrics = self.holder.metrics
        least = metrics.font_px_for_angle(cap_arc_minutes=arc_minutes, distance_m=distance_m)
        return max(least, round(least * metrics.scale))
