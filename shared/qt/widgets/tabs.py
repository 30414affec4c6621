"""A row of tabs of which one is chosen; what does not fit is a page further, behind an arrow that can be touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from shared.qt.icons import IconName
from shared.qt.painting import START, Brush
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TypeSize, Weight
from shared.qt.widgets.painted import PaintedTargets

PREVIOUS_TABS: Final = "<previous tabs>"
NEXT_TABS: Final = "<next tabs>"


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; `note` is a quieter word or count after the text."""

    key: str
    text: str
    note: str = ""


class TabRow(PaintedTargets):
    """Rooms, categories, stations, filters. `chosen` carries the key when a person chooses another tab."""

    chosen = Signal(str)

    def __init__(self, holder: ThemeHolder, tabs: Sequence[Tab] = (), *, parent: QWidget | None = None) -> None:
        super().__init__(holder, parent)
        self._tabs: tuple[Tab, ...] = ()
        self._pages: tuple[tuple[Tab, ...], ...] = ((),)
        self._page = 0
        self._current: str | None = None
        self._rects: dict[str, QRect] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tapped.connect(self._on_tapped)
        self.set_tabs(tabs)

    def set_tabs(self, tabs: Sequence[Tab], *, current: str | None = None) -> None:
        """Show these tabs; the one chosen stays chosen where it is still there, else `current`, else the first."""
        self._tabs = tuple(tabs)
        keys = [tab.key for tab in self._tabs]
        if current is not None:
            self._current = current
        if self._current not in keys:
            self._current = keys[0] if keys else None
        self._lay_out()
        self._turn_to_current()

    def set_current(self, key: str) -> None:
        """Choose a tab from the program; `chosen` is not emitted."""
        if any(tab.key == key for tab in self._tabs):
            self._current = key
            self._turn_to_current()

    def current(self) -> str | None:
        """The key of the chosen tab."""
        return self._current

    def target_rects(self) -> Mapping[str, QRect]:
        return self._rects

    def clipped_texts(self) -> list[str]:
        return [tab.text for tab in self._pages[self._page] if self._rects[tab.key].width() < self._width_of(tab)]

    def sizeHint(self) -> QSize:
        gap = self._gap()
        width = sum(self._width_of(tab) + gap for tab in self._tabs) - gap
        return QSize(max(width, self._arrow()), self._arrow())

    def minimumSizeHint(self) -> QSize:
        widest = max((self._width_of(tab) for tab in self._tabs), default=0)
        if len(self._tabs) > 1:
            widest += 2 * (self._arrow() + self._gap())
        return QSize(widest, self._arrow())

    def on_theme_changed(self) -> None:
        self._lay_out()
        super().on_theme_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        self._turn_to_current()

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, metrics = self.holder.ink, self.holder.metrics
        with Brush(self, self.holder, event) as brush:
            for key, icon in ((PREVIOUS_TABS, IconName.CHEVRON_LEFT), (NEXT_TABS, IconName.CHEVRON_RIGHT)):
                rect = self._rects.get(key)
                if rect is not None:
                    brush.box(rect, fill=ink.pressed if key == self.pressed_key else ink.control, radius=metrics.radius)
                    side = metrics.px(24)
                    middle = QRect(0, 0, side, side)
                    middle.moveCenter(rect.center())
                    brush.icon(middle, icon, colour=ink.text)
            for tab in self._pages[self._page]:
                if brush.needs(self._rects[tab.key]):
                    self._paint_tab(brush, tab)

    def _paint_tab(self, brush: Brush, tab: Tab) -> None:
        ink, metrics = self.holder.ink, self.holder.metrics
        rect = self._rects[tab.key]
        chosen = tab.key == self._current
        fill = ink.pressed if tab.key == self.pressed_key else (ink.control if chosen else None)
        edge = ink.accent if self.shows_focus(tab.key) else None
        if fill is not None or edge is not None:
            brush.box(rect, fill=fill, radius=metrics.radius, edge=edge, width=2)
        font = self.holder.font(TypeSize.BODY, Weight.SEMIBOLD)
        words = rect.adjusted(metrics.space(5), 0, -metrics.space(5), 0)
        if tab.note:
            note_width = self.holder.text.width(tab.note, font)
            note = QRect(words.right() + 1 - note_width, rect.top(), note_width, rect.height())
            brush.text(note, tab.note, font=font, colour=ink.muted)
            words.setRight(note.left() - metrics.space(2))
        brush.text(words, tab.text, font=font, colour=ink.text if chosen else ink.muted, align=START)

    def _on_tapped(self, key: str) -> None:
        if key == PREVIOUS_TABS:
            self._turn(-1)
        elif key == NEXT_TABS:
            self._turn(1)
        elif key != self._current:
            self._current = key
            self.update()
            self.chosen.emit(key)

    def _turn(self, by: int) -> None:
        self._page = min(max(self._page + by, 0), len(self._pages) - 1)
        self._place()

    def _turn_to_current(self) -> None:
        for number, page in enumerate(self._pages):
            if any(tab.key == self._current for tab in page):
                self._page = number
        self._place()

    def _lay_out(self) -> None:
        """Share the tabs out over pages: one page when all fit, else each with room for both arrows."""
        gap = self._gap()
        if sum(self._width_of(tab) + gap for tab in self._tabs) - gap <= max(self.width(), 1) or len(self._tabs) < 2:
            self._pages = (self._tabs,)
        else:
            room = self.width() - 2 * (self._arrow() + gap)
            pages: list[list[Tab]] = [[]]
            used = 0
            for tab in self._tabs:
                width = self._width_of(tab) + gap
                if pages[-1] and used + width - gap > room:
                    pages.append([])
                    used = 0
                pages[-1].append(tab)
                used += width
            self._pages = tuple(tuple(page) for page in pages)
        self._page = min(self._page, len(self._pages) - 1)
        self.updateGeometry()
        self._place()

    def _place(self) -> None:
        arrow, gap = self._arrow(), self._gap()
        self._rects = {}
        left = 0
        if len(self._pages) > 1:
            if self._page > 0:
                self._rects[PREVIOUS_TABS] = QRect(0, 0, arrow, self.height())
                left = arrow + gap
            if self._page < len(self._pages) - 1:
                self._rects[NEXT_TABS] = QRect(self.width() - arrow, 0, arrow, self.height())
        for tab in self._pages[self._page]:
            self._rects[tab.key] = QRect(left, 0, self._width_of(tab), self.height())
            left += self._width_of(tab) + gap
        self.update()

    def _width_of(self, tab: Tab) -> int:
        metrics = self.holder.metrics
        font = self.holder.font(TypeSize.BODY, Weight.SEMIBOLD)
        width = self.holder.text.width(tab.text, font) + 2 * metrics.space(5)
        if tab.note:
            width += metrics.space(2) + self.holder.text.width(tab.note, font)
        return max(width, metrics.touch())

    def _arrow(self) -> int:
        return self.holder.metrics.touch()

    def _gap(self) -> int:
        return self.holder.metrics.space(2)
