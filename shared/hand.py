"""The taps in hand: seen on the screen at once, not durable yet; bounded, and for any thread."""

import threading
from dataclasses import dataclass
from typing import Final

from shared.domain.commands import Intent, TicketOperation
from shared.domain.intents import OrderIntent
from shared.domain.marks import TicketCommand
from shared.domain.shift_commands import HouseCommand, HouseOperation
from shared.store.views import intent_order_ids
from shared.wire import requests
from shared.wire.requests import order_lane

MAX_IN_HAND: Final = 200
"""At a tap each tenth of a second this is twenty seconds of a disk that does not answer."""

REFUSALS_KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class RefusedTap:
    """A tap that was not saved, in words; `entity_id` is its order or ticket."""

    intent_id: str
    entity_id: str
    title: str
    advice: str


class Hand:
    """What was tapped and is on its way to the disk, and what was refused there until a screen has shown it."""

    def __init__(self) -> None:
        self._door = threading.Lock()
        self._taps: dict[str, Intent] = {}
        self._refusals: list[RefusedTap] = []

    def take(self, intent: Intent) -> bool | None:
        """Take a tap in hand: True; False when the hand is full; None when this very intention is in it already."""
        with self._door:
            if intent.id in self._taps:
                return None
            if len(self._taps) >= MAX_IN_HAND:
                return False
            self._taps[intent.id] = intent
            return True

    def drop(self, intent: Intent) -> None:
        """The tap is durable, or it was refused: either way the store's word stands now."""
        with self._door:
            self._taps.pop(intent.id, None)

    def refuse(self, intent_id: str, entity_id: str, *, title: str, advice: str) -> None:
        """Keep the refusal until a screen takes it."""
        refused = RefusedTap(intent_id, entity_id, title, advice)
        with self._door:
            self._refusals = [*self._refusals, refused][-REFUSALS_KEPT:]

    def take_refusals(self) -> tuple[RefusedTap, ...]:
        """The refusals since the last call, oldest first."""
        with self._door:
            taken, self._refusals = tuple(self._refusals), []
        return taken

    def count(self) -> int:
        """How many taps are on their way to the disk."""
        with self._door:
            return len(self._taps)

    def of_order(self, order_id: str) -> tuple[OrderIntent, ...]:
        """The taps about one order, in the order in which they were made."""
        with self._door:
            return tuple(
                tap
                for tap in self._taps.values()
                if not isinstance(tap, TicketCommand | HouseCommand) and order_id in intent_order_ids(tap)
            )

    def order_ids(self) -> tuple[str, ...]:
        """The orders that have taps in hand."""
        with self._door:
            return tuple(dict.fromkeys(one for tap in self._taps.values() for one in intent_order_ids(tap)))

    def of_house(self) -> tuple[HouseOperation, ...]:
        """The taps about the drawer, the clock and the day, in the order in which they were made."""
        with self._door:
            return tuple(tap for tap in self._taps.values() if isinstance(tap, HouseCommand))

    def ticket_ids(self) -> tuple[str, ...]:
        """The tickets that have marks in hand."""
        with self._door:
            return tuple(dict.fromkeys(tap.ticket_id for tap in self._taps.values() if isinstance(tap, TicketCommand)))

    def of_ticket(self, ticket_id: str) -> tuple[TicketOperation, ...]:
        """The marks on one ticket, in the order in which they were made."""
        with self._door:
            return tuple(
                tap for tap in self._taps.values() if isinstance(tap, TicketCommand) and tap.ticket_id == ticket_id
            )


def lanes_of(intent: Intent) -> tuple[str, ...]:
    """The lanes that an intention is about, its own first."""
    if isinstance(intent, TicketCommand | HouseCommand):
        return requests.lanes_of(intent)
    return tuple(map(order_lane, intent_order_ids(intent)))
