"""The kitchen's window: it reads the terminal, shows what it read, and makes marks of what is touched."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from kds_client.ages import clock_text, ms_to_next_second, onward, zone_of
from kds_client.all_day import AllDay
from kds_client.band import Band
from kds_client.board import Board
from kds_client.bump_bar import Deed, KeyMeaning, keymap
from kds_client.bumped import BumpedSheet
from kds_client.counts import all_day
from kds_client.header import KitchenHeader
from kds_client.link_watch import LinkWatch
from kds_client.marks import Marks, kitchen_actor
from kds_client.mending import ask_about_marks
from kds_client.reading import ALL, Reading
from kds_client.sounds import bell
from kds_client.taps import TapGuard
from kds_client.ticket_face import Step, TicketFace, table_words
from kds_client.unsaved import Unsaved
from shared.clock import Clock
from shared.domain.commands import TicketOperation
from shared.qt.bridge import Bridge
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import Ground, Panel, SheetOverlay
from shared.terminal import Terminal, TicketRow
from shared.times import from_rfc3339

SHEET_TICKS = 60  # seconds that a sheet may cover the board
READ_AGAIN_TICKS = 5  # seconds; news wake the board, and this shows them although a waking was lost


class Window(Panel):
    """One board with everything around it. What the terminal announces is read again at once."""

    def __init__(self, holder: ThemeHolder, terminal: Terminal, bridge: Bridge, clock: Clock) -> None:
        """`clock` is a stopwatch for taps and silence alone: ages come from the terminal's server time.

        Raises BadSettings when the settings name keys or deeds that there are not.
        """
        super().__init__(holder, ground=Ground.BG)
        self.setWindowTitle(f"Evertill kitchen · {terminal.settings.device_name}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._terminal, self._bridge, self._clock = terminal, bridge, clock
        self._keys = keymap(terminal.settings.keys)
        self._station = terminal.settings.station or ALL
        self._reading = Reading()
        self._bumped: tuple[TicketRow, ...] = ()
        self._names: dict[str, str] = {ALL: ""}
        self._held: frozenset[str] = frozenset()
        self._newest_ms = self._now_ms = self._sheet_ticks = 0
        self._watch = LinkWatch(terminal, clock, self)
        self._seen_ids: set[str] = set()
        self._unsaved = Unsaved()
        self._marks = Marks(new_id=terminal.new_id, at=terminal.at, actor=self._actor)
        self._guard = TapGuard(reach_px=0)
        distance_m = terminal.settings.reading_distance_m
        self.header = KitchenHeader(holder)
        self.band = Band(holder, distance_m=distance_m)
        ring = bell(terminal.settings)
        self.board = Board(holder, distance_m=distance_m, monotonic_s=clock.monotonic_s, ring=ring)
        self.all_day = AllDay(holder, distance_m=distance_m)
        self.views = QStackedWidget()
        self._build()
        self.sheet = SheetOverlay(holder, self)
        self._connect(holder)
        self._ticker = QTimer(self, singleShot=True)
        self._ticker.timeout.connect(self._tick)
        self._watch.due.connect(self._show_link)
        bridge.changed.connect(self.refresh)
        terminal.subscribe(bridge.announce)
        self.refresh(None)
        self._tick()

    def refresh(self, ids: frozenset[str] | None) -> None:
        """Read again what these ids name; everything for None."""
        if ids is None or "catalog" in ids or any(name.startswith("ticket:") for name in ids):
            self._read()
        if ids is not None and "refusals" in ids:
            self._tell_refusals()
        self._show_link()

    def go_back(self) -> None:
        """After a mistake: the board, and everything read again."""
        self.sheet.close_sheet()
        self._show_all_day(False)
        self.refresh(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The bump bar. A key that is held down does only what may be repeated."""
        meaning = self._keys.get(Qt.Key(event.key()))
        if meaning is None:
            super().keyPressEvent(event)
        elif meaning.repeats or not event.isAutoRepeat():
            self._obey(meaning)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nobody is left to tell."""
        self._ticker.stop()
        self._watch.stop()
        self._bridge.close()
        super().closeEvent(event)

    def _read(self) -> None:
        terminal = self._terminal
        news = self._reading.take(terminal.tickets(), zone=zone_of(terminal.business.timezone))
        self._bumped = terminal.recalled()
        sent = [from_rfc3339(row.ticket.sent_at) for row in self._bumped]
        self._newest_ms = max(self._newest_ms, self._reading.newest_ms(), *sent, 0)
        counts = self._reading.counts()
        self._names = {ALL: self.tr("All")} | {station.id: station.name for station in terminal.menu.stations}
        self._names |= {key: key for key in counts if key not in self._names}
        self.header.show_stations(self._names, counts, current=self._shown_station)
        self._show_tickets(news)

    def _show_tickets(self, news: dict[str, str] | None = None) -> None:
        bumped = self._bumped_here()
        self.header.show_recall(table_words(bumped[0].table_name) if bumped else "")
        self._held = self._reading.held(link_is_up=self._terminal.link().state.is_up)
        faces = self._reading.faces_of(self._shown_station)
        self.board.show_tickets(faces, now_ms=self._now(), news=news or {}, held=self._held)
        self._marks.show(self.board.faces_on_show, recallable=[row.ticket for row in bumped])
        if self.all_day.isVisible():
            self._count()

    def _count(self) -> None:
        self.all_day.show_counts(all_day(self._reading.rows_of(self._shown_station)))

    @property
    def _shown_station(self) -> str:
        """The station that was chosen; all while the house has none of this name, since no ticket may be hidden."""
        return self._station if self._station in self._names else ALL

    def _bumped_here(self) -> list[TicketRow]:
        """The bumped tickets of the station on show, the last one first."""
        return [row for row in self._bumped if self._shown_station == ALL or row.is_at(self._shown_station)]

    def _show_link(self) -> None:
        zone = zone_of(self._terminal.business.timezone)
        last = clock_text(self._newest_ms, zone, seconds=True) if self._newest_ms else ""
        rows = (*self._reading.rows, *self._bumped)
        told = self._watch.look(last_ticket=last, queued=sum(row.queued for row in rows))
        if self._reading.held(link_is_up=self._terminal.link().state.is_up) != self._held:
            self._show_tickets()
        self.header.show_standing(told)
        self.board.advise(told.empty_advice)
        self.header.clock.setText(clock_text(self._now(), zone))
        unsaved = self._unsaved.words(rows, now_s=self._clock.monotonic_s(), besides=told.title)
        title, text = unsaved or (told.title, told.text)
        self.band.show_words(title, text, is_bad=unsaved is not None or told.is_bad, is_link=unsaved is None)

    def _tell_seen(self) -> None:
        """Each ticket that was painted to its end while somebody could look at the board is seen, once."""
        covered = self.sheet.isVisible() or self.isMinimized() or not self.board.isVisible()
        if covered or not self.windowHandle().isExposed():
            return
        for face in self._reading.to_tell(self.board.faces_to_their_end):
            mark = self._marks.seen(face)
            self._seen_ids.add(mark.id)
            self._terminal.submit(mark)

    def _tell_refusals(self) -> None:
        """What a person tapped and the disk did not take; that a ticket was seen goes by itself, and again."""
        refused = [one for one in self._terminal.take_refusals() if one.intent_id not in self._seen_ids]
        self._unsaved.hear(refused, now_s=self._clock.monotonic_s())

    def _mark(self, mark: TicketOperation) -> None:
        self._unsaved.tapped(mark.ticket_id)
        self._terminal.submit(mark)
        self._read()

    def _step(self, ticket_id: str) -> None:
        if (face := self._reading.face(ticket_id)) is not None:
            self._mark(self._marks.step(face, face.step))

    def _item(self, ticket_id: str, line_id: str) -> None:
        if (face := self._reading.face(ticket_id)) is not None:
            self._mark(self._marks.item(face, line_id))

    def _recall(self, ticket_id: str) -> None:
        self.sheet.close_sheet()
        found = next((row.ticket for row in self._bumped if row.ticket.id == ticket_id), None)
        if found is not None:
            self._mark(self._marks.recall(found))

    def _recall_last(self) -> None:
        """One intention for two quick presses: the second would bring back the ticket before."""
        last = next(iter(self._bumped_here()), None)
        if last is not None and self._is_new_press():
            self._recall(last.ticket.id)

    def _is_new_press(self) -> bool:
        now_s = self._clock.monotonic_s()
        is_new = self._guard.is_new((0, 0), now_s=now_s)
        if is_new:
            self._guard.counted((0, 0), now_s=now_s)
        return is_new

    def _obey(self, meaning: KeyMeaning) -> None:
        board, chosen = self.board, self._reading.face(self.board.chosen)
        moves = {Deed.LEFT: (-1, 0), Deed.RIGHT: (1, 0), Deed.UP: (0, -1), Deed.DOWN: (0, 1)}
        match meaning.deed:
            case Deed.CHOOSE:
                self._guard.forget()
                board.choose_number(meaning.number)
            case Deed.LEFT | Deed.RIGHT | Deed.UP | Deed.DOWN:
                self._guard.forget()
                board.move_choice(right=moves[meaning.deed][0], down=moves[meaning.deed][1])
            case Deed.BUMP | Deed.STEP | Deed.ITEM:
                self._do(meaning, chosen)
            case Deed.RECALL:
                self._recall_last()
            case Deed.PAGE_ON | Deed.PAGE_BACK:
                view = self.all_day if self.all_day.isVisible() else board
                view.turn(1 if meaning.deed is Deed.PAGE_ON else -1)
            case Deed.STATION:
                self._choose_station(self.header.next_station())
            case Deed.ALL_DAY:
                self._show_all_day(not self.all_day.isVisible())
            case Deed.BUMPED:
                self._open_bumped()
            case Deed.BOARD:
                self._show_all_day(False)

    def _do(self, meaning: KeyMeaning, chosen: TicketFace | None) -> None:
        """What a key does with the chosen ticket; without a choice it chooses the first."""
        if chosen is None or not self.board.isVisible():
            self.board.choose_number(0)
        elif meaning.deed is Deed.ITEM:
            if meaning.number < len(chosen.items) and self.board.has_choice_settled():
                self._mark(self._marks.item(chosen, chosen.items[meaning.number].line_id))
        elif self.board.has_choice_settled() and self._is_new_press():
            self._mark(self._marks.step(chosen, Step.BUMP if meaning.deed is Deed.BUMP else chosen.step))

    def _show_all_day(self, shown: bool) -> None:
        if shown:
            self._count()
        self.header.all_day.setChecked(shown)
        self.views.setCurrentWidget(self.all_day if shown else self.board)

    def _open_bumped(self) -> None:
        rows = self._bumped_here()
        content = BumpedSheet(self._holder, rows, zone=zone_of(self._terminal.business.timezone))
        content.chosen.connect(self._recall)
        self.sheet.open_sheet(content)

    def _choose_station(self, station: str) -> None:
        self._station = station
        self.header.stations.set_current(station)
        self._show_tickets()

    def _press_pill(self) -> None:
        self._terminal.try_now()
        ask_about_marks(self._holder, self._terminal, self.sheet, actor_id=self._actor())

    def _actor(self) -> str:
        return kitchen_actor(self._terminal.staff, device_id=self._terminal.settings.device_id)

    def _now(self) -> int:
        """The server's time in ms; what is learned anew about it by a little holds the clocks, and turns none back."""
        self._now_ms = onward(self._terminal.now_ms(), before_ms=self._now_ms)
        return self._now_ms

    def _tick(self) -> None:
        """At each full second of the server's time, so that all screens of the house change together."""
        now_ms = self._now()
        if self._reading.tick() % READ_AGAIN_TICKS == 0:
            self._read()
        self.board.tick(now_ms)
        self._sheet_ticks = self._sheet_ticks + 1 if self.sheet.isVisible() else 0
        if self._sheet_ticks >= SHEET_TICKS:
            self.sheet.close_sheet()
        self._tell_seen()
        self._show_link()
        self._ticker.start(ms_to_next_second(now_ms))

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for view in (self.board, self.all_day):
            self.views.addWidget(view)
        for name in ("header", "band", "board", "all_day", "views"):
            getattr(self, name).setObjectName(name if name != "all_day" else "all_day_view")
        column.addWidget(self.header)
        column.addWidget(self.band)
        column.addWidget(self.views, 1)

    def _connect(self, holder: ThemeHolder) -> None:
        self.board.step_tapped.connect(self._step)
        self.board.item_tapped.connect(self._item)
        self.board.shown.connect(self._tell_seen)
        self.sheet.closed.connect(lambda _: self.setFocus())
        self.header.station_chosen.connect(self._choose_station)
        self.header.all_day.clicked.connect(self._show_all_day)
        self.header.bumped.clicked.connect(self._open_bumped)
        self.header.recall.clicked.connect(self._recall_last)
        self.header.pill.clicked.connect(self._press_pill)
