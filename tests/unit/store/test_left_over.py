"""A follow-up order that was predicted and that the server did not make: nothing tapped there is stuck or lost."""

from functools import partial

import pytest

from shared.domain.commands import ChangeOrder, SendToKitchen, VoidLine
from shared.domain.menu import Floor
from shared.domain.order import Order, OrderState
from shared.domain.rejections import CommandRejected
from shared.domain.rules import apply
from shared.ids import ChangeId, LineId, OperationId, OrderId, StaffId
from shared.money import Currency
from shared.store import again, alerts, outbox, panel
from shared.store.outcomes import FailReason
from shared.store.rows import AlertRow
from shared.store.taps import Teller
from tests.unit.store.test_follow_up import ORDER, OTHER_TILL, WHO, joels_flan, left_over, server_s
from tests.unit.store.till import AT, NOW_MS, Till, author_of


def flan_is_gone(till: Till) -> tuple[OrderId, LineId, Order]:
    """Cash is taken for a bowl; Joel's flan is seen on the order that is left over; he takes it off again, unseen here.

    Gives that order's id, the flan, and the server's order as it is when the close arrives.
    """
    bowl = till.add_line(ORDER)
    till.send(ORDER, bowl)
    till.deliver_all()
    known = server_s(till)
    till.tap(till.bill(ORDER, bowl, total_minor=1098))
    added = apply(known, joels_flan(till, known), OTHER_TILL)
    till.told(added)
    flan = added.lines[-1].id
    void = VoidLine(id=ChangeId(till.new_id()), line_id=flan, reason="Wrong dish")
    change = ChangeOrder(
        id=OperationId(till.new_id()), actor_id=WHO, at=AT, order_id=ORDER, base_version=added.version, changes=(void,)
    )
    return left_over(till), flan, apply(added, change, OTHER_TILL)


def send_it(till: Till, order_id: OrderId, line_id: LineId) -> str:
    """Send the line that stands on the predicted order; returns the operation's id."""
    send_id = OperationId(till.new_id())
    till.tap(
        SendToKitchen(id=send_id, actor_id=StaffId("amina"), at=AT, order_id=order_id, line_ids=(line_id,)),
    )
    return send_id


def alerts_of(till: Till) -> tuple[AlertRow, ...]:
    return till.run(partial(panel.open_alerts, floor=Floor(version=""), currency=Currency("EUR", 2, "")))


def test_new_lines_on_it_go_on_a_real_order_of_its_name_at_its_table(till: Till) -> None:
    late, _, now = flan_is_gone(till)
    more = till.add_line(late)
    till.send(late, more)
    till.told(now)

    till.deliver_all()

    made = till.scene(late).server
    assert made is not None
    assert [line.id for line in made.standing_lines] == [more]
    assert made.lines[0].ticket_id is not None, "and the kitchen has it"
    assert (made.number, made.table_id, made.state) == ("C-1+", now.table_id, OrderState.SENT)
    assert (till.run(outbox.waiting), alerts_of(till)) == (0, ())


def test_money_taken_on_it_is_recorded_there_and_what_nobody_owes_is_to_be_refunded(till: Till) -> None:
    late, flan, now = flan_is_gone(till)
    till.tap(till.bill(late, flan, total_minor=450))
    till.told(now)
    till.deliver_all()
    made = till.scene(late).server
    assert made is not None
    assert (made.state, made.applied_minor, made.unapplied_minor) == (OrderState.CLOSED, 0, 450)
    assert till.run(outbox.waiting) == 0
    assert [alert.title for alert in alerts_of(till)] == ["Send to kitchen was not applied"]


def test_without_lines_or_money_it_is_one_alert_that_a_person_can_close(till: Till) -> None:
    late, flan, now = flan_is_gone(till)
    first = send_it(till, late, flan)
    send_it(till, late, flan)
    flight = till.take().flights[0]
    till.told(now)
    close = till.run(partial(outbox.unsettled, lane=f"order:{ORDER}"))[0].command
    till.accept(flight, apply(now, close, author_of("amina")))  # type: ignore[arg-type]

    assert till.run(outbox.waiting) == 0
    assert till.scene(late).unsettled == ()
    assert till.scene(late).scene.order is None, "no empty order stands on the floor"
    (alert,) = alerts_of(till)
    assert alert.again_id == first
    again_of = partial(
        again.put_on_again, operation_id=first, new_id=till.new_id(), actor_id="amina", at=AT,
        teller=Teller("C", author_of), now_ms=NOW_MS,
    )  # fmt: skip
    with pytest.raises(CommandRejected, match="paid or gone"):
        till.run(lambda tx: again_of(tx))
    till.run(partial(alerts.record_choice, alert_id=alert.id, choice="ok", actor_id="amina", now_ms=NOW_MS))
    assert alerts_of(till) == ()


def test_an_answer_that_does_not_show_the_paid_order_makes_no_other(till: Till) -> None:
    """It may have been left over all the same."""
    late, _, _ = flan_is_gone(till)
    till.send(late, till.add_line(late))
    till.accept(till.take().flights[0])
    assert [kind for kind, _, _ in till.statuses()].count("create_order") == 1


def test_a_close_that_needs_a_person_leaves_what_is_behind_it_as_it_is(till: Till) -> None:
    late, _, now = flan_is_gone(till)
    till.send(late, till.add_line(late))
    till.fail(till.take().flights[0], FailReason.INVALID, now)
    assert [kind for kind, _, _ in till.statuses()].count("create_order") == 1
    assert till.take().flights == ()


def test_a_close_whose_answer_shows_only_the_paid_order_takes_nothing_from_the_one_that_it_left_over(
    till: Till,
) -> None:
    """A duplicate shows one order: that its lines moved says that the other is there."""
    bowl, flan = till.add_line(ORDER), till.add_line(ORDER)
    till.send(ORDER, bowl, flan)
    till.deliver_all()
    till.tap(till.bill(ORDER, bowl, total_minor=1098))
    late = left_over(till)
    send_it(till, late, LineId(flan))
    close = till.run(partial(outbox.unsettled, lane=f"order:{ORDER}"))[0].command
    till.accept(till.take().flights[0], apply(server_s(till), close, author_of("amina")))  # type: ignore[arg-type]
    assert alerts_of(till) == ()
    assert [one.kind for one in till.take().flights] == ["send_to_kitchen"]
