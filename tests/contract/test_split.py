"""Orders that are split: two tills apart, the real server, and what becomes of an order that could not be made."""

from __future__ import annotations

import pytest

from shared.domain.commands import SetSeat
from shared.domain.order import OrderState
from shared.domain.rejections import CommandRejected
from shared.ids import ChangeId, LineId
from shared.store import outbox
from shared.store.rows import SyncBadge
from tests.contract.house import House, act
from tests.contract.two_tills import StoreTill, both_agree, line_of, server_order, server_ticket


def test_lines_go_to_a_new_order_on_the_till_at_once_and_on_the_server_alike(
    small_house: House, ann: StoreTill
) -> None:
    five = ann.order("pizza", "beer", "cake")
    new = ann.split(five, line_of(ann, five, "pizza"), line_of(ann, five, "beer"))
    assert (ann.items(five), ann.items(new)) == (["cake"], ["beer", "pizza"])
    assert (ann.fold(new).number, ann.fold(new).table_id, ann.fold(new).version) == ("A-2", "table-9", 1)
    shown = {order_id: ann.fold(order_id).to_json() for order_id in (five, new)}
    assert ann.deliver() == [201, 200, 200, 200]
    assert {order_id: server_order(small_house, order_id).to_json() for order_id in (five, new)} == shown
    both_agree(small_house, ann, orders=(five, new))
    bar = next(mark.id for mark in server_order(small_house, new).tickets if mark.station == "bar")
    assert (server_ticket(small_house, bar).order_id, server_ticket(small_house, bar).table_id) == (new, "table-9")


def test_all_guests_of_a_split_order_pay_for_themselves_without_a_server(small_house: House, ann: StoreTill) -> None:
    five = ann.order("pizza", "beer")
    new = ann.split(five, line_of(ann, five, "beer"))
    ann.pay(new)
    ann.pay(five)
    assert set(ann.deliver()) == {200, 201}
    both_agree(small_house, ann, orders=())
    paid = [server_order(small_house, order_id) for order_id in (five, new)]
    assert [(order.state, order.applied_minor, order.unapplied_minor) for order in paid] == [
        (OrderState.CLOSED, 1250, 0),
        (OrderState.CLOSED, 333, 0),
    ]
    assert all(order.invoice_number for order in paid)


def test_a_served_order_gives_a_served_one(small_house: House, ann: StoreTill) -> None:
    five = ann.order("pizza", "beer")
    ann.deliver()
    lines = [line.id for line in ann.fold(five).lines]
    small_house.call("POST", f"/pos/orders/{five}/serve", act({"lineIds": lines}, actor="ann"))
    ann.pull()
    new = ann.split(five, lines[1])
    ann.deliver()
    assert [server_order(small_house, one).state for one in (five, new)] == [OrderState.SERVED, OrderState.SERVED]


def test_the_same_split_twice_is_one(small_house: House, ann: StoreTill) -> None:
    five = ann.order("pizza", "beer")
    ann.deliver()
    new = ann.split(five, line_of(ann, five, "beer"))
    (flight,) = ann.take(1)
    assert ann.send(flight, is_answer_lost=True) == 200
    once = server_order(small_house, new)
    assert ann.deliver() == [200]
    assert server_order(small_house, new) == once
    both_agree(small_house, ann, orders=(five, new))


@pytest.mark.parametrize("first", [0, 1])
def test_a_till_that_has_heard_of_one_of_the_two_orders_shows_each_line_once(
    small_house: House, ann: StoreTill, first: int
) -> None:
    five = ann.order("pizza", "beer")
    new = ann.split(five, line_of(ann, five, "beer"))
    ann.deliver(most=3)
    (flight,) = ann.take(1)
    ann.send(flight, is_answer_lost=True)
    ann.told(server_order(small_house, (five, new)[first]))
    assert (ann.items(five), ann.items(new)) == (["pizza"], ["beer"])


def test_an_order_that_was_paid_meanwhile_is_not_split_and_what_was_tapped_on_the_new_one_is_told(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five = ann.order("pizza", "beer")
    ann.deliver()
    ben.pull()
    ben.pay(five)
    ben.deliver()
    new = ann.split(five, line_of(ann, five, "beer"))
    ann.more(new, "bread")
    assert ann.deliver() == [409]
    (alert,) = ann.alerts()
    assert alert.detail.startswith("Order A-1 is closed.")
    assert "+1 Bread" in alert.detail
    ann.pull()
    assert ann.scene(new).scene.order is None
    ann.put_on_again(alert.again_id)
    assert ann.deliver() == [201, 200, 200]
    both_agree(small_house, ann, ben, orders=(five,))
    assert small_house.count("pos_order", "is_open = 1") == 1


def test_cash_that_was_taken_on_an_order_that_no_split_made_is_recorded_there(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five = ann.order("pizza", "beer")
    ann.deliver()
    ben.pull()
    beer = line_of(ann, five, "beer")
    ben.void_line(five, beer)
    ben.deliver()
    new = ann.split(five, beer)
    ann.pay(new)
    assert ann.deliver() == [409, 201, 200]
    money = server_order(small_house, new)
    assert (money.number, money.unapplied_minor, len(money.payments)) == ("A-2", 333, 1)
    assert {alert.kind for alert in ann.alerts()} == {"CONFLICT", "SURPLUS"}
    both_agree(small_house, ann, ben, orders=(five, new))


def test_a_line_that_another_till_carried_off_meanwhile_keeps_the_order_whole(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza", "beer"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ben.transfer(five, six, line_of(ben, five, "beer"))
    ben.deliver()
    new = ann.split(five, line_of(ann, five, "beer"), line_of(ann, five, "pizza"))
    assert ann.deliver() == [409]
    (alert,) = ann.alerts()
    assert alert.detail.startswith("Beer moved to order A-2.")
    both_agree(small_house, ann, ben, orders=(five, six))
    assert ann.scene(new).scene.order is None


def test_an_order_that_was_merged_meanwhile_is_split_at_its_heir(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza", "beer"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ben.merge(five, six)
    ben.deliver()
    new = ann.split(five, line_of(ann, five, "beer"))
    ann.pull()
    assert (ann.items(six), ann.items(new)) == (["cake", "pizza"], ["beer"])
    assert ann.deliver() == [200]
    both_agree(small_house, ann, ben, orders=(five, six, new))
    assert (ben.items(six), ben.items(new)) == (["cake", "pizza"], ["beer"])


def test_two_tills_split_one_order_apart(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    five = ann.order("pizza", "beer", "cake")
    ann.deliver()
    ben.pull()
    first = ann.split(five, line_of(ann, five, "pizza"))
    second = ben.split(five, line_of(ben, five, "beer"))
    assert (ann.deliver(), ben.deliver()) == ([200], [200])
    both_agree(small_house, ann, ben, orders=(five, first, second))
    assert [ben.items(one) for one in (five, first, second)] == [["cake"], ["pizza"], ["beer"]]
    assert server_order(small_house, second).number == "B-1"


def test_a_split_that_needs_a_person_holds_both_orders_and_both_say_so(small_house: House, ann: StoreTill) -> None:
    five, other = ann.order("pizza", "beer"), ann.order("cake")
    ann.deliver()
    new = ann.split(five, line_of(ann, five, "beer"))
    ann.run(
        lambda tx: tx.execute("UPDATE operation SET status = 'FAILED', reason = 'REFUSED' WHERE status = 'PENDING'")
    )
    for order_id in (five, new, other):
        ann.more(order_id, "bread")
    assert [ann.view(one).badge for one in (five, new, other)] == [
        SyncBadge.NEEDS_YOU,
        SyncBadge.NEEDS_YOU,
        SyncBadge.SYNCING,
    ]
    assert {flight.entity_id for flight in ann.take(5)} == {other}


def test_a_plain_caller_splits_an_order_and_gets_a_number_from_the_server(small_house: House, ann: StoreTill) -> None:
    five = ann.order("pizza", "beer")
    ann.deliver()
    beer = line_of(ann, five, "beer")
    told = small_house.call("POST", f"/pos/orders/{five}/split", act({"lineIds": [beer]}, actor="ann"))
    assert told.status == 200
    (new,) = told.json["others"]
    assert (new["number"], new["tableId"], [line["itemId"] for line in new["lines"]]) == ("S-1", "table-5", ["beer"])
    again = small_house.call("POST", f"/pos/orders/{five}/split", act({"lineIds": [beer]}, actor="ann"))
    assert (again.status, again.json["message"]) == (409, "Beer moved to order S-1.")
    assert small_house.call("POST", "/pos/orders", act({}, actor="ann")).json["number"] == "S-2"


def test_what_can_not_be_split_off_is_refused_at_the_till_in_words(ann: StoreTill) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    with pytest.raises(CommandRejected):
        ann.split(five, line_of(ann, six, "cake"))
    ann.pay(five)
    with pytest.raises(CommandRejected):
        ann.split(five, ann.fold(five).lines[0].id)
    assert ann.items(five) == ["pizza"]


def test_cash_for_a_part_whose_split_went_along_with_a_conflict_before_it_is_recorded(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    order_id = ann.order("pizza", "beer")
    ann.deliver()
    ben.pull()
    pizza = line_of(ann, order_id, "pizza")
    ben.void_line(order_id, pizza)
    ben.deliver()
    ann.change(order_id, SetSeat(id=ChangeId(ann.ids.new()), line_id=LineId(pizza), seat=2))
    part_id = ann.split(order_id, pizza)
    ann.pay(part_id)
    for _ in range(3):
        ann.deliver()
    paid = server_order(small_house, part_id)
    assert (paid.unapplied_minor, [line.id for line in paid.lines]) == (1250, [])
    assert ann.run(outbox.waiting) == 0
