"""The terminal: a tap is seen at once, saved when the disk says so, refused in words, and never in twice."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from shared.database import Connection
from shared.domain.commands import AddLine, ChangeOrder, EditDraft, Intent, NewLine, PayCash, SendDraft
from shared.domain.lines import Author
from shared.domain.marks import BumpTicket
from shared.domain.order import Order
from shared.domain.refunds import RefundOrder
from shared.domain.rules import apply
from shared.domain.ticket import Ticket
from shared.errors import DiskFull
from shared.hand import MAX_IN_HAND, RefusedTap
from shared.ids import ItemId, LineId, OperationId, OrderId, StaffId, StationId, TicketId, derived_id
from shared.store import entities, scenes
from shared.store.taps import NEEDS_SERVER
from shared.terminal import LineStage, Terminal
from tests.unit.store.till import AT, ulid
from tests.unit.terminal_rig import ORDER, Rig, open_rig, send, tile


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = open_rig(tmp_path)
    yield made
    made.terminal.close()


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


def test_an_order_that_a_close_leaves_over_is_announced_with_the_word_that_brings_its_line(rig: Rig) -> None:
    rig.terminal.submit(tile(rig.terminal))
    rig.terminal.submit(send(rig.terminal))
    rig.settle()
    view = rig.terminal.order(ORDER)
    read = partial(scenes.of_order, order_id=ORDER, author_of=lambda who: Author("till-c", who))
    before = rig.writer.submit(read).result(timeout=5).scene.order
    assert view is not None
    assert before is not None
    pay = PayCash(
        id=OperationId(rig.terminal.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ORDER),
        line_ids=tuple(LineId(one) for one in view.owed_ids),
        total_minor=view.totals.total_minor,
        tendered_minor=view.totals.total_minor,
    )
    late = derived_id(ORDER, "follow-up")
    rig.terminal.submit(pay)
    rig.settle()
    assert any(f"order:{late}" in ids for ids in rig.announced)
    assert rig.terminal.order(late) is None
    rig.announced.clear()

    add = tile(rig.terminal).changes[0]
    assert isinstance(add, AddLine)
    joel = ChangeOrder(
        id=OperationId(rig.terminal.new_id()),
        actor_id=StaffId("joel"),
        at=AT,
        order_id=OrderId(ORDER),
        base_version=1,
        changes=(add,),
    )
    word = apply(before, joel, Author("till-d"))
    rig.terminal._changed(frozenset(rig.writer.submit(partial(entities.put_all, entities=(word,))).result(timeout=5)))

    assert rig.announced == [frozenset({f"order:{ORDER}", f"order:{late}"})]
    assert [view.id for view in rig.terminal.open_orders() if view.is_open] == [late]
    left = rig.terminal.order(late)
    assert left is not None
    assert [line.id for line in left.lines] == [add.line.id]


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
        BumpTicket(
            id=OperationId(rig.terminal.new_id()), actor_id=StaffId("chef"), at=AT, ticket_id=ticket.id, line_ids=()
        )
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


def test_what_the_till_does_not_know_is_refused_in_words_at_the_tap_and_the_draft_stays(rig: Rig) -> None:
    terminal = rig.terminal
    terminal.submit(tile(terminal))
    rig.settle()
    before = terminal.order(ORDER)
    unknown_item = EditDraft(
        id=OperationId(terminal.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ORDER),
        changes=(AddLine(line=NewLine(id=LineId(terminal.new_id()), item_id=ItemId("unicorn"), quantity=1)),),
    )
    unknown_line = SendDraft(
        id=OperationId(terminal.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ulid(999_999)),
        line_ids=(LineId(terminal.new_id()),),
    )
    unknown_order = PayCash(
        id=OperationId(terminal.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ulid(999_999)),
        line_ids=(LineId(terminal.new_id()),),
        total_minor=100,
        tendered_minor=100,
    )
    taps: tuple[Intent, ...] = (unknown_item, unknown_line, unknown_order)
    for intent in taps:
        terminal.submit(intent)
        rig.settle()
        (refused,) = terminal.take_refusals()
        assert refused.title != "This was not saved", "a fault of the program is no refusal"
        assert refused.advice
        assert terminal.order(ORDER) == before
    assert rig.operations() == []
    assert terminal.order(ulid(999_999)) is None


def test_a_refund_without_the_server_is_refused_in_words(rig: Rig) -> None:
    refund = RefundOrder(
        id=OperationId(rig.terminal.new_id()),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ORDER),
        line_ids=(),
        reason="cold",
    )
    rig.terminal.submit(refund)
    rig.settle()
    (refused,) = rig.terminal.take_refusals()
    assert refused.title == NEEDS_SERVER
    assert rig.operations() == []
