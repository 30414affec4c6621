"""The order that a close leaves over stands on the till as the server will make it, before the server has."""

from functools import partial

from shared.domain.closing import follow_up_id
from shared.domain.commands import AddLine, ChangeOrder, CloseOrder, NewLine, SendToKitchen
from shared.domain.intents import Numbers
from shared.domain.lines import Author
from shared.domain.marks import BumpTicket
from shared.domain.menu import Floor
from shared.domain.order import Order, OrderState
from shared.domain.rules import apply, progress
from shared.domain.tickets import made_by, mark
from shared.ids import ItemId, LineId, OperationId, OrderId, StaffId, StationId
from shared.store import mending, outbox, scenes
from shared.store.outcomes import FailReason
from shared.store.rows import LineStage, OrderView, SyncBadge
from shared.store.views import order_view
from shared.wire.requests import decode, lanes_of
from tests.unit.store.till import AT, NOW_MS, Till, author_of, ulid

ORDER = OrderId(ulid(900_001))
OTHER_TILL = Author(device_id="till-d", actor_name="Joel")
WHO = StaffId("joel")


def server_s(till: Till) -> Order:
    """The server's word on the order as this till has it."""
    word = till.scene(ORDER).server
    assert word is not None
    return word


def joels_flan(till: Till, order: Order) -> ChangeOrder:
    """The other till adds a line."""
    line = NewLine(
        id=LineId(till.new_id()),
        item_id=ItemId("flan"),
        quantity=1,
        name="Flan",
        price_minor=450,
        course=1,
        tax_bp=1800,
        station=StationId("grill"),
    )
    return ChangeOrder(
        id=OperationId(till.new_id()),
        actor_id=WHO,
        at=AT,
        order_id=ORDER,
        base_version=order.version,
        changes=(AddLine(line=line),),
    )


def paid_with_a_late_line(till: Till) -> OrderId:
    """Cash is taken for a bowl, then a pull shows what Joel added meanwhile. Returns the order that is left over."""
    bowl = till.add_line(ORDER)
    till.send(ORDER, bowl)
    till.deliver_all()
    known = server_s(till)
    till.tap(till.bill(ORDER, bowl, total_minor=1098))
    till.told(apply(known, joels_flan(till, known), OTHER_TILL))
    return left_over(till)


def left_over(till: Till, order_id: OrderId = ORDER) -> OrderId:
    """The id of the order that the queued close of this one may leave over."""
    commands = (one.command for one in till.scene(order_id).unsettled)
    (close,) = (one for one in commands if isinstance(one, CloseOrder) and one.order_id == order_id)
    return follow_up_id(close.order_id)


def view(till: Till, order_id: str) -> OrderView | None:
    numbers = Numbers(lambda: "C-next", lambda: "C-000099")
    seen = till.scene(order_id)
    return order_view(seen, (), author_of=author_of, numbers=numbers, floor=Floor(version="1"), online=True)


def test_what_a_close_leaves_over_is_seen_at_once_and_is_what_the_server_makes_of_it(till: Till) -> None:
    late = paid_with_a_late_line(till)
    paid, expected = till.scene(ORDER).scene.order, till.scene(late).scene.order
    assert paid is not None
    assert expected is not None
    assert late in till.run(scenes.open_order_ids)
    assert (paid.state, [line.name for line in paid.standing_lines]) == (OrderState.CLOSED, ["Chicken Bowl"])
    assert (expected.id, expected.number, expected.follows) == (late, "C-1+", ORDER)
    assert [line.name for line in expected.standing_lines] == ["Flan"]

    till.deliver_all()

    after = till.scene(late)
    assert after.server is not None
    assert after.server.to_json() == expected.to_json()
    assert (after.scene.order, after.unsettled, after.stands_on) == (after.server, (), frozenset())
    settled = till.scene(ORDER).scene.order
    assert settled is not None
    assert settled.to_json() == paid.to_json()


def test_it_is_shown_as_not_settled_until_the_close_is(till: Till) -> None:
    late = paid_with_a_late_line(till)
    shown = view(till, late)
    assert shown is not None
    assert (shown.badge, shown.waiting, shown.server_knows) == (SyncBadge.SYNCING, 1, False)
    assert (shown.totals.total_minor, shown.unsent_ids, shown.is_open) == (450, shown.owed_ids, True)
    till.deliver_all()
    settled = view(till, late)
    assert settled is not None
    assert (settled.badge, settled.waiting, settled.server_knows) == (SyncBadge.SYNCED, 0, True)


def test_an_order_of_which_nothing_is_left_over_leaves_no_empty_one(till: Till) -> None:
    bowl = till.add_line(ORDER)
    till.tap(till.bill(ORDER, bowl, total_minor=1098))
    late = left_over(till)
    assert till.scene(late).scene.order is None
    assert view(till, late) is None
    till.deliver_all()
    assert view(till, late) is None


def test_what_is_done_to_it_goes_after_the_close_that_makes_it_and_ends_as_it_was_seen(till: Till) -> None:
    late = paid_with_a_late_line(till)
    flan = till.scene(late).scene.order
    assert flan is not None
    more = till.add_line(late)
    till.send(late, flan.lines[0].id, more)
    till.tap(till.bill(late, flan.lines[0].id, more, total_minor=1548))
    before = till.scene(late).scene.order
    assert before is not None
    assert (before.state, before.receipt_number) == (OrderState.CLOSED, "C-000002")

    (first,) = till.take(limit=5).flights
    assert (first.kind, first.entity_id) == ("close_order", ORDER)
    till.run(partial(outbox.reset_replaying, now_ms=NOW_MS))
    till.deliver_all()

    assert {status for _, status, _ in till.statuses()} == {"SUCCESS"}
    after = till.scene(late).server
    assert after is not None
    assert after.to_json() == before.to_json()


def test_an_order_can_be_left_over_from_one_that_was_left_over_itself(till: Till) -> None:
    late = paid_with_a_late_line(till)
    flan = till.scene(late).scene.order
    assert flan is not None
    more = till.add_line(late)
    till.send(late, more)
    till.tap(till.bill(late, more, total_minor=1098))
    third = left_over(till, late)
    expected = till.scene(third).scene.order
    assert expected is not None
    assert (expected.number, [line.name for line in expected.lines]) == ("C-1++", ["Flan"])
    assert till.scene(third).stands_on == {ORDER, late}
    till.deliver_all()
    after = till.scene(third).server
    assert after is not None
    assert after.to_json() == expected.to_json()


def test_while_the_close_needs_a_person_so_does_what_it_leaves_over_and_nothing_of_it_goes(till: Till) -> None:
    late = paid_with_a_late_line(till)
    more = till.add_line(late)
    till.send(late, more)
    till.fail(till.take().flights[0], FailReason.INVALID)
    shown = view(till, late)
    assert shown is not None
    assert shown.badge is SyncBadge.NEEDS_YOU
    assert till.take().flights == ()


def test_a_conflict_takes_along_what_names_its_line_on_the_order_that_is_left_over_too(till: Till) -> None:
    bowl = till.add_line(ORDER)
    till.send(ORDER, bowl)
    till.deliver_all()
    late_line = till.add_line(ORDER, price_minor=500)
    till.send(ORDER, late_line)
    till.tap(till.bill(ORDER, bowl, total_minor=1098))
    late = left_over(till)
    expected = till.scene(late).scene.order
    assert expected is not None
    assert [line.id for line in expected.lines] == [late_line]
    more = till.add_line(late)
    till.send(late, more)
    send_id = OperationId(till.new_id())
    named = (LineId(late_line),)
    till.tap(SendToKitchen(id=send_id, actor_id=StaffId("amina"), at=AT, order_id=late, line_ids=named))
    till.fail(till.take().flights[0], FailReason.CONFLICT)
    assert [(kind, reason) for kind, _, reason in till.statuses()[3:]] == [
        ("change_order", "CONFLICT"),
        ("send_to_kitchen", "CONFLICT"),
        ("close_order", None),
        ("change_order", None),
        ("send_to_kitchen", None),
        ("send_to_kitchen", "CONFLICT"),
    ]


def test_a_line_that_the_kitchen_has_is_shown_as_far_as_it_is_there(till: Till) -> None:
    """Its ticket is told with the order that was paid: before the server has made the new one, too."""
    bowl = till.add_line(ORDER)
    till.send(ORDER, bowl)
    till.deliver_all()
    known = server_s(till)
    till.tap(till.bill(ORDER, bowl, total_minor=1098))
    add = joels_flan(till, known)
    added = apply(known, add, OTHER_TILL)
    flan = added.lines[-1].id
    send = SendToKitchen(id=OperationId(till.new_id()), actor_id=WHO, at=AT, order_id=ORDER, line_ids=(flan,))
    sent = apply(added, send, OTHER_TILL)
    (ticket,) = made_by(sent, send)
    bump = BumpTicket(id=OperationId(till.new_id()), actor_id=WHO, at=AT, ticket_id=ticket.id, line_ids=(flan,))
    till.told(sent)
    shown = view(till, left_over(till))
    assert shown is not None
    assert [line.stage for line in shown.lines] == [LineStage.SENT]
    till.told(progress(sent, (mark(ticket, bump),)))
    shown = view(till, left_over(till))
    assert shown is not None
    assert [line.stage for line in shown.lines] == [LineStage.READY]


def test_a_close_that_goes_again_under_a_new_id_leaves_over_the_same_order(till: Till) -> None:
    """What was tapped on that order meanwhile names it, in bytes that never change."""
    late = paid_with_a_late_line(till)
    more = till.add_line(late)
    till.send(late, more)
    flight = till.take().flights[0]
    till.fail(flight, FailReason.INVALID)
    expected = till.scene(late).scene.order
    assert expected is not None
    again_id = till.new_id()

    retry = partial(mending.retry, operation_id=flight.id, new_id=again_id, actor_id="grace", now_ms=NOW_MS)
    assert till.run(lambda tx: retry(tx)) == {f"order:{ORDER}", f"order:{late}", "alerts"}

    (again,) = till.take().flights
    command = decode(again.kind, operation_id=again.id, path=again.path, body=again.body)
    assert (again.id, set(again.lanes)) == (again_id, set(lanes_of(command)))
    till.run(partial(outbox.reset_replaying, now_ms=NOW_MS))
    till.deliver_all()
    after = till.scene(late).server
    assert after is not None
    assert [line.id for line in after.standing_lines] == [line.id for line in expected.standing_lines]
    assert till.run(outbox.waiting) == 0
