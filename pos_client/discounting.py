"""A discount on the bill: how much, why, and a manager's PIN where it is more than the person at the till may give."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from pos_client.manager_sheet import ManagerSheet
from pos_client.phrases import DISCOUNT_REASONS, PhraseSheet
from pos_client.session import Session
from shared.domain.approvals import Judge
from shared.domain.commands import ChangeOrder
from shared.domain.discounts import ApplyDiscount, RemoveDiscount
from shared.domain.menu import Role as StaffRole
from shared.domain.menu import StaffMember
from shared.ids import ChangeId, LineId, OperationId, OrderId, StaffId, derived_id
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import Ink, Label, Role, SheetOverlay, Toast, TouchButton
from shared.terminal import OrderView, Terminal

PERCENT_BP = (500, 1000, 1500, 2000, 2500, 5000, 10_000)
A_ROW = 2
MOST_SHOWN = 2
"""Discounts that can be put back at once; behind each that is put back the next one shows."""
FIRST_SEND = "Send the new lines first, then take something off."


class PercentSheet(QWidget):
    """`chosen` carries basis points of the whole order, `taken_back` the discount to end, `given_up` follows Cancel."""

    chosen = Signal(int)
    taken_back = Signal(str)
    given_up = Signal()

    def __init__(self, holder: ThemeHolder, *, cap_bp: int, given: Sequence[tuple[str, str]] = ()) -> None:
        """`given` are the discounts that stand, each with its words, the newest first."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(holder.metrics.space(3))
        for mark_id, words in given[:MOST_SHOWN]:
            back = TouchButton(holder, f"Put back: {words}", icon=IconName.UNDO, min_mm=(80, 14))
            back.setObjectName(f"put_back:{mark_id}")
            back.clicked.connect(lambda _=False, one=mark_id: self.taken_back.emit(one))
            column.addWidget(back)
        title = "How much more is taken off?" if given else "How much is taken off the order?"
        column.addWidget(Label(title, role=Role.HEADING, wrap=True))
        if cap_bp < PERCENT_BP[-1]:
            text = f"You may give {cap_bp / 100:g} % alone; for more a manager types a PIN."
            column.addWidget(Label(text, ink=Ink.MUTED, wrap=True))
        grid = QGridLayout()
        grid.setSpacing(holder.metrics.space(3))
        for place, percent_bp in enumerate(PERCENT_BP):
            detail = "manager" if percent_bp > cap_bp else ""
            button = TouchButton(holder, f"{percent_bp / 100:g} %", detail=detail, min_mm=(38, 16))
            button.setObjectName(f"percent:{percent_bp}")
            button.clicked.connect(lambda _=False, bp=percent_bp: self.chosen.emit(bp))
            grid.addWidget(button, place // A_ROW, place % A_ROW)
        column.addLayout(grid)
        column.addStretch(1)
        cancel = TouchButton(holder, "Cancel", min_mm=(28, 14))
        cancel.setObjectName("cancel")
        cancel.clicked.connect(self.given_up)
        column.addWidget(cancel)


class Discounting:
    """Asks on `sheet` over a part of the screen, and offers for three seconds to take it back."""

    def __init__(
        self, holder: ThemeHolder, terminal: Terminal, session: Session, *, sheet: SheetOverlay, toast: Toast
    ) -> None:
        self._holder, self._terminal, self._session = holder, terminal, session
        self._sheet, self._toast = sheet, toast
        self._given: tuple[str, OrderView] | None = None
        toast.undone.connect(self._take_back)

    def ask(self, view: OrderView, over: QWidget) -> None:
        """The ids are made now, with the sheet: however often its buttons are pressed, it is one discount."""
        if view.unsent_ids:
            self._toast.tell(FIRST_SEND)
            return
        operation_id = self._terminal.new_id()
        cap_bp = self._judge().cap_bp(self._session.actor_id)
        content = PercentSheet(self._holder, cap_bp=cap_bp, given=self._standing(view))
        content.taken_back.connect(lambda mark_id: self._put_back(view.id, mark_id))
        content.chosen.connect(lambda bp: self._ask_why(view, over, operation_id=operation_id, percent_bp=bp))
        self._open(content, over)

    def _ask_why(self, view: OrderView, over: QWidget, *, operation_id: str, percent_bp: int) -> None:
        title = f"Why is {percent_bp / 100:g} % taken off?"
        content = PhraseSheet(self._holder, title, DISCOUNT_REASONS, done="Next", at_once=True)

        def said(reason: str) -> None:
            give = self._giver(view, operation_id=operation_id, percent_bp=percent_bp, reason=reason)
            if percent_bp <= self._judge().cap_bp(self._session.actor_id):
                give(None)
            else:
                self._ask_manager(over, percent_bp=percent_bp, give=give)

        content.said.connect(said)
        self._open(content, over)

    def _ask_manager(self, over: QWidget, *, percent_bp: int, give: Callable[[str | None], None]) -> None:
        content = ManagerSheet(self._holder, self._terminal, what=f"{percent_bp / 100:g} % needs a manager")
        content.approved.connect(give)
        self._open(content, over)

    def _giver(
        self, view: OrderView, *, operation_id: str, percent_bp: int, reason: str
    ) -> Callable[[str | None], None]:
        def give(approved_by: str | None) -> None:
            self._sheet.close_sheet()
            mark = ApplyDiscount(
                id=ChangeId(derived_id(operation_id, "discount")),
                percent_bp=percent_bp,
                reason=reason,
                approved_by=None if approved_by is None else StaffId(approved_by),
            )
            self._submit(view, operation_id, mark)
            self._given = (mark.id, view)
            self._toast.offer(mark.id, f"{percent_bp / 100:g} % taken off")

        return give

    def _take_back(self, mark_id: str) -> None:
        """While the offer stands."""
        if self._given is not None and self._given[0] == mark_id:
            self._remove(self._given[1].id, mark_id)

    def _put_back(self, order_id: str, mark_id: str) -> None:
        """Any time later."""
        self._sheet.close_sheet()
        self._toast.put_away()  # its offer was about this one, or about one that nobody looks at any more
        view = self._remove(order_id, mark_id)
        if view is not None:
            self._toast.tell("The discount is put back on the bill.")

    def _remove(self, order_id: str, mark_id: str) -> OrderView | None:
        """The ids are made of the discount's: it is ended once, whichever button says so. None where it is over."""
        view = self._terminal.order(order_id)
        mark = None if view is None else next((one for one in view.discounts if one.id == mark_id), None)
        if view is None or mark is None or not view.is_open:
            return None
        one = RemoveDiscount(
            id=ChangeId(derived_id(mark_id, "undo")),
            line_id=None if mark.line_id is None else LineId(mark.line_id),
            discount_id=ChangeId(mark_id),
        )
        self._submit(view, derived_id(mark_id, "operation"), one)
        return view

    def _standing(self, view: OrderView) -> list[tuple[str, str]]:
        """What stands, the newest first: how much, of which line where it is not the whole order's, and why."""
        currency = self._terminal.business.currency
        found = []
        for one in reversed(view.discounts):
            much = currency.text(one.amount_minor or 0) if one.percent_bp is None else f"{one.percent_bp / 100:g} %"
            found.append((one.id, f"{much}{f' of {one.line_name}' if one.line_name else ''} · {one.reason}"))
        return found

    def _submit(self, view: OrderView, operation_id: str, change: ApplyDiscount | RemoveDiscount) -> None:
        self._terminal.submit(
            ChangeOrder(
                id=OperationId(operation_id),
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=OrderId(view.id),
                base_version=view.base_version,
                changes=(change,),
            )
        )

    def _judge(self) -> Judge:
        def role_of(person_id: str) -> StaffRole | None:
            person: StaffMember | None = self._terminal.staff.member(person_id)
            return person.role if person is not None and person.active else None

        return Judge(role_of, self._terminal.business)

    def _open(self, content: PercentSheet | PhraseSheet | ManagerSheet, over: QWidget) -> None:
        content.given_up.connect(self._sheet.close_sheet)
        self._sheet.open_sheet(content, over=over)
