"""The terminal: a tap is seen at once, saved when the disk says so, refused in words, and never in twice."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.database import Connection, Writer, open_reader, open_writer
from shared.domain.commands import AddLine, BumpTicket, EditDraft, Intent, NewLine, PayCash, SendDraft
from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.errors import DiskFull
from shared.hand import MAX_IN_HAND, RefusedTap
from shared.ids import ItemId, LineId, OperationId, OrderId, StaffId, StationId, TicketId
from shared.settings import DeviceSettings
from shared.store import entities
from shared.store.house import House
from shared.store.schema import FIRST
from shared.sync.actions import LinkState, LinkView
from shared.terminal import LineStage, Terminal
from tests.unit.store.till import AT, ulid

ORDER = ulid(900_001)


@dataclass
class StillSync:
    """Syncs nothing; remembers how often it was woken."""

    woken: int = 0

    def start(self) -> None:
        """Nothing to start."""

    def wake(self) -> None:
        """Count."""
        self.woken += 1

    def try_now(self) -> None:
        """Nothing to try."""

    def stop(self, timeout_s: float) -> None:
        """Nothing to stop."""

    def link(self) -> LinkView:
        """A link that is down."""
        return LinkView(LinkState.OFFLINE, None, 0, None, None, 0, 0)


@dataclass
class CountingUlids:
    """1, 2, 3 ..."""

    count: int = 0

    def new(self) -> str:
        """The next one."""
        self.count += 1
        return ulid(self.count)


@dataclass
class Rig:
    """A terminal with what a test wants to see and stop."""

    terminal: Terminal
    writer: Writer
    sync: StillSync
    path: Path
    announced: list[frozenset[str]] = field(default_factory=list)

    def settle(self) -> None:
        """Wait until all that was submitted has been written."""
        self.writer.submit(lambda _: None).result(timeout=5)

    def hold_the_disk(self) -> threading.Event:
        """The disk stands still until the event is set."""
        go_on = threading.Event()
        self.writer.submit(lambda _: go_on.wait(timeout=5))
        return go_on

    def operations(self) -> list[str]:
        """The kinds in the outbox."""
        reader = open_reader(self.path)
        kinds = [str(kind) for (kind,) in reader.execute("SELECT kind FROM operation ORDER BY seq").fetchall()]
        reader.close()
        return kinds


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    path = tmp_path / "pos.sqlite"
    connection = open_writer(path)
    connection.execute(FIRST)
    writer = Writer(connection)
    sync = StillSync()
    settings = DeviceSettings.model_validate(
        {
            "server_url": "http://127.0.0.1:1",
            "device_id": "till-c",
            "token": "x" * 32,
            "letter": "C",
            "data_dir": tmp_path,
        }
    )
    terminal = Terminal(
        settings=settings,
        writer=writer,
        reader=open_reader(path),
        house=House(open_reader(path), device_id="till-c"),
        clock=SystemClock(),
        ulids=CountingUlids(),
        make_sync=lambda _: sync,
    )
    made = Rig(terminal, writer, sync, path)
    terminal.subscribe(made.announced.append)
    yield made
    terminal.close()


def tile(terminal: Terminal) -> EditDraft:
    """A tap on a tile."""
    line = NewLine(
        id=LineId(terminal.new_id()),
        item_id=ItemId("bowl"),
        quantity=1,
        name="Chicken Bowl",
        price_minor=1098,
        tax_bp=1800,
        station=StationId("grill"),
    )
    return EditDraft(
        id=OperationId(terminal.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ORDER),
        changes=(AddLine(line=line),),
    )


def send(terminal: Terminal) -> SendDraft:
    """The intention of the Send button as the screen stands."""
    view = terminal.order(ORDER)
    assert view is not None
    return SendDraft(
        id=OperationId(terminal.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ORDER),
        line_ids=tuple(LineId(one) for one in view.unsent_ids),
    )


def stages(terminal: Terminal) -> list[tuple[LineStage, bool]]:
    """Stage and saving of each line on the screen."""
    view = terminal.order(ORDER)
    return [] if view is None else [(line.stage, line.saving) for line in view.lines]


def test_taps_are_on_the_screen_before_the_disk_has_moved_and_saved_only_after(rig: Rig) -> None:
    go_on = rig.hold_the_disk()
    for _ in range(3):
        rig.terminal.submit(tile(rig.terminal))
    rig.terminal.submit(send(rig.terminal))

    assert stages(rig.terminal) == [(LineStage.SAVING, True)] * 3
    assert rig.operations() == []
    go_on.set()
    rig.settle()
    assert stages(rig.terminal) == [(LineStage.SAVED, False)] * 3
    assert rig.operations() == ["create_order", "change_order", "send_to_kitchen"]
    assert rig.sync.woken >= 1


def test_the_same_intention_twice_is_one_while_in_hand_and_after(rig: Rig) -> None:
    rig.terminal.submit(tile(rig.terminal))
    intent = send(rig.terminal)

    for _ in range(2):
        rig.terminal.submit(intent)
        rig.terminal.submit(intent)
        rig.settle()

    assert rig.operations() == ["create_order", "change_order", "send_to_kitchen"]


def test_a_second_id_for_the_same_tap_would_be_a_second_payment_so_the_id_belongs_to_the_button(rig: Rig) -> None:
    """The mutant of the double tap: with an id made at each press the till refuses only because the order is closed."""
    rig.terminal.submit(tile(rig.terminal))
    rig.settle()
    view = rig.terminal.order(ORDER)
    assert view is not None

    def pay() -> PayCash:
        return PayCash(
            id=OperationId(rig.terminal.new_id()),
            actor_id=StaffId("amina"),
            at=AT,
            order_id=OrderId(ORDER),
            line_ids=tuple(LineId(one) for one in view.owed_ids),
            total_minor=view.totals.total_minor,
            tendered_minor=2000,
        )

    first = pay()
    for intent in (first, first, pay()):
        rig.terminal.submit(intent)
    rig.settle()

    assert rig.operations().count("close_order") == 1
    assert ["already" in refused.title for refused in rig.terminal.take_refusals()] == [True]


def test_what_the_rules_refuse_falls_back_to_the_truth_and_says_so_once(rig: Rig) -> None:
    wrong = PayCash(
        id=OperationId(rig.terminal.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ORDER),
        line_ids=(LineId(ulid(5)),),
        total_minor=500,
        tendered_minor=500,
    )

    rig.terminal.submit(wrong)
    rig.settle()

    assert [refused.intent_id for refused in rig.terminal.take_refusals()] == [wrong.id]
    assert rig.terminal.take_refusals() == ()
    assert rig.terminal.order(ORDER) is None
    assert any("refusals" in ids for ids in rig.announced)


def test_a_full_disk_refuses_the_tap_in_words_and_keeps_what_was_there(rig: Rig) -> None:
    rig.terminal.submit(tile(rig.terminal))
    rig.settle()
    pages = rig.writer.submit(lambda tx: tx.pragma("page_count")).result(timeout=5)
    rig.writer.submit(lambda tx: tx.pragma("max_page_count", pages)).result(timeout=5)

    refused: list[RefusedTap] = []
    for _ in range(40):
        rig.terminal.submit(tile(rig.terminal))
        rig.settle()
        refused += rig.terminal.take_refusals()

    assert refused
    assert refused[-1].title == DiskFull.title
    rig.writer.submit(lambda tx: tx.pragma("max_page_count", pages + 1000)).result(timeout=5)
    rig.terminal.submit(tile(rig.terminal))
    rig.settle()
    assert len(stages(rig.terminal)) == 42 - len(refused)
    assert rig.terminal.take_refusals() == ()


def test_a_disk_that_stands_still_has_a_limit_that_is_told(rig: Rig) -> None:
    go_on = rig.hold_the_disk()
    for _ in range(MAX_IN_HAND + 1):
        rig.terminal.submit(tile(rig.terminal))

    assert [refused.title for refused in rig.terminal.take_refusals()] == ["The disk is too slow just now"]
    go_on.set()
    rig.settle()
    assert len(stages(rig.terminal)) == MAX_IN_HAND


def test_a_mark_is_on_the_board_at_once_and_one_that_brings_nothing_is_no_operation(rig: Rig) -> None:
    ticket = Ticket(
        id=TicketId(ulid(70)),
        order_id=OrderId(ORDER),
        order_number="C-1",
        station=StationId("grill"),
        sent_at=AT,
        updated_at=AT,
        version=1,
    )
    rig.writer.submit(lambda tx: entities.put_all(tx, [ticket])).result(timeout=5)
    assert [row.ticket.id for row in rig.terminal.tickets("grill")] == [ticket.id]
    assert rig.terminal.tickets("bar") == ()
    go_on = rig.hold_the_disk()

    bumps = [
        BumpTicket(id=OperationId(rig.terminal.new_id()), actor_id=StaffId("chef"), at=AT, ticket_id=ticket.id)
        for _ in range(2)
    ]
    for bump in bumps:
        rig.terminal.submit(bump)

    assert rig.terminal.tickets() == ()
    assert [row.ticket.id for row in rig.terminal.recalled()] == [ticket.id]
    go_on.set()
    rig.settle()
    assert rig.operations() == ["bump_ticket"]


def test_an_order_of_the_server_is_open_until_it_is_closed(rig: Rig) -> None:
    def put(tx: Connection, version: int, state: str) -> None:
        body = {"id": ORDER, "number": "B-7", "openedAt": AT, "version": version, "state": state}
        order = Order.model_validate_json(json.dumps(body))
        entities.put_all(tx, [order])

    rig.writer.submit(lambda tx: put(tx, 1, "SENT")).result(timeout=5)
    assert [view.number for view in rig.terminal.open_orders()] == ["B-7"]
    rig.writer.submit(lambda tx: put(tx, 2, "CLOSED")).result(timeout=5)
    assert rig.terminal.open_orders() == ()


def test_every_intention_is_announced_with_its_lane(rig: Rig) -> None:
    intent: Intent = tile(rig.terminal)

    rig.terminal.submit(intent)
    rig.settle()

    assert frozenset({f"order:{ORDER}"}) in rig.announced
