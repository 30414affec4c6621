"""What a till sees of one order or ticket: the server's last word and the unsettled operations, folded when read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.database import Connection
from shared.domain.commands import OrderCommand, TicketCommand
from shared.domain.fold import fold, fold_ticket
from shared.domain.intents import Scene
from shared.domain.lines import Author
from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.store import drafts, entities, outbox
from shared.store.outbox import Unsettled
from shared.store.outcomes import Status
from shared.wire.requests import Kind, order_lane, ticket_lane

AuthorOf = Callable[[str], Author]
"""Says who a person is to the rules: this device, and the name of the staff member with this id."""


@dataclass(frozen=True, slots=True)
class OrderScene:
    """An order as this device sees it, with what the badge needs: what waits, what is on its way, what is held."""

    scene: Scene
    server: Order | None
    unsettled: tuple[Unsettled, ...]
    skipped: tuple[str, ...]

    @property
    def waiting(self) -> int:
        """Operations that the server has not settled and that go by themselves."""
        return sum(one.status in (Status.PENDING, Status.REPLAYING) for one in self.unsettled)

    @property
    def held(self) -> int:
        """Operations that need a person."""
        return sum(one.status is Status.FAILED for one in self.unsettled)


def of_order(tx: Connection, order_id: str, *, author_of: AuthorOf) -> OrderScene:
    """Read and fold one order; an order that this file does not know gives an empty scene."""
    server = entities.order(tx, order_id)
    unsettled = outbox.unsettled(tx, order_lane(order_id))
    folded = fold(
        server,
        [(u.command, author_of(u.command.actor_id)) for u in unsettled if isinstance(u.command, OrderCommand)],
    )
    draft = drafts.get(tx, order_id)
    scene = Scene(folded.order, draft, 0 if server is None else server.version)
    return OrderScene(scene, server, unsettled, folded.skipped)


def of_ticket(tx: Connection, ticket_id: str) -> tuple[Ticket, tuple[Unsettled, ...]] | None:
    """Read and fold one ticket, with its unsettled marks; None when this file does not know it."""
    server = entities.ticket(tx, ticket_id)
    if server is None:
        return None
    unsettled = outbox.unsettled(tx, ticket_lane(ticket_id))
    return fold_ticket(server, [u.command for u in unsettled if isinstance(u.command, TicketCommand)]), unsettled


def open_order_ids(tx: Connection) -> tuple[str, ...]:
    """Orders that are open for the server, have unsettled operations, or a draft; oldest id first."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        """SELECT id FROM server_order WHERE state NOT IN ('CLOSED', 'VOIDED')
           UNION SELECT substr(lane, 7) FROM operation_lane WHERE lane >= 'order:' AND lane < 'order;'
           UNION SELECT order_id FROM draft ORDER BY 1 LIMIT 1000"""
    ).fetchall()
    return tuple(order_id for (order_id,) in rows)


def board_ids(tx: Connection, *, bumped: bool) -> tuple[str, ...]:
    """The tickets that may be on the board, oldest first; or the last 50 that left it, newest first.

    On the board may be what the server says is there, and what has unsettled marks here: one of them may be a recall.
    """
    if bumped:
        query = "SELECT id FROM server_ticket WHERE status = 'BUMPED' ORDER BY updated_at DESC LIMIT 50"
    else:
        query = """SELECT id FROM server_ticket WHERE status <> 'BUMPED' OR id IN
                   (SELECT substr(lane, 8) FROM operation_lane WHERE lane >= 'ticket:' AND lane < 'ticket;')
                   ORDER BY sent_at, id LIMIT 1000"""
    rows: Sequence[tuple[Any, ...]] = tx.execute(query).fetchall()
    return tuple(ticket_id for (ticket_id,) in rows)


def marked_ticket(tx: Connection, ticket_id: str) -> tuple[Ticket, int] | None:
    """A ticket with this device's unsettled marks folded in, and the count of those that a person made."""
    found = of_ticket(tx, ticket_id)
    return None if found is None else (found[0], sum(u.kind is not Kind.SEEN_TICKET for u in found[1]))


def of_board(tx: Connection, *, bumped: bool) -> tuple[tuple[Ticket, int], ...]:
    """The tickets of `board_ids`, each as `marked_ticket` has it."""
    found = (marked_ticket(tx, ticket_id) for ticket_id in board_ids(tx, bumped=bumped))
    return tuple(one for one in found if one is not None)
