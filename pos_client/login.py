"""Who is it? A tile for each person and a PIN pad, also for the clock; works with no server."""

from concurrent.futures import Future

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pos_client import clock_words, words
from pos_client.frame import Screen
from pos_client.person_tile import PersonPainter, PersonTile
from pos_client.session import Session
from shared.domain.menu import Role as StaffRole
from shared.domain.menu import StaffMember
from shared.domain.shift_commands import Clock, Way
from shared.ids import ClockingId, OperationId
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import (
    Banner,
    Edge,
    EmptyState,
    Ink,
    Label,
    PagedGrid,
    Panel,
    PinPad,
    Role,
    TouchButton,
)
from shared.terminal import LoginRefused, Terminal

KEY_WIDE_MM, KEY_TALL_MM = 27, 23
"""The keys of the PIN pad are larger than they must be: they are what a hand hits most often, and in passing."""


class LoginScreen(Screen):
    """`logged_in` follows a right PIN; the session knows who."""

    logged_in = Signal()
    _checked = Signal(object, object)  # for whom and for what the PIN was, what came of it

    def __init__(self, holder: ThemeHolder, terminal: Terminal, session: Session) -> None:
        super().__init__(holder, terminal, session)
        self._chosen = ""
        self._asked: Future[StaffMember | LoginRefused] | None = None
        self._in_since: dict[str, str] = {}
        self._is_clocking = False
        self.house = Label("", ink=Ink.MUTED)
        self.header.start.addWidget(Label("Evertill", role=Role.HEADING))
        self.header.start.addWidget(self.house)
        self._painter = PersonPainter(holder)
        self.people: PagedGrid[PersonTile] = PagedGrid(holder, self._painter)
        self.people.setObjectName("people")
        self.people.tile_tapped.connect(self._choose)
        self.empty = EmptyState(
            holder,
            icon=IconName.USER,
            title="This till has not met its server yet",
            advice="Connect it to the network once. Names, menu and tables then stay on it, also without a server.",
        )
        self.who = Label("Who is it?", role=Role.FIGURE)
        self.at_work = Label("", ink=Ink.MUTED)
        self.banner = Banner(holder)
        self.clocking = TouchButton(holder, "", icon=IconName.CLOCK, min_mm=(40, 14))
        self.clocking.setObjectName("clocking")
        self.clocking.clicked.connect(lambda: self._clock_mode(not self._is_clocking))
        self.pad = PinPad(holder)
        self.pad.setObjectName("pin_pad")
        metrics, gaps = holder.metrics, 3 * holder.metrics.space(3)
        self.pad.keypad.setMinimumSize(3 * metrics.mm(KEY_WIDE_MM) + gaps, 4 * metrics.mm(KEY_TALL_MM) + gaps)
        self.pad.entered.connect(self._enter)
        self._checked.connect(self._answer)
        self._build()

    def refresh(self, ids: frozenset[str] | None = None) -> None:
        """The people, the house and the link."""
        super().refresh(ids)
        self.house.setText(f"{self.terminal.business.name} · {self.terminal.settings.device_name}")
        if ids is None or any(name.startswith("person:") or name == "catalog" for name in ids):
            self._in_since = {stay.staff_id: clock_words.since(stay.came_at) for stay in self.terminal.shifts.at_work()}
        people = self._people()
        if self._chosen not in [person.id for person in people]:
            self._chosen = next((p.id for p in people if p.id == self.session.last_id), people[0].id if people else "")
        stripes = {person.id: place for place, person in enumerate(self.terminal.staff.staff)}
        self.people.set_tiles(
            [
                PersonTile(
                    key=person.id,
                    title=person.name,
                    role=person.role.value.capitalize(),
                    stripe=stripes[person.id],
                    selected=person.id == self._chosen,
                    at_work=self._in_since.get(person.id, ""),
                )
                for person in people
            ]
        )
        self._show_clocking()
        self._fit_people(len(people))
        self.people.setVisible(bool(people))
        self.who.setVisible(bool(people))
        self.at_work.setVisible(bool(people) and not self.holder.metrics.has_large_words)  # the tiles say it too
        self.clocking.setVisible(bool(people))
        self.empty.setVisible(not people)
        link = self.terminal.link()
        self.banner.setVisible(not link.state.is_up and bool(people))
        since = QDateTime.fromMSecsSinceEpoch(link.since_ms).toString("HH:mm")
        self.banner.show_message(
            tone=Tone.WARN,
            title=f"{words.offline_reason(link)}, since {since}. You can log in and sell.",
            text=words.offline_promise(link),
            icon=IconName.OFFLINE,
        )

    def entered(self) -> None:
        """Forget the last digits."""
        self._chosen = self.session.last_id
        self._is_clocking = False
        self.pad.clear()
        super().entered()
        self.pad.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The tiles take the rows that they need, so that all stands in the middle."""
        super().resizeEvent(event)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A keyboard types into the pad."""
        if not self.pad.take_key(event):
            super().keyPressEvent(event)

    def _build(self) -> None:
        metrics = self.holder.metrics
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        who = QVBoxLayout()
        margin = metrics.space(4 if metrics.has_large_words else 8)
        who.setContentsMargins(margin, margin, margin, margin)
        who.setSpacing(metrics.space(3 if metrics.has_large_words else 5))
        who.addStretch(1)
        top = QHBoxLayout()
        top.addWidget(self.who, 1)
        top.addWidget(self.clocking)
        who.addLayout(top)
        who.addWidget(self.at_work)
        who.addWidget(self.people, 100)
        who.addWidget(self.empty, 100)
        who.addWidget(self.banner)
        who.addStretch(1)
        row.addLayout(who, 3)
        side = Panel(self.holder, edge=Edge.START)
        column = QVBoxLayout(side)
        column.setContentsMargins(metrics.space(8), metrics.space(6), metrics.space(8), metrics.space(6))
        column.addWidget(self.pad, 1, Qt.AlignmentFlag.AlignCenter)
        row.addWidget(side, 2)

    def _people(self) -> list[StaffMember]:
        """Who may sell; past the clock everybody goes."""
        everybody = [person for person in self.terminal.staff.staff if person.active]
        return [p for p in everybody if self._is_clocking or p.role is not StaffRole.CHEF]

    def _clock_mode(self, is_clocking: bool) -> None:
        """From logging in to the clock, and back."""
        self._is_clocking = is_clocking
        self.pad.clear()
        self.refresh()
        self.pad.setFocus()

    def _show_clocking(self) -> None:
        self.who.setText("In or out?" if self._is_clocking else "Who is it?")
        self.at_work.setText(clock_words.at_work(len(self._in_since)))
        self.clocking.set_words("Back to log in" if self._is_clocking else "Clock in or out")
        leaves = self._chosen in self._in_since
        asked = "PIN to clock out" if leaves else "PIN to clock in"
        self.pad.title.setText(asked if self._is_clocking else "Your PIN")

    def _go_past_the_clock(self, person: StaffMember) -> None:
        """The PIN was right: they come, or they leave where they are in. Then the screen is for logging in again."""
        way = Way.OUT if person.id in self._in_since else Way.IN
        at = self.terminal.at()
        self.terminal.submit(
            Clock(
                id=OperationId(self.terminal.new_id()),
                actor_id=person.id,
                at=at,
                clocking_id=ClockingId(self.terminal.new_id()),
                type=way,
            )
        )
        self._clock_mode(False)
        self.toast.tell(clock_words.told(person.name, way, at))

    def _fit_people(self, count: int) -> None:
        gap, tile = self.holder.metrics.space(3), self._painter.usual_size()
        columns = max(1, (self.people.width() + gap) // (tile.width() + gap))
        rows = -(-count // columns)
        self.people.setMaximumHeight(rows * (tile.height() + gap) + gap)

    def _choose(self, staff_id: str) -> None:
        self._chosen = staff_id
        self.pad.clear()
        self.refresh()
        self.pad.setFocus()

    def _enter(self, pin: str) -> None:
        """Four digits are in: check them off this thread, and hear of it in this one."""
        if not self._chosen or (self._asked is not None and not self._asked.done()):
            return
        self.pad.show_waiting()
        wanted = (self._chosen, self._is_clocking)
        self._asked = self.terminal.check_pin(self._chosen, pin)
        self._asked.add_done_callback(lambda done: self._checked.emit(wanted, done))

    def _answer(self, wanted: tuple[str, bool], done: Future[StaffMember | LoginRefused]) -> None:
        if done.cancelled() or wanted != (self._chosen, self._is_clocking):
            return  # a PIN to log in clocks nobody in who turned to the clock meanwhile, and the other way round
        found = done.result()
        if isinstance(found, LoginRefused):
            self.pad.show_wrong(found.message)
            return
        self.pad.clear()
        if self._is_clocking:
            self._go_past_the_clock(found)
            return
        self.terminal.desk.knows_pin(found)
        self.session.log_in(found)
        self.logged_in.emit()
