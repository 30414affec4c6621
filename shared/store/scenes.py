"""What a till sees of one order or ticket: the server's last word and the unsettled operations, folded when read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from shared.database import Connection
from shared.domain.commands import CloseOrder, OrderCommand, OrderOperation, TicketCommand
from shared.domain.fold import Folded, fold, fold_follow_up, fold_ticket
from shared.domain.intents import Scene
from shared.domain.lines import Author
from shared.domain.order import Order, TicketMark
from shared.domain.ticket import Ticket
from shared.store import drafts, entities, outbox
from shared.store.outbox import Unsettled
from shared.store.outcomes import Status
from shared.wire.requests import Kind, order_lane, ticket_lane

MOST_OPEN: Final = 1000
"""So many open orders that only the server tells of are looked at, and so many that were paid here and wait."""

_LANES: Final = """FROM operation_lane AS l JOIN operation AS o USING (seq)
    WHERE l.lane >= 'order:' AND l.lane < 'order;' GROUP BY l.lane HAVING"""

_ENDING: Final = "max(o.kind IN ('close_order', 'void_order')) AND NOT max(o.status = 'FAILED')"

_OPEN: Final = f"""
    SELECT id FROM (SELECT id FROM server_order WHERE state NOT IN ('CLOSED', 'VOIDED')
                    ORDER BY opened_at DESC LIMIT ?)
    UNION SELECT order_id FROM draft
    UNION SELECT substr(l.lane, 7) {_LANES} NOT ({_ENDING})
    UNION SELECT id FROM (SELECT substr(l.lane, 7) AS id {_LANES} {_ENDING}
                          ORDER BY l.lane DESC LIMIT ?)
    ORDER BY 1"""  # noqa: S608 - constants

AuthorOf = Callable[[str], Author]
"""Says who a person is to the rules: this device, and the name of the staff member with this id."""


@dataclass(frozen=True, slots=True)
class OrderScene:
    """An order as this device sees it, with what the badge needs: what waits, what is on its way, what is held.

    `marks` is how far the kitchen is by the server's own word. `stands_on` is the order that a close of this device
    leaves this one over from, while the server has not settled that: what changes there changes here.
    """

    scene: Scene
    server: Order | None
    unsettled: tuple[Unsettled, ...]
    skipped: tuple[str, ...]
    marks: tuple[TicketMark, ...] = ()
    stands_on: str | None = None

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
    read = _read(tx, order_id)
    folded = _fold(tx, read, author_of=author_of)
    scene = Scene(folded.order, drafts.get(tx, order_id), 0 if read.server is None else read.server.version)
    maker = read.maker
    return OrderScene(
        scene,
        read.server,
        read.unsettled,
        folded.skipped,
        marks=_marks(tx, read),
        stands_on=None if maker is None else maker.order_id,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """What the file says of one order: the server's last word and the operations that are in its lane."""

    order_id: str
    server: Order | None
    unsettled: tuple[Unsettled, ...]

    @property
    def own(self) -> tuple[OrderOperation, ...]:
        """The operations on this very order."""
        commands = (one.command for one in self.unsettled)
        return tuple(c for c in commands if isinstance(c, OrderCommand) and c.order_id == self.order_id)

    @property
    def maker(self) -> CloseOrder | None:
        """The close of another order that this one is left over from: it stands in the lanes of both."""
        commands = (one.command for one in self.unsettled)
        return next((c for c in commands if isinstance(c, CloseOrder) and c.order_id != self.order_id), None)


def _read(tx: Connection, order_id: str) -> _Read:
    return _Read(order_id, entities.order(tx, order_id), outbox.unsettled(tx, order_lane(order_id)))


def _fold(tx: Connection, read: _Read, *, author_of: AuthorOf, before: str = "") -> Folded:
    """The order with its operations on it, up to the one with the id `before`.

    A follow-up order that the server has not made begins as the close will leave it, predicted by the server's rule.
    """
    start, maker = read.server, read.maker
    if start is None and maker is not None:
        paid = _fold(tx, _read(tx, maker.order_id), author_of=author_of, before=maker.id).order
        start = fold_follow_up(paid, maker, author_of(maker.actor_id))
    own = takewhile(lambda command: command.id != before, read.own)
    return fold(start, [(command, author_of(command.actor_id)) for command in own])


def _marks(tx: Connection, read: _Read) -> tuple[TicketMark, ...]:
    """How far the kitchen is; a follow-up order's tickets are told with the order that they come from."""
    if read.server is None and read.maker is not None:
        return _marks(tx, _read(tx, read.maker.order_id))
    return () if read.server is None else read.server.tickets


def of_ticket(tx: Connection, ticket_id: str) -> tuple[Ticket, tuple[Unsettled, ...]] | None:
    """Read and fold one ticket, with its unsettled marks; None when this file does not know it."""
    server = entities.ticket(tx, ticket_id)
    if server is None:
        return None
    unsettled = outbox.unsettled(tx, ticket_lane(ticket_id))
    return fold_ticket(server, [u.command for u in unsettled if isinstance(u.command, TicketCommand)]), unsettled


def open_order_ids(tx: Connection, *, most: int = MOST_OPEN) -> tuple[str, ...]:
    """Orders that are open for the server, have unsettled operations, or a draft; oldest id first.

    Whatever has a draft, is still ordered on here or needs a person is there, however many they are. Of what only the
    server says is open, and of what was paid here and waits, the newest are: neither what nobody closed for weeks nor
    a long outage may hide who sits at the tables now.
    """
    rows: Sequence[tuple[Any, ...]] = tx.execute(_OPEN, (most, most)).fetchall()
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
