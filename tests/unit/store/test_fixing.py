"""*Fix*: what was refused goes again, changed, in its old place and lanes; nothing that follows it passes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from shared.database import Connection
from shared.domain.commands import AddLine, ChangeOrder, CloseOrder, MoveTable, NewPayment
from shared.domain.fixing import Correction, parts_of
from shared.domain.menu import Floor
from shared.domain.rejections import CommandRejected
from shared.ids import ChangeId, LineId, TableId
from shared.money import Currency
from shared.store import fixing, panel
from shared.store.mending import NotMendable
from shared.store.outcomes import FailReason, Flight
from shared.store.rows import OperationRow
from shared.store.taps import Teller
from shared.wire.requests import decode
from tests.unit.store.test_mending import NEW_ID, ORDER, paid_and_refused, refused
from tests.unit.store.till import NOW_MS, Till, author_of, ulid

Fix = Callable[..., frozenset[str]]
SHOW = partial(panel.operations, floor=Floor(version=""), currency=Currency("EUR", 2, ""))


def fix(
    till: Till, flight: Flight, *parts: Correction, code: Fix = fixing.fix, new_id: str = NEW_ID, **more: bool
) -> frozenset[str]:
    work = partial(
        code, operation_id=flight.id, parts=parts, new_id=new_id, actor_id="grace", teller=Teller("C", author_of),
        now_ms=NOW_MS, **more,
    )  # fmt: skip
    return till.run(lambda tx: work(tx))


def part_of(flight: Flight) -> AddLine:
    """The line that a refused change would add."""
    (part,) = parts_of(decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body))
    assert isinstance(part, AddLine)
    return part


def twice(part: AddLine) -> AddLine:
    return AddLine(line=part.line.model_copy(update={"quantity": 2, "note": "Sauce aside"}))


def held_row(till: Till) -> OperationRow:
    (row,) = till.run(partial(SHOW, tab="attention"))
    return row


def in_order_after_a_fix(till: Till, code: Fix) -> None:
    """The promise: operations of one lane take effect in the order in which they were made, the fixed one in its place.

    The line has to be in the kitchen in the end, as it was changed, and nothing needs a person.
    """
    flight = refused(till, FailReason.INVALID)
    fix(till, flight, twice(part_of(flight)), code=code)
    till.deliver_all()
    server = till.scene(ORDER).server
    assert server is not None
    assert [(line.quantity, line.note) for line in server.standing_lines] == [(2, "Sauce aside")]
    assert server.standing_lines[0].ticket_id is not None, "it was sent after it was made"
    assert till.run(panel.counts) == (0, 0)


@pytest.mark.parametrize("reason", [FailReason.INVALID, FailReason.REFUSED])
def test_it_goes_again_changed_in_the_old_place_and_keeps_the_ulids_inside(till: Till, reason: FailReason) -> None:
    flight = refused(till, reason)
    part = part_of(flight)

    assert fix(till, flight, twice(part)) == {f"order:{ORDER}", "alerts"}

    again = till.take(limit=1).flights[0]
    assert (again.id, again.path, again.lanes) == (NEW_ID, flight.path, flight.lanes)
    command = decode(again.kind, operation_id=again.id, path=again.path, body=again.body)
    assert isinstance(command, ChangeOrder)
    assert command.changes == (twice(part),)
    rows = till.connection.execute(
        "SELECT place, replaces FROM operation WHERE id IN (?, ?) ORDER BY seq", (flight.id, NEW_ID)
    )
    (old_place, _), (new_place, replaces) = rows.fetchall()
    assert (new_place, replaces) == (old_place, flight.seq)
    (done,) = [row for row in till.run(partial(SHOW, tab="sent")) if row.id == flight.id]
    assert (done.status, done.reason, done.choice) == ("FAILED", reason, "fix")


def test_what_follows_it_goes_after_it(till: Till) -> None:
    in_order_after_a_fix(till, fixing.fix)


def at_the_end_of_the_lane(tx: Connection, **said: object) -> frozenset[str]:
    """The mutant: what was fixed is queued like any new tap."""
    changed = fixing.fix(tx, **said)  # type: ignore[arg-type]
    tx.execute("UPDATE operation SET place = seq WHERE id = ?", (said["new_id"],))
    tx.execute("UPDATE operation_lane SET place = seq WHERE seq = (SELECT max(seq) FROM operation)")
    return changed


def test_a_fix_at_the_end_of_the_lane_is_caught(till: Till) -> None:
    with pytest.raises(AssertionError):
        in_order_after_a_fix(till, at_the_end_of_the_lane)


def test_a_second_tap_is_the_same_intention_and_a_decided_one_is_not_fixed(till: Till) -> None:
    flight = refused(till, FailReason.REFUSED)
    part = twice(part_of(flight))
    fix(till, flight, part)
    assert fix(till, flight, part) == frozenset()
    assert fix(till, flight, part, new_id=ulid(700_002)) == frozenset()
    assert till.connection.execute("SELECT count(*) FROM operation WHERE replaces IS NOT NULL").get == 1


def test_what_is_changed_is_on_the_screen_at_once_and_waits(till: Till) -> None:
    flight = refused(till, FailReason.INVALID)
    fix(till, flight, twice(part_of(flight)))
    order = till.scene(ORDER).scene.order
    assert order is not None
    assert [line.quantity for line in order.standing_lines] == [2]
    assert till.scene(ORDER).held == 0


def test_what_may_have_happened_is_fixed_only_after_the_server_was_asked(till: Till) -> None:
    flight = refused(till, FailReason.EXHAUSTED)
    part = twice(part_of(flight))
    with pytest.raises(NotMendable):
        fix(till, flight, part)
    assert fix(till, flight, part, is_unknown=True)
    assert till.take(limit=1).flights[0].id == NEW_ID


def test_what_the_rules_refuse_is_not_written(till: Till) -> None:
    """The table may change; a line that is no part of it may not come in by the way."""
    flight = refused(till, FailReason.INVALID)
    before = till.statuses()
    strange = AddLine(line=part_of(flight).line.model_copy(update={"id": LineId(ulid(77))}))
    with pytest.raises(CommandRejected, match="no part"):
        fix(till, flight, strange)
    dear = AddLine(line=part_of(flight).line.model_copy(update={"price_minor": 2_000_000_000, "quantity": 999}))
    with pytest.raises(CommandRejected, match="more money"):
        fix(till, flight, dear)
    assert till.statuses() == before
    assert held_row(till).can_fix


def test_what_is_fixed_goes_also_where_the_order_was_not_shown_here_yet(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    till.accept(till.take(limit=1).flights[0])
    flight = till.take(limit=1).flights[0]
    till.fail(flight, FailReason.INVALID)
    fix(till, flight, twice(part_of(flight)))
    assert till.take(limit=1).flights[0].id == NEW_ID


def test_an_order_is_opened_at_another_table(till: Till) -> None:
    flight = refused(till, FailReason.REFUSED, kind="create_order")
    fix(till, flight, MoveTable(id=ChangeId(flight.id), table_id=TableId("table-7")))
    till.deliver_all()
    server = till.scene(ORDER).server
    assert server is not None
    assert server.table_id == "table-7"
    assert till.run(panel.counts) == (0, 0)


def test_a_payment_keeps_its_name_and_its_bill(till: Till) -> None:
    flight = paid_and_refused(till, FailReason.INVALID)
    close = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
    assert isinstance(close, CloseOrder)
    more = close.payments[0].model_copy(update={"amount": 1098, "tendered": 2000})
    fix(till, flight, more)
    again = till.take(limit=1).flights[0]
    assert again.lanes == flight.lanes
    fixed = decode(again.kind, operation_id=again.id, path=again.path, body=again.body)
    assert isinstance(fixed, CloseOrder)
    assert fixed.payments == (NewPayment.model_validate(more),)
    assert (fixed.line_ids, fixed.receipt_number) == (close.line_ids, close.receipt_number)


def test_a_strange_id_is_not_fixed(till: Till) -> None:
    flight = refused(till, FailReason.MISMATCH)
    assert not held_row(till).can_fix
    with pytest.raises(NotMendable):
        fix(till, flight, part_of(flight))


def test_a_mark_has_nothing_to_fix(till: Till) -> None:
    flight = refused(till, FailReason.REFUSED, kind="send_to_kitchen")
    assert not held_row(till).can_fix
    assert flight.kind == "send_to_kitchen"
