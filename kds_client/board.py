"""The board: a station's tickets painted in one widget, urgent and late ones first, then oldest first, in pages."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent

from kds_client.board_paint import BACK, MORE, BoardPainter, back_words, more_words
from kds_client.cell_paint import Manner
from kds_client.choice import Spot, neighbour
from kds_client.flashes import FLASH_MS, Flashes
from kds_client.layout import Page, place
from kds_client.news import LATE, NOTHING
from kds_client.sizes import Sizes
from kds_client.taps import SETTLED_S, Finger
from kds_client.ticket_face import ItemState, TicketFace
from kds_client.ticket_look import TicketLook, TicketMeasure
from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import PaintedTargets

_TURN_BACK_TICKS: Final = 30  # seconds that a later page stays without a finger: the late tickets are on the first
_REACH_MM: Final = 10.0  # how far apart two taps of one finger land


class Board(PaintedTargets):
    """`step_tapped` carries a ticket, `item_tapped` a ticket and a line; `shown` follows the first painting of a page.

    Targets are called `head:ID`, `start:ID` (or `ready:ID`, `bump:ID`), `item:ID:LINE`, `page:more` and `page:back`.
    """

    step_tapped = Signal(str)
    item_tapped = Signal(str, str)
    shown = Signal()
    empty_advice = ""

    def __init__(
        self,
        holder: ThemeHolder,
        *,
        distance_m: float,
        monotonic_s: Callable[[], float],
        ring: Callable[[], object] = lambda: None,
    ) -> None:
        """`distance_m` is from eye to screen in metres, `monotonic_s` a stopwatch, `ring` for who looks away."""
        super().__init__(holder)
        self._distance_m = distance_m
        self._monotonic_s = monotonic_s
        self._ring = ring
        self._faces: tuple[TicketFace, ...] = ()
        self._looks: dict[str, TicketLook] = {}
        self._pages: tuple[Page, ...] = (Page(),)
        self._page = self._ticks_on_page = self._now_ms = 0
        self._held: frozenset[str] = frozenset()
        self._chosen = ""
        self._chosen_s = float("-inf")
        self._rects: dict[str, QRect] = {}
        self._digits = self._is_unpainted = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._flashes = Flashes()
        self._flash_timer = QTimer(self, interval=FLASH_MS)
        self._flash_timer.timeout.connect(self._flash)
        self._shown_timer = QTimer(self, singleShot=True, interval=0)
        self._shown_timer.timeout.connect(self.shown)
        self._measure_anew()
        self.tapped.connect(self._tap)

    @property
    def faces_on_show(self) -> tuple[TicketFace, ...]:
        """The tickets that stand on the page on show, each once, in their order."""
        return tuple(self._looks[key].face for key in self._keys_on_show())

    @property
    def faces_to_their_end(self) -> tuple[TicketFace, ...]:
        """Those of them that do not go on on a later page: of no other can it be said that the kitchen has seen it."""
        return tuple(self._looks[cell.key].face for cell in self._pages[self._page].cells if cell.last)

    @property
    def chosen(self) -> str:
        """The ticket that the bump bar chose, or nothing."""
        return self._chosen

    def advise(self, empty_advice: str) -> None:
        """Say this of new orders while there are no tickets."""
        if empty_advice != self.empty_advice:
            self.empty_advice = empty_advice
            self.update()

    def show_tickets(
        self,
        faces: Iterable[TicketFace],
        *,
        now_ms: int,
        news: Mapping[str, str] = NOTHING,
        held: frozenset[str] = frozenset(),
    ) -> None:
        """Show these; what has `news` flashes; of `held` it is said that updates wait. Time in server's ms."""
        before = self._goes_on(now_ms)
        ordered = self._ordered(faces)
        self._begin_flashes({face.id: news[face.id] for face in ordered if face.id in news})
        if ordered == self._faces and held == self._held:
            self._repaint_clocks(before)
            return
        at = self.place_of_choice()
        self._faces, self._held = ordered, held
        self._lay_out()
        if self._chosen and self._chosen not in self._looks:
            keys = self._keys_on_show()
            self.choose(keys[min(at, len(keys) - 1)] if keys else "")
            self._chosen_s = self._monotonic_s()

    def tick(self, now_ms: int) -> None:
        """A second went by: the clocks are painted anew and nothing else, unless a ticket became late."""
        before = self._goes_on(now_ms)
        self._ticks_on_page += 1
        if self._page and self._ticks_on_page >= _TURN_BACK_TICKS:
            self.turn(-self._page)
        elif (ordered := self._ordered(self._faces)) != self._faces:
            self._faces = ordered
            self._lay_out()
        else:
            self._repaint_clocks(before)

    def choose(self, ticket_id: str) -> None:
        """Frame the bump bar's choice; nothing for none. With the first choice digits come onto the tickets."""
        self._digits = bool(ticket_id)
        self._chosen = ticket_id
        self.update()

    def choose_number(self, number: int) -> None:
        """Choose by place on the page, 0 first; beyond the last nothing happens."""
        for key in self._keys_on_show()[number : number + 1]:
            self.choose(key)

    def move_choice(self, *, right: int = 0, down: int = 0) -> None:
        """Choose the next ticket in a direction, the first when none is chosen."""
        spots = [Spot(cell.key, cell.x, cell.y) for cell in self._pages[self._page].cells if cell.first]
        self.choose(neighbour(spots, self._chosen, right=right, down=down))

    def has_choice_settled(self) -> bool:
        """Whether a person can have seen what is chosen: it moves by itself when another screen bumps the ticket."""
        return self._monotonic_s() - self._chosen_s >= SETTLED_S

    def place_of_choice(self) -> int:
        """Where the chosen ticket stands on the page, 0 first; 0 as well when none is chosen."""
        keys = self._keys_on_show()
        return keys.index(self._chosen) if self._chosen in keys else 0

    def turn(self, by: int) -> None:
        """Another page, as far as there are any."""
        self._page = min(max(0, self._page + by), len(self._pages) - 1)
        self._ticks_on_page = 0
        self._place_targets()

    def target_rects(self) -> Mapping[str, QRect]:
        return self._rects

    def can_tap(self, key: str) -> bool:
        """What a finger may tap just now, but no item that is done or voided already."""
        if not self._finger.may_tap(key):
            return False
        name, _, rest = key.partition(":")
        ticket_id, _, line_id = rest.partition(":")
        items = self._looks[ticket_id].face.items if name == "item" else ()
        return name != "item" or any(one.line_id == line_id and one.state is ItemState.TO_COOK for one in items)

    def clipped_texts(self) -> list[str]:
        return [look.face.table for look in self._looks.values() if not look.is_whole]

    def sizeHint(self) -> QSize:
        return QSize(self._sizes.least_column() * 3, self._sizes.zone * 5)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._sizes.least_column(), self._sizes.zone * 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room, more columns."""
        super().resizeEvent(event)
        self._lay_out()

    def on_theme_changed(self) -> None:
        """Measure everything again."""
        self._measure_anew()
        self._lay_out()
        super().on_theme_changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where the finger is: the second tap of the same finger lands there too."""
        self._finger.comes_down(event.position().x(), event.position().y())
        self._ticks_on_page = 0
        if self._chosen:
            self.choose("")
        super().mousePressEvent(event)
        look = self._looks.get((self.pressed_key or "").rpartition(":")[2])
        self._finger.takes_aim(None if look is None else (look.face.step, look.face.round))

    def paintEvent(self, event: QPaintEvent) -> None:
        page = self._pages[self._page]
        with Brush(self, self.holder, event) as brush:
            brush.painter.fillRect(event.rect(), self.holder.ink.bg)
            if not self._faces:
                self._painter.empty(brush, self.rect(), self.empty_advice)
            manners = {key: self._manner(key, place) for place, key in enumerate(self._keys_on_show())}
            for cell in page.cells:
                look, manner = self._looks[cell.key], manners[cell.key]
                self._painter.cell(brush, look, cell, manner=manner, asked=event.region())
            for key, hidden, words_of in ((BACK, page.before, back_words), (MORE, page.after, more_words)):
                rect = self._rects.get(key)
                if rect is not None and brush.needs(rect):
                    words = words_of([self._looks[one].face for one in hidden], self._now_ms)
                    lit = any(self._flashes.is_lit(one) for one in hidden)
                    self._painter.bar(brush, rect, words, is_down=self.pressed_key == key, is_lit=lit)
        if self._is_unpainted:
            self._is_unpainted = False
            self._shown_timer.start()

    def _manner(self, ticket_id: str, place: int) -> Manner:
        pressed = self.pressed_key or ""
        return Manner(
            age=self._looks[ticket_id].face.age(self._now_ms),
            pressed=pressed if ticket_id in pressed else "",
            digit=str((place + 1) % 10) if self._digits and place < 10 else "",
            is_chosen=ticket_id == self._chosen,
            news=self._flashes.word(ticket_id),
            is_lit=self._flashes.is_lit(ticket_id),
            is_held=ticket_id in self._held,
        )

    def _goes_on(self, now_ms: int) -> int:
        """It is so late now; what became late meanwhile flashes, wherever it stands. Returns how late it was."""
        before, self._now_ms = self._now_ms, now_ms
        late = {face.id: LATE for face in self._faces if face.is_late(now_ms) and not face.is_late(before)}
        self._begin_flashes(late)
        return before

    def _begin_flashes(self, news: Mapping[str, str]) -> None:
        self._flashes.begin(news)
        if news:
            self._ring()
        if not self._flashes.is_over and not self._flash_timer.isActive():
            self._flash_timer.start()

    def _flash(self) -> None:
        for ticket_id in self._flashes.change():
            self.repaint_target(f"head:{ticket_id}")
        self.repaint_target(MORE)
        if self._flashes.is_over:
            self._flash_timer.stop()

    def _repaint_clocks(self, before_ms: int) -> None:
        for cell in self._pages[self._page].cells:
            look = self._looks[cell.key]
            before, now = look.face.age(before_ms), look.face.age(self._now_ms)
            if before.sla is not now.sla:
                self.update(self._visual(self._painter.cells.reach_rect(cell)))
            elif before != now and cell.first:
                for rect in self._painter.cells.clock_rects(look, cell):
                    self.update(self._visual(rect))
        self.repaint_target(BACK)
        self.repaint_target(MORE)

    def _ordered(self, faces: Iterable[TicketFace]) -> tuple[TicketFace, ...]:
        return tuple(sorted(faces, key=lambda face: face.turn(self._now_ms)))

    def _keys_on_show(self) -> list[str]:
        return list(dict.fromkeys(cell.key for cell in self._pages[self._page].cells))

    def _measure_anew(self) -> None:
        self._sizes = Sizes(self.holder, distance_m=self._distance_m)
        self._measure = TicketMeasure(self._sizes)
        self._painter = BoardPainter(self, self._sizes)
        self._looks = {}
        self._finger = Finger(self._monotonic_s, reach_px=self.holder.metrics.mm(_REACH_MM))

    def _lay_out(self) -> None:
        area = self._sizes.area(self.width(), self.height())
        known, width = self._looks, area.column_width
        self._looks = {face.id: self._measure.look(face, width, known=known.get(face.id)) for face in self._faces}
        self._pages = place([look.shape for look in self._looks.values()], area, margin=self._sizes.margin)
        self._page = min(self._page, len(self._pages) - 1)
        self._place_targets()

    def _place_targets(self) -> None:
        self._painter.pictures.keep_only(self._pages[self._page].cells)
        self._rects = self._painter.targets(self._looks, self._pages[self._page], self.size())
        self._finger.targets_are(self._rects)
        self._is_unpainted = True
        self.update()

    def _tap(self, key: str) -> None:
        name, _, rest = key.partition(":")
        if name == "page":
            self.turn(1 if key == MORE else -1)
        elif name == "item":
            ticket_id, _, line_id = rest.partition(":")
            self.item_tapped.emit(ticket_id, line_id)
        elif self._finger.meant((self._looks[rest].face.step, self._looks[rest].face.round)):
            self.step_tapped.emit(rest)
