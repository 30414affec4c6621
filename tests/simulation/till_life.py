"""What a till's file lives through in the power-cut tests: taps, drafts, takes, settles, pulls, marks, catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from shared.database import Connection
from shared.domain.command import OrderCommand
from shared.domain.commands import AddLine, CreateOrder, EditDraft, PayCash, SendDraft
from shared.domain.intents import lines_of
from shared.domain.lines import Author
from shared.domain.marks import BumpTicket, StartTicket, TicketCommand
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected
from shared.domain.rules import apply
from shared.domain.ticket import Ticket, TicketItem
from shared.domain.tickets import mark
from shared.domain.totals import totals_of
from shared.store import catalog, drafts, entities, meta, scenes, taps
from shared.store.outcomes import Accepted, Deferred, Failed, FailReason, Flight, Outcome
from shared.sync import turns
from shared.sync.actions import Take
from shared.sync.reads import Page
from shared.sync.turns import Landed, Turned
from shared.wire.requests import decode
from tests.contract.house import Row
from tests.simulation.recording import Doer, NotPromised, Work
from tests.unit.domain.restaurant import AT, KITCHEN, MENU, new_line

NOW_MS = 1_764_358_800_000
TELLER = taps.Teller("C", lambda staff_id: Author("till-c", staff_id.title()))
OTHER = Author("till-d", "Ben")


@dataclass
class PretendServer:
    """Decides with the rules, remembers every change, and sometimes says no or not now."""

    names: Row
    orders: dict[str, Order] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    changes: list[tuple[Order | Ticket, str]] = field(default_factory=list)

    def answer(self, flight: Flight, chance: Random) -> Outcome:
        """What it says to an operation."""
        roll = chance.random()
        if roll < 0.1:
            status = chance.choice((None, 500))
            return Deferred(NOW_MS + chance.choice((0, 4_000)), status is not None, status, "Not now.")
        if roll < 0.13:
            return Failed(FailReason.INVALID, 422, "This can't be read.", b"{}")
        command = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
        try:
            changed = self._decided(command)
        except CommandRejected as rejected:
            stands = self.orders.get(flight.entity_id)
            return Failed(FailReason.CONFLICT, 409, rejected.message, b"{}", () if stands is None else (stands,))
        return Accepted(200, b"{}", (changed,), self.cursor())

    def somebody_else(self, chance: Random) -> None:
        """Another till opens an order, and the kitchen gets a ticket."""
        lines = tuple(new_line(self.names.new()) for _ in range(chance.randint(1, 4)))
        create = CreateOrder.model_validate(
            {"id": self.names.new(), "actor_id": "ben", "at": AT, "order_id": self.names.new(), "items": lines}
        )
        order = apply(None, create.model_copy(update={"number": "D-1"}), OTHER)
        self._change(order)
        items = tuple(TicketItem(line_id=line.id, name="Pizza", quantity=1) for line in lines)
        self._change(
            Ticket.model_validate(
                {
                    "id": self.names.new(),
                    "order_id": order.id,
                    "order_number": "D-1",
                    "station": KITCHEN,
                    "sent_at": AT,
                    "updated_at": AT,
                    "items": items,
                    "version": 1,
                }
            )
        )

    def cursor(self) -> str:
        """Where its stream stands."""
        return f"{len(self.changes)}-{self.changes[-1][1]}" if self.changes else ""

    def page(self, asked: str | None, limit: int) -> Page:
        """What changed since, each entity once, as it stands now."""
        since = int((asked or "0-").partition("-")[0])
        upto = min(len(self.changes), since + limit)
        news = {one.id: one for one, _ in self.changes[since:upto]}
        cursor = f"{upto}-{self.changes[upto - 1][1]}" if upto else ""
        return Page(tuple(news.values()), cursor, has_more=upto < len(self.changes))

    def _decided(self, command: Any) -> Order | Ticket:
        if isinstance(command, OrderCommand):
            return self._change(apply(self.orders.get(command.order_id), command, TELLER.author_of(command.actor_id)))  # type: ignore[arg-type]
        assert isinstance(command, TicketCommand)
        ticket = self.tickets[command.ticket_id]
        return self._change(mark(ticket, command))  # type: ignore[arg-type]

    def _change(self, one: Order | Ticket) -> Order | Ticket:
        known: dict[str, Any] = self.orders if isinstance(one, Order) else self.tickets
        if known.get(one.id) is not one:
            known[one.id] = one
            self.changes.append((one, self.names.new()))
        return one


@dataclass
class TillLife:
    """One till through all lives of a story. After a cut it knows what its file knows, like the real one."""

    names: Row = field(default_factory=lambda: Row("01ARYZ6S44"))
    server: PretendServer = field(default_factory=lambda: PretendServer(Row("01ARYZ6S45")))
    order_ids: list[str] = field(default_factory=list)
    in_air: list[Flight] = field(default_factory=list)

    def live(self, do: Doer, chance: Random) -> None:
        """From the start of the program until the power goes, or the day is over."""
        self.in_air.clear()
        do([partial(turns.begin, clock_ms=NOW_MS)])
        for _ in range(chance.randint(3, 9)):
            if chance.random() < 0.3:
                self.server.somebody_else(chance)
            turned = chance.random() < 0.6
            works = [self._act(chance) for _ in range(chance.randint(1, 4))]
            if turned:
                works.append(self._turn(chance))
            given = do(works)
            if turned and isinstance(given[-1], Turned) and given[-1].taken is not None:
                self.in_air += given[-1].taken.flights

    def half_of(self, tx: Connection) -> list[str]:
        """What stands in the file and can't stand there alone, in words; nothing is right."""
        checks = {
            "an operation and its lanes do not agree": """
                SELECT count(*) FROM operation AS o
                WHERE EXISTS (SELECT 1 FROM operation_lane WHERE seq = o.seq) <> (status IN ('PENDING', 'REPLAYING')
                OR coalesce(reason, 'CONFLICT') NOT IN ('CONFLICT', 'DISCARDED'))""",
            "there is a gap in the seqs": """
                SELECT count(*) <> coalesce(max(seq), 0) OR coalesce(max(seq), 0)
                <> coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'operation'), 0) FROM operation""",
            "an accepted operation is there without its order or ticket": """
                SELECT count(*) FROM operation WHERE status = 'SUCCESS'
                AND entity_id NOT IN (SELECT id FROM server_order UNION SELECT id FROM server_ticket)""",
            "a failed operation is there without its alert": """
                SELECT count(*) FROM operation AS o WHERE reason = 'INVALID'
                AND NOT EXISTS (SELECT 1 FROM alert WHERE operation_seq = o.seq)""",
        }
        wrong = [words for words, query in checks.items() if tx.execute(query).get]
        closes = tx.execute("SELECT count(*) FROM operation WHERE kind = 'close_order'").get
        if closes != meta.number(tx, taps.RECEIPT_COUNT):
            wrong.append("a receipt's number and its close are not together")
        since = int((entities.cursor(tx) or "0-").partition("-")[0])
        for one, _ in self.server.changes[:since]:
            read: Callable[[Connection, str], Order | Ticket | None] = (
                entities.order if isinstance(one, Order) else entities.ticket
            )
            stored = read(tx, one.id)
            if stored is None or stored.version < one.version:
                wrong.append("the cursor is there without its rows")
        return wrong

    def _act(self, chance: Random) -> Work:
        roll = chance.random()
        if roll < 0.4 or not self.order_ids:
            return self._tile(chance)
        if roll < 0.65:
            return self._send(chance)
        if roll < 0.75:
            return self._pay(chance)
        if roll < 0.83:
            return self._mark(chance)
        if roll < 0.95:
            return self._pull(chance)
        etag, body = self.names.new(), MENU.to_json() + b" " * chance.randint(0, 12_000)
        if chance.random() < 0.5:
            return partial(catalog.put, name="menu", etag=etag, body=body, now_ms=NOW_MS)
        return partial(meta.set_clock_offset, offset_ms=chance.randint(-5_000, 5_000))

    def _tile(self, chance: Random) -> Work:
        if len(self.order_ids) < 2 or chance.random() < 0.3:
            self.order_ids = [*self.order_ids[-5:], self.names.new()]
        line = new_line(self.names.new(), chance.choice(MENU.items).id, quantity=chance.randint(1, 3))
        edit = self._intent(EditDraft, chance, table_id="table-1", changes=(AddLine(line=line),))
        return lambda tx: taps.accept(tx, edit, teller=TELLER, now_ms=NOW_MS)

    def _send(self, chance: Random) -> Work:
        order_id, intent_id = chance.choice(self.order_ids), self.names.new()

        def work(tx: Connection) -> Any:
            draft = drafts.get(tx, order_id)
            if draft is None:
                raise NotPromised
            ids = tuple(line.id for line in draft.lines)
            send = SendDraft.model_validate(
                {"id": intent_id, "actor_id": "ann", "at": AT, "order_id": order_id, "line_ids": ids}
            )
            return taps.accept(tx, send, teller=TELLER, now_ms=NOW_MS)

        return work

    def _pay(self, chance: Random) -> Work:
        order_id, intent_id = chance.choice(self.order_ids), self.names.new()

        def work(tx: Connection) -> Any:
            owed = lines_of(scenes.of_order(tx, order_id, author_of=TELLER.author_of).scene)
            if not owed:
                raise NotPromised
            due_minor = totals_of(owed, prices_include_tax=True).total_minor
            pay = PayCash.model_validate(
                {
                    "id": intent_id,
                    "actor_id": "ann",
                    "at": AT,
                    "order_id": order_id,
                    "line_ids": tuple(line.id for line in owed),
                    "total_minor": due_minor,
                    "tendered_minor": due_minor,
                }
            )
            return taps.accept(tx, pay, teller=TELLER, now_ms=NOW_MS)

        return work

    def _mark(self, chance: Random) -> Work:
        kind, intent_id, pick = chance.choice((StartTicket, BumpTicket)), self.names.new(), chance.random()

        def work(tx: Connection) -> Any:
            ids = scenes.board_ids(tx, bumped=False)
            ticket = entities.ticket(tx, ids[int(pick * len(ids))]) if ids else None
            if ticket is None:
                raise NotPromised
            line_ids = tuple(item.line_id for item in ticket.items)
            command = kind.model_validate(
                {"id": intent_id, "actor_id": "ann", "at": AT, "ticket_id": ticket.id, "line_ids": line_ids}
            )
            return taps.accept(tx, command, teller=TELLER, now_ms=NOW_MS)

        return work

    def _pull(self, chance: Random) -> Work:
        limit = chance.randint(1, 8)

        def work(tx: Connection) -> Any:
            asked = entities.cursor(tx)
            return turns.store_page(tx, asked_from=asked, page=self.server.page(asked, limit), now_ms=NOW_MS)

        return work

    def _turn(self, chance: Random) -> Work:
        """Some that are in the air come back, and what may go next is taken."""
        back = [flight for flight in self.in_air if chance.random() < 0.7]
        self.in_air = [flight for flight in self.in_air if flight not in back]
        landed = [Landed(flight, self.server.answer(flight, chance)) for flight in back]
        take = Take(limit=5, release=chance.random() < 0.2) if chance.random() < 0.9 else None
        return partial(turns.turn, landed=landed, take=take, now_ms=NOW_MS)

    def _intent(self, kind: type[EditDraft], chance: Random, **fields: Any) -> EditDraft:
        order_id = chance.choice(self.order_ids)
        return kind.model_validate(
            {"id": self.names.new(), "actor_id": "ann", "at": AT, "order_id": order_id, **fields}
        )
