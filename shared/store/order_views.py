"""The orders as a screen shows them, each kept until something that it was made from is another."""

from collections.abc import Callable, Collection, Sequence
from operator import is_
from typing import Final

from shared.clock import Clock
from shared.database import Connection
from shared.domain.intents import Numbers, OrderIntent
from shared.store import scenes
from shared.store.house import House
from shared.store.rows import OrderView
from shared.store.shelf import OrderShelf
from shared.store.views import order_view

_KEPT: Final = 2000
LEFT_KEPT: Final = 64
"""So many orders that are not open any more are remembered: a day's would be some megabytes of what nobody looks at."""
_FEW: Final = 4
"""So many changed orders are read by whoever shows them next, without being felt."""


class OrderViews:
    """Views by order. `forget` is for any thread, all else for the one that owns the connection.

    Asking for a view again costs next to nothing, however long the order, and a change of one order costs the reading
    of one. When many changed at once (a start, the end of an outage), `catch_up` reads them in slices.
    """

    def __init__(self, reader: Connection, house: House, *, numbers: Numbers, clock: Clock) -> None:
        """`reader` and `house` stay their owner's; `numbers` are what a tap in hand would get from the disk."""
        self._reader = reader
        self._house = house
        self._numbers = numbers
        self._clock = clock
        self._shelf = OrderShelf(reader)
        self._stale: dict[str, None] = dict.fromkeys(scenes.open_order_ids(reader))
        self._made: dict[str, tuple[tuple[object, ...], OrderView | None]] = {}

    def forget(self, order_ids: Collection[str]) -> frozenset[str]:
        """These changed in the file, or may have. Returns the orders that stand on them and so changed with them."""
        above = self._shelf.standing_on(order_ids)
        changed = (*order_ids, *above)
        self._shelf.forget(changed)
        if len(self._stale) < _KEPT:
            self._stale.update(dict.fromkeys(changed))
        return above

    def open_ids(self) -> tuple[str, ...]:
        """The orders that are open, or have something unsettled or unsent here. Few of the others stay remembered."""
        open_ids = scenes.open_order_ids(self._reader)
        if len(self._made) > len(open_ids) + LEFT_KEPT:
            left = self._made.keys() - set(open_ids)
            self._shelf.forget(left)
            for order_id in left:
                del self._made[order_id]
        return open_ids

    def view(self, order_id: str, in_hand: Sequence[OrderIntent], *, online: bool) -> OrderView | None:
        """The order with these taps on it, which were read before; None when neither they nor the file know it."""
        known, author_of = self._house.known(), self._house.author_of
        seen = self._shelf.read(order_id, author_of=author_of)
        # A line that comes and goes is told by the badges of orders that wait; all others stay as they were made.
        made_from = (seen, known, online if seen.waiting else None, *in_hand)
        kept = self._made.get(order_id)
        if kept is not None and len(kept[0]) == len(made_from) and all(map(is_, kept[0], made_from)):
            return kept[1]
        view = order_view(seen, in_hand, author_of=author_of, numbers=self._numbers, floor=known.floor, online=online)
        if len(self._made) > _KEPT:
            self._made.clear()
        self._made[order_id] = (made_from, view)
        return view

    def catch_up(self, in_hand: Callable[[str], Sequence[OrderIntent]], *, online: bool, limit_s: float) -> bool:
        """Read what changed, for about `limit_s`. False when many are left: then paint first, and call again."""
        until_s = self._clock.monotonic_s() + limit_s
        while len(self._stale) > _FEW and self._clock.monotonic_s() < until_s:
            order_id, _ = self._stale.popitem()  # before the reading: what changes meanwhile is put in again
            self.view(order_id, in_hand(order_id), online=online)
        return len(self._stale) <= _FEW
