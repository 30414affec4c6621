"""What a person does about a refusal, with the real server: it counts once, in its old place, whatever came before."""

from __future__ import annotations

from functools import partial

from shared.domain.commands import AddLine, ChangeOrder, CloseOrder, NewLine, OrderOperation
from shared.domain.fixing import Part, parts_of
from shared.domain.order import OrderState
from shared.domain.totals import totals_of_order
from shared.ids import ItemId
from shared.store import fixing, mending
from shared.store.outcomes import FailReason
from shared.wire.requests import encode
from tests.contract.house import House
from tests.contract.two_tills import ANN, StoreTill, server_order


def held_of(till: StoreTill) -> str:
    """The one operation that needs a person."""
    (alert,) = till.alerts()
    return alert.operation_id


def fix(till: StoreTill, operation_id: str, part: Part) -> None:
    work = partial(
        fixing.fix, operation_id=operation_id, parts=(part,), new_id=till.ids.new(), actor_id=ANN, teller=till.teller,
        now_ms=till.house.clock.ms,
    )  # fmt: skip
    till.run(lambda tx: work(tx))


def retry(till: StoreTill, operation_id: str) -> None:
    work = partial(
        mending.retry, operation_id=operation_id, new_id=till.ids.new(), actor_id=ANN, now_ms=till.house.clock.ms
    )
    till.run(lambda tx: work(tx))


def spoil(till: StoreTill, command: OrderOperation) -> None:
    """As if the till had frozen this: what the server minds is known only there."""
    body = encode(command).body
    till.run(lambda tx: tx.execute("UPDATE operation SET body = ? WHERE id = ?", (body, command.id)).fetchall())


def paid_too_little(till: StoreTill) -> tuple[str, CloseOrder]:
    """An order that is on the server, and a close in the queue that says less money than its total, so a 422."""
    order_id = till.order("pizza", "beer")
    till.deliver()
    till.pay(order_id)
    close = till.close_of(order_id)
    less = close.payments[0].model_copy(update={"amount": close.total_minor - 100})
    spoil(till, close.model_copy(update={"payments": (less,)}))
    return order_id, close


def test_a_payment_that_was_refused_is_put_right_and_counts_once(ann: StoreTill, small_house: House) -> None:
    order_id, close = paid_too_little(ann)
    assert ann.deliver() == [422]
    assert ann.statuses()[-1] == ("close_order", "FAILED", FailReason.INVALID)

    fix(ann, held_of(ann), close.payments[0])
    (flight,) = ann.take(1)
    ann.send(flight, is_answer_lost=True)
    assert ann.deliver() == [200]

    order = server_order(small_house, order_id)
    assert order.state is OrderState.CLOSED
    assert [(one.id, one.unapplied_minor) for one in order.payments] == [(close.payments[0].id, 0)]
    assert order.applied_minor == totals_of_order(order).total_minor
    assert order.receipt_number == close.receipt_number
    assert ann.alerts() == ()


def test_what_was_tapped_after_it_goes_after_it_and_is_done(ann: StoreTill, small_house: House) -> None:
    """A dish that is on no menu any more; what sends it to the kitchen waits behind it."""
    order_id = ann.order("pizza")
    change = ann.scene(order_id).unsettled[1].command
    assert isinstance(change, ChangeOrder)
    (add,) = parts_of(change)
    assert isinstance(add, AddLine)
    gone = NewLine(id=add.line.id, item_id=ItemId("ghost"), quantity=1)
    spoil(ann, change.model_copy(update={"changes": (AddLine(line=gone),)}))
    assert ann.deliver() == [201, 422]

    fix(ann, held_of(ann), AddLine(line=ann.new_line("cake").model_copy(update={"id": add.line.id})))

    assert ann.deliver() == [200, 200]
    order = server_order(small_house, order_id)
    assert [(line.id, line.item_id) for line in order.standing_lines] == [(add.line.id, "cake")]
    assert order.lines[0].ticket_id is not None, "it was sent after it was made"
    assert ann.alerts() == ()


def test_an_id_that_stands_for_something_else_is_left_behind_and_the_lines_are_there_once(
    ann: StoreTill, small_house: House
) -> None:
    """The server has this very order under the id, in other bytes: the worst case of sending it under a new name."""
    order_id = ann.order("pizza")
    change = ann.scene(order_id).unsettled[1].command
    ann.send(ann.take(1)[0])
    other = encode(change.model_copy(update={"at": "2025-11-28T19:40:09.000Z"}))
    small_house.call(other.method, other.path, other.body, key=change.id)
    assert ann.deliver() == [409]
    assert ann.statuses()[1] == ("change_order", "FAILED", FailReason.MISMATCH)

    retry(ann, held_of(ann))

    assert ann.deliver() == [200, 200], "the change, which is in already, and what sends it"
    order = server_order(small_house, order_id)
    assert [line.item_id for line in order.standing_lines] == ["pizza"]
    assert order.lines[0].ticket_id is not None
