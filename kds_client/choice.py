"""Pure: which ticket the arrows of a bump bar come to."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """A ticket and the corner where it stands, in pixels."""

    key: str
    x: int
    y: int


def neighbour(spots: Sequence[Spot], chosen: str, *, right: int, down: int) -> str:
    """The ticket beside the chosen one, towards -1, 0 or 1 in each direction; `spots` are in the tickets' order.

    Up and down go through all tickets in their order and stop at the ends; left and right go to the next column, to
    the ticket whose top is nearest. Without a choice the first ticket is chosen; an empty board gives nothing.
    """
    here = next((spot for spot in spots if spot.key == chosen), None)
    if here is None:
        return spots[0].key if spots else ""
    if down:
        place = min(max(spots.index(here) + down, 0), len(spots) - 1)
        return spots[place].key
    aside = [spot for spot in spots if (spot.x - here.x) * right > 0]
    nearest = min(aside, key=lambda spot: (abs(spot.x - here.x), abs(spot.y - here.y)), default=here)
    return nearest.key
