"""The sheet of what the server did not take of this screen's marks: they go again, or are given up.

Nobody logs in at a kitchen screen and no mark carries money, so whoever stands there decides, about all of them at
once: a mark that is in already changes nothing, and one that is given up leaves the ticket as the server has it.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shared.qt.theme import ThemeHolder
from shared.qt.widgets import ButtonKind, Ink, Label, Role, SheetOverlay, TouchButton
from shared.terminal import AlertRow, Terminal

_WIDE_MM = 180
_APART_MM = 8.0
_MOST_SHOWN = 4


def ask_about_marks(holder: ThemeHolder, terminal: Terminal, sheet: SheetOverlay, *, actor_id: str) -> None:
    """Open the sheet if anything waits for a person."""
    alerts = terminal.desk.alerts()
    if alerts:
        content = MendingSheet(holder, terminal, alerts, actor_id=actor_id)
        content.decided.connect(sheet.close_sheet)
        sheet.open_sheet(content)


class MendingSheet(QWidget):
    """Goes on a sheet over the board. `decided` follows every decision, none included."""

    decided = Signal()

    def __init__(self, holder: ThemeHolder, terminal: Terminal, alerts: tuple[AlertRow, ...], *, actor_id: str) -> None:
        """The ids of what goes again are made now: however often the button is pressed, it goes once."""
        super().__init__()
        self._terminal, self._alerts, self._actor_id = terminal, alerts, actor_id
        self._new_ids = {alert.operation_id: terminal.new_id() for alert in alerts if alert.operation_id}
        self.setMinimumWidth(holder.metrics.mm(_WIDE_MM))
        column = QVBoxLayout(self)
        column.setSpacing(holder.metrics.space(3))
        column.addWidget(Label(self.tr("The server did not take this"), role=Role.TITLE))
        for alert in alerts[:_MOST_SHOWN]:
            where = f"{alert.entity}: " if alert.entity else ""
            column.addWidget(Label(f"{where}{alert.title}. {alert.detail}", wrap=True))
        if len(alerts) > _MOST_SHOWN:
            column.addWidget(Label(self.tr("and %n more", "", len(alerts) - _MOST_SHOWN), ink=Ink.MUTED))
        if self._new_ids:
            advice = self.tr("Discard: the ticket stands as the server has it, and can be marked anew.")
            column.addWidget(Label(advice, ink=Ink.MUTED, wrap=True))
        column.addStretch(1)
        low = QHBoxLayout()
        low.setSpacing(holder.metrics.mm(_APART_MM))
        buttons = [("leave", self.tr("Leave it"), ButtonKind.CONTROL, self.decided.emit)]
        if self._new_ids:
            buttons.insert(0, ("discard", self.tr("Discard"), ButtonKind.DANGER, self._discard))
            buttons.append(("retry", self.tr("Try again"), ButtonKind.PRIMARY, self._retry))
        else:
            buttons.append(("seen", self.tr("OK, seen"), ButtonKind.PRIMARY, self._retry))
        for name, words, kind, do in buttons:
            button = TouchButton(holder, words, kind=kind, min_mm=(34, 20))
            button.setObjectName(name)
            button.clicked.connect(do)
            low.addWidget(button, 1)
        column.addLayout(low)

    def _retry(self) -> None:
        for operation_id, new_id in self._new_ids.items():
            self._terminal.desk.retry(operation_id, new_id=new_id, actor_id=self._actor_id)
        self._done()

    def _discard(self) -> None:
        for operation_id in self._new_ids:
            self._terminal.desk.discard(operation_id, actor_id=self._actor_id)
        self._done()

    def _done(self) -> None:
        """What was only told counts as seen."""
        for alert in self._alerts:
            if not alert.operation_id:
                self._terminal.desk.settle_alert(alert.id, choice="seen", actor_id=self._actor_id)
        self.decided.emit()
