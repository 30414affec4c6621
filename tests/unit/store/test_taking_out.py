"""*Fix* takes a line out: the rest goes in its place, and so does what was tapped later, without that line."""

from __future__ import annotations

from functools import partial

import pytest

from shared.database import Connection
from shared.domain.commands import ChangeOrder, OrderOperation, VoidLine
from shared.domain.fixing import TakeOut, without_lines
from shared.domain.moves import SplitOrder
from shared.domain.order import Line, Order
from shared.ids import ChangeId, LineId, OperationId, OrderId, StaffId
from shared.store import fixing, panel
from shared.store.fixing import Less
from shared.store.outcomes import FailReason, Flight
from tests.unit.store.test_fixing import Fix, fix
from tests.unit.store.test_mending import ORDER, OTHER, refuse_next
from tests.unit.store.till import AT, Till


def three_refused(till: Till) -> tuple[Flight, list[str]]:
    """Three dishes in one change that was refused; what sends them waits behind it."""
    lines = [till.add_line(ORDER) for _ in range(3)]
    till.send(ORDER, *lines)
    return refuse_next(till, FailReason.INVALID, kind="change_order"), lines


def take_out(till: Till, flight: Flight, line_id: str, code: Fix = fixing.fix) -> None:
    fix(till, flight, TakeOut(ChangeId(line_id)), code=code)


def the_rest_is_cooked(till: Till, code: Fix) -> None:
    """The promise: what is taken out is nowhere, all else is in the kitchen, and nothing needs a person."""
    flight, (bad, *good) = three_refused(till)
    take_out(till, flight, bad, code)
    assert [line.id for line in standing(till.scene(ORDER).scene.order)] == good, "at once on the screen"
    till.deliver_all()
    server = standing(till.scene(ORDER).server)
    assert [line.id for line in server] == good
    assert all(line.ticket_id is not None for line in server), "the other plates go to the kitchen"
    assert till.run(panel.counts) == (0, 0)


def standing(order: Order | None) -> tuple[Line, ...]:
    assert order is not None
    return order.standing_lines


def test_a_line_is_taken_out_and_the_rest_goes_to_the_kitchen(till: Till) -> None:
    the_rest_is_cooked(till, fixing.fix)
    rows = till.connection.execute("SELECT kind, place, seq, status, reason FROM operation ORDER BY place, seq")
    kinds = [(kind, status, reason) for kind, _, _, status, reason in rows]
    assert kinds == [
        ("create_order", "SUCCESS", None),
        ("change_order", "FAILED", "INVALID"),
        ("change_order", "SUCCESS", None),
        ("send_to_kitchen", "FAILED", "DISCARDED"),
        ("send_to_kitchen", "SUCCESS", None),
    ], "each in its own place, the old ones kept"


def passing_others(tx: Connection, **said: object) -> frozenset[str]:
    """The mutant: what was tapped later goes again behind all others."""
    changed = fixing.fix(tx, **said)  # type: ignore[arg-type]
    again = "(SELECT seq FROM operation WHERE replaces IN (SELECT seq FROM operation WHERE reason = 'DISCARDED'))"
    tx.execute(f"UPDATE operation SET place = seq WHERE seq IN {again}")
    tx.execute(f"UPDATE operation_lane SET place = seq WHERE seq IN {again}")
    return changed


def alone(command: OrderOperation, gone: object) -> OrderOperation:
    """The mutant: what was tapped later goes on asking for the line."""
    return command


def with_all_of_it(command: OrderOperation, gone: frozenset[str]) -> OrderOperation | None:
    """The mutant: what asks for the line ends, with all else that it asks for."""
    return command if without_lines(command, gone) is command else None


@pytest.mark.parametrize("mutant", [alone, with_all_of_it])
def test_what_goes_on_asking_for_the_line_or_ends_with_all_else_is_caught(till: Till, mutant: Less) -> None:
    with pytest.raises(AssertionError):
        the_rest_is_cooked(till, partial(fixing.fix, less=mutant))


def a_later_void_stays_later(till: Till, code: Fix) -> None:
    """The promise: operations of one lane take effect in the order in which they were made."""
    flight, (bad, good, other) = three_refused(till)
    void = VoidLine(id=ChangeId(till.new_id()), line_id=LineId(good), reason="Wrong table")
    said: dict[str, object] = {"actor_id": "amina", "at": AT, "order_id": ORDER, "base_version": 1}
    till.tap(ChangeOrder.model_validate({"id": till.new_id(), **said, "changes": (void,)}))
    take_out(till, flight, bad, code)
    till.deliver_all()
    assert [line.id for line in standing(till.scene(ORDER).server)] == [other]
    server = till.scene(ORDER).server
    assert server is not None
    assert server.line(good).ticket_id is not None, "it was sent before it was voided"  # type: ignore[union-attr]


def test_what_goes_again_without_a_line_goes_before_what_was_tapped_after_it(till: Till) -> None:
    a_later_void_stays_later(till, fixing.fix)


def test_what_goes_again_behind_all_others_is_caught(till: Till) -> None:
    with pytest.raises(AssertionError):
        a_later_void_stays_later(till, passing_others)


def test_the_bill_stays_as_the_guest_was_told_and_what_is_too_much_is_money_to_give_back(till: Till) -> None:
    flight, lines = three_refused(till)
    till.tap(till.bill(ORDER, *lines, total_minor=3 * 1098))
    take_out(till, flight, lines[0])
    till.deliver_all()
    server = till.scene(ORDER).server
    assert server is not None
    assert (server.told_total_minor, server.unapplied_minor, server.is_open) == (3294, 1098, False)
    assert [line.id for line in server.standing_lines] == lines[1:]


def test_where_nothing_is_left_to_ask_for_it_ends(till: Till) -> None:
    """A send of the one line alone, and the order that it was to be split to, whose money is recorded all the same."""
    flight, (bad, *good) = three_refused(till)
    split = SplitOrder(
        id=OperationId(till.new_id()), actor_id=StaffId("amina"), at=AT, order_id=OrderId(ORDER), base_version=1,
        new_order_id=OrderId(OTHER), line_ids=(LineId(bad),), number="C-77",
    )  # fmt: skip
    till.tap(split)
    till.tap(till.bill(OTHER, bad, total_minor=1098))
    take_out(till, flight, bad)
    assert till.scene(OTHER).scene.order is not None, "it is opened for the money alone"
    till.deliver_all()
    paid = till.scene(OTHER).server
    assert paid is not None
    assert (paid.number, paid.unapplied_minor, paid.lines) == ("C-77", 1098, ())
    assert [line.id for line in standing(till.scene(ORDER).server)] == good
    reasons = {kind: reason for kind, _, reason in till.statuses()}
    assert reasons["split_order"] == "DISCARDED"


def test_a_line_is_taken_out_once_however_often_it_is_tapped(till: Till) -> None:
    flight, (bad, *_) = three_refused(till)
    take_out(till, flight, bad)
    before = till.statuses()
    take_out(till, flight, bad)
    assert till.statuses() == before


def test_what_may_be_on_its_way_is_left_as_it_is(till: Till) -> None:
    flight, (bad, *_) = three_refused(till)
    till.run(lambda tx: tx.execute("UPDATE operation SET status = 'REPLAYING' WHERE kind = 'send_to_kitchen'"))
    take_out(till, flight, bad)
    sent = till.connection.execute("SELECT status, reason FROM operation WHERE kind = 'send_to_kitchen'").fetchall()
    assert sent == [("REPLAYING", None)], "its words may be at the server: nothing of it can be taken back here"
