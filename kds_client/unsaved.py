"""The marks that the disk did not take: told across the board until the ticket is tapped again, or for a while."""

from collections.abc import Iterable, Sequence
from typing import Final

from kds_client.ticket_face import table_words
from shared.terminal import RefusedTap, TicketRow

TELLING_S: Final = 30.0
"""A cook looks up between two dishes, not at once."""
MOST_NAMES: Final = 3


class Unsaved:
    """What is to be told of refused marks, by their tickets. Times are seconds of a stopwatch."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[RefusedTap, float]] = {}

    def hear(self, refused: Sequence[RefusedTap], *, now_s: float) -> None:
        """These were not saved; of one ticket the last counts."""
        for one in refused:
            self._told.pop(one.entity_id, None)
            self._told[one.entity_id] = (one, now_s + TELLING_S)

    def tapped(self, ticket_id: str) -> None:
        """Somebody marks this ticket again, and hears anew if that can't be saved either."""
        self._told.pop(ticket_id, None)

    def words(self, rows: Iterable[TicketRow], *, now_s: float, besides: str = "") -> tuple[str, str] | None:
        """Which of these tickets, by their tables, and what to do; None when there is nothing to tell.

        `besides` is what the band would say otherwise: it stands last, as a sentence of its own.
        """
        self._told = {one: told for one, told in self._told.items() if now_s < told[1]}
        if not self._told:
            return None
        tables: dict[str, str] = {row.ticket.id: table_words(row.table_name) for row in rows}
        named = [*dict.fromkeys(tables[one] for one in self._told if tables.get(one))]
        more = f" and {len(named) - MOST_NAMES} more" if len(named) > MOST_NAMES else ""
        last, _ = [*self._told.values()][-1]
        title = f"Not saved: {', '.join(named[:MOST_NAMES])}{more}" if named else "Not saved"
        return title, f"{last.title}. {last.advice} {besides}".rstrip()
