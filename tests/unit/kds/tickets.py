"""Tickets and rows that the unit tests of the kitchen are made of."""

from shared.domain.ticket import Stage, Ticket, TicketItem
from shared.ids import LineId, OrderId, StationId, TicketId
from shared.terminal import TicketRow

AT = "2026-03-01T19:41:00.000Z"


def ulid(number: int) -> str:
    """A ULID that a test can name."""
    return f"01M8{number:022d}"


def item(number: int, name: str, **more: object) -> TicketItem:
    """One line; one of it unless said otherwise."""
    return TicketItem.model_validate({"line_id": LineId(ulid(number)), "name": name, "quantity": 1} | more)


def row(
    *items: TicketItem,
    number: int = 1,
    status: Stage = Stage.QUEUED,
    paper: bool = False,
    queued: int = 0,
    table: str = "12",
    round_: int = 0,
    seen: bool = False,
    station: str = "grill",
) -> TicketRow:
    """A ticket on the board."""
    ticket = Ticket(
        id=TicketId(ulid(900 + number)),
        order_id=OrderId(ulid(800 + number)),
        order_number=f"C-{number}",
        station=StationId(station),
        waiter_name="Amina",
        status=status,
        round=round_,
        sent_at=AT,
        updated_at=AT,
        seen_at=AT if seen else None,
        paper_at=AT if paper else None,
        items=items,
        version=1,
    )
    return TicketRow(ticket, table, queued, 8, 12)
