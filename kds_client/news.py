"""Pure: what has happened to a ticket since it was read last, in the one word with which it flashes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.domain.ticket import Stage, Ticket
from shared.terminal import TicketRow

NEW: Final = "NEW"
VOID: Final = "VOID"
URGENT: Final = "URGENT"
CHANGED: Final = "CHANGED"
READY: Final = "READY"
LATE: Final = "LATE"
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def news_of(row: TicketRow, before: TicketRow) -> str:
    """The weightiest of what is new, so that nobody cooks or plates by what was; nothing where there is nothing.

    That it is ready is news only from another screen: who tapped here knows.
    """
    ticket, was = row.ticket, before.ticket
    if ticket is was:
        return ""
    gone = {item.line_id for item in was.items if item.voided}
    if any(item.voided and item.line_id not in gone for item in ticket.items):
        return VOID
    if ticket.priority > was.priority:
        return URGENT
    if _said(ticket) != _said(was):
        return CHANGED
    is_ready = ticket.status is Stage.READY and was.status.rank < Stage.READY.rank
    return READY if is_ready and not row.queued else ""


def _said(ticket: Ticket) -> tuple[object, ...]:
    """What the kitchen cooks and plates by, by ids: a table that is called otherwise is the same one."""
    items = [(one.line_id, one.name, one.quantity, one.modifiers, one.note, one.on) for one in ticket.items]
    return ticket.table_id, ticket.order_number, items
