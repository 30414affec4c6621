"""Orders that are merged: two tills apart, the real server, and where everything goes that comes late."""

from __future__ import annotations

import pytest

from shared.domain.commands import AddLine, EditDraft, SendToKitchen, SetGuests, SetNote, SetQuantity, VoidOrder
from shared.domain.order import OrderState
from shared.domain.rejections import CommandRejected
from shared.ids import ChangeId, LineId
from shared.store.rows import SyncBadge
from tests.contract.house import House
from tests.contract.two_tills import StoreTill, both_agree, line_of, server_order, server_ticket


def test_all_of_an_order_goes_to_its_heir_on_the_till_at_once_and_on_the_server_alike(
    small_house: House, ann: StoreTill
) -> None:
    five, six = ann.order("pizza", "beer"), ann.order("cake", table="table-6")
    ann.merge(five, six)
    assert (ann.items(five), ann.items(six)) == ([], ["beer", "cake", "pizza"])
    merged = ann.fold(five)
    assert (merged.state, merged.merged_into, merged.is_open) == (OrderState.VOIDED, six, False)
    shown = {order_id: ann.fold(order_id).to_json() for order_id in (five, six)}
    assert ann.deliver() == [201, 200, 200, 201, 200, 200, 200]
    assert {order_id: server_order(small_house, order_id).to_json() for order_id in (five, six)} == shown
    ticket = server_ticket(small_house, server_order(small_house, six).tickets[-1].id)
    assert (ticket.order_id, ticket.table_id) == (six, "table-6")
    both_agree(small_house, ann, orders=(five, six))


def test_two_tills_merge_two_orders_into_each_other_and_all_is_on_one(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ann.merge(five, six)
    ben.merge(six, five)
    assert (ann.items(six), ben.items(five)) == (["cake", "pizza"], ["cake", "pizza"])
    assert (ann.deliver(), ben.deliver()) == ([200], [200])
    both_agree(small_house, ann, ben, orders=(five, six))
    assert (ben.items(five), ben.items(six)) == ([], ["cake", "pizza"])
    assert server_order(small_house, six).is_open


def test_what_another_till_did_to_a_merged_order_meanwhile_is_done_at_its_heir(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    bread = ann.more(five, "bread", is_sent=False)[0]
    ann.deliver()
    ben.pull()
    ann.merge(five, six)
    ann.deliver()
    ben.change(five, SetNote(id=ChangeId(ben.ids.new()), line_id=LineId(bread), note="warm"))
    (beer,) = ben.more(five, "beer")
    ben.change(five, SetQuantity(id=ChangeId(ben.ids.new()), line_id=LineId(bread), quantity=3))
    ben.tap(SendToKitchen(**ben.said(five), line_ids=(LineId(bread),)))
    ben.pull()
    assert (ben.items(five), ben.items(six)) == ([], ["beer", "bread", "cake", "pizza"])
    shown = ben.fold(six).to_json()
    assert ben.view(six).badge is SyncBadge.SYNCING
    assert set(ben.deliver()) == {200}
    assert server_order(small_house, six).to_json() == shown
    line = next(line for line in server_order(small_house, six).lines if line.id == bread)
    assert (line.note, line.quantity, line.ticket_id is not None) == ("warm", 3, True)
    assert server_ticket(small_house, str(line.ticket_id)).order_id == six
    both_agree(small_house, ann, ben, orders=(five, six))
    assert beer in {line.id for line in server_order(small_house, six).lines}
    assert small_house.count("used_id", f"id = '{beer}' AND order_id = '{six}'") == 1


def test_what_is_done_at_the_heir_goes_after_what_it_depends_on(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    """Ben taps on the heir a line that a change of the merged order still has to bring there."""
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ann.merge(five, six)
    ann.deliver()
    beer = ben.more(five, "beer", is_sent=False)[0]
    ben.pull()
    ben.tap(SendToKitchen(**ben.said(six), line_ids=(LineId(beer),)))
    assert [flight.entity_id for flight in ben.take(5)] == [five]
    ben.run(lambda tx: tx.execute("UPDATE operation SET status = 'PENDING' WHERE status = 'REPLAYING'"))
    assert ben.deliver() == [200, 200]
    both_agree(small_house, ann, ben, orders=(five, six))


def test_a_late_change_is_as_stale_at_the_heir_as_it_would_have_been(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    bread, cake = ann.more(five, "bread", "cake", is_sent=False)
    ann.deliver()
    ben.pull()
    ann.change(five, SetNote(id=ChangeId(ann.ids.new()), line_id=LineId(bread), note="warm"))
    ann.merge(five, six)
    ann.change(six, SetNote(id=ChangeId(ann.ids.new()), line_id=LineId(cake), note="warm"))
    ann.deliver()
    for line_id in (bread, cake):
        ben.change(five, SetNote(id=ChangeId(ben.ids.new()), line_id=LineId(line_id), note="cold"))
    assert ben.deliver() == [409, 409]
    assert all("was changed on another device" in alert.detail for alert in ben.alerts())
    both_agree(small_house, ann, ben, orders=(five, six))


def test_what_would_touch_the_heir_s_own_guests_is_refused_with_its_name(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ann.merge(five, six)
    ann.deliver()
    ben.change(five, SetGuests(id=ChangeId(ben.ids.new()), guests=7))
    ben.tap(VoidOrder(**ben.said(five), reason="left", line_ids=tuple(line.id for line in ben.fold(five).lines)))
    assert ben.deliver() == [409, 409]
    assert [alert.detail.split(". ")[0] for alert in ben.alerts()] == ["Order A-1 was merged into order A-2"] * 2
    both_agree(small_house, ann, ben, orders=(five, six))


def test_cash_for_an_order_that_was_merged_meanwhile_is_kept_and_told(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ben.pay(five)
    ann.merge(five, six)
    ann.deliver()
    assert ben.deliver() == [200]
    paid = server_order(small_house, five)
    assert (paid.merged_into, paid.unapplied_minor, len(paid.payments)) == (six, 1250, 1)
    assert [alert.kind for alert in ben.alerts()] == ["SURPLUS"]
    both_agree(small_house, ann, ben, orders=(five, six))
    assert ben.items(six) == ["cake", "pizza"]


def test_an_heir_that_was_paid_meanwhile_takes_nothing_and_what_was_tapped_on_it_is_told(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ben.pay(six)
    ben.deliver()
    pizza = line_of(ann, five, "pizza")
    ann.merge(five, six)
    ann.void_line(six, pizza)
    assert ann.deliver() == [409]
    assert ann.fold(five).is_open
    assert ann.items(five) == ["pizza"]
    (alert,) = ann.alerts()
    assert alert.detail.startswith("Order A-2 is closed. The lines stay on order A-1.")
    assert [reason for _, _, reason in ann.statuses()[-2:]] == ["CONFLICT", "CONFLICT"]
    both_agree(small_house, ann, ben, orders=(five, six))


def test_an_order_that_was_paid_meanwhile_is_not_merged(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ben.pay(five)
    ben.deliver()
    ann.merge(five, six)
    late = ann.more(six, "bread")
    assert ann.deliver() == [409, 200, 200]
    both_agree(small_house, ann, ben, orders=(five, six))
    assert ann.items(six) == ["bread", "cake"]
    assert late[0] in {line.id for line in server_order(small_house, six).lines}


def test_a_line_that_was_voided_meanwhile_stays_voided_and_the_rest_goes(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six = ann.order("pizza", "beer"), ann.order("cake")
    ann.deliver()
    ben.pull()
    ben.void_line(five, line_of(ben, five, "pizza"))
    ben.deliver()
    ann.merge(five, six)
    assert ann.deliver() == [200]
    both_agree(small_house, ann, ben, orders=(five, six))
    assert ann.items(six) == ["beer", "cake"]


def test_merging_on_and_on_ends_at_the_last_heir(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    five, six, seven = ann.order("pizza"), ann.order("cake"), ann.order("bread")
    ann.deliver()
    ben.pull()
    ann.merge(six, seven)
    ann.deliver()
    ben.more(five, "beer")
    ben.merge(five, six)
    assert set(ben.deliver()) == {200}
    ann.more(five, "bread")
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    assert set(ann.deliver()) == {200}
    both_agree(small_house, ann, ben, orders=(five, six, seven))
    assert ann.items(seven) == ["beer", "bread", "bread", "cake", "pizza"]


@pytest.mark.parametrize("first", [0, 1])
def test_a_till_that_has_heard_of_one_of_the_two_orders_shows_each_line_once(
    small_house: House, ann: StoreTill, first: int
) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.merge(five, six)
    ann.deliver(most=6)
    (flight,) = ann.take(1)
    ann.send(flight, is_answer_lost=True)
    ann.told(server_order(small_house, (five, six)[first]))
    assert (ann.items(five), ann.items(six)) == ([], ["cake", "pizza"])
    assert ann.deliver() == [200]
    both_agree(small_house, ann, orders=(five, six))


def test_what_was_tapped_and_not_sent_stands_on_the_heir(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    ann.deliver()
    ben.pull()
    for till in (ann, ben):
        line = till.new_line("beer")
        till.tap(EditDraft(**till.said(five), changes=(AddLine(line=line),)))
    ann.merge(five, six)
    ann.deliver()
    ben.pull()
    for till in (ann, ben):
        shown = till.view(six)
        assert [(line.item_id, line.in_draft) for line in shown.lines][-1] == ("beer", True)
        assert till.view(five).lines == ()
        with pytest.raises(CommandRejected) as caught:
            till.tap(EditDraft(**till.said(five), changes=(AddLine(line=till.new_line("beer")),)))
        assert caught.value.message == "Order A-1 was merged into order A-2."


def test_a_merge_that_needs_a_person_holds_both_orders_and_both_say_so(small_house: House, ann: StoreTill) -> None:
    five, six, other = ann.order("pizza"), ann.order("cake"), ann.order("beer")
    ann.deliver()
    ann.merge(five, six)
    ann.run(
        lambda tx: tx.execute("UPDATE operation SET status = 'FAILED', reason = 'REFUSED' WHERE status = 'PENDING'")
    )
    ann.more(six, "bread")
    ann.more(other, "bread")
    assert [ann.view(one).badge for one in (five, six, other)] == [
        SyncBadge.NEEDS_YOU,
        SyncBadge.NEEDS_YOU,
        SyncBadge.SYNCING,
    ]
    assert {flight.entity_id for flight in ann.take(5)} == {other}
