"""The open orders beside the floor plan, painted as cards in pages: number, table, total, badge, where it stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pos_client.words import Words
from shared.qt.painting import END, Brush
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize, Weight
from shared.qt.widgets import Ground, PageBar, PaintedTargets

USUAL_WIDTH_PX = 380


@dataclass(frozen=True, slots=True)
class OrderCard:
    """One open order in the list."""

    key: str
    number: str
    place: str
    total: str
    badge: Words
    stands: str


class CardArea(PaintedTargets):
    """One page of cards, side by side where there is room."""

    def __init__(self, holder: ThemeHolder, *, ground: Ground) -> None:
        super().__init__(holder)
        self._ground = ground
        self._cards: tuple[OrderCard, ...] = ()
        self._rects: dict[str, QRect] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def card_height(self) -> int:
        """What one card and the gap under it take."""
        metrics = self.holder.metrics
        return max(metrics.px(84), metrics.touch()) + metrics.space(3)

    def columns(self) -> int:
        """How many cards stand side by side."""
        return max(1, self.width() // self.holder.metrics.px(USUAL_WIDTH_PX))

    def show_cards(self, cards: Sequence[OrderCard]) -> None:
        """Show one page; a card that is the same as before is not painted again."""
        before, rects = {card.key: card for card in self._cards}, self._rects
        self._cards = tuple(cards)
        columns, height, gap = self.columns(), self.card_height(), self.holder.metrics.space(3)
        wide = (self.width() + gap) // columns
        self._rects = {
            card.key: QRect(place % columns * wide, place // columns * height, wide - gap, height - gap)
            for place, card in enumerate(self._cards)
        }
        if self._rects != rects:
            self.update()
            return
        for card in self._cards:
            if before[card.key] != card:
                self.repaint_target(card.key)

    def clipped_texts(self) -> list[str]:
        """Numbers and places that have no room beside the total."""
        holder, gap = self.holder, self.holder.metrics.space(2)
        bold, plain = holder.font(TypeSize.BODY, Weight.BOLD), holder.font(TypeSize.BODY)
        found = []
        for card in self._cards:
            room = self._rects[card.key].width() - 2 * holder.metrics.space(4)
            wide = holder.text.width(card.number, bold) + holder.text.width(card.total, bold) + 2 * gap
            if wide + holder.text.width(card.place, plain) > room:
                found.append(card.place)
        return found

    def target_rects(self) -> Mapping[str, QRect]:
        return self._rects

    def sizeHint(self) -> QSize:
        return QSize(self.holder.metrics.px(320), 4 * self.card_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.holder.metrics.px(240), self.card_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with Brush(self, self.holder, event) as brush:
            ink = self.holder.ink
            brush.painter.fillRect(event.rect(), ink.bg if self._ground is Ground.BG else ink.surface)
            for card in self._cards:
                rect = self._rects[card.key]
                if brush.needs(rect):
                    self._paint(brush, card, rect)

    def _paint(self, brush: Brush, card: OrderCard, rect: QRect) -> None:
        holder, ink, metrics = self.holder, self.holder.ink, self.holder.metrics
        fill = ink.pressed if card.key == self.pressed_key else ink.raised
        bad = card.badge.tone is Tone.BAD
        focused = self.shows_focus(card.key)
        edge = ink.bad if bad else ink.accent if focused else ink.line
        brush.box(rect, fill=fill, radius=metrics.radius, edge=edge, width=2 if focused else 1)
        inside = rect.adjusted(metrics.space(4), metrics.space(3), -metrics.space(4), -metrics.space(3))
        bold, plain = holder.font(TypeSize.BODY, Weight.BOLD), holder.font(TypeSize.BODY)
        line = holder.font_metrics(bold).height()
        top = QRect(inside.x(), inside.y(), inside.width(), line)
        amount_w = holder.font_metrics(bold).horizontalAdvance(card.total) + metrics.space(2)
        brush.text(top, card.total, font=bold, colour=ink.text, align=END)
        number_w = holder.font_metrics(bold).horizontalAdvance(card.number) + metrics.space(2)
        brush.text(top, card.number, font=bold, colour=ink.text)
        place = QRect(top.x() + number_w, top.y(), max(0, top.width() - number_w - amount_w), line)
        brush.text(place, card.place, font=plain, colour=ink.text)
        note = holder.font(TypeSize.NOTE)
        height = holder.metrics.px(26)
        low = QRect(inside.x(), inside.bottom() - height + 1, inside.width(), height)
        taken = brush.badge(low, tone=card.badge.tone, text=card.badge.text, icon=card.badge.icon)
        rest = low.adjusted(taken.width() + metrics.space(2), 0, 0, 0)
        brush.text(rest, card.stands, font=note, colour=ink.muted, align=END)


class OrderCards(QWidget):
    """All open orders in pages; `tapped` carries the order's id. Only the cards on show are ever made."""

    tapped = Signal(str)

    def __init__(self, holder: ThemeHolder, *, ground: Ground) -> None:
        super().__init__()
        self._count = 0
        self._card: Callable[[int], OrderCard] | None = None
        self._page = 0
        self.area = CardArea(holder, ground=ground)
        self.pages = PageBar(holder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.area, 1)
        column.addWidget(self.pages)
        self.area.tapped.connect(self.tapped)
        self.pages.turned.connect(self._turn)

    def show_cards(self, count: int, card: Callable[[int], OrderCard]) -> None:
        """Show so many orders, staying on the page; `card` makes the card at a place, counted from 0."""
        self._count, self._card = count, card
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room, more cards."""
        super().resizeEvent(event)
        column = self.layout()
        if column is not None:
            column.activate()
        self._lay_out()

    def _turn(self, page: int) -> None:
        self._page = page
        self._lay_out()

    def _lay_out(self) -> None:
        room = self.height() - self.pages.sizeHint().height()
        columns = self.area.columns()
        fits = columns * max(1, self.height() // self.area.card_height())
        if self._count > fits:
            fits = columns * max(1, room // self.area.card_height())
        pages = max(1, -(-self._count // fits))
        self._page = min(self._page, pages - 1)
        self.pages.show_page(self._page, pages)
        places = range(self._page * fits, min((self._page + 1) * fits, self._count))
        self.area.show_cards([self._card(place) for place in places] if self._card is not None else ())
