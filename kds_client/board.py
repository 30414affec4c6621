"""The board: every ticket of the station painted in one widget, oldest first, in pages; its clocks repaint alone."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from kds_client.ages import Sla
from kds_client.cell_paint import CellPainter
from kds_client.layout import Area, Cell, Page, columns_for, place
from kds_client.sizes import Sizes
from kds_client.ticket_face import TicketFace
from kds_client.ticket_look import TicketLook, TicketMeasure
from shared.qt.painting import MIDDLE, Brush
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import PaintedTargets

MORE, BACK = "page:more", "page:back"
FLASH_S = 3


class Board(PaintedTargets):
    """`step_tapped` carries a ticket, `item_tapped` a ticket and a line.

    Targets are called `head:ID`, `start:ID` (or `ready:ID`, `bump:ID`) and `item:ID:LINE`.
    """

    step_tapped = Signal(str)
    item_tapped = Signal(str, str)
    shown = Signal()

    def __init__(self, holder: ThemeHolder, *, distance_m: float, parent: QWidget | None = None) -> None:
        super().__init__(holder, parent)
        self._distance_m = distance_m
        self._faces: tuple[TicketFace, ...] = ()
        self._looks: dict[str, TicketLook] = {}
        self._pages: tuple[Page, ...] = (Page(),)
        self._page = 0
        self._now_ms = 0
        self._chosen = ""
        self.last_place = (0, 0)
        self._flashing: dict[str, int] = {}
        self._rects: dict[str, QRect] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._measure_anew()
        self.tapped.connect(self._tap)

    @property
    def faces_on_show(self) -> tuple[TicketFace, ...]:
        """The tickets that stand on the page on show."""
        keys = dict.fromkeys(cell.key for cell in self._pages[self._page].cells)
        return tuple(self._looks[key].face for key in keys)

    def show_tickets(self, faces: Sequence[TicketFace], *, now_ms: int) -> None:
        """Show these tickets in this order; new ones flash."""
        known = {face.id for face in self._faces}
        self._now_ms = now_ms
        if tuple(faces) == self._faces:
            return
        if self._faces:
            self._flashing |= {face.id: FLASH_S for face in faces if face.id not in known}
        self._faces = tuple(faces)
        self._lay_out()

    def tick(self, now_ms: int) -> None:
        """A second went by: the heads are painted anew and nothing else, unless a state changed its frame."""
        before, self._now_ms = self._now_ms, now_ms
        for cell in self._pages[self._page].cells:
            look = self._looks[cell.key]
            moved = look.face.age(before).sla is not look.face.age(now_ms).sla
            whole = QRect(cell.x, cell.y, cell.width, cell.height)
            self.update(self._visual(whole if moved else self._painter.head_rect(look, cell)))
        for key in list(self._flashing):
            self._flashing[key] -= 1
            if self._flashing[key] <= 0:
                del self._flashing[key]

    def choose(self, ticket_id: str) -> None:
        """The bump bar's choice, framed; empty for none."""
        self._chosen = ticket_id
        self.update()

    def turn(self, by: int) -> None:
        """Another page."""
        self._page = min(max(0, self._page + by), len(self._pages) - 1)
        self._place_targets()
        self.shown.emit()

    def target_rects(self) -> Mapping[str, QRect]:
        return self._rects

    def clipped_texts(self) -> list[str]:
        return [look.face.table for look in self._looks.values() if not look.is_whole]

    def sizeHint(self) -> QSize:
        return QSize(self._sizes.least_column() * 3, self._sizes.zone * 6)

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

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Remember where the finger was: a second tap of the same finger lands there too."""
        self.last_place = (round(event.position().x()), round(event.position().y()))
        super().mouseReleaseEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, sizes = self.holder.ink, self._sizes
        page = self._pages[self._page]
        with Brush(self, self.holder, event) as brush:
            brush.painter.fillRect(event.rect(), ink.bg)
            for cell in page.cells:
                if not brush.needs(QRect(cell.x, cell.y, cell.width, cell.height)):
                    continue
                look = self._looks[cell.key]
                pressed = self.pressed_key or ""
                mine = pressed if cell.key in pressed else ""
                chosen = cell.key == self._chosen or self._flashing.get(cell.key, 0) % 2 == 1
                self._painter.paint(brush, look, cell, look.face.age(self._now_ms), pressed=mine, chosen=chosen)
            for key, words in ((BACK, self._back_words(page)), (MORE, self._more_words(page))):
                if key in self._rects:
                    rect = self._rects[key]
                    fill = ink.pressed if self.pressed_key == key else ink.control
                    brush.box(rect, fill=fill, radius=sizes.radius)
                    brush.text(rect, words, font=sizes.words, colour=ink.text, align=MIDDLE)

    def _more_words(self, page: Page) -> str:
        if not page.after:
            return ""
        late = sum(self._looks[key].face.age(self._now_ms).sla is Sla.RED for key in page.after)
        words = f"+{len(page.after)} more · oldest {self._looks[page.after[0]].face.age(self._now_ms).text}"
        return f"{words} · {late} late" if late else words

    def _back_words(self, page: Page) -> str:
        return f"{len(page.before)} older before" if page.before else ""

    def _measure_anew(self) -> None:
        self._sizes = Sizes(self.holder, distance_m=self._distance_m)
        self._measure = TicketMeasure(self._sizes)
        self._painter = CellPainter(self._sizes)

    def _lay_out(self) -> None:
        sizes = self._sizes
        width, height = max(1, self.width()), max(sizes.zone * 3, self.height())
        columns = columns_for(width, gap=sizes.gap, least_column=sizes.least_column())
        area = Area(width, height, columns, sizes.gap, sizes.touch, sizes.touch + sizes.gap)
        self._looks = {face.id: self._measure.look(face, area.column_width) for face in self._faces}
        self._pages = place([look.shape for look in self._looks.values()], area)
        self._page = min(self._page, len(self._pages) - 1)
        self._place_targets()
        self.shown.emit()

    def _place_targets(self) -> None:
        sizes = self._sizes
        page = self._pages[self._page]
        self._rects = {}
        for cell in page.cells:
            self._rects |= self._targets_of(self._looks[cell.key], cell)
        half = (self.width() - sizes.gap) // 2
        top = self.height() - sizes.touch
        if page.before:
            self._rects[BACK] = QRect(0, top, half, sizes.touch)
        if page.after:
            self._rects[MORE] = QRect(self.width() - half, top, half, sizes.touch)
        self.update()

    def _targets_of(self, look: TicketLook, cell: Cell) -> dict[str, QRect]:
        rects = {}
        if cell.first:
            rects[f"head:{cell.key}"] = self._painter.head_rect(look, cell)
        for line_id, rect in self._painter.item_rects(look, cell).items():
            rects[f"item:{cell.key}:{line_id}"] = rect
        if cell.last:
            rects[f"{look.face.step}:{cell.key}"] = self._painter.button_rect(look, cell)
        return rects

    def _tap(self, key: str) -> None:
        name, _, rest = key.partition(":")
        if name == "page":
            self.turn(1 if key == MORE else -1)
        elif name == "item":
            ticket_id, _, line_id = rest.partition(":")
            self.item_tapped.emit(ticket_id, line_id)
        else:
            self.step_tapped.emit(rest)
