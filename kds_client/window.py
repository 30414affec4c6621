"""The kitchen's window: stations, the board, what is told about the link, all-day counts and recall."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kds_client import connection
from kds_client.ages import clock_text, ms_to_next_second, zone_of
from kds_client.board import Board
from kds_client.bump_bar import KEYS, Key
from kds_client.marks import Marks, kitchen_actor
from kds_client.sheets import AllDaySheet, RecallSheet
from kds_client.taps import TapGuard
from kds_client.ticket_face import TicketFace, face_of
from shared.clock import Clock
from shared.qt.bridge import Bridge
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import (
    Banner,
    ButtonKind,
    EmptyState,
    Ground,
    HeaderBar,
    Label,
    Panel,
    Role,
    SheetOverlay,
    StatusPill,
    Tab,
    TabRow,
    Toast,
    TouchButton,
)
from shared.terminal import Terminal, TicketRow
from shared.times import from_rfc3339

ALL = "all"


class Window(Panel):
    """One board with everything around it. What the terminal announces is read again at once."""

    def __init__(self, holder: ThemeHolder, terminal: Terminal, bridge: Bridge, clock: Clock) -> None:
        super().__init__(holder, ground=Ground.BG)
        self.setWindowTitle(f"Evertill kitchen · {terminal.settings.device_name}")
        self._terminal, self._bridge, self._clock = terminal, bridge, clock
        self._station = terminal.settings.station or ALL
        self._faces: dict[str, TicketFace] = {}
        self._seen: set[str] = set()
        self._chosen = ""
        self._marks = Marks(new_id=terminal.new_id, at=terminal.at, actor=self._actor)
        self._guard = TapGuard(reach_px=holder.metrics.touch())
        self.header = HeaderBar(holder)
        self.stations = TabRow(holder)
        self.stations.setObjectName("stations")
        self.stations.chosen.connect(self._choose_station)
        self.header.start.addWidget(self.stations)
        self.all_day = TouchButton(holder, "All-day", kind=ButtonKind.GHOST)
        self.all_day.setObjectName("all_day")
        self.all_day.clicked.connect(self._open_all_day)
        self.recall = TouchButton(holder, "Recall", kind=ButtonKind.GHOST)
        self.recall.setObjectName("recall")
        self.recall.clicked.connect(self._open_recall)
        self.pill = StatusPill(holder)
        self.pill.setObjectName("pill")
        self.pill.clicked.connect(terminal.try_now)
        self.clock = Label("", role=Role.HEADING)
        for widget in (self.all_day, self.recall, self.pill, self.clock):
            self.header.end.addWidget(widget)
        self.band = Banner(holder, full_width=True)
        self.board = Board(holder, distance_m=terminal.settings.reading_distance_m)
        self.board.setObjectName("board")
        self.board.step_tapped.connect(self._step)
        self.board.item_tapped.connect(self._item)
        self.board.shown.connect(self._tell_seen)
        self.empty = EmptyState(
            holder, icon=IconName.KITCHEN, title="No tickets", advice="New orders appear here by themselves."
        )
        self._build(holder)
        self.sheet = SheetOverlay(holder, self)
        self.toast = Toast(holder, self.board)
        self._ticker = QTimer(self)
        self._ticker.setSingleShot(True)
        self._ticker.timeout.connect(self._tick)
        bridge.changed.connect(self.refresh)
        terminal.subscribe(bridge.announce)
        self.refresh(None)
        self._tick()

    def refresh(self, ids: frozenset[str] | None) -> None:
        """Read the tickets again when one changed, and what is told about the link."""
        if ids is None or "catalog" in ids or any(name.startswith("ticket:") for name in ids):
            self._read()
        if ids is not None and "refusals" in ids:
            for refused in self._terminal.take_refusals()[-1:]:
                self.toast.tell(f"{refused.title} {refused.advice}")
        self._show_link()

    def go_back(self) -> None:
        """After a mistake: everything is read again."""
        self.sheet.close_sheet()
        self.refresh(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The bump bar."""
        key = KEYS.get(Qt.Key(event.key()))
        if key is None:
            super().keyPressEvent(event)
        else:
            self._bump_bar(key)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nobody is left to tell."""
        self._ticker.stop()
        self._bridge.close()
        super().closeEvent(event)

    def _read(self) -> None:
        rows = self._terminal.tickets()
        mine = [row for row in rows if self._station in (ALL, row.ticket.station)]
        zone = zone_of(self._terminal.business.timezone)
        faces = [face_of(row, zone=zone) for row in mine]
        self._faces = {face.id: face for face in faces}
        self._marks.show(faces, recallable=[row.ticket for row in self._terminal.recalled()[:10]])
        self._show_stations(rows)
        self._chosen = self._chosen if self._chosen in self._faces else ""
        self.board.show_tickets(faces, now_ms=self._terminal.now_ms())
        self.board.choose(self._chosen)
        self.board.setVisible(bool(faces))
        self.empty.setVisible(not faces)
        self._tell_seen()

    def _show_stations(self, rows: tuple[TicketRow, ...]) -> None:
        known = {station.id: station.name for station in self._terminal.menu.stations}
        names = (
            {ALL: "All"}
            | known
            | {row.ticket.station: row.ticket.station for row in rows if row.ticket.station not in known}
        )
        counts = {key: sum(row.ticket.station == key for row in rows) for key in names} | {ALL: len(rows)}
        tabs = [Tab(key, name, str(counts[key]) if counts[key] else "") for key, name in names.items()]
        if self._station not in names:
            self._station = ALL
        self.stations.set_tabs(tabs, current=self._station)

    def _show_link(self) -> None:
        now_ms = self._terminal.now_ms()
        waiting, attention = self._terminal.counts()
        newest = max((face.sent_at_ms for face in self._faces.values()), default=0)
        zone = zone_of(self._terminal.business.timezone)
        told = connection.standing(
            connection.Link(
                view=self._terminal.link(),
                queued=waiting,
                need_person=attention,
                now_ms=now_ms,
                last_ticket=clock_text(newest, zone) if newest else "",
            )
        )
        tone = Tone.BAD if told.is_bad else Tone.OK if told.is_connected else Tone.WARN
        icon = IconName.SYNCED if told.is_connected and not told.is_bad else IconName.OFFLINE
        self.pill.show_state(told.words, tone=tone, icon=icon)
        self.band.setVisible(bool(told.title))
        if told.title:
            self.band.show_message(tone=Tone.BAD, title=told.title, text=told.text, icon=IconName.OFFLINE)
        self.clock.setText(clock_text(now_ms, zone))

    def _tell_seen(self) -> None:
        """Each ticket that stands on a board that is on show is seen, once."""
        if not self.isVisible():
            return
        rows: dict[str, TicketRow] = {row.ticket.id: row for row in self._terminal.tickets()}
        for face in self.board.faces_on_show:
            row = rows.get(face.id)
            if row is not None and row.ticket.seen_at is None and face.id not in self._seen:
                self._seen.add(face.id)
                self._terminal.submit(self._marks.seen(face))

    def _step(self, ticket_id: str) -> None:
        face = self._faces.get(ticket_id)
        place = self.board.last_place
        if face is None or not self._guard.is_new(place, now_s=self._clock.monotonic_s()):
            return
        self._guard.counted(place, now_s=self._clock.monotonic_s())
        self._terminal.submit(self._marks.step(face, face.step))
        self._read()

    def _item(self, ticket_id: str, line_id: str) -> None:
        face = self._faces.get(ticket_id)
        if face is not None:
            self._terminal.submit(self._marks.item(face, line_id))
            self._read()

    def _bump_bar(self, key: Key) -> None:
        """Digits and arrows choose, Enter does the next step, Backspace brings the last ticket back."""
        shown = list(dict.fromkeys(face.id for face in self.board.faces_on_show))
        if key.number is not None and key.number < len(shown):
            self._chosen = shown[key.number]
        elif key.move and shown:
            at = shown.index(self._chosen) if self._chosen in shown else -1 if key.move > 0 else 0
            self._chosen = shown[(at + key.move) % len(shown)]
        elif key.bumps and self._chosen in self._faces:
            self._terminal.submit(self._marks.step(self._faces[self._chosen], self._faces[self._chosen].step))
            self._read()
        elif key.recalls:
            self._recall_last()
        self.board.choose(self._chosen)

    def _recall_last(self) -> None:
        gone = self._terminal.recalled()
        if gone:
            self._recall_one(gone[0].ticket.id)

    def _recall_one(self, ticket_id: str) -> None:
        self.sheet.close_sheet()
        found = next((row.ticket for row in self._terminal.recalled() if row.ticket.id == ticket_id), None)
        if found is not None:
            self._terminal.submit(self._marks.recall(found))
            self._read()

    def _open_all_day(self) -> None:
        self.sheet.open_sheet(AllDaySheet(self._holder, self._terminal.tickets()))

    def _open_recall(self) -> None:
        zone = zone_of(self._terminal.business.timezone)
        rows = [(row, clock_text(from_rfc3339(row.ticket.updated_at), zone)) for row in self._terminal.recalled()]
        content = RecallSheet(self._holder, rows)
        content.chosen.connect(self._recall_one)
        self.sheet.open_sheet(content)

    def _choose_station(self, station: str) -> None:
        self._station = station
        self._read()

    def _actor(self) -> str:
        return kitchen_actor(self._terminal.staff, device_id=self._terminal.settings.device_id)

    def _tick(self) -> None:
        """At each full second of the server's time, so that all screens of the house change together."""
        now_ms = self._terminal.now_ms()
        self.board.tick(now_ms)
        self._show_link()
        self._ticker.start(ms_to_next_second(now_ms))

    def _build(self, holder: ThemeHolder) -> None:
        metrics = holder.metrics
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.band)
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.setContentsMargins(metrics.space(4), metrics.space(4), metrics.space(4), metrics.space(4))
        inside.addWidget(self.board, 1)
        inside.addWidget(self.empty, 1)
        column.addWidget(body, 1)
