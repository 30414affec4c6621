"""What a till sees of one order or ticket: the server's last word and the unsettled operations, folded when read."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from shared.database import Connection
from shared.domain.command import OrderCommand
from shared.domain.commands import OrderOperation
from shared.domain.fold import fold_all, fold_ticket
from shared.domain.intents import Scene
from shared.domain.lines import Author
from shared.domain.marks import TicketCommand
from shared.domain.order import Order, TicketMark
from shared.domain.ticket import Ticket
from shared.domain.together import orders_of
from shared.store import drafts, entities, outbox
from shared.store.dependants import Unsettled
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

    `marks` is how far the kitchen is by the server's own word, on all orders that are folded with it. `stands_on` are
    those orders, while the server has not settled what connects them: what changes there changes here.
    """

    scene: Scene
    server: Order | None
    unsettled: tuple[Unsettled, ...]
    skipped: tuple[str, ...]
    marks: tuple[TicketMark, ...] = ()
    stands_on: frozenset[str] = frozenset()

    @property
    def waiting(self) -> int:
        """Operations that the server has not settled and that go by themselves."""
        return sum(one.status in (Status.PENDING, Status.REPLAYING) for one in self.unsettled)

    @property
    def held(self) -> int:
        """Operations that need a person."""
        return sum(one.status is Status.FAILED for one in self.unsettled)


def of_order(tx: Connection, order_id: str, *, author_of: AuthorOf, also: Collection[str] = ()) -> OrderScene:
    """Read and fold one order; an order that this file does not know gives an empty scene.

    `also` are orders that an intention is about besides: they are in the scene's `others`.
    """
    read = _read(tx, (order_id, *also))
    folded = fold_all(read.server, [(command, author_of(command.actor_id)) for command in read.commands])
    orders = dict(folded.orders)
    server = read.server.get(order_id)
    order = orders.pop(order_id, None)
    version = 0 if server is None else server.version
    return OrderScene(
        Scene(order, drafts.get(tx, order_id), version, orders),
        server,
        tuple(one for one in read.unsettled if one.seq in read.in_lane[order_id]),
        folded.skipped,
        marks=tuple(mark for one in read.server.values() for mark in one.tickets),
        stands_on=frozenset(read.order_ids) - {order_id},
    )


def orders_before(tx: Connection, command: OrderOperation, *, author_of: AuthorOf) -> Mapping[str, Order]:
    """The orders of a queued command as this device sees them without it and all that stands behind it."""
    read = _read(tx, (command.order_id,))
    before = takewhile(lambda one: one.id != command.id, read.commands)
    return fold_all(read.server, [(one, author_of(one.actor_id)) for one in before]).orders


@dataclass(frozen=True, slots=True)
class _Read:
    """What the file says of orders that stand on each other: the server's last words and the operations on them."""

    order_ids: tuple[str, ...]
    server: Mapping[str, Order]
    unsettled: tuple[Unsettled, ...]
    in_lane: Mapping[str, frozenset[int]]
    """By order, which of these stand in its lane: what waits for a merged order stands in its heir's too."""

    @property
    def commands(self) -> tuple[OrderOperation, ...]:
        """The operations on these orders, in the order in which they were made."""
        return tuple(one.command for one in self.unsettled if isinstance(one.command, OrderCommand))


def _read(tx: Connection, order_ids: Iterable[str]) -> _Read:
    """These orders, and all whose unsettled operations make a difference to them.

    A close says what its follow-up order begins with, and a transfer is about two orders: it happens to both or none.
    """
    server: dict[str, Order] = {}
    unsettled: dict[int, Unsettled] = {}
    in_lane: dict[str, frozenset[int]] = {}
    waiting, known = list(order_ids), list(dict.fromkeys(order_ids))
    while waiting:
        order_id = waiting.pop()
        if (word := entities.order(tx, order_id)) is not None:
            server[order_id] = word
        standing = outbox.unsettled(tx, order_lane(order_id))
        in_lane[order_id] = frozenset(one.seq for one in standing)
        unsettled |= {one.seq: one for one in standing}
        about = [each for one in standing if isinstance(one.command, OrderCommand) for each in orders_of(one.command)]
        heir = () if word is None or word.merged_into is None else (word.merged_into,)
        new = [each for each in dict.fromkeys((*heir, *about)) if each not in known]
        known += new
        waiting += new
    in_order = sorted(unsettled.values(), key=lambda one: (one.place, one.seq))
    return _Read(tuple(known), server, tuple(in_order), in_lane)


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
