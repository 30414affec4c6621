"""Shift: the drawer from its float to its count, and the X and Z report of what was taken meanwhile."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QDateTime, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from pos_client import shift_words, words
from pos_client.amount_sheet import AmountSheet
from pos_client.drawer_card import DrawerCard, StaysOpenCard
from pos_client.frame import Screen
from pos_client.home_tabs import SHIFT, show_home_tabs
from pos_client.phrases import DRAWER_REASONS, PAY_IN_REASONS, PAY_OUT_REASONS, PhraseSheet
from pos_client.report_card import ReportCard
from pos_client.session import Intention, Session
from shared.domain.shift_commands import CashMove, CloseShift, MoveCash, OpenShift
from shared.ids import OperationId, ShiftId
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize
from shared.qt.widgets import ButtonKind, EmptyState, TabRow, TouchButton
from shared.shift_desk import TillReport
from shared.terminal import Terminal
from shared.times import from_rfc3339

ASKED = {
    CashMove.PAY_IN: ("Why is money put into the drawer?", PAY_IN_REASONS, "Next"),
    CashMove.PAY_OUT: ("Why is money taken out of the drawer?", PAY_OUT_REASONS, "Next"),
    CashMove.NO_SALE: ("Why is the drawer opened?", DRAWER_REASONS, "Open"),
}
"""Question, common answers and the word of the button."""

NO_SHIFT = (
    "No shift is open on this till",
    "Count the float and open one. What is sold without a shift is kept too, but stands on no report.",
)


class ShiftScreen(Screen):
    """`part_wanted` carries the tab of home that was tapped."""

    part_wanted = Signal(str)

    def __init__(
        self, holder: ThemeHolder, terminal: Terminal, session: Session, *, intention: type[Intention] = Intention
    ) -> None:
        """`intention` makes the id under which a shift is closed."""
        super().__init__(holder, terminal, session)
        self._counted: int | None = None  # blind, and not said to the server yet
        self._report: TillReport | None = None
        self._is_stale = False
        self._closing = intention(terminal)
        self.parts = TabRow(holder)
        self.parts.setObjectName("parts")
        self.parts.chosen.connect(self._leave_for)
        self.header.start.addWidget(self.parts, 1)
        self.report = ReportCard(holder)
        self.report.sync_wanted.connect(self.sync_pressed)
        self.empty = EmptyState(holder, icon=IconName.CASH, title=NO_SHIFT[0], advice=NO_SHIFT[1])
        self.drawer = DrawerCard(holder)
        self.orders = StaysOpenCard(holder)
        self.moves = {
            kind: TouchButton(holder, text, min_mm=(20, 14))
            for kind, text in (
                (CashMove.PAY_IN, "Pay in"),
                (CashMove.PAY_OUT, "Pay out"),
                (CashMove.NO_SALE, "Open drawer"),
            )
        }
        for kind, button in self.moves.items():
            button.setObjectName(f"move:{kind}")
            button.clicked.connect(partial(self._ask_why, kind))
        self.again = TouchButton(holder, "Count again", min_mm=(20, 14))
        self.again.setObjectName("count_again")
        self.again.clicked.connect(self._ask_count)
        self.main = TouchButton(holder, "", kind=ButtonKind.PRIMARY, min_mm=(40, 20), size=TypeSize.HEADING)
        self.main.setObjectName("main")
        self.main.clicked.connect(self._go_on)
        self.left_side = QStackedWidget()
        self._build()
        self.sheet = self.make_sheet()

    def refresh(self, ids: frozenset[str] | None = None) -> None:
        """Report, drawer and orders, when something of them changed."""
        super().refresh(ids)
        if ids is None or any(name.startswith("shift:") or name in ("catalog", "link") for name in ids):
            self._show()
        elif any(name.startswith("order:") for name in ids):
            self._is_stale = True

    def tick(self) -> None:
        """Sales are added once a second: a long shift takes a moment to add up, and many may go at once."""
        super().tick()
        if self._is_stale:
            self._show()

    def left(self) -> None:
        """Nothing is asked any more, and a count is worth nothing once the drawer was left alone."""
        self.sheet.close_sheet()
        self._counted = None
        super().left()

    @property
    def is_blind(self) -> bool:
        """Whether what is in the drawer is kept from this person: while the shift goes on, from all but managers."""
        goes_on = self._report is not None and self._report.shift.is_open and self._counted is None
        return goes_on and not self.terminal.desk.may_discard(self.session.actor_id)

    def _show(self) -> None:
        self._is_stale = False
        desk, currency = self.terminal.shifts, self.terminal.business.currency
        shift_id = desk.last()
        self._report = report = None if shift_id is None else desk.report(shift_id)
        views = self.terminal.open_orders()
        show_home_tabs(self.parts, SHIFT, orders=len(views))
        self.left_side.setCurrentWidget(self.empty if report is None else self.report)
        self.drawer.setVisible(report is not None)
        self.orders.setVisible(report is not None and report.shift.is_open)
        self.orders.show_orders([view for view in views if view.is_open])
        if report is not None:
            counted = self._counted if report.shift.is_open else report.shift.counted_minor
            held = [row for row in self.terminal.desk.operations("attention") if row.entity_id == report.shift.id]
            self.drawer.show_drawer(report, currency, counted_minor=counted)
            self.report.show_rows(shift_words.report_rows(report, currency, is_blind=self.is_blind))
            self.report.show_standing(shift_words.standing(report, self.terminal.link(), held))
            self._show_title(report)
        self._show_buttons(report)

    def _show_title(self, report: TillReport) -> None:
        shift, till = report.shift, self.terminal.settings.device_name
        name, moment, did = ("X report", shift.opened_at, "opened") if shift.is_open else (
            "Z report", shift.closed_at, "closed")  # fmt: skip
        by = words.short_name(shift.opened_by_name if shift.is_open else shift.closed_by_name)
        at = QDateTime.fromMSecsSinceEpoch(from_rfc3339(moment)) if moment else QDateTime()
        when = f"{at.toString('dddd d MMMM')} · {till} · {did} {at.toString('HH:mm')}{f' by {by}' if by else ''}"
        state, tone = ("Open", Tone.OK) if shift.is_open else ("Closed", Tone.NEUTRAL)
        self.report.show_state(name, when, state=state, tone=tone)

    def _show_buttons(self, report: TillReport | None) -> None:
        is_open = report is not None and report.shift.is_open
        for button in self.moves.values():
            button.setVisible(is_open and self._counted is None)
        self.again.setVisible(is_open and self._counted is not None)
        if report is not None and is_open:
            self._closing.shown((report.shift.id, self._counted))
            self.main.set_words("Count the drawer" if self._counted is None else "Close shift")
        else:
            self.main.set_words("Open shift")

    def _go_on(self) -> None:
        """The next step of the shift: open it, count its drawer, close it."""
        report = self._report
        if report is None or not report.shift.is_open:
            self._ask_float()
        elif self._counted is None:
            self._ask_count()
        else:
            self.terminal.submit(  # the count is kept: where this is not saved, nobody has to count again
                CloseShift(
                    id=OperationId(self._closing.id),
                    actor_id=self.session.actor_id,
                    at=self.terminal.at(),
                    shift_id=report.shift.id,
                    counted_minor=self._counted,
                )
            )
            self._show()

    def _ask_float(self) -> None:
        """The ids are made now, with the sheet: however often its button is pressed, one shift is opened."""
        shift_id, operation_id = ShiftId(self.terminal.new_id()), OperationId(self.terminal.new_id())

        def opened(float_minor: int) -> None:
            self._counted = None
            self.terminal.submit(
                OpenShift(
                    id=operation_id,
                    actor_id=self.session.actor_id,
                    at=self.terminal.at(),
                    shift_id=shift_id,
                    float_minor=float_minor,
                )
            )

        text = "Count the notes and coins that are in the drawer now."
        self._ask_amount("Open a shift with which float?", text, done="Open shift", may_be_zero=True).said.connect(
            partial(self._end, opened)
        )

    def _ask_count(self) -> None:
        def counted(amount_minor: int) -> None:
            self._counted = amount_minor

        text = "Notes and coins, the float included. What should be there is shown afterwards."
        self._ask_amount("What is in the drawer?", text, done="Counted", may_be_zero=True).said.connect(
            partial(self._end, counted)
        )

    def _ask_why(self, kind: CashMove) -> None:
        title, reasons, done = ASKED[kind]
        content = PhraseSheet(self.holder, title, reasons, done=done, at_once=True)
        operation_id = OperationId(self.terminal.new_id())
        content.said.connect(lambda reason: self._reason_said(kind, operation_id, reason))
        content.given_up.connect(self.sheet.close_sheet)
        self.sheet.open_sheet(content, over=self._over())

    def _reason_said(self, kind: CashMove, operation_id: OperationId, reason: str) -> None:
        moved = partial(self._move, kind=kind, operation_id=operation_id, reason=reason)
        if kind is CashMove.NO_SALE:
            self._end(moved, 0)
            self.toast.tell("Noted. Open the drawer with its key.")
            return
        title = "How much is put in?" if kind is CashMove.PAY_IN else "How much is taken out?"
        done = "Pay in" if kind is CashMove.PAY_IN else "Pay out"
        self._ask_amount(title, reason, done=done).said.connect(partial(self._end, moved))

    def _move(self, amount_minor: int, *, kind: CashMove, operation_id: OperationId, reason: str) -> None:
        if self._report is None:
            return
        self.terminal.submit(
            MoveCash(
                id=operation_id,
                actor_id=self.session.actor_id,
                at=self.terminal.at(),
                shift_id=self._report.shift.id,
                type=kind,
                amount_minor=amount_minor,
                reason=reason,
            )
        )

    def _ask_amount(self, title: str, text: str, *, done: str, may_be_zero: bool = False) -> AmountSheet:
        currency = self.terminal.business.currency
        content = AmountSheet(self.holder, currency, title=title, text=text, done=done, may_be_zero=may_be_zero)
        content.given_up.connect(self.sheet.close_sheet)
        self.sheet.open_sheet(content, over=self._over())
        return content

    def _over(self) -> QWidget:
        """Large words take the whole screen."""
        return self if self.holder.metrics.has_large_words else self.left_side

    def _end(self, then: Callable[[int], None], amount_minor: int) -> None:
        self.sheet.close_sheet()
        then(amount_minor)
        self._show()

    def _leave_for(self, part: str) -> None:
        if part != SHIFT:
            self.part_wanted.emit(part)

    def _build(self) -> None:
        metrics = self.holder.metrics
        row = QHBoxLayout(self.body)
        row.setContentsMargins(metrics.space(4), metrics.space(4), metrics.space(4), metrics.space(4))
        row.setSpacing(metrics.space(4))
        self.left_side.addWidget(self.report)
        self.left_side.addWidget(self.empty)
        row.addWidget(self.left_side, 23)
        right = QVBoxLayout()
        right.setSpacing(metrics.space(4))
        right.addWidget(self.drawer)
        right.addWidget(self.orders)
        right.addStretch(1)
        buttons = QGridLayout()
        buttons.setSpacing(metrics.space(3))
        buttons.addWidget(self.moves[CashMove.PAY_IN], 0, 0)
        buttons.addWidget(self.moves[CashMove.PAY_OUT], 0, 1)
        buttons.addWidget(self.moves[CashMove.NO_SALE], 1, 0, 1, 2)
        buttons.addWidget(self.again, 2, 0, 1, 2)
        right.addLayout(buttons)
        right.addWidget(self.main)
        row.addLayout(right, 10)
