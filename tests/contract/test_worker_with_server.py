"""A till's worker in its thread, its writer and its file, and the real server's application: they mean the same."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from reference_server.catalogue.loading import Restaurant
from shared.clock import SystemClock
from shared.database import Connection, Writer, open_writer
from shared.domain.commands import AddLine, EditDraft, NewLine, PayCash, SendDraft
from shared.domain.lines import Author
from shared.domain.menu import complete
from shared.domain.order import OrderState
from shared.ids import ItemId, LineId, OperationId, OrderId, StaffId, TableId
from shared.migrations import migrate
from shared.store import catalog, entities, outbox, scenes, taps
from shared.store.schema import MIGRATIONS
from shared.sync.actions import Cause, LinkState
from shared.sync.errands import Kind
from shared.sync.transport import HttpTransport
from shared.sync.worker import Worker
from tests.contract.house import WITHOUT_PUSH, Row
from tests.contract.web import Site, open_site

T = TypeVar("T")

AT = "2025-11-28T19:40:00.000Z"
PATIENCE_S = 20.0


@dataclass
class Device:
    """A device with its file and its running worker."""

    site: Site
    path: Path
    who: str
    kind: Kind
    ids: Row
    transport: HttpTransport | None = None
    """What it reaches the server by; left out, the application in this process."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        connection = open_writer(self.path)
        migrate(connection, self.path, MIGRATIONS)
        self.writer = Writer(connection)
        inner = httpx.ASGITransport(self.site.app, raise_app_exceptions=False)
        self.worker = Worker(
            self.writer,
            self.transport or HttpTransport("http://server", self.site.tokens.get(self.who, "nobody"), inner=inner),
            SystemClock(),
            random=random.Random(1),
            kind=self.kind,
            announce=self._announced,
        )

    def tap(self, intent: EditDraft | SendDraft | PayCash) -> None:
        teller = taps.Teller("A", lambda staff_id: Author("till", staff_id))
        self.ask(lambda tx: taps.accept(tx, intent, teller=teller, now_ms=0))
        self.worker.wake()

    def wait_until(self, so: Callable[[], bool]) -> None:
        """Until it is so; looked at after each announcement."""
        with self.changed:
            assert self.changed.wait_for(so, PATIENCE_S), self.worker.link()

    def ask(self, work: Callable[[Connection], T]) -> T:
        return self.writer.submit(work).result()

    def close(self) -> None:
        """Ends the worker: only one device at a time may ask this application, which belongs to one loop."""
        self.worker.stop()
        self.writer.close()

    def _announced(self, ids: frozenset[str]) -> None:
        with self.changed:
            self.changed.notify_all()


@pytest.fixture
def site(tmp_path: Path, restaurant: Restaurant) -> Iterator[Site]:
    opened = open_site(tmp_path / "server", restaurant, capabilities=WITHOUT_PUSH)
    yield opened
    opened.storage.close()


def rung_up(till: Device, *, pay: bool) -> str:
    """A table's order with one bowl, sent; paid if it is asked for."""
    menu = till.ask(catalog.menu)
    order_id, actor = OrderId(till.ids.new()), StaffId("amina")
    item = next(item for item in menu.items if not item.sold_out)
    line = complete(NewLine(id=LineId(till.ids.new()), item_id=ItemId(item.id), quantity=2), menu)
    till.tap(
        EditDraft(
            id=OperationId(till.ids.new()),
            actor_id=actor,
            at=AT,
            order_id=order_id,
            table_id=TableId("table-5"),
            changes=(AddLine(line=line),),
        )
    )
    till.tap(SendDraft(id=OperationId(till.ids.new()), actor_id=actor, at=AT, order_id=order_id, line_ids=(line.id,)))
    if pay:
        due_minor = 2 * item.price_minor
        till.tap(
            PayCash(
                id=OperationId(till.ids.new()),
                actor_id=actor,
                at=AT,
                order_id=order_id,
                line_ids=(line.id,),
                total_minor=due_minor,
                tendered_minor=due_minor,
            )
        )
    return order_id


def test_a_nights_orders_reach_the_server_and_come_back_with_its_numbers(tmp_path: Path, site: Site) -> None:
    with closing(Device(site, tmp_path / "till.sqlite", "till", "pos", Row("01ARYZ6S43"))) as till:
        till.worker.start()
        till.wait_until(lambda: len(till.ask(catalog.etags)) == 4)
        orders = [rung_up(till, pay=place % 2 == 0) for place in range(10)]
        till.wait_until(lambda: till.ask(outbox.waiting) == 0)
        assert till.worker.link().state.is_up
        for place, order_id in enumerate(orders):
            order = till.ask(partial(entities.order, order_id=order_id))
            assert order is not None
            assert order.state is (OrderState.CLOSED if place % 2 == 0 else OrderState.SENT)
            assert (order.invoice_number is not None) == (place % 2 == 0)
    assert site.count("operation") == 10 * 3 + 5
    with closing(Device(site, tmp_path / "board.sqlite", "kitchen", "kds", Row("01ARYZ6S44"))) as board:
        board.worker.start()
        board.wait_until(lambda: len(board.ask(partial(scenes.of_board, bumped=False))) == 10)


def test_a_device_that_the_server_does_not_know_is_told_so(tmp_path: Path, site: Site) -> None:
    with closing(Device(site, tmp_path / "till.sqlite", "stranger", "pos", Row("01ARYZ6S43"))) as till:
        till.worker.start()
        till.wait_until(lambda: till.worker.link().cause is Cause.DEVICE_UNKNOWN)
        assert till.worker.link().state is LinkState.OFFLINE
        assert till.worker.link().next_try_at_ms is not None


def test_a_worker_is_stopped_in_the_middle_and_the_next_one_finishes(tmp_path: Path, site: Site) -> None:
    with closing(Device(site, tmp_path / "till.sqlite", "till", "pos", Row("01ARYZ6S43"))) as till:
        till.worker.start()
        till.wait_until(lambda: len(till.ask(catalog.etags)) == 4)
        orders = [rung_up(till, pay=True) for _ in range(10)]
        till.wait_until(lambda: till.ask(outbox.waiting) < 35)
    assert 5 < site.count("operation") <= 10 * 4
    with closing(Device(site, tmp_path / "till.sqlite", "till", "pos", Row("01ARYZ6S45"))) as again:
        again.worker.start()
        again.wait_until(lambda: again.ask(outbox.waiting) == 0)
        closed = [again.ask(partial(entities.order, order_id=order_id)) for order_id in orders]
        assert [order is not None and order.state for order in closed] == [OrderState.CLOSED] * 10
    assert site.count("operation") == 10 * 4
