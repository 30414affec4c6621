"""A guest paid for an order whose lines are on another by now: the money is counted there, once, and on record."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from shared.database import open_writer
from shared.domain.closing import follow_up_id
from shared.domain.menu import Floor
from shared.domain.order import OrderState
from shared.domain.shift_commands import OpenShift
from shared.ids import OperationId, OrderId, ShiftId, StaffId
from shared.money import Currency
from shared.store import money_moved, panel
from shared.store.mending import NotMendable
from shared.store.outcomes import Failed, FailReason
from shared.sync import turns
from shared.sync.turns import Landed
from tests.contract.house import House
from tests.contract.test_healing_of_moves import FOREIGN, copied, has, report
from tests.contract.two_tills import AT, StoreTill, both_agree, line_of, server_order

PIZZA = 1250
FLOOR, EURO = Floor(version="1"), Currency("EUR", 2, "")
MANAGER = "sara"


def move(till: StoreTill, operation_id: str, *, new_id: str | None = None) -> None:
    work = partial(
        money_moved.move, operation_id=operation_id, new_id=new_id or till.ids.new(), actor_id=MANAGER, at=AT,
        teller=till.teller, now_ms=till.house.clock.ms,
    )  # fmt: skip
    till.run(lambda tx: work(tx))


def place_of(till: StoreTill, operation_id: str) -> str | None:
    found = till.run(partial(money_moved.target, operation_id=operation_id))
    return None if found is None else found.id


def bill_of(till: StoreTill) -> str:
    """The till's last bill."""
    query = "SELECT id FROM operation WHERE kind = 'close_order' ORDER BY seq DESC LIMIT 1"
    return str(till.connection.execute(query).get)


def refuse(till: StoreTill, reason: FailReason) -> None:
    """What goes next is refused by somebody between till and server, or by a server that is not ours."""
    (flight,) = till.take(1)
    landed = (Landed(flight, Failed(reason, 409, "No.", b"{}")),)
    till.run(partial(turns.turn, landed=landed, take=None, now_ms=till.house.clock.ms))


def merged_and_paid(ann: StoreTill, ben: StoreTill, *, reason: FailReason | None = None) -> tuple[str, str]:
    """Ben takes money for table five while Ann merges it into six; the server keeps it, or refuses it."""
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ben.pay(five)
    ann.merge(five, six)
    ann.deliver()
    if reason is None:
        assert ben.deliver() == [200]
    else:
        refuse(ben, reason)
    ben.pull()
    return five, six


PRINTED = "SELECT number, previous, hash FROM receipt ORDER BY seq"


def links(house: House) -> list[tuple[str, str, str]]:
    """The receipts that the server heard of, each with the hash before and its own."""
    rows = house.connection.execute("SELECT number, previous, hash FROM receipt_link ORDER BY letter, serial")
    return [(str(number), str(previous), str(hash_)) for number, previous, hash_ in rows]


def in_the_drawers(house: House) -> int:
    """All money that was taken less what was given back, in minor units."""
    orders = [server_order(house, str(row[0])) for row in house.connection.execute("SELECT id FROM pos_order")]
    taken = sum(payment.amount_minor for order in orders for payment in order.payments)
    return taken - sum(money.amount_minor for order in orders for one in order.returns for money in one.money)


def counted_at_the_heir(house: House, ben: StoreTill, five: str, six: str) -> None:
    """The promise: the guest's money pays for what he ate, on the order where that is, and is there once."""
    paid, old = server_order(house, six), server_order(house, five)
    assert paid.state is OrderState.CLOSED
    assert (paid.applied_minor, paid.unapplied_minor) == (PIZZA, 0)
    assert [line.item_id for line in paid.standing_lines] == ["pizza"]
    assert old.left_to_refund_minor == 0, "nobody is told to give it back"
    assert in_the_drawers(house) == PIZZA
    rest = server_order(house, follow_up_id(OrderId(six)))
    assert ([line.item_id for line in rest.standing_lines], rest.is_open) == (["cake"], True)
    assert ben.alerts() == ()
    assert ben.run(panel.counts) == (0, 0)


@pytest.mark.parametrize("reason", [None, FailReason.REFUSED, FailReason.INVALID, FailReason.CONFLICT])
def test_money_for_an_order_that_was_merged_is_counted_at_its_heir(
    small_house: House, ann: StoreTill, ben: StoreTill, reason: FailReason | None
) -> None:
    five, six = merged_and_paid(ann, ben, reason=reason)
    (alert,) = ben.alerts()
    bill = bill_of(ben)
    assert place_of(ben, bill) == six
    if reason in (None, FailReason.CONFLICT):
        assert (alert.money_id, alert.moves_to[:3]) == (bill, "A-2")
    else:
        (row,) = ben.run(partial(panel.operations, tab="attention", floor=FLOOR, currency=EURO))
        assert row.moves_to[:3] == "A-2"
    move(ben, bill)
    ben.deliver()
    ann.pull()
    ben.pull()
    counted_at_the_heir(small_house, ben, five, six)
    both_agree(small_house, ann, ben, orders=(five, six, follow_up_id(OrderId(six))))
    choice = ben.connection.execute("SELECT choice FROM alert WHERE choice IS NOT NULL").get
    assert choice == "moved"
    seven = ben.order("cake")
    ben.pay(seven)
    ben.deliver()
    assert links(small_house) == [tuple(row) for row in ben.connection.execute(PRINTED)]
    assert small_house.count("alert", "kind LIKE 'receipt%'") == 0


def test_a_moved_bill_that_was_changed_on_the_way_is_told(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    merged_and_paid(ann, ben, reason=FailReason.REFUSED)
    move(ben, bill_of(ben))
    body = ben.connection.execute("SELECT body FROM operation ORDER BY seq DESC LIMIT 1").get
    changed = bytes(body).replace(b'"tendered":1250', b'"tendered":2000')
    assert changed != bytes(body)
    ben.connection.execute("UPDATE operation SET body = ? WHERE seq = (SELECT max(seq) FROM operation)", (changed,))
    ben.deliver()
    assert small_house.count("alert", "kind = 'receipt_changed'") == 1


@pytest.mark.parametrize("reason", [None, FailReason.REFUSED, FailReason.CONFLICT])
def test_the_drawer_s_report_counts_the_money_once(
    small_house: House, ann: StoreTill, ben: StoreTill, reason: FailReason | None
) -> None:
    shift = begins_a_shift(ben)
    merged_and_paid(ann, ben, reason=reason)
    move(ben, bill_of(ben))
    ben.deliver()
    report = ben.report(shift)
    assert report.is_confirmed
    assert [(one.method, one.amount_minor) for one in report.total.payments] == [("CASH", PIZZA)]
    assert report.confirmed == report.total
    assert report.total.expected_minor == PIZZA


def test_a_second_tap_moves_nothing_more(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    merged_and_paid(ann, ben)
    bill, new_id = bill_of(ben), ben.ids.new()
    move(ben, bill, new_id=new_id)
    before = ben.statuses()
    move(ben, bill, new_id=new_id)
    with pytest.raises(NotMendable):
        move(ben, bill)
    assert ben.statuses() == before


def begins_a_shift(till: StoreTill) -> ShiftId:
    shift = ShiftId(till.ids.new())
    till.tap(OpenShift(id=OperationId(till.ids.new()), actor_id=StaffId(MANAGER), at=AT, shift_id=shift, float_minor=0))
    till.deliver()
    return shift


def test_money_that_is_counted_twice_is_caught(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    """The mutant: what the old order keeps is not given back there."""
    five, six = merged_and_paid(ann, ben)
    move(ben, bill_of(ben))
    refund = "(SELECT seq FROM operation WHERE kind = 'refund_order')"
    for table in ("operation_lane", "operation"):
        ben.connection.execute(f"DELETE FROM {table} WHERE seq IN {refund}")
    ben.deliver()
    with pytest.raises(AssertionError):
        counted_at_the_heir(small_house, ben, five, six)


def test_lines_that_were_carried_away_take_their_part_of_the_money_along(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza", "cake"), ann.order("beer")
    ann.deliver()
    ben.pull()
    ben.pay(five)
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    ann.deliver()
    ben.deliver()
    ben.pull()
    (alert,) = ben.alerts()
    assert alert.moves_to
    move(ben, alert.money_id)
    ben.deliver()
    paid = server_order(small_house, six)
    assert [line.item_id for line in paid.standing_lines] == ["pizza"]
    assert (paid.applied_minor, paid.unapplied_minor, paid.state) == (PIZZA, 0, OrderState.CLOSED)
    assert server_order(small_house, five).left_to_refund_minor == server_order(small_house, five).applied_minor
    assert ben.alerts() == ()


def test_money_stays_where_it_has_no_one_other_place(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    five = ann.order("pizza")
    ann.deliver()
    ben.pull()
    ben.pay(five)
    refuse(ben, FailReason.REFUSED)
    assert place_of(ben, bill_of(ben)) is None, "its lines are where they were"
    with pytest.raises(NotMendable, match="no place"):
        move(ben, bill_of(ben))
    assert place_of(ben, ben.ids.new()) is None, "no such bill"


def test_money_for_what_another_paid_meanwhile_is_given_back_and_not_moved(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    _, six = merged_and_paid(ann, ben)
    ann.pay(six)
    ann.deliver()
    ben.pull()
    (alert,) = ben.alerts()
    assert (alert.kind, alert.money_id) == ("SURPLUS", "")


def test_lines_on_two_orders_leave_the_money_to_a_person(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    five, six, seven = ann.order("pizza", "cake"), ann.order("beer"), ann.order("bread")
    ann.deliver()
    ben.pull()
    ben.pay(five)
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    ann.transfer(five, seven, line_of(ann, five, "cake"))
    ann.deliver()
    ben.deliver()
    ben.pull()
    assert [alert.money_id for alert in ben.alerts()] == [""]


@pytest.mark.parametrize("when", [(0, None), (0, FailReason.REFUSED), (1, None), (1, FailReason.REFUSED)], ids=str)
def test_a_restored_server_gets_the_moved_money_back_once(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path, when: tuple[int, FailReason | None]
) -> None:
    moment, reason = when
    copies = [copied(small_house, tmp_path / "0.sqlite")]
    five, six = merged_and_paid(ann, ben, reason=reason)
    copies.append(copied(small_house, tmp_path / "1.sqlite"))
    move(ben, bill_of(ben))
    ben.deliver()
    ann.pull()
    connection = open_writer(copies[moment])
    restored = replace(small_house, connection=connection)
    for who, till in (("till", ann), ("till-2", ben), ("kitchen", None)):
        report(restored, who, till)
    while restored.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] != "DONE":
        pass
    assert has(restored) == has(small_house)
    counted_at_the_heir(restored, ben, five, six)
    assert restored.count("alert", "kind IN ('healing', 'invoice_twice', 'invoice_hole')") == 0
    ben.house = restored
    ben.pay(ben.order("cake"))
    ben.deliver()
    assert links(restored) == [tuple(row) for row in ben.connection.execute(PRINTED)]
    assert restored.count("alert", "kind LIKE 'receipt%'") == 0
    connection.close()
