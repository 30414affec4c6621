"""The sheets of the order screen: each asks one thing over the menu and hands the answer to the caller."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from PySide6.QtWidgets import QWidget

from pos_client.choices import ChoicesSheet
from pos_client.manager_sheet import ManagerSheet
from pos_client.order_taps import Pick
from pos_client.phrases import NOTES, REASONS, PhraseSheet
from shared.domain.menu import MenuItem
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import SheetOverlay
from shared.terminal import LineRow, Terminal

T = TypeVar("T")

USUAL_SEATS: Final = 8
"""Seats to choose from where the floor plan does not say, as for takeaway."""


class OrderSheets:
    """Opens sheets over `over`. An answer closes its sheet before it is handed on."""

    def __init__(
        self, holder: ThemeHolder, terminal: Terminal, *, overlay: SheetOverlay, window: QWidget, over: QWidget
    ) -> None:
        self.overlay = overlay
        self._holder, self._terminal = holder, terminal
        self._over = window if holder.metrics.has_large_words else over  # large words take the whole screen

    def close(self) -> None:
        """Nothing is asked any more."""
        self.overlay.close_sheet()

    def ask_choices(
        self, item: MenuItem, done: Callable[[Pick], None], *, table_id: str | None, before: Pick | None = None
    ) -> None:
        """The questions of a dish; `before` holds the answers of a line that is chosen anew."""
        tables = self._terminal.floor.tables
        content = ChoicesSheet(
            self._holder,
            self._terminal.menu,
            item,
            currency=self._terminal.business.currency,
            room_px=self.overlay.room_px(self._over),
            seats=next((one.seats for one in tables if one.id == table_id), USUAL_SEATS),
            before=before,
        )
        content.chosen.connect(lambda pick: self._answered(done, pick))
        content.given_up.connect(self.close)
        self.overlay.open_sheet(content, over=self._over)

    def ask_note(self, line: LineRow, done: Callable[[str], None]) -> None:
        """A note for a line."""
        self._ask_words(f"Note for {line.name}", NOTES, done, text=line.note)

    def ask_reason(self, line: LineRow, done: Callable[[str], None]) -> None:
        """Why a line that was sent is taken off the bill."""
        self._ask_words(f"Why is {line.name} taken off the bill?", REASONS, done, button="Void")

    def ask_manager(self, line: LineRow, done: Callable[[str], None]) -> None:
        """The PIN of somebody who may allow that the kitchen cooked this for nothing."""
        content = ManagerSheet(self._holder, self._terminal, what=f"{line.name} was sent: voiding it needs a manager")
        content.approved.connect(lambda staff_id: self._answered(done, staff_id))
        content.given_up.connect(self.close)
        self.overlay.open_sheet(content, over=self._over)

    def ask_dish(self, offered: Sequence[str], done: Callable[[str], None]) -> None:
        """Letters of a dish's name."""
        self._ask_words("Which dish?", offered, done, button="Find")

    def _ask_words(
        self, title: str, phrases: Sequence[str], done: Callable[[str], None], *, text: str = "", button: str = ""
    ) -> None:
        at_once = bool(button)
        content = PhraseSheet(self._holder, title, phrases, text=text, done=button or "Save", at_once=at_once)
        content.said.connect(lambda words: self._answered(done, words))
        content.given_up.connect(self.close)
        self.overlay.open_sheet(content, over=self._over)

    def _answered(self, done: Callable[[T], None], answer: T) -> None:
        self.close()
        done(answer)
