"""The drawer's side of a terminal: which shift is open on this till, what it adds up, and who clocked in here."""

from collections.abc import Callable

from shared.database import Connection
from shared.domain.attendance import Hours
from shared.domain.shift_commands import CloseShift, MoveCash, OpenShift, ShiftOperation
from shared.hand import Hand
from shared.store import clockings, shifts, till_reports
from shared.store.house import House
from shared.store.till_reports import TillReport

__all__ = ["ShiftDesk", "TillReport"]


class ShiftDesk:
    """All reads are for the terminal's one reading thread. What is in hand is seen, as in every view."""

    def __init__(self, reader: Connection, *, house: House, hand: Hand, now_ms: Callable[[], int]) -> None:
        """`now_ms` tells the server's time."""
        self._reader, self._house, self._hand, self._now_ms = reader, house, hand, now_ms

    def current(self) -> str | None:
        """The shift into whose drawer money goes now; None where none is open."""
        in_hand = self._in_hand()
        now = shifts.current(self._reader)
        shift_id = None if now is None else str(now.shift_id)
        for tap in in_hand:
            if isinstance(tap, OpenShift):
                shift_id = tap.shift_id
            elif isinstance(tap, CloseShift) and tap.shift_id == shift_id:
                shift_id = None
        return shift_id

    def last(self) -> str | None:
        """The shift that is open, else the one that was closed last; None before the first."""
        found = shifts.last(self._reader)
        return self.current() or (None if found is None else found.shift_id)

    def report(self, shift_id: str) -> TillReport | None:
        """How the shift stands on this till: an X report, and the Z report once it is closed."""
        in_hand = self._in_hand()
        return till_reports.read(self._reader, shift_id, author_of=self._house.author_of, in_hand=in_hand)

    def at_work(self) -> tuple[Hours, ...]:
        """Who is in, as far as people went past the clock of this till, with or without a server."""
        found = clockings.read(self._reader, now_ms=self._now_ms(), author_of=self._house.author_of)
        return tuple(stay for stay in found if stay.is_in)

    def _in_hand(self) -> tuple[ShiftOperation, ...]:
        """Before the disk: a tap may be seen twice, never not at all."""
        return tuple(tap for tap in self._hand.of_house() if isinstance(tap, OpenShift | MoveCash | CloseShift))
