"""A row of an order (how many, what, how much) and how it is measured and painted, open or closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFont

from shared.qt.icons import IconName
from shared.qt.metrics import APART_MM
from shared.qt.painting import END, MIDDLE, START, Brush
from shared.qt.text import FittedText
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TIMES, Tone, TypeSize, Weight

_TITLE_LINES: Final = 2
_LEAST_DETAIL: Final = 3
_MOST_DETAIL: Final = 8  # a note of 120 letters and some choices
_BETWEEN: Final = " · "
_SHAPES_KEPT: Final = 1024  # measured rows; a list is measured anew at every tap, and most of its rows are the same
_WIDEST_LEAD: Final = f"00{TIMES}"


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row. `detail` is quiet (modifiers, notes), `status` says the stage in its tone, `faded` is for sent ones."""

    key: str
    lead: str
    title: str
    amount: str = ""
    detail: str = ""
    status: str = ""
    status_tone: Tone = Tone.NEUTRAL
    faded: bool = False
    struck: bool = False


@dataclass(frozen=True, slots=True)
class LineAction:
    """A button inside the open row. `apart` keeps it 8 mm from the one before, for what cannot be taken back."""

    key: str
    text: str = ""
    icon: IconName | None = None
    danger: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class RowShape:
    """What a row takes at one width: its height when closed, the whole height, and the buttons from its top."""

    head: int
    whole: int
    actions: tuple[tuple[str, QRect], ...] = ()


class RowPainter:
    """Measures and paints rows of one list."""

    def __init__(self, holder: ThemeHolder) -> None:
        self._holder = holder
        self._detail_lines = _LEAST_DETAIL
        self._shapes: dict[tuple[LineRow, int, tuple[LineAction, ...]], RowShape] = {}
        holder.changed.connect(self._shapes.clear)

    def make_room(self, room_px: int) -> None:
        """So high is the list: what is quiet about a row has as many lines as leave room for its buttons."""
        metrics = self._holder.metrics
        rest = (_TITLE_LINES + 1) * self._height(self._title_font()) + 2 * (metrics.touch() + metrics.space(5))
        lines = (room_px - rest) // self._height(self._detail_font())
        lines = min(max(lines, _LEAST_DETAIL), _MOST_DETAIL)
        if lines != self._detail_lines:
            self._detail_lines = lines
            self._shapes.clear()

    def shape(self, row: LineRow, width: int, actions: Sequence[LineAction] = ()) -> RowShape:
        """How much room the row takes at this width; buttons that do not fit beside each other go a line down."""
        asked = (row, width, tuple(actions))
        found = self._shapes.get(asked)
        if found is None:
            if len(self._shapes) >= _SHAPES_KEPT:
                self._shapes.clear()
            found = self._shapes[asked] = self._measured(row, width, actions)
        return found

    def _measured(self, row: LineRow, width: int, actions: Sequence[LineAction]) -> RowShape:
        metrics = self._holder.metrics
        title, detail = self._fit(row, width)
        tall = len(title.lines) * self._height(self._title_font()) + 2 * metrics.space(3)
        if detail is not None:
            tall += len(detail.lines) * self._height(self._detail_font())
        if row.status and not self._status_beside(row, width):
            tall += self._height(self._detail_font())
        if detail is not None or row.status:
            tall += self._gap()
        head = max(tall, metrics.touch())
        if not actions:
            return RowShape(head=head, whole=head)
        placed, bottom = self._place_actions(actions, width=width, top=head)
        return RowShape(head=head, whole=bottom + metrics.space(3), actions=placed)

    def clips(self, row: LineRow, width: int) -> bool:
        """Whether some of the row's text has to be left out."""
        title, detail = self._fit(row, width)
        return not title.whole or (detail is not None and not detail.whole)

    def paint(self, brush: Brush, row: LineRow, rect: QRect, *, opened: bool, pressed: bool, focused: bool) -> None:
        """Paint the words of a row; its buttons are painted by `paint_action`."""
        ink, metrics = self._holder.ink, self._holder.metrics
        ground = ink.selected if opened else (ink.control if pressed else ink.surface)
        brush.painter.fillRect(brush.mirrored(rect), ground)
        brush.line(rect.left(), rect.bottom(), rect.right() + 1, colour=ink.line)
        if focused:
            brush.box(rect.adjusted(1, 1, -1, -1), fill=None, edge=ink.accent, width=2)
        loud = ink.faded if row.faded and not opened else ink.text
        title, detail = self._fit(row, rect.width())
        font = self._title_font(struck=row.struck)
        line = self._height(font)
        head = len(title.lines) * line
        top = rect.top() + metrics.space(3)
        if detail is None and not row.status:
            top = rect.top() + max(metrics.space(3), (metrics.touch() - head) // 2)
        margin = metrics.space(4)
        lead = QRect(margin, top, self._words(row, rect.width()).left() - margin, line)
        brush.text(lead, row.lead, font=self._bold_font(), colour=loud)
        amount = QRect(rect.width() - margin - self._amount_width(row), top, self._amount_width(row), line)
        brush.text(amount, row.amount, font=self._bold_font(), colour=loud, align=END)
        words = self._words(row, rect.width())
        words.moveTop(top)
        brush.lines(words, title, font=font, colour=loud)
        top += head + self._gap()
        if detail is not None:
            words.moveTop(top)
            brush.lines(words, detail, font=self._detail_font(struck=row.struck), colour=ink.muted)
            top += (len(detail.lines) - 1) * self._height(self._detail_font())
        if row.status:
            self._paint_status(brush, row, rect, top=top, detail=detail)

    def paint_action(self, brush: Brush, action: LineAction, rect: QRect, *, pressed: bool, focused: bool) -> None:
        """Paint one button of the open row."""
        ink, metrics = self._holder.ink, self._holder.metrics
        colour: QColor = ink.bad if action.danger else ink.text
        fill = (ink.bad_back if action.danger else ink.pressed) if pressed else ink.control
        brush.box(rect, fill=fill, radius=metrics.radius, edge=ink.accent if focused else None, width=2)
        if action.icon is None:
            brush.text(rect, action.text, font=self._action_font(), colour=colour, align=MIDDLE)
            return
        side = metrics.px(20)
        words = self._holder.text.width(action.text, self._action_font())
        gap = metrics.space(2) if action.text else 0
        left = rect.left() + (rect.width() - side - gap - words) // 2
        brush.icon(QRect(left, rect.top(), side, rect.height()), action.icon, colour=colour)
        rest = QRect(left + side + gap, rect.top(), words, rect.height())
        brush.text(rest, action.text, font=self._action_font(), colour=colour, align=START, elide=False)

    def _paint_status(self, brush: Brush, row: LineRow, rect: QRect, *, top: int, detail: FittedText | None) -> None:
        """The stage: after the detail when both fit on its last line, else on a line of its own."""
        font = self._detail_font()
        line = self._height(font)
        words = self._words(row, rect.width())
        left = words.left()
        if detail is not None:
            if self._status_beside(row, rect.width()):
                before = self._holder.text.width(detail.lines[-1], font)
                between = self._holder.text.width(_BETWEEN, font)
                dot = QRect(left + before, top, between, line)
                brush.text(dot, _BETWEEN, font=font, colour=self._holder.ink.muted, elide=False)
                left += before + between
            else:
                top += line
        space = QRect(left, top, words.right() + 1 - left, line)
        brush.text(space, row.status, font=font, colour=self._holder.tone(row.status_tone).fore)

    def _status_beside(self, row: LineRow, width: int) -> bool:
        detail = self._fit(row, width)[1]
        if detail is None:
            return False
        both = f"{detail.lines[-1]}{_BETWEEN}{row.status}"
        return self._holder.text.width(both, self._detail_font()) <= self._words(row, width).width()

    def _place_actions(
        self, actions: Sequence[LineAction], *, width: int, top: int
    ) -> tuple[tuple[tuple[str, QRect], ...], int]:
        metrics = self._holder.metrics
        side, gap = metrics.touch(), metrics.space(2)
        first = metrics.space(4) + self._lead_width()
        last = width - metrics.space(4)
        left = first
        placed: list[tuple[str, QRect]] = []
        for action in actions:
            wide = self._action_width(action)
            if placed:
                left += metrics.mm(APART_MM) if action.apart else gap
            if left + wide > last and placed:
                left, top = first, top + side + gap
            placed.append((action.key, QRect(left, top, wide, side)))
            left += wide
        return tuple(placed), top + side

    def _action_width(self, action: LineAction) -> int:
        metrics = self._holder.metrics
        words = self._holder.text.width(action.text, self._action_font())
        icon = metrics.px(20) if action.icon is not None else 0
        gap = metrics.space(2) if icon and words else 0
        return max(words + icon + gap + (2 * metrics.space(4) if words else 0), metrics.touch())

    def _fit(self, row: LineRow, width: int) -> tuple[FittedText, FittedText | None]:
        room = self._words(row, width).width()
        title = self._holder.text.fit(row.title, self._title_font(), room, max_lines=_TITLE_LINES)
        if not row.detail:
            return title, None
        font = self._detail_font()
        words = self._holder.text.broken(row.detail, font, room)  # a long word of a note is read on, never cut
        return title, self._holder.text.fit(words, font, room, max_lines=self._detail_lines)

    def _words(self, row: LineRow, width: int) -> QRect:
        metrics = self._holder.metrics
        lead = self._holder.text.width(row.lead, self._bold_font()) + metrics.space(2)
        left = metrics.space(4) + max(self._lead_width(), lead)
        right = width - metrics.space(4) - self._amount_width(row) - metrics.space(2)
        return QRect(left, 0, max(right - left, 1), 1)

    def _gap(self) -> int:
        """Between the title and what is under it."""
        return self._holder.metrics.px(2)

    def _lead_width(self) -> int:
        """Room for two digits and the sign of multiplication."""
        return self._holder.text.width(_WIDEST_LEAD, self._bold_font()) + self._holder.metrics.space(3)

    def _amount_width(self, row: LineRow) -> int:
        return self._holder.text.width(row.amount, self._bold_font())

    def _height(self, font: QFont) -> int:
        return self._holder.font_metrics(font).height()

    def _title_font(self, *, struck: bool = False) -> QFont:
        return self._holder.font(TypeSize.BODY, Weight.SEMIBOLD, struck=struck)

    def _bold_font(self) -> QFont:
        return self._holder.font(TypeSize.BODY, Weight.BOLD)

    def _detail_font(self, *, struck: bool = False) -> QFont:
        return self._holder.font(TypeSize.NOTE, struck=struck)

    def _action_font(self) -> QFont:
        return self._holder.font(TypeSize.NOTE, Weight.SEMIBOLD)
