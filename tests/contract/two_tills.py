"""Tills on their own files beside the real server, by hand and without a thread: tap, deliver and pull when told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from shared.database import Connection, open_writer, run_inline
from shared.domain.commands import (
    AddLine,
    Change,
    ChangeOrder,
    CloseOrder,
    EditDraft,
    Intent,
    NewLine,
    PayCash,
    SendDraft,
    VoidLine,
)
from shared.domain.intents import Numbers
from shared.domain.lines import Author
from shared.domain.menu import Floor, complete
from shared.domain.moves import MergeOrder, SplitOrder, TransferLines
from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.domain.totals import totals_of_order
from shared.ids import ChangeId, ItemId, LineId, OperationId, OrderId, StaffId, TableId
from shared.migrations import migrate
from shared.store import again, entities, outbox, panel, scenes, taps, till_reports
from shared.store.outcomes import Accepted, Failed, Flight
from shared.store.rows import AlertRow, OrderView
from shared.store.scenes import OrderScene
from shared.store.schema import MIGRATIONS
from shared.store.till_reports import TillReport
from shared.store.views import order_view
from shared.sync import turns
from shared.sync.exchange import Answered
from shared.sync.turns import Landed
from shared.sync.verdicts import judge
from shared.wire.protocol import HEADER_OPERATION
from tests.contract.house import House, Row
from tests.unit.domain.restaurant import MENU

T = TypeVar("T")
AT = "2025-11-28T19:40:00.000Z"
ANN = StaffId("ann")


@dataclass
class StoreTill:
    """A till's file, and the server that it may or may not reach just now."""

    house: House
    connection: Connection
    who: str
    letter: str
    ids: Row
    cursor: str | None = None
    answers: list[int] = field(default_factory=list)
    """The statuses that were answered, oldest first."""

    def author_of(self, staff_id: str) -> Author:
        return Author(self.house.device_ids[self.who], staff_id.title())

    @property
    def teller(self) -> taps.Teller:
        return taps.Teller(self.letter, self.author_of)

    def run(self, work: Callable[[Connection], T]) -> T:
        return run_inline(self.connection, work)

    def tap(self, intent: Intent) -> frozenset[str]:
        return self.run(partial(taps.accept, intent=intent, teller=self.teller, now_ms=self.house.clock.ms))

    def said(self, order_id: str) -> dict[str, Any]:
        return {"id": OperationId(self.ids.new()), "actor_id": ANN, "at": AT, "order_id": OrderId(order_id)}

    def order(self, *items: str, table: str = "table-5", is_sent: bool = True) -> str:
        """Open an order with one of each of these, and send it; or save and send nothing."""
        order_id = self.ids.new()
        self.more(order_id, *items, table=table, is_sent=is_sent)
        return order_id

    def more(self, order_id: str, *items: str, table: str = "table-5", is_sent: bool = True) -> tuple[str, ...]:
        """Tap tiles and send what was tapped; the ids of the lines."""
        lines = tuple(self.new_line(item) for item in items)
        adds = tuple(AddLine(line=line) for line in lines)
        if is_sent:
            self.tap(EditDraft(**self.said(order_id), table_id=TableId(table), changes=adds))
            self.tap(SendDraft(**self.said(order_id), line_ids=tuple(line.id for line in lines)))
        else:
            self.change(order_id, *adds)
        return tuple(line.id for line in lines)

    def new_line(self, item: str) -> NewLine:
        return complete(NewLine(id=LineId(self.ids.new()), item_id=ItemId(item), quantity=1), MENU)

    def change(self, order_id: str, *changes: Change) -> ChangeOrder:
        version = self.scene(order_id).scene.base_version
        command = ChangeOrder(**self.said(order_id), base_version=version, changes=changes)
        self.tap(command)
        return command

    def transfer(self, order_id: str, to_order_id: str, *line_ids: str) -> ChangeOrder:
        named = tuple(map(LineId, line_ids))
        one = TransferLines(id=ChangeId(self.ids.new()), line_ids=named, to_order_id=OrderId(to_order_id))
        return self.change(order_id, one)

    def merge(self, order_id: str, into_order_id: str) -> MergeOrder:
        named = tuple(line.id for line in self.fold(order_id).standing_lines)
        command = MergeOrder(**self.said(order_id), into_order_id=OrderId(into_order_id), line_ids=named)
        self.tap(command)
        return command

    def split(self, order_id: str, *line_ids: str, table: str = "table-9") -> str:
        """Carry these lines to a new order; its id."""
        split = SplitOrder(
            **self.said(order_id),
            base_version=self.scene(order_id).scene.base_version,
            new_order_id=OrderId(self.ids.new()),
            line_ids=tuple(map(LineId, line_ids)),
            table_id=TableId(table),
        )
        self.tap(split)
        return split.new_order_id

    def void_line(self, order_id: str, line_id: str) -> ChangeOrder:
        return self.change(order_id, VoidLine(id=ChangeId(self.ids.new()), line_id=LineId(line_id), reason="dropped"))

    def pay(self, order_id: str) -> PayCash:
        """Cash for all that this till shows, exactly."""
        order = self.fold(order_id)
        due_minor = totals_of_order(order).total_minor
        named = tuple(line.id for line in order.standing_lines)
        bill = PayCash(**self.said(order_id), line_ids=named, total_minor=due_minor, tendered_minor=due_minor)
        self.tap(bill)
        return bill

    def scene(self, order_id: str) -> OrderScene:
        return self.run(partial(scenes.of_order, order_id=order_id, author_of=self.author_of))

    def fold(self, order_id: str) -> Order:
        order = self.scene(order_id).scene.order
        assert order is not None
        return order

    def view(self, order_id: str, *in_hand: Any) -> OrderView:
        numbers = Numbers(lambda: "C-next", lambda: "C-000099")
        seen = self.scene(order_id)
        shown = order_view(
            seen, in_hand, author_of=self.author_of, numbers=numbers, floor=Floor(version="1"), online=True
        )
        assert shown is not None
        return shown

    def items(self, order_id: str) -> list[str]:
        """What the guest owes for on this order, as this till shows it."""
        return sorted(line.item_id for line in self.fold(order_id).standing_lines)

    def deliver(self, *, most: int = 100) -> list[int]:
        """Send what may go, one by one, as the worker does; the statuses that were answered."""
        statuses: list[int] = []
        while len(statuses) < most and (flights := self.take(1)):
            statuses.append(self.send(flights[0]))
        self.answers += statuses
        return statuses

    def take(self, limit: int) -> tuple[Flight, ...]:
        return self.run(partial(outbox.take, limit=limit, now_ms=self.house.clock.ms)).flights

    def send(self, flight: Flight, *, is_answer_lost: bool = False) -> int:
        headers = {HEADER_OPERATION.lower(): flight.id}
        said = self.house.call(flight.method, flight.path, flight.body, key=flight.id, who=self.who, headers=headers)
        if is_answer_lost:
            self.run(partial(outbox.reset_replaying, now_ms=self.house.clock.ms))
            return said.status
        outcome = judge(flight, Answered(said.status, said.headers, said.body), link_up=True)
        assert isinstance(outcome, Accepted | Failed), outcome
        landed = (Landed(flight, outcome),)
        self.run(partial(turns.turn, landed=landed, take=None, now_ms=self.house.clock.ms))
        self.house.clock.ms += 1
        return said.status

    def pull(self) -> None:
        """What the others did."""
        asked = "" if self.cursor is None else f"?cursor={self.cursor}"
        page = self.house.call("GET", f"/pos/orders{asked}", who=self.who).json
        orders = tuple(Order.model_validate_json(json.dumps(one)) for one in page["orders"])
        stored = partial(entities.store_page, asked_from=self.cursor, cursor=page["cursor"], entities=orders, now_ms=0)
        assert self.run(stored) is not None
        self.cursor = page["cursor"] or None

    def told(self, *orders: Order) -> None:
        """The stream brings these."""
        self.run(partial(entities.put_all, entities=orders))

    def alerts(self) -> tuple[AlertRow, ...]:
        currency = self.house.deps.catalogue.now(self.house.connection).business.currency
        return self.run(partial(panel.open_alerts, floor=Floor(version="1"), currency=currency))

    def report(self, shift_id: str) -> TillReport:
        """What this till has of one of its shifts."""
        found = self.run(partial(till_reports.read, shift_id=shift_id, author_of=self.author_of))
        assert found is not None
        return found

    def put_on_again(self, operation_id: str) -> None:
        new_id = self.ids.new()
        self.run(
            lambda tx: again.put_on_again(
                tx, operation_id, new_id=new_id, actor_id=ANN, at=AT, teller=self.teller, now_ms=self.house.clock.ms
            )
        )

    def statuses(self) -> list[tuple[str, str, str | None]]:
        """Kind, status and reason of every operation, in the order in which they were made."""
        rows = self.connection.execute("SELECT kind, status, reason FROM operation ORDER BY seq")
        return [(str(kind), str(status), None if reason is None else str(reason)) for kind, status, reason in rows]

    def close_of(self, order_id: str) -> CloseOrder:
        commands = (one.command for one in self.scene(order_id).unsettled)
        return next(one for one in commands if isinstance(one, CloseOrder))


def two_tills(house: House, folder: Path) -> tuple[StoreTill, StoreTill]:
    """The tills of a house, with their own files; whoever asked closes the connections."""
    pair = []
    for who, letter, prefix in (("till", "A", "01ARYZ6S50"), ("till-2", "B", "01ARYZ6S51")):
        path = folder / f"{who}.sqlite"
        connection = open_writer(path)
        migrate(connection, path, MIGRATIONS)
        pair.append(StoreTill(house, connection, who, letter, Row(prefix)))
    return pair[0], pair[1]


def server_order(house: House, order_id: str) -> Order:
    """The order as the server has it."""
    return Order.model_validate_json(house.call("GET", f"/pos/orders/{order_id}").body)


def server_ticket(house: House, ticket_id: str) -> Ticket:
    """The ticket as the server has it."""
    body = house.connection.execute("SELECT body FROM ticket WHERE id = ?", (ticket_id,)).get
    return Ticket.model_validate_json(body)


def line_of(till: StoreTill, order_id: str, item: str) -> str:
    return next(line.id for line in till.fold(order_id).standing_lines if line.item_id == item)


def both_agree(house: House, *tills: StoreTill, orders: tuple[str, ...]) -> None:
    """Every till shows what the server has, byte for byte, and nothing waits."""
    for till in tills:
        till.pull()
        assert till.run(lambda tx: tx.execute("SELECT count(*) FROM operation_lane").get) == 0
        for order_id in orders:
            assert till.fold(order_id).to_json() == server_order(house, order_id).to_json()
