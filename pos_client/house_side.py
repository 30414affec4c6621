"""What the server tells managers, on the sync screen: behind a PIN, and closed by saying what was done about it."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QDateTime, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pos_client.manager_sheet import ManagerSheet
from pos_client.phrases import DONE_ABOUT_ALERTS, PhraseSheet
from pos_client.session import Session
from shared.desk import HouseAlerts
from shared.domain.alerts import ABOUT_MONEY, HouseAlert
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import EmptyState, Ink, Label, PageBar, RowTable, SheetOverlay
from shared.qt.widgets.table import MUTED_ROLE
from shared.terminal import Terminal
from shared.times import from_rfc3339

TITLES: Final = ("Since", "What the server tells managers")
ROOT: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex
OLD_MS: Final = 120_000
"""The server is asked twice a minute: what is older than this is said to be old."""

ASK_FOR_A_PIN: Final = "The server tells this to managers only. It is on show until this screen is left."
NEVER: Final = (
    "Nothing is known on this till yet",
    "The server is asked within half a minute of a manager's PIN, and whenever it is there.",
)
NOTHING: Final = (
    "Nothing waits for a manager",
    "What was paid twice, counted short or printed with a hole turns up here.",
)


class HouseAlertsModel(QAbstractTableModel):
    """One page of alerts, read anew as a whole."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[HouseAlert, ...] = ()

    def show_rows(self, rows: Sequence[HouseAlert]) -> None:
        """Show these."""
        if tuple(rows) != self._rows:
            self.beginResetModel()
            self._rows = tuple(rows)
            self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        is_title = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return TITLES[section] if is_title else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            row = self._rows[index.row()]
            return row.message if index.column() else _when(from_rfc3339(row.raised_at))
        return index.column() == 0 if role == MUTED_ROLE else None


class HouseSide(QWidget):
    """Nobody but a manager reads it: the server would not tell others either."""

    def __init__(
        self, holder: ThemeHolder, terminal: Terminal, session: Session, *, sheet: SheetOverlay, over: QWidget
    ) -> None:
        """Asks on `sheet`, which takes the room of `over`."""
        super().__init__()
        self._holder, self._terminal, self._session = holder, terminal, session
        self._sheet, self._over = sheet, over
        self._manager_id = ""  # who gave a PIN since the screen was entered
        self._rows: tuple[HouseAlert, ...] = ()
        self._page = 0
        self.age = Label("", ink=Ink.MUTED, elide=True)
        self.table = RowTable(holder)
        self.model = HouseAlertsModel(self)
        self.table.set_model(self.model, stretch=1, shares={0: 0.14})
        self.table.view.clicked.connect(lambda index: self._ask_what_was_done(index.row()))
        self.table.room_changed.connect(self._fill, Qt.ConnectionType.QueuedConnection)
        self.pages = PageBar(holder)
        self.pages.turned.connect(self._turn)
        self.empty = EmptyState(holder, icon=IconName.SYNCED, title=NOTHING[0], advice=NOTHING[1])
        self.locked = EmptyState(
            holder, icon=IconName.USER, title="For managers", advice=ASK_FOR_A_PIN, action="Show with a PIN"
        )
        self.locked.button.setObjectName("show_with_pin")
        self.locked.action_pressed.connect(self._ask_for_a_pin)
        metrics = holder.metrics
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.age.setContentsMargins(metrics.space(3), metrics.space(2), metrics.space(3), metrics.space(2))
        self.pages.setContentsMargins(metrics.space(3), 0, metrics.space(3), metrics.space(2))
        self._column.addWidget(self.age)
        self._column.addWidget(self.table, 1)
        self._column.addWidget(self.pages)
        self._column.addWidget(self.empty, 1)
        self._column.addWidget(self.locked, 1)

    def lock(self) -> None:
        """Whoever gave a PIN is not there any more."""
        self._manager_id, self._page = "", 0

    def show_now(self) -> None:
        """What is known now, to whom it is for."""
        known = self._terminal.desk.house_alerts()
        is_open = bool(self._closer())
        self.locked.setVisible(not is_open)
        self.locked.say(_waiting(known.open), ASK_FOR_A_PIN)
        self.empty.setVisible(is_open and not known.rows)
        self.empty.say(*(NEVER if known.heard_ms is None else NOTHING))
        self.table.setVisible(is_open and bool(known.rows))
        self.age.setVisible(is_open and known.heard_ms is not None)
        self.age.setText(_age(known, self._terminal.now_ms()))
        self._show_page(known.rows if is_open else ())

    def _show_page(self, rows: Sequence[HouseAlert]) -> None:
        self.pages.setVisible(len(rows) > self.table.rows_a_page())
        self._column.activate()  # the bar takes room of the rows when it comes
        room = self.table.rows_a_page()
        self._page = min(self._page, max(0, len(rows) - 1) // room)
        self.pages.show_page(self._page, -(-len(rows) // room) if rows else 1)
        self._rows = tuple(rows[self._page * room : (self._page + 1) * room])
        self.model.show_rows(self._rows)

    def _closer(self) -> str:
        """Who may read and close: whoever is logged in as a manager, else who gave a PIN for it."""
        person = self._session.person
        is_own = person is not None and self._terminal.desk.may_discard(person.id)
        return person.id if person is not None and is_own else self._manager_id

    def _turn(self, page: int) -> None:
        self._page = page
        self.show_now()

    def _fill(self) -> None:
        """More room, more rows."""
        if self.isVisible():
            self.show_now()

    def _ask_for_a_pin(self) -> None:
        content = ManagerSheet(self._holder, self._terminal, what="What the server tells is for managers")
        content.approved.connect(self._unlock)
        self._open(content)

    def _unlock(self, staff_id: str) -> None:
        self._sheet.close_sheet()
        self._manager_id = staff_id
        self.show_now()

    def _ask_what_was_done(self, place: int) -> None:
        """The whole sentence, and what was done about it. The id is made with its sheet: it is closed once."""
        alert = self._rows[place] if place < len(self._rows) else None
        if alert is None:
            return
        new_id = self._terminal.new_id()
        owed = self._terminal.desk.owed_on(alert.entity_id) if alert.kind in ABOUT_MONEY else ""
        back = f"Give back {owed}" if owed else ""
        phrases = (back, *DONE_ABOUT_ALERTS) if back else DONE_ABOUT_ALERTS
        content = PhraseSheet(self._holder, alert.message, phrases, done="Done", at_once=True)
        content.said.connect(
            lambda said: self._give_back(alert, new_id) if said == back else self._close(alert.id, said, new_id)
        )
        self._open(content)

    def _give_back(self, alert: HouseAlert, new_id: str) -> None:
        """The server answers the alert itself when it has said yes to the refund."""
        self._sheet.close_sheet()
        self._terminal.desk.give_back(order_id=alert.entity_id, new_id=new_id, actor_id=self._closer())

    def _close(self, alert_id: str, choice: str, new_id: str) -> None:
        self._sheet.close_sheet()
        self._terminal.desk.close_house_alert(alert_id, choice=choice, new_id=new_id, actor_id=self._closer())

    def _open(self, content: ManagerSheet | PhraseSheet) -> None:
        content.given_up.connect(self._sheet.close_sheet)
        self._sheet.open_sheet(content, over=self._over)


def _waiting(count: int) -> str:
    if not count:
        return "What the server tells managers"
    return f"{count} {'thing waits' if count == 1 else 'things wait'} for a manager"


def _age(known: HouseAlerts, now_ms: int) -> str:
    """When the server said so, loud enough only where that is a while ago."""
    if known.heard_ms is None:
        return ""
    more = f", the first {len(known.rows)} of {known.open}" if known.open > len(known.rows) else ""
    if now_ms - known.heard_ms < OLD_MS:
        return f"As the server says now{more}. Tap one to say what was done about it."
    return f"As the server last said, {_when(known.heard_ms)}{more}. What is closed now goes to it later."


def _when(moment_ms: int) -> str:
    return QDateTime.fromMSecsSinceEpoch(moment_ms).toString("d MMM HH:mm")
