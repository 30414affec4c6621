"""Lines that go from one order to another: two tills apart, the real server, and what each of them shows."""

from __future__ import annotations

import pytest

from shared.domain.commands import SetNote
from shared.domain.order import OrderState
from shared.domain.rejections import CommandRejected, Refusal
from shared.ids import ChangeId, LineId
from shared.store.rows import SyncBadge
from tests.contract.house import House
from tests.contract.two_tills import StoreTill, both_agree, line_of, server_order, server_ticket


def test_lines_go_to_another_order_on_the_till_at_once_and_on_the_server_alike(
    small_house: House, ann: StoreTill
) -> None:
    five, six = ann.order("pizza", "beer"), ann.order("cake", table="table-6")
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    assert (ann.items(five), ann.items(six)) == (["beer"], ["cake", "pizza"])
    shown = {order_id: ann.fold(order_id).to_json() for order_id in (five, six)}
    assert ann.deliver() == [201, 200, 200, 201, 200, 200, 200]
    assert {order_id: server_order(small_house, order_id).to_json() for order_id in (five, six)} == shown
    both_agree(small_house, ann, orders=(five, six))


def test_each_of_two_changed_orders_has_a_revision_of_its_own_in_one_transaction(
    small_house: House, ann: StoreTill
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    before = small_house.count("change")
    moved = ann.transfer(five, six, line_of(ann, five, "pizza"))
    ann.deliver()
    rows = small_house.connection.execute(
        "SELECT kind, entity_id FROM change WHERE operation_id = ?", (moved.id,)
    ).fetchall()
    assert rows == [("order", five), ("order", six), ("ticket", server_order(small_house, six).tickets[1].id)]
    assert small_house.count("change") == before + 3


def test_the_same_transfer_twice_is_one(small_house: House, ann: StoreTill) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    ann.deliver(most=6)
    (flight,) = ann.take(1)
    assert ann.send(flight, is_answer_lost=True) == 200
    once = server_order(small_house, six)
    ann.pull()
    assert (ann.items(five), ann.items(six)) == ([], ["cake", "pizza"])
    assert ann.deliver() == [200]
    assert server_order(small_house, six) == once
    both_agree(small_house, ann, orders=(five, six))


@pytest.mark.parametrize("first", [0, 1])
def test_a_till_that_has_heard_of_one_of_the_two_orders_shows_each_line_once(
    small_house: House, ann: StoreTill, first: int
) -> None:
    """An answer was lost, and of two frames of the stream one has come."""
    five, six = ann.order("pizza"), ann.order("cake")
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    ann.deliver(most=6)
    (flight,) = ann.take(1)
    ann.send(flight, is_answer_lost=True)
    heard = server_order(small_house, (five, six)[first])
    ann.told(heard)
    assert (ann.items(five), ann.items(six)) == ([], ["cake", "pizza"])


def test_a_line_that_comes_back_stands_once_and_where_it_was(small_house: House, ann: StoreTill) -> None:
    five, six = ann.order("pizza", "beer"), ann.order("cake")
    pizza = line_of(ann, five, "pizza")
    ann.transfer(five, six, pizza)
    ann.transfer(six, five, pizza)
    assert (ann.items(five), ann.items(six)) == (["beer", "pizza"], ["cake"])
    assert [line.item_id for line in ann.fold(five).lines] == ["pizza", "beer"]
    shown = {order_id: ann.fold(order_id).to_json() for order_id in (five, six)}
    ann.deliver()
    assert {order_id: server_order(small_house, order_id).to_json() for order_id in (five, six)} == shown
    both_agree(small_house, ann, orders=(five, six))


def test_what_follows_on_the_other_order_goes_after_the_transfer(small_house: House, ann: StoreTill) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    unsent = ann.more(five, "bread", is_sent=False)[0]
    ann.transfer(five, six, unsent)
    ann.change(six, SetNote(id=ChangeId(ann.ids.new()), line_id=LineId(unsent), note="warm"))
    assert [flight.entity_id for flight in ann.take(5)] == [five]
    ann.run(lambda tx: tx.execute("UPDATE operation SET status = 'PENDING' WHERE status = 'REPLAYING'"))
    assert ann.deliver() == [200, 200, 200]
    assert next(line for line in server_order(small_house, six).lines if line.id == unsent).note == "warm"
    both_agree(small_house, ann, orders=(five, six))


def test_two_tills_apart_move_different_lines_and_nothing_is_lost(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza", "beer"), ann.order("cake", "bread")
    ann.deliver()
    ben.pull()
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    ben.transfer(six, five, line_of(ben, six, "cake"))
    ben.more(six, "beer")
    assert {*ann.deliver(), *ben.deliver()} == {200}
    both_agree(small_house, ann, ben, orders=(five, six))
    assert (ben.items(five), ben.items(six)) == (["beer", "cake"], ["beer", "bread", "pizza"])


def test_an_order_that_was_paid_meanwhile_takes_no_line_and_the_line_stays(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ben.pay(six)
    ben.deliver()
    pizza = line_of(ann, five, "pizza")
    moved = ann.transfer(five, six, pizza)
    ann.more(six, "bread")
    ann.void_line(six, pizza)
    assert ann.deliver() == [409, 409]
    assert ann.items(five) == ["pizza"]
    assert [reason for _, _, reason in ann.statuses()[-4:]] == ["CONFLICT", "CONFLICT", "CONFLICT", "CONFLICT"]
    first, second = ann.alerts()
    assert first.detail.startswith("Order A-2 is closed. The lines stay on order A-1.")
    ann.pull()
    assert ann.items(six) == ["cake"]
    with pytest.raises(CommandRejected) as caught:
        ann.put_on_again(moved.id)
    assert caught.value.refusal is Refusal.INVALID_STATE_TRANSITION
    ann.put_on_again(second.again_id)
    ann.deliver()
    both_agree(small_house, ann, ben, orders=(five, six))


def test_a_line_that_was_voided_meanwhile_goes_nowhere(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    five, six = ann.order("pizza", "beer"), ann.order("cake")
    ann.deliver()
    ben.pull()
    pizza, beer = line_of(ben, five, "pizza"), line_of(ben, five, "beer")
    ben.void_line(five, pizza)
    ben.deliver()
    ann.transfer(five, six, pizza, beer)
    ann.void_line(six, beer)
    late = ann.more(six, "bread")
    assert ann.deliver() == [409, 200, 200]
    assert (ann.items(five), ann.items(six)) == (["beer"], ["bread", "cake"])
    assert len(ann.alerts()) == 1
    both_agree(small_house, ann, ben, orders=(five, six))
    assert late[0] in {line.id for line in server_order(small_house, six).lines}


def test_a_late_change_of_a_line_that_went_elsewhere_is_told_where_and_goes_there_again(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    bread = ann.more(five, "bread", is_sent=False)[0]
    ann.deliver()
    ben.pull()
    ann.transfer(five, six, bread)
    ann.deliver()
    late = ben.change(five, SetNote(id=ChangeId(ben.ids.new()), line_id=LineId(bread), note="warm"))
    assert ben.deliver() == [409]
    (alert,) = ben.alerts()
    assert alert.detail.startswith("Bread moved to order A-2.")
    ben.pull()
    ben.put_on_again(late.id)
    assert ben.deliver() == [200]
    assert next(line for line in server_order(small_house, six).lines if line.id == bread).note == "warm"
    both_agree(small_house, ann, ben, orders=(five, six))


def test_a_device_never_conflicts_with_itself_over_a_line_that_it_carried(small_house: House, ann: StoreTill) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    bread = ann.more(five, "bread", is_sent=False)[0]
    ann.deliver()
    ann.transfer(five, six, bread)
    ann.change(six, SetNote(id=ChangeId(ann.ids.new()), line_id=LineId(bread), note="warm"))
    ann.transfer(six, five, bread)
    ann.change(five, SetNote(id=ChangeId(ann.ids.new()), line_id=LineId(bread), note="cold"))
    assert set(ann.deliver()) == {200}
    both_agree(small_house, ann, orders=(five, six))


def test_a_bill_has_what_its_order_has_by_then_and_money_stays_where_it_was_taken(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    """The guest of table 6 paid for the cake alone: what came to that order meanwhile is not on that bill."""
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ben.pay(six)
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    ann.deliver()
    ben.deliver()
    paid = server_order(small_house, six)
    assert (paid.state, paid.unapplied_minor) == (OrderState.CLOSED, 0)
    assert [line.item_id for line in paid.standing_lines] == ["cake"]
    late = next(line.moved_to for line in paid.lines if line.item_id == "pizza")
    assert late is not None
    assert [line.item_id for line in server_order(small_house, late).standing_lines] == ["pizza"]
    both_agree(small_house, ann, ben, orders=(five, six, late))


def test_a_ticket_goes_with_its_lines_and_one_that_is_divided_says_where_each_is_for(
    small_house: House, ann: StoreTill
) -> None:
    five, six = ann.order("pizza", "cake"), ann.order("beer", table="table-6")
    ann.deliver()
    ticket_id = server_order(small_house, five).tickets[0].id
    pizza, cake = line_of(ann, five, "pizza"), line_of(ann, five, "cake")
    ann.transfer(five, six, pizza)
    ann.deliver()
    divided = server_ticket(small_house, ticket_id)
    assert (divided.order_id, divided.table_id) == (five, "table-5")
    assert [None if item.on is None else item.on.table_id for item in divided.items] == ["table-6", None]
    mark = {"round": 0, "lineIds": [pizza, cake]}
    assert small_house.call("POST", f"/kds/tickets/{ticket_id}/mark-ready", mark, who="kitchen").status == 200
    assert [server_order(small_house, one).tickets[0].stage for one in (five,)] == ["READY"]
    assert {mark.id: mark.stage for mark in server_order(small_house, six).tickets}[ticket_id] == "READY"
    ann.pull()
    ann.transfer(five, six, cake)
    ann.deliver()
    whole = server_ticket(small_house, ticket_id)
    assert (whole.order_id, whole.order_number, whole.table_id) == (six, "A-2", "table-6")
    assert [item.on for item in whole.items] == [None, None]
    assert server_order(small_house, five).state is OrderState.NEW
    assert small_house.call("POST", f"/kds/tickets/{ticket_id}/bump", mark, who="kitchen").status == 200
    assert {mark.id: mark.stage for mark in server_order(small_house, six).tickets}[ticket_id] == "BUMPED"
    both_agree(small_house, ann, orders=(five, six))


def test_a_transfer_that_needs_a_person_holds_both_orders_and_both_say_so(small_house: House, ann: StoreTill) -> None:
    five, six, other = ann.order("pizza"), ann.order("cake"), ann.order("beer")
    ann.deliver()
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    ann.run(
        lambda tx: tx.execute("UPDATE operation SET status = 'FAILED', reason = 'REFUSED' WHERE status = 'PENDING'")
    )
    ann.more(five, "bread")
    ann.more(six, "bread")
    ann.more(other, "bread")
    assert [ann.view(one).badge for one in (five, six, other)] == [
        SyncBadge.NEEDS_YOU,
        SyncBadge.NEEDS_YOU,
        SyncBadge.SYNCING,
    ]
    assert {flight.entity_id for flight in ann.take(5)} == {other}


def test_a_transfer_in_hand_takes_the_line_off_no_order_and_both_say_that_they_are_being_saved(
    small_house: House, ann: StoreTill
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    moved = ann.transfer(five, six, line_of(ann, five, "pizza"))
    ann.run(lambda tx: tx.execute("DELETE FROM operation_lane WHERE seq = (SELECT max(seq) FROM operation)"))
    for order_id, items in ((five, ["pizza"]), (six, ["cake"])):
        shown = ann.view(order_id, moved)
        assert ([line.item_id for line in shown.lines], shown.saving) == (items, True)


@pytest.mark.parametrize("wrong", ["to itself", "to an order that nobody knows", "to one that is closed"])
def test_what_can_not_be_carried_is_refused_at_the_till_in_words_and_nothing_is_stored(
    ann: StoreTill, wrong: str
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.pay(six)
    to = {"to itself": five, "to one that is closed": six}.get(wrong, ann.ids.new())
    waiting = len(ann.statuses())
    with pytest.raises(CommandRejected):
        ann.transfer(five, to, line_of(ann, five, "pizza"))
    assert len(ann.statuses()) == waiting
    assert ann.items(five) == ["pizza"]
