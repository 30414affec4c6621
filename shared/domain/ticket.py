"""Pure: a ticket, which is what one station cooks of one send, and how far it is."""

from enum import StrEnum
from typing import Final

from shared.domain.model import (
    ALineId,
    AnOrderId,
    AStationId,
    ATableId,
    ATicketId,
    Course,
    Model,
    Moment,
    Note,
    Quantity,
    Seat,
)


class Stage(StrEnum):
    """How far a ticket is within its round."""

    QUEUED = "QUEUED"
    IN_PROGRESS = "IN_PROGRESS"
    READY = "READY"
    BUMPED = "BUMPED"

    @property
    def rank(self) -> int:
        """Its place in the row of stages, 0 first."""
        return _RANKS[self]


_RANKS = {stage: rank for rank, stage in enumerate(Stage)}


MAX_PRIORITY: Final = 2
"""The most urgent that a ticket can be."""


class OtherOrder(Model):
    """Where a line went that left its ticket's order."""

    order_id: AnOrderId
    order_number: str
    table_id: ATableId | None = None


class TicketItem(Model):
    """One line as the cook reads it."""

    line_id: ALineId
    name: str
    quantity: Quantity
    modifiers: tuple[str, ...] = ()
    note: Note = ""
    seat: Seat | None = None
    course: Course = 1
    voided: bool = False
    done: bool = False
    on: OtherOrder | None = None
    """The order that it is for by now, where that is not the ticket's."""


class Ticket(Model):
    """What one station cooks of one send. Its state is (round, stage), of which the greatest wins."""

    id: ATicketId
    order_id: AnOrderId
    order_number: str
    station: AStationId
    table_id: ATableId | None = None
    channel: str = "DINE_IN"
    waiter_name: str = ""
    round: int = 0
    """How often the ticket was recalled."""
    status: Stage = Stage.QUEUED
    sent_at: Moment
    updated_at: Moment
    seen_at: Moment | None = None
    paper_at: Moment | None = None
    priority: int = 0
    """How urgent it is, 0 for like all others up to 2."""
    priority_turn: int = 0
    """How often somebody said so: of two words the one of the later turn counts, and of one turn the more urgent."""
    items: tuple[TicketItem, ...] = ()
    version: int = 0
    applied: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it still belongs on the board."""
        return self.status is not Stage.BUMPED

    @property
    def is_voided(self) -> bool:
        """Whether nothing on it is to be cooked any more."""
        return all(item.voided for item in self.items)
