"""Pure: the marks of the kitchen, each about one ticket as its screen showed it."""

from typing import Annotated

from pydantic import Field

from shared.domain.command import Command
from shared.domain.model import MAX_LINES, ALineId, ATicketId
from shared.domain.ticket import MAX_PRIORITY, Stage


class TicketCommand(Command):
    """A mark on one ticket: it names the round and the lines that the cook's screen showed."""

    ticket_id: ATicketId
    round: Annotated[int, Field(ge=0, le=999)] = 0
    line_ids: tuple[ALineId, ...] = Field(max_length=MAX_LINES)


class StartTicket(TicketCommand):
    """The cook begins."""


class ReadyTicket(TicketCommand):
    """All of it is cooked."""


class BumpTicket(TicketCommand):
    """It leaves the board; stages may be skipped."""


class RecallTicket(TicketCommand):
    """It comes back as ready, in the next round. `round` is the one that the screen showed."""


class SeenTicket(TicketCommand):
    """A kitchen screen has painted it."""


class ReadyItem(TicketCommand):
    """One line of it is done."""

    line_id: ALineId


class PrioritiseTicket(TicketCommand):
    """Cook it before the others: 2 first of all, 1 soon, 0 like all. `turn` is the one that the screen showed.

    How far the ticket is stays what it is.
    """

    level: Annotated[int, Field(ge=0, le=MAX_PRIORITY)]
    turn: Annotated[int, Field(ge=0, le=999)] = 0


STAGE_OF_MARK: dict[type[TicketCommand], Stage] = {
    StartTicket: Stage.IN_PROGRESS,
    ReadyTicket: Stage.READY,
    BumpTicket: Stage.BUMPED,
}
