"""A till's file without a till: the store's functions on a real SQLite file, run inline, with names for the actors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from shared.database import Connection, open_writer, run_inline
from shared.domain.closing import follow_up
from shared.domain.command import OrderCommand
from shared.domain.commands import AddLine, CloseOrder, EditDraft, Intent, NewLine, PayCash, SendDraft
from shared.domain.lines import Author
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.rules import apply
from shared.domain.ticket import Ticket
from shared.ids import ItemId, LineId, OperationId, OrderId, StaffId, StationId, TableId
from shared.migrations import migrate
from shared.store import entities, outbox, scenes, taps
from shared.store.outcomes import Accepted, Failed, FailReason, Flight, Outcome, Taken
from shared.store.scenes import OrderScene
from shared.store.schema import MIGRATIONS
from shared.sync import turns
from shared.sync.turns import Landed
from shared.wire.requests import decode

T = TypeVar("T")
AT = "2026-03-01T19:41:05.250Z"
NOW_MS = 1_772_394_065_250
DEVICE = "till-c"


def ulid(number: int) -> str:
    """A ULID that a test can name."""
    return f"01M8{number:022d}"


def author_of(staff_id: str) -> Author:
    """Everybody is known by the id."""
    return Author(device_id=DEVICE, actor_name=staff_id.title())


@dataclass
class Till:
    """One file and a counter of ids."""

    connection: Connection
    ids: int = field(default=0)
    letter: str = "C"

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run a store function as the writer would: one transaction."""
        return run_inline(self.connection, work)

    def new_id(self) -> str:
        """The next id of this test."""
        self.ids += 1
        return ulid(self.ids)

    def tap(self, intent: Intent, *, now_ms: int = NOW_MS) -> frozenset[str]:
        """Write an intention."""
        teller = taps.Teller(self.letter, author_of)
        return self.run(lambda tx: taps.accept(tx, intent, teller=teller, now_ms=now_ms))

    def add_line(self, order_id: str, *, price_minor: int = 1098, quantity: int = 1) -> str:
        """Tap a tile; returns the line's id."""
        line_id = self.new_id()
        line = NewLine(
            id=LineId(line_id),
            item_id=ItemId("bowl"),
            quantity=quantity,
            name="Chicken Bowl",
            price_minor=price_minor,
            course=1,
            tax_bp=1800,
            station=StationId("grill"),
        )
        self.tap(
            EditDraft(
                id=OperationId(self.new_id()),
                actor_id=StaffId("amina"),
                at=AT,
                order_id=OrderId(order_id),
                table_id=TableId("table-5"),
                changes=(AddLine(line=line),),
            )
        )
        return line_id

    def send(self, order_id: str, *line_ids: str) -> SendDraft:
        """Send lines; returns the intention, to be tapped again."""
        intent = SendDraft(
            id=OperationId(self.new_id()),
            actor_id=StaffId("amina"),
            at=AT,
            order_id=OrderId(order_id),
            line_ids=tuple(LineId(i) for i in line_ids),
        )
        self.tap(intent)
        return intent

    def bill(self, order_id: str, *line_ids: str, total_minor: int) -> PayCash:
        """The intention to pay exactly, not tapped yet."""
        return PayCash(
            id=OperationId(self.new_id()),
            actor_id=StaffId("amina"),
            at=AT,
            order_id=OrderId(order_id),
            line_ids=tuple(LineId(i) for i in line_ids),
            total_minor=total_minor,
            tendered_minor=total_minor,
        )

    def scene(self, order_id: str) -> OrderScene:
        """The order as this till sees it."""
        return self.run(lambda tx: scenes.of_order(tx, order_id, author_of=author_of))

    def take(self, limit: int = 5, *, now_ms: int = NOW_MS) -> Taken:
        """What goes next."""
        return self.run(lambda tx: outbox.take(tx, limit=limit, now_ms=now_ms))

    def accept(self, flight: Flight, *entities: Order) -> frozenset[str]:
        """The server said yes."""
        return self._settled(flight, Accepted(200, b"{}", entities, "7-x"))

    def fail(self, flight: Flight, reason: FailReason, *entities: Order) -> frozenset[str]:
        """The server said no."""
        return self._settled(flight, Failed(reason, 409, "The server's words.", b"{}", entities))

    def _settled(self, flight: Flight, outcome: Outcome) -> frozenset[str]:
        """As a turn of the replay does it."""
        landed = (Landed(flight, outcome),)
        return self.run(lambda tx: turns.turn(tx, landed=landed, take=None, now_ms=NOW_MS)).changed

    def deliver_all(self) -> None:
        """A server that decides with the same rules decides all that waits, one by one."""
        while flights := self.take(limit=1).flights:
            flight = flights[0]
            command = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
            assert isinstance(command, OrderCommand)
            server = self.run(partial(entities.order, order_id=flight.entity_id))
            author = author_of(command.actor_id)
            try:
                decided = apply(server, command, author)
            except CommandRejected as refused:
                conflict = refused.refusal in (Refusal.INVALID_STATE_TRANSITION, Refusal.STALE_WRITE) and server
                self.fail(flight, FailReason.CONFLICT if conflict else FailReason.REFUSED)
                continue
            late = follow_up(server, command, author) if server and isinstance(command, CloseOrder) else None
            self.accept(flight, decided, *(() if late is None else (late,)))

    def told(self, *words: Order | Ticket) -> set[str]:
        """The server said this in a pull; returns the ids that changed."""
        return self.run(partial(entities.put_all, entities=words))

    def statuses(self) -> list[tuple[str, str, str | None]]:
        """Kind, status and reason of every operation, in the order in which they were made."""
        rows = self.connection.execute("SELECT kind, status, reason FROM operation ORDER BY seq")
        return [(str(kind), str(status), None if reason is None else str(reason)) for kind, status, reason in rows]


def open_till(path: Path) -> Till:
    """A till with a new file."""
    connection = open_writer(path)
    migrate(connection, path, MIGRATIONS)
    return Till(connection)
