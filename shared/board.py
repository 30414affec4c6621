"""The tickets that a device shows: the server's last word, with what is waiting here and the marks still in hand."""

from typing import Final

from shared.hand import Hand
from shared.store.house import House
from shared.store.rows import TicketRow
from shared.store.shelf import TicketShelf
from shared.store.views import ticket_row

RECALLED: Final = 50
"""So many of those that left the board can come back."""


class Board:
    """For the terminal's one reading thread, but `forget`, which any thread may call."""

    def __init__(self, shelf: TicketShelf, hand: Hand, house: House) -> None:
        self._shelf, self._hand, self._house = shelf, hand, house

    def tickets(self, station: str) -> tuple[TicketRow, ...]:
        """Those on the board, the urgent first, then the oldest; of one station, or of all when none is named."""
        rows = (row for row in self._rows(bumped=False) if row.ticket.is_open)
        return tuple(sorted((r for r in rows if not station or r.is_at(station)), key=lambda r: -r.ticket.priority))

    def recalled(self) -> tuple[TicketRow, ...]:
        """The last that left the board, newest first, those bumped on this screen a moment ago included."""
        rows = (*self._rows(bumped=True), *self._rows(bumped=False))
        gone = {row.ticket.id: row for row in rows if not row.ticket.is_open}
        return tuple(sorted(gone.values(), key=lambda row: row.ticket.updated_at, reverse=True)[:RECALLED])

    def forget(self, ids: frozenset[str]) -> None:
        """These ids (`ticket:...`) changed: read them again."""
        self._shelf.forget([name[7:] for name in ids if name.startswith("ticket:")])

    def _rows(self, *, bumped: bool) -> tuple[TicketRow, ...]:
        in_hand = {ticket_id: self._hand.of_ticket(ticket_id) for ticket_id in self._hand.ticket_ids()}
        known = self._house.known()
        return tuple(
            ticket_row(ticket, in_hand.get(ticket.id, ()), queued=queued, floor=known.floor, menu=known.menu)
            for ticket, queued in self._shelf.read(bumped=bumped, also=() if bumped else in_hand)
        )
