"""The sheet for a manager's PIN: one of them allows what the person at the till may not do alone."""

from concurrent.futures import Future

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from shared.domain.approvals import APPROVERS
from shared.domain.menu import StaffMember
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import Label, PinPad, Role, TouchButton
from shared.terminal import LoginRefused, Terminal

A_ROW = 3
MOST_SHOWN = 6


class ManagerSheet(QWidget):
    """`approved` carries the id of who allowed it, `given_up` follows Cancel. Nobody is logged in by it."""

    approved = Signal(str)
    given_up = Signal()
    _checked = Signal(object, object)  # the person that was asked for, what came of it

    def __init__(self, holder: ThemeHolder, terminal: Terminal, *, what: str) -> None:
        super().__init__()
        managers = [one for one in terminal.staff.staff if one.active and one.role in APPROVERS]
        what = what if managers else "There is nobody here who may allow this"
        self._terminal = terminal
        self._asked: Future[StaffMember | LoginRefused] | None = None
        self._chosen = managers[0].id if managers else ""
        self.pad = PinPad(holder, title="A manager's PIN")
        self.pad.entered.connect(self._enter)
        self.setFocusProxy(self.pad)
        self._checked.connect(self._answer)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(holder.metrics.space(2))
        column.addWidget(Label(what, role=Role.HEADING, wrap=True))
        names = QGridLayout()
        names.setSpacing(holder.metrics.space(2))
        self.names: dict[str, TouchButton] = {}
        for place, person in enumerate(managers[:MOST_SHOWN]):
            button = TouchButton(holder, person.name, min_mm=(30, 12))
            button.setObjectName(f"manager:{person.id}")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, who=person.id: self._choose(who))
            self.names[person.id] = button
            names.addWidget(button, place // A_ROW, place % A_ROW)
        column.addLayout(names)
        column.addWidget(self.pad, 1, Qt.AlignmentFlag.AlignHCenter)
        cancel = TouchButton(holder, "Cancel", min_mm=(28, 14))
        cancel.setObjectName("cancel")
        cancel.clicked.connect(self.given_up)
        column.addWidget(cancel)
        self._choose(self._chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A keyboard types into the pad."""
        if not self.pad.take_key(event):
            super().keyPressEvent(event)

    def _choose(self, staff_id: str) -> None:
        self._chosen = staff_id
        self.pad.clear()
        for who, button in self.names.items():
            button.setChecked(who == staff_id)

    def _enter(self, pin: str) -> None:
        """Checked off this thread; a second PIN waits for the word about the first."""
        if self._asked is not None and not self._asked.done():
            return
        self.pad.show_waiting()
        chosen = self._chosen
        self._asked = self._terminal.check_pin(chosen, pin)
        self._asked.add_done_callback(lambda done: self._checked.emit(chosen, done))

    def _answer(self, chosen: str, done: Future[StaffMember | LoginRefused]) -> None:
        if done.cancelled() or chosen != self._chosen or self.isHidden():
            return  # a sheet that was put away, or a till that was locked meanwhile: nobody waits for this word
        found = done.result()
        if isinstance(found, LoginRefused):
            self.pad.show_wrong(found.message)
        else:
            self._terminal.desk.knows_pin(found)
            self.approved.emit(found.id)
