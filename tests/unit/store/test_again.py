"""A late line on an order that closed meanwhile, a change that met another's: nothing is dropped, nothing is twice."""

from __future__ import annotations

from functools import partial

import pytest

from shared.domain.bill import Method
from shared.domain.closing import follow_up, follow_up_id
from shared.domain.command import OrderCommand
from shared.domain.commands import AddLine, ChangeOrder, CloseOrder, NewLine, NewPayment, SendToKitchen, VoidLine
from shared.domain.lines import Author
from shared.domain.menu import Floor
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected
from shared.domain.rules import apply
from shared.ids import ChangeId, ItemId, LineId, OperationId, OrderId, PaymentId, StaffId, StationId
from shared.money import Currency
from shared.store import again, entities, outbox, panel, scenes, taps
from shared.store.outcomes import Failed, FailReason
from shared.store.taps import Teller
from shared.wire.requests import decode
from tests.unit.store.till import AT, NOW_MS, Till, author_of, ulid

ORDER = ulid(900_001)
NEW_ID = ulid(700_001)
OTHER_TILL = Author(device_id="till-d", actor_name="Joel")


def put_on_again(till: Till, operation_id: str, *, new_id: str = NEW_ID) -> frozenset[str]:
    work = partial(
        again.put_on_again,
        operation_id=operation_id,
        new_id=new_id,
        actor_id="amina",
        at=AT,
        teller=Teller("C", author_of),
        now_ms=NOW_MS + 1,
    )
    return till.run(lambda tx: work(tx))


def server_order(till: Till, order_id: str = ORDER) -> Order:
    found = till.run(partial(entities.order, order_id=order_id))
    assert found is not None
    return found


def other_till(till: Till, command: OrderCommand) -> Order:
    """What the server has after another till's command, not pulled here yet."""
    return apply(server_order(till), command, OTHER_TILL)  # type: ignore[arg-type]


def closed_by_joel(*line_ids: str, total: int = 1098) -> CloseOrder:
    return CloseOrder(
        id=OperationId(ulid(5)), actor_id=StaffId("joel"), at=AT, order_id=OrderId(ORDER),
        line_ids=tuple(map(LineId, line_ids)), total_minor=total,
        payments=(NewPayment(id=PaymentId(ulid(6)), method=Method.CASH, amount=total, tendered=total, taken_at=AT),),
    )  # fmt: skip


def closed_elsewhere(till: Till) -> Order:
    lines = server_order(till).lines
    total = sum(line.total_minor for line in lines)
    return other_till(till, closed_by_joel(*(line.id for line in lines), total=total))


def late_round(till: Till) -> tuple[str, str]:
    """A round is on the server; another is tapped here, and the order closes elsewhere before it arrives.

    Gives the late line and the operation that the server refused.
    """
    till.send(ORDER, till.add_line(ORDER))
    till.deliver_all()
    late = till.add_line(ORDER, price_minor=325, quantity=2)
    till.send(ORDER, late)
    flight = till.take(limit=1).flights[0]
    till.fail(flight, FailReason.CONFLICT, closed_elsewhere(till))
    return late, flight.id


def test_a_late_round_on_a_paid_order_goes_on_a_new_order_at_its_table_and_to_the_kitchen(till: Till) -> None:
    late, refused = late_round(till)
    assert till.take().flights == ()

    changed = put_on_again(till, refused)

    (new_lane,) = changed - {f"order:{ORDER}", "alerts"}
    new_order = new_lane.removeprefix("order:")
    till.deliver_all()
    found = server_order(till, new_order)
    assert [(line.id, line.quantity, line.price_minor) for line in found.lines] == [(late, 2, 325)]
    assert found.lines[0].ticket_id is not None, "sent to the kitchen as it was meant"
    assert found.table_id == server_order(till).table_id
    assert found.number == "C-2"
    assert set(till.statuses()[-1][1:]) == {"SUCCESS", None}


def test_what_the_order_left_over_is_open_and_takes_it_rather_than_one_more_order(till: Till) -> None:
    """Joel was paid for the first line; what he left out stands on the order that follows, and ours belongs there."""
    paid, left = till.add_line(ORDER), till.add_line(ORDER)
    till.send(ORDER, paid)
    till.send(ORDER, left)
    till.deliver_all()
    late = till.add_line(ORDER, price_minor=325, quantity=2)
    till.send(ORDER, late)
    void = VoidLine(id=ChangeId(ulid(21)), line_id=LineId(left), reason="Wrong dish")
    gone = VoidLine(id=ChangeId(ulid(22)), line_id=LineId(paid), reason="Wrong dish")
    change = ChangeOrder(
        id=OperationId(ulid(11)), actor_id=StaffId("amina"), at=AT, order_id=OrderId(ORDER),
        base_version=server_order(till).version, changes=(_add(late), void, gone),
    )  # fmt: skip
    till.tap(change)
    flight = till.take(limit=1).flights[0]
    before, close = server_order(till), closed_by_joel(paid)
    over = follow_up(before, close, OTHER_TILL)
    assert over is not None
    till.fail(flight, FailReason.CONFLICT, other_till(till, close), over)

    assert put_on_again(till, flight.id) == {f"order:{ORDER}", f"order:{over.id}", "alerts"}
    till.deliver_all()

    found = server_order(till, over.id)
    assert [(line.id, line.stands) for line in found.lines] == [(left, False), (late, True)]
    assert found.lines[1].ticket_id is not None, "sent to the kitchen as it was meant"
    assert [kind for kind, _, _ in till.statuses()].count("create_order") == 1
    assert till.run(panel.counts) == (0, 0)


def test_a_second_tap_puts_nothing_on_a_second_time(till: Till) -> None:
    _, refused = late_round(till)
    put_on_again(till, refused)
    count = len(till.statuses())
    assert put_on_again(till, refused) == frozenset()
    assert len(till.statuses()) == count


def test_a_mutant_with_an_id_made_at_each_tap_would_put_it_on_twice(till: Till) -> None:
    """What the first test's second tap rests on: the id belongs to the button."""
    _, refused = late_round(till)
    put_on_again(till, refused)
    put_on_again(till, refused, new_id=ulid(700_002))
    assert [kind for kind, _, _ in till.statuses()].count("create_order") == 3


def test_a_change_that_met_anothers_is_made_again_on_the_servers_word(till: Till) -> None:
    line = till.add_line(ORDER)
    till.send(ORDER, line)
    till.deliver_all()
    mine = ChangeOrder(
        id=OperationId(ulid(11)), actor_id=StaffId("amina"), at=AT, order_id=OrderId(ORDER),
        base_version=server_order(till).version,
        changes=(AddLine(line=_new_line(ulid(13))),),
    )  # fmt: skip
    till.tap(mine)
    theirs = ChangeOrder(
        id=OperationId(ulid(12)), actor_id=StaffId("joel"), at=AT, order_id=OrderId(ORDER),
        base_version=server_order(till).version, changes=(AddLine(line=_new_line(ulid(14))),),
    )  # fmt: skip
    now = other_till(till, theirs)
    till.fail(till.take(limit=1).flights[0], FailReason.CONFLICT, now)

    put_on_again(till, mine.id)

    flight = till.take(limit=1).flights[0]
    command = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
    assert isinstance(command, ChangeOrder)
    assert (command.base_version, command.changes) == (now.version, mine.changes)
    assert command.id != mine.id
    till.accept(flight, apply(now, command, author_of("amina")))
    assert {one.id for one in server_order(till).lines} == {line, ulid(13), ulid(14)}


def test_what_lost_its_sense_is_refused_in_words_and_nothing_is_written(till: Till) -> None:
    """A quantity on a line that was paid meanwhile."""
    line = till.add_line(ORDER)
    till.send(ORDER, line)
    till.deliver_all()
    void = VoidLine(id=ChangeId(ulid(21)), line_id=LineId(line), reason="Guest left")
    change = ChangeOrder(
        id=OperationId(ulid(11)), actor_id=StaffId("amina"), at=AT, order_id=OrderId(ORDER),
        base_version=server_order(till).version, changes=(void,),
    )  # fmt: skip
    till.tap(change)
    till.fail(till.take(limit=1).flights[0], FailReason.CONFLICT, closed_elsewhere(till))
    before = till.statuses()

    with pytest.raises(CommandRejected, match="paid or gone"):
        put_on_again(till, change.id)

    assert till.statuses() == before
    assert till.run(panel.counts)[1] == 1, "the alert still asks"
    assert till.run(lambda tx: taps.numbers_of(tx, "C").new_order()) == "C-2", "no number was used up"


def test_each_alert_is_about_its_own_lines(till: Till) -> None:
    """Two conflicts of one order, one after the other: neither puts on what the other kept out."""
    late, refused = late_round(till)
    change = ChangeOrder(
        id=OperationId(ulid(31)), actor_id=StaffId("amina"), at=AT, order_id=OrderId(ORDER), base_version=1,
        changes=(AddLine(line=_new_line(ulid(32))),),
    )  # fmt: skip
    till.run(lambda tx: outbox.append(tx, change, now_ms=NOW_MS))
    flight = till.take(limit=1).flights[0]
    failed = Failed(FailReason.CONFLICT, 409, "It is closed.", b"{}")
    till.run(lambda tx: outbox.settle(tx, flight, failed, now_ms=NOW_MS + 7))

    kinds = [type(one).__name__ for one in till.run(partial(again.kept_out, operation_id=refused))]
    assert kinds == ["ChangeOrder", "SendToKitchen"]
    assert [line.id for line in again._lines(till.run(partial(again.kept_out, operation_id=refused)))] == [late]
    assert [one.id for one in till.run(partial(again.kept_out, operation_id=change.id))] == [change.id]


def test_the_alert_names_what_is_not_on_the_order(till: Till) -> None:
    _, refused = late_round(till)
    show = partial(panel.open_alerts, floor=Floor(version=""), currency=Currency("EUR", 2, ""))
    (alert,) = till.run(lambda tx: show(tx))
    assert "Not on it: +2 Chicken Bowl." in alert.detail
    assert (alert.again_id, alert.operation_id) == (refused, "")
    put_on_again(till, refused)
    assert till.run(lambda tx: show(tx)) == ()


def test_what_a_conflict_took_along_from_the_order_that_is_left_over_is_put_on_again_with_it(till: Till) -> None:
    """Cash is taken for a bowl; a line that the guest was not told of is left over, and was sent from there."""
    bowl = till.add_line(ORDER)
    till.send(ORDER, bowl)
    till.deliver_all()
    add = ChangeOrder(
        id=OperationId(ulid(11)), actor_id=StaffId("amina"), at=AT, order_id=OrderId(ORDER),
        base_version=server_order(till).version, changes=(_add(ulid(12)),),
    )  # fmt: skip
    till.tap(add)
    till.tap(till.bill(ORDER, bowl, total_minor=1098))
    late = follow_up_id(OrderId(ORDER))
    send = SendToKitchen(
        id=OperationId(ulid(13)), actor_id=StaffId("amina"), at=AT, order_id=late, line_ids=(LineId(ulid(12)),)
    )
    till.tap(send)
    flight = till.take(limit=1).flights[0]
    assert flight.id == add.id
    till.fail(flight, FailReason.CONFLICT, server_order(till))
    kept = till.run(partial(again.kept_out, operation_id=add.id))
    assert [one.id for one in kept] == [add.id, send.id]

    put_on_again(till, add.id)
    till.deliver_all()

    views = (till.scene(order_id).server for order_id in till.run(scenes.open_order_ids))
    lines = {line.id: line.ticket_id for one in views if one is not None and one.is_open for line in one.lines}
    assert lines[LineId(ulid(12))] is not None, "it is on an open order, and in the kitchen"
    assert till.run(panel.counts) == (0, 0)


def _add(line_id: str) -> AddLine:
    return AddLine(line=_new_line(line_id))


def _new_line(line_id: str) -> NewLine:
    return NewLine(
        id=LineId(line_id), item_id=ItemId("bowl"), quantity=1, name="Bowl", price_minor=1098, course=1, tax_bp=0,
        station=StationId("grill"),
    )  # fmt: skip
