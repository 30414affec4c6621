"""The writes of the kitchen: the marks on tickets."""

from __future__ import annotations

from typing import Final

from reference_server.area import Area, Wish, Write
from reference_server.deps import Deps
from reference_server.effect import Effect
from reference_server.filling import Fields, Filler
from reference_server.kitchen import decide
from reference_server.storage import entities
from reference_server.storage.seam import Connection
from shared.domain.commands import Operation
from shared.domain.marks import TicketCommand
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.ticket import Ticket
from shared.domain.versioned import Versioned
from shared.ids import is_ulid
from shared.wire.requests import MARK_KINDS, Kind


def _find(tx: Connection, asked: Write) -> Ticket:
    ticket = entities.ticket(tx, asked.entity_id) if asked.entity_id and is_ulid(asked.entity_id) else None
    if ticket is None:
        raise _unknown()
    if asked.line_id is not None and all(item.line_id != asked.line_id for item in ticket.items):
        raise CommandRejected(Refusal.NOT_FOUND, "This line is not on the ticket.")
    return ticket


def _load(tx: Connection, command: Operation) -> Ticket | None:
    assert isinstance(command, TicketCommand), "a ticket's path names a ticket"
    return entities.ticket(tx, command.ticket_id)


def _fill(filler: Filler, asked: Write, ticket: Versioned | None) -> Fields:
    assert isinstance(ticket, Ticket), "a ticket's path names a ticket"
    line = {} if asked.line_id is None else {"lineId": asked.line_id}
    fields = filler.start(asked.body, ticketId=ticket.id, **line)
    fields.setdefault("round", ticket.round)
    if asked.kind is Kind.PRIORITISE_TICKET:
        fields.setdefault("turn", ticket.priority_turn)
    fields.setdefault("lineIds", [item.line_id for item in ticket.items])
    return fields


def _decide(tx: Connection, _: Deps, wish: Wish) -> Effect:
    command, ticket = wish.command, wish.entity
    assert isinstance(command, TicketCommand), "a ticket's path names a ticket"
    if not isinstance(ticket, Ticket):
        raise _unknown()
    return decide.decide(tx, command=command, ticket=ticket)


def _unknown() -> CommandRejected:
    return CommandRejected(Refusal.NOT_FOUND, "This ticket is not known here.")


AREA: Final = Area(
    kinds=MARK_KINDS,
    find=_find,
    load=_load,
    body=entities.ticket_body,
    fill=_fill,
    decide=_decide,
)
