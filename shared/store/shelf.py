"""What was read and folded last, kept until somebody says that it changed: a change of one costs the reading of one."""

import threading
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Generic, TypeVar

from shared.database import Connection, snapshot
from shared.domain.ticket import Ticket
from shared.store import scenes
from shared.store.scenes import AuthorOf, OrderScene

Marked = tuple[Ticket, int]
"""A ticket with this device's unsettled marks folded in, and the count of those that a person made."""

_KEPT: Final = 2000
Read = TypeVar("Read")


class Shelf(Generic[Read]):
    """Readings by id. `forget` is for any thread, reading for the one that owns the connection.

    What was read while something was forgotten is not kept: it may be older than the change.
    """

    def __init__(self, reader: Connection) -> None:
        """`reader` stays its owner's."""
        self._reader = reader
        self._door = threading.Lock()
        self._generation = 0
        self._kept: dict[str, Read] = {}

    def forget(self, ids: Iterable[str]) -> None:
        """These changed in the file, or may have."""
        with self._door:
            self._generation += 1
            for one in ids:
                self._kept.pop(one, None)

    def _begin(self) -> tuple[int, Mapping[str, Read]]:
        with self._door:
            return self._generation, self._kept

    def _keep(self, generation: int, found: dict[str, Read]) -> None:
        with self._door:
            if generation == self._generation:
                if len(self._kept) > _KEPT:
                    self._kept.clear()
                self._kept.update(found)


class OrderShelf(Shelf[OrderScene]):
    """The orders' scenes; it remembers which of them stand on another order, to be forgotten with that."""

    def __init__(self, reader: Connection) -> None:
        super().__init__(reader)
        self._above: dict[str, set[str]] = {}

    def standing_on(self, ids: Collection[str]) -> frozenset[str]:
        """The orders that were read and stand on these, or on one that stands on these: they change with them."""
        found: set[str] = set()
        waiting = list(ids)
        with self._door:
            while waiting:
                above = self._above.get(waiting.pop(), set()) - found
                found |= above
                waiting += above
        return frozenset(found)

    def read(self, order_id: str, *, author_of: AuthorOf) -> OrderScene:
        """The scene of one order, empty when the file does not know it."""
        generation, kept = self._begin()
        found = kept.get(order_id)
        if found is None:
            found = snapshot(self._reader, lambda tx: scenes.of_order(tx, order_id, author_of=author_of))
            if found.stands_on:
                with self._door:
                    if len(self._above) > _KEPT:
                        self._above.clear()
                    for below in found.stands_on:
                        self._above.setdefault(below, set()).add(order_id)
            self._keep(generation, {order_id: found})
        return found


class TicketShelf(Shelf[Marked]):
    """The tickets; which ones are wanted is asked of the file each time."""

    def read(self, *, bumped: bool, also: Collection[str] = ()) -> tuple[Marked, ...]:
        """The tickets of `scenes.board_ids` in their order, and of those named in `also` what the file knows."""
        generation, kept = self._begin()

        def look(tx: Connection) -> dict[str, Marked]:
            wanted = dict.fromkeys((*scenes.board_ids(tx, bumped=bumped), *also))
            found = ((ticket_id, kept.get(ticket_id) or scenes.marked_ticket(tx, ticket_id)) for ticket_id in wanted)
            return {ticket_id: one for ticket_id, one in found if one is not None}

        found = snapshot(self._reader, look)
        self._keep(generation, found)
        return tuple(found.values())
