"""Sync in plain words: what waits and why, what needs a person, what went; try now, and a file for those who help."""

from PySide6.QtCore import QDateTime, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pos_client import operation_words, words
from pos_client.diagnostics import diagnostics, written
from pos_client.frame import Screen
from pos_client.house_side import HouseSide
from pos_client.mending import LOG_IN_FIRST, Mending
from pos_client.operations_model import SHARES, STATE, OperationsModel
from pos_client.session import Intention, Session
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import (
    Banner,
    ButtonKind,
    Card,
    EmptyState,
    FigureTile,
    Ink,
    Label,
    PageBar,
    Role,
    RowTable,
    Tab,
    TabRow,
    TouchButton,
)
from shared.terminal import AlertRow, OperationRow, Terminal

HOUSE = "house"
"""The tab of what the server tells managers; the others are of this till's operations."""

EMPTY = {
    "waiting": ("Nothing waits", "Everything that was sent from this till is on the server."),
    "attention": ("Nothing needs you", "What the server refuses turns up here, with the reason."),
    "sent": ("Nothing sent yet", "What the server has taken is listed here."),
}
TOLD_ABOVE = ("Decide above", "What needs you is told in red. Nothing else does.")
NOTHING_GOES = ("Nothing waits", "What needs you is not on the server. Everything else is.")


class SyncScreen(Screen):
    """The sync status panel."""

    def __init__(
        self,
        holder: ThemeHolder,
        terminal: Terminal,
        session: Session,
        *,
        intention: type[Intention] = Intention,
    ) -> None:
        """`intention` makes the ids under which lines are put on again."""
        super().__init__(holder, terminal, session, back="Back")
        self._tab, self._opened_at = "waiting", ""
        self._alert: AlertRow | None = None
        self._place = 0  # of the alert on show: one that nobody can close today keeps no other out of sight
        self._again = intention(terminal)
        self.header.start.addWidget(Label("Sync", role=Role.HEADING))
        self.link_words = Label("", ink=Ink.MUTED, elide=True)
        self.header.start.addWidget(self.link_words)
        self.figures = {
            name: FigureTile(holder, title)
            for name, title in (
                ("waiting", "Waiting"),
                ("oldest", "Oldest"),
                ("attention", "Need attention"),
                ("sent", "Sent today"),
                ("first", "First-try success"),
            )
        }
        self.alert = Banner(holder)
        self.alert.setObjectName("alert")
        self.alert.action_pressed.connect(self._settle)
        self.many = Banner(holder)
        self.tabs = TabRow(holder)
        self.tabs.setObjectName("sync_tabs")
        self.tabs.chosen.connect(self._choose)
        self.export = TouchButton(holder, "Export diagnostics", kind=ButtonKind.GHOST)
        self.export.setObjectName("export")
        self.export.clicked.connect(self._export)
        self.try_now = TouchButton(holder, "Try now", kind=ButtonKind.PRIMARY, min_mm=(30, 12))
        self.try_now.setObjectName("try_now")
        self.try_now.clicked.connect(self._try_now)
        self.table = RowTable(holder)
        self.model = OperationsModel(self)
        self.table.set_model(self.model, stretch=STATE, shares=SHARES)
        self.table.room_changed.connect(self._fill, Qt.ConnectionType.QueuedConnection)
        self.table.view.clicked.connect(lambda index: self._open(index.row()))
        self._rows: tuple[OperationRow, ...] = ()
        self._page = 0
        self.pages = PageBar(holder)
        self.pages.turned.connect(self._turn)
        self.card = Card(holder, padding=1)
        self.inside = QVBoxLayout(self.card)
        self.empty = EmptyState(holder, icon=IconName.SYNCED, title="", advice="")
        self.sheet = self.make_sheet()
        self.house = HouseSide(holder, terminal, session, sheet=self.sheet, over=self)
        self._build()
        self.sheet.raise_()
        self.mending = Mending(holder, terminal, session, sheet=self.sheet, over=self, tell=self.toast.tell)

    def entered(self) -> None:
        """One file of diagnostics for each time that somebody comes here to look."""
        moment = QDateTime.fromMSecsSinceEpoch(self.terminal.now_ms())
        self._opened_at = moment.toString("yyyyMMdd-HHmmss")
        super().entered()

    def refresh(self, ids: frozenset[str] | None = None) -> None:
        """Figures, alerts and the rows of the chosen tab."""
        super().refresh(ids)
        self._show()

    def tick(self) -> None:
        """Seconds to the next try go down."""
        super().tick()
        self._show()

    def _show(self) -> None:
        now_ms, link, figures = self.terminal.now_ms(), self.terminal.link(), self.terminal.desk.figures()
        oldest_min = max(0, now_ms - figures.oldest_ms) // 60_000 if figures.oldest_ms is not None else None
        share = "" if figures.first_try_share is None else f"{figures.first_try_share * 100:.1f}%"
        attention_tone = Tone.BAD if figures.need_attention else Tone.NEUTRAL
        for name, value, tone in (
            ("waiting", str(figures.waiting), Tone.NEUTRAL),
            ("oldest", _minutes(oldest_min), Tone.NEUTRAL),
            ("attention", str(figures.need_attention), attention_tone),
            ("sent", str(figures.sent_today), Tone.NEUTRAL),
            ("first", share or "none yet", Tone.NEUTRAL),
        ):
            self.figures[name].set_value(value, tone=tone)
        is_well = link.state.is_up and link.cause not in words.HOLDING
        said = operation_words.connected(link) if is_well else words.offline_reason(link)
        if not link.state.is_up:
            said += f", since {QDateTime.fromMSecsSinceEpoch(link.since_ms).toString('HH:mm')}"
            if link.next_try_at_ms is not None:
                said += f" · next try in {max(0, link.next_try_at_ms - now_ms) // 1000 + 1} s"
        self.link_words.setText(link.trouble or said)
        title, text = operation_words.standstill(link, waiting=figures.waiting)
        self.many.setVisible(bool(title))
        self.many.show_message(tone=Tone.WARN, title=title, text=text)
        self._show_alert()
        self._show_rows(figures.waiting, figures.need_attention)

    def _show_alert(self) -> None:
        alerts = self.terminal.desk.alerts()
        places = [one.id for one in alerts]
        if self._alert is not None and self._alert.id in places:
            self._place = places.index(self._alert.id)
        self._place = self._place if self._place < len(alerts) else 0
        self._alert = alerts[self._place] if alerts else None
        self.alert.setVisible(self._alert is not None)
        if self._alert is not None:
            more = f" (and {len(alerts) - 1} more)" if len(alerts) > 1 else ""
            where = f"{self._alert.entity}: " if self._alert.entity else ""
            self.alert.show_message(tone=Tone.BAD, title=f"{where}{self._alert.title}{more}", text=self._alert.detail)
            self._again.shown(self._alert.id)
            self.alert.set_actions(_actions(self._alert) | ({"next": "Next"} if len(alerts) > 1 else {}))

    def _show_rows(self, waiting: int, attention: int) -> None:
        tabs = [
            Tab("waiting", "Waiting", str(waiting)),
            Tab("attention", "Attention", str(attention)),
            Tab("sent", "Sent"),
            Tab(HOUSE, "House", str(self.terminal.desk.house_alerts().open or "")),
        ]
        self.tabs.set_tabs(tabs, current=self._tab)
        self.house.setVisible(self._tab == HOUSE)
        if self._tab == HOUSE:
            for other in (self.table, self.pages, self.empty):
                other.setVisible(False)
            self.house.show_now()
            return
        self._rows = rows = self._page_of(self.terminal.desk.count(self._tab))
        self.model.show_rows(rows, self.terminal.link(), now_ms=self.terminal.now_ms())
        self.table.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        needed = {"waiting": NOTHING_GOES, "attention": TOLD_ABOVE} if attention else {}
        self.empty.say(*needed.get(self._tab, EMPTY[self._tab]))

    def _page_of(self, total: int) -> tuple[OperationRow, ...]:
        """The rows of the page on show, and only these: a queue of days costs no more to look at than a short one."""
        self.pages.setVisible(total > self.table.rows_a_page())
        self.inside.activate()  # the bar takes room of the rows when it comes
        room = self.table.rows_a_page()
        self._page = min(self._page, max(0, total - 1) // room)
        self.pages.show_page(self._page, -(-total // room) if total else 1)
        return self.terminal.desk.operations(self._tab, limit=room, offset=self._page * room)

    def _choose(self, tab: str) -> None:
        self._tab, self._page = tab, 0
        self._show()

    def _turn(self, page: int) -> None:
        self._page = page
        self._show()

    def _fill(self) -> None:
        """More room, more rows."""
        if self.isVisible():
            self._show()

    def left(self) -> None:
        """What was asked about an operation is not asked any more, and a manager's PIN was for this once."""
        self.sheet.close_sheet()
        self.house.lock()
        super().left()

    def _open(self, place: int) -> None:
        """A tap on a row: what needs a person asks for a decision, all else is said in full."""
        row = self._rows[place] if place < len(self._rows) else None
        if row is not None and row.needs_person:
            self.mending.ask(row)
        else:
            self.toast.tell(self.model.words_of(place))

    def _settle(self, choice: str) -> None:
        if self._alert is None:
            return
        desk = self.terminal.desk
        if choice == "next":
            self._alert, self._place = None, self._place + 1
            self._show()
        elif self.session.is_locked:
            self.toast.tell(LOG_IN_FIRST)
        elif choice == "mend":
            row = desk.held(self._alert.operation_id)
            if row is not None:
                self.mending.ask(row)
        elif choice == "again":
            new_id = self._again.id
            desk.put_on_again(self._alert.again_id, new_id=new_id, actor_id=self.session.actor_id)
        elif choice == "back":
            self.mending.ask_to_give_back(self._alert)
        elif choice == "move":
            desk.move_money(self._alert.money_id, new_id=self._again.id, actor_id=self.session.actor_id)
        else:
            desk.settle_alert(self._alert.id, choice=choice, actor_id=self.session.actor_id)

    def _try_now(self) -> None:
        self.terminal.try_now()
        self.toast.tell("Looking for the server.")

    def _export(self) -> None:
        """What waits and what failed, without names, tokens or bodies, for whoever helps."""
        path = self.terminal.settings.data_dir / f"diagnostics-{self._opened_at}.json"
        self.toast.tell(written(path, diagnostics(self.terminal)))

    def _build(self) -> None:
        metrics = self.holder.metrics
        column = QVBoxLayout(self.body)
        column.setContentsMargins(metrics.space(4), metrics.space(4), metrics.space(4), metrics.space(4))
        column.setSpacing(metrics.space(4))
        figures = QHBoxLayout()
        figures.setSpacing(metrics.space(3))
        for tile in self.figures.values():
            figures.addWidget(tile, 1)
        column.addLayout(figures)
        column.addWidget(self.alert)
        column.addWidget(self.many)
        top = QHBoxLayout()
        top.setSpacing(metrics.space(3))
        top.addWidget(self.tabs, 1)
        top.addWidget(self.export)
        top.addWidget(self.try_now)
        column.addLayout(top)
        self.inside.setContentsMargins(0, 0, 0, 0)
        self.inside.addWidget(self.table, 1)
        self.inside.addWidget(self.pages)
        self.inside.addWidget(self.empty, 1)
        self.inside.addWidget(self.house, 1)
        self.pages.setContentsMargins(metrics.space(3), 0, metrics.space(3), metrics.space(2))
        column.addWidget(self.card, 1)


def _actions(alert: AlertRow) -> dict[str, str]:
    """What can be done about an alert; the safe way stands first."""
    if alert.operation_id:
        return {"mend": "Decide"}
    if alert.money_id:
        return {"move": f"Count it on {alert.moves_to}", "ok": "OK, seen"}
    if alert.back_id:
        return {"back": f"Give back {alert.gives_back}", "ok": "OK, seen"}
    if alert.again_id:
        return {"again": "Put on again", "ok": "Leave it off"}
    return {"ok": "OK, seen"}


def _minutes(minutes: int | None) -> str:
    if minutes is None:
        return "none"
    return f"{minutes} min" if minutes else "< 1 min"
