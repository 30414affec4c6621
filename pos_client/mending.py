"""What a person at the till does about an operation that needs one: the sheets for it, one after the other."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from pos_client.fix_sheet import FixSheet
from pos_client.mend_sheet import GiveBackSheet, MendSheet, ResolveSheet
from pos_client.session import Session
from shared.desk import MONEY_IS_A_MANAGERS
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import SheetOverlay
from shared.terminal import AlertRow, OperationRow, Terminal

ASKED = "The server is asked whether it has this."
LOG_IN_FIRST = "Log in first: what is decided here stands under your name."


class Mending:
    """Asks on `sheet` and hands the decision to the terminal's desk; `tell` says in passing what goes on.

    What needs much room takes that of `over`.
    """

    def __init__(
        self,
        holder: ThemeHolder,
        terminal: Terminal,
        session: Session,
        *,
        sheet: SheetOverlay,
        over: QWidget,
        tell: Callable[[str], object],
    ) -> None:
        self._holder, self._terminal, self._session = holder, terminal, session
        self._sheet, self._over, self._tell = sheet, over, tell

    def ask(self, row: OperationRow) -> None:
        """The new name of a retry is made now, with its button: however often that is pressed, it goes once.

        At a locked till nothing is asked: whoever was there last has left, and may have been a manager.
        """
        if self._session.is_locked:
            self._tell(LOG_IN_FIRST)
            return
        new_id, desk = self._terminal.new_id(), self._terminal.desk
        may_end, is_up = desk.may_discard(self._session.actor_id), self._terminal.link().state.is_up
        content = MendSheet(self._holder, row, may_end=may_end, is_up=is_up)
        content.retry_wanted.connect(lambda: self._decide(desk.retry, row, new_id=new_id))
        content.fix_wanted.connect(lambda: self._ask_what_to_change(row, new_id=new_id))
        content.discard_wanted.connect(lambda: self._end(desk.discard, row))
        content.resolve_wanted.connect(lambda: self._ask_for_the_money(row, new_id=new_id))
        content.given_up.connect(self._sheet.close_sheet)
        self._sheet.open_sheet(content)

    def ask_to_give_back(self, alert: AlertRow) -> None:
        """Money goes out of a drawer by it, so that it is asked once more; a waiter is told who may."""
        desk = self._terminal.desk
        new_id, actor_id = self._terminal.new_id(), self._session.actor_id
        if not desk.may_discard(actor_id):
            self._tell(". ".join(MONEY_IS_A_MANAGERS))
            return
        content = GiveBackSheet(self._holder, alert)

        def given() -> None:
            self._sheet.close_sheet()
            desk.give_back(bill_id=alert.back_id, new_id=new_id, actor_id=actor_id)

        content.given.connect(given)
        content.given_up.connect(self._sheet.close_sheet)
        self._sheet.open_sheet(content)

    def _ask_what_to_change(self, row: OperationRow, *, new_id: str) -> None:
        room_px = self._sheet.room_px(self._over)
        content = FixSheet(self._holder, self._terminal, row, room_px=room_px)
        fix = self._terminal.desk.fix
        content.fixed.connect(lambda parts: self._end(fix, row, parts=parts, new_id=new_id))
        content.given_up.connect(lambda: self.ask(row))
        self._sheet.open_sheet(content, over=self._over)

    def _ask_for_the_money(self, row: OperationRow, *, new_id: str) -> None:
        content = ResolveSheet(self._holder, row)
        content.resolved.connect(lambda found: self._end(self._terminal.desk.resolve, row, resolution=found))
        content.moved.connect(lambda: self._end(self._terminal.desk.move_money, row, new_id=new_id))
        content.given_up.connect(lambda: self.ask(row))
        self._sheet.open_sheet(content)

    def _end(self, end: Callable[..., None], row: OperationRow, **more: object) -> None:
        self._decide(end, row, **more)
        if row.may_have_happened:
            self._tell(ASKED)

    def _decide(self, decide: Callable[..., None], row: OperationRow, **more: object) -> None:
        self._sheet.close_sheet()
        decide(row.id, actor_id=self._session.actor_id, **more)
