"""Pure: the end of a business day: what was still open then, in words, and nothing of it lost."""

from collections.abc import Iterable

from shared.domain.lines import Author
from shared.domain.model import ADayId, Model, Moment
from shared.domain.shift_commands import CloseDay

MOST_NAMED = 200
"""So many orders are named one by one; how many there are is said besides."""


class StillOpen(Model):
    """Something that goes on into the next day."""

    id: str
    what: str
    """In words for a person: `Order C-12, Table 5, 34.00`."""


class BusinessDay(Model):
    """A business day that somebody ended. Boards show nothing from before `closed_at` that is done."""

    id: ADayId
    version: int = 1
    day: str
    """Its date in the business's own calendar."""
    closed_at: Moment
    closed_by: str
    closed_by_name: str = ""
    open_orders: int = 0
    still_open: tuple[StillOpen, ...] = ()
    open_shifts: tuple[StillOpen, ...] = ()
    message: str = ""
    applied: tuple[str, ...] = ()


def closed(
    command: CloseDay, author: Author, *, day: str, orders: Iterable[StillOpen], count: int, shifts: Iterable[StillOpen]
) -> BusinessDay:
    """The day as it ends. `count` is how many orders are open, of which `orders` names the first."""
    open_shifts = tuple(shifts)
    return BusinessDay(
        id=command.day_id,
        day=day,
        closed_at=command.at,
        closed_by=command.actor_id,
        closed_by_name=author.actor_name,
        open_orders=count,
        still_open=tuple(orders)[:MOST_NAMED],
        open_shifts=open_shifts,
        message=_words(count, len(open_shifts)),
        applied=(command.id,),
    )


def _words(orders: int, shifts: int) -> str:
    if not orders and not shifts:
        return "The day is closed. Nothing is open."
    named = " and ".join(_counted(count, what) for count, what in ((orders, "order"), (shifts, "shift")) if count)
    if orders + shifts == 1:
        return f"The day is closed. {named} is still open: it goes on, nothing is lost."
    return f"The day is closed. {named} are still open: they go on, nothing is lost."


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
