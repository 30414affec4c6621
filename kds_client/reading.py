"""Pure: what is kept from one reading of the tickets to the next: which are new, and which wait to be told as seen."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Final

from kds_client.news import NEW, news_of
from kds_client.ticket_face import TicketFace, face_of
from shared.terminal import TicketRow

ALL: Final = "all"
"""The tab with the tickets of every station."""
_TELL_AGAIN_TICKS: Final = 30
_MET_KEPT: Final = 5000  # tickets that are known not to be new; a ticket that comes back after so many may flash again


class Reading:
    """The tickets on the board as they were read last."""

    def __init__(self) -> None:
        self._rows: tuple[TicketRow, ...] = ()
        self._faces: dict[str, TicketFace] = {}
        self._met: frozenset[str] = frozenset()
        self._is_first = True
        self._queued_before: frozenset[str] = frozenset()
        self._told: dict[str, int] = {}
        self._zone: tzinfo | None = None
        self._ticks = 0

    def take(self, rows: tuple[TicketRow, ...], *, zone: tzinfo) -> dict[str, str]:
        """Take a reading. Returns what has just happened to which tickets, in a word each.

        What is on the board at the first reading has not arrived: it was there before this screen looked. What came
        on paper before comes up silent: the cook has it.
        """
        before = self._faces
        known = {row.ticket.id: row for row in self._rows} if zone == self._zone else {}
        self._faces = {}
        for row in rows:
            ticket_id = row.ticket.id
            same = _is_as_it_was(row, known.get(ticket_id))
            self._faces[ticket_id] = before[ticket_id] if same else face_of(row, zone=zone)
        self._rows, self._zone = rows, zone
        ids = frozenset(self._faces)
        is_first, self._is_first = self._is_first, False
        on_paper = {row.ticket.id for row in rows if row.ticket.paper_at is not None}
        news = {} if is_first else dict.fromkeys(ids - self._met - on_paper, NEW)
        news |= {row.ticket.id: news_of(row, known[row.ticket.id]) for row in rows if row.ticket.id in known}
        self._met = ids | self._met if len(self._met) < _MET_KEPT else ids
        return {ticket_id: word for ticket_id, word in news.items() if word}

    @property
    def rows(self) -> tuple[TicketRow, ...]:
        """The rows as they were read."""
        return self._rows

    def rows_of(self, station: str) -> tuple[TicketRow, ...]:
        """The rows of one station, or of all."""
        return tuple(row for row in self._rows if station == ALL or row.is_at(station))

    def faces_of(self, station: str) -> list[TicketFace]:
        """The tickets of one station, or of all, as they are read."""
        return [self._faces[row.ticket.id] for row in self.rows_of(station)]

    def face(self, ticket_id: str) -> TicketFace | None:
        """One ticket, if it is on the board."""
        return self._faces.get(ticket_id)

    def counts(self) -> dict[str, int]:
        """How many tickets each station has, and all together."""
        found = {ALL: len(self._rows)}
        for row in self._rows:
            for station in {row.ticket.station, row.taken_over_by or row.ticket.station}:
                found[station] = found.get(station, 0) + 1
        return found

    def newest_ms(self) -> int:
        """When the newest ticket was sent, in ms since 1970; 0 when there is none."""
        return max((face.sent_at_ms for face in self._faces.values()), default=0)

    def held(self, *, link_is_up: bool) -> frozenset[str]:
        """Tickets of which to say that updates wait here.

        With the link up a mark is queued for a blink; only what was queued at the last tick too is worth a word.
        """
        queued = frozenset(face.id for face in self._faces.values() if face.queued)
        return queued & self._queued_before if link_is_up else queued

    def tick(self) -> int:
        """A second went by. Returns how many have."""
        self._ticks += 1
        self._queued_before = frozenset(face.id for face in self._faces.values() if face.queued)
        return self._ticks

    def to_tell(self, shown: Iterable[TicketFace]) -> list[TicketFace]:
        """Which of the tickets on show are to be told as seen: each once, and once more after 30 s while it is not."""
        unseen = {row.ticket.id for row in self._rows if row.ticket.seen_at is None}
        due = [
            face
            for face in shown
            if face.id in unseen and self._told.get(face.id, -_TELL_AGAIN_TICKS) <= self._ticks - _TELL_AGAIN_TICKS
        ]
        self._told = {key: ticks for key, ticks in self._told.items() if key in self._faces}
        self._told |= {face.id: self._ticks for face in due}
        return due


def _is_as_it_was(row: TicketRow, before: TicketRow | None) -> bool:
    """Whether a row says what it said: the terminal hands out the same ticket while nothing changed it."""
    if before is None or row.ticket is not before.ticket:
        return False
    was = (before.table_name, before.queued, before.orange_after_min, before.red_after_min, before.taken_over)
    return was == (row.table_name, row.queued, row.orange_after_min, row.red_after_min, row.taken_over)
