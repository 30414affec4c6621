"""Money that is moved is given back on one order and taken on another: what is so while only one half was done."""

from __future__ import annotations

import pytest

from shared.store import mending
from shared.store.outcomes import FailReason
from tests.contract.house import House, act
from tests.contract.test_discounts import manager_of
from tests.contract.test_money_moved import (
    MANAGER,
    PIZZA,
    begins_a_shift,
    bill_of,
    counted_at_the_heir,
    in_the_drawers,
    merged_and_paid,
    move,
    refuse,
)
from tests.contract.two_tills import StoreTill, both_agree, server_order


def given_back_by_somebody_else(house: House, order_id: str) -> None:
    """A manager at another screen answers the server's alert first."""
    manager = manager_of(house)
    body = act({"lineIds": [], "refunds": [{"method": "CASH", "amount": PIZZA}], "reason": "too much"}, manager)
    assert house.call("POST", f"/pos/orders/{order_id}/refund", body).status == 200


def test_what_somebody_has_given_back_is_counted_nowhere(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    shift = begins_a_shift(ben)
    five, six = merged_and_paid(ann, ben)
    given_back_by_somebody_else(small_house, five)
    bill = bill_of(ben)
    move(ben, bill)
    assert ben.deliver() == [409], "the bill waits for what it stands on"
    heir = server_order(small_house, six)
    assert (heir.is_open, heir.payments) == (True, ()), "the guest has the money, and it paid a bill"
    assert in_the_drawers(small_house) == 0
    assert ben.statuses()[-2:] == [("refund_order", "FAILED", "CONFLICT"), ("close_order", "FAILED", "CONFLICT")]
    (alert,) = ben.alerts()
    assert alert.title == "Refund was not applied"
    assert ben.report(shift).total.expected_minor == PIZZA, "what went out elsewhere is not of this drawer"
    assert ben.report(shift).is_confirmed
    ann.pull()
    ben.pull()
    both_agree(small_house, ann, ben, orders=(five, six))


def test_a_drawer_is_what_it_was_at_each_moment_of_a_move(small_house: House, ann: StoreTill, ben: StoreTill) -> None:
    """No note is touched by it, whichever of its two halves the server has by now."""
    shift = begins_a_shift(ben)
    merged_and_paid(ann, ben)
    found = [ben.report(shift).total.expected_minor]
    move(ben, bill_of(ben))
    for _ in range(3):
        found.append(ben.report(shift).total.expected_minor)
        ben.deliver(most=1)
    assert found == [PIZZA] * 4
    assert ben.report(shift).is_confirmed


@pytest.mark.parametrize("is_tried_again", [True, False])
def test_a_refused_refund_holds_the_bill_until_a_person_decides(
    small_house: House, ann: StoreTill, ben: StoreTill, is_tried_again: bool
) -> None:
    shift = begins_a_shift(ben)
    five, six = merged_and_paid(ann, ben)
    move(ben, bill_of(ben))
    refuse(ben, FailReason.REFUSED)
    assert ben.deliver() == []
    assert ben.report(shift).total.expected_minor == PIZZA
    refund = ben.connection.execute("SELECT id FROM operation WHERE kind = 'refund_order'").get
    now_ms = small_house.clock.ms
    if is_tried_again:
        ben.run(lambda tx: mending.retry(tx, str(refund), new_id=ben.ids.new(), actor_id=MANAGER, now_ms=now_ms))
        assert ben.deliver() == [200, 200]
        counted_at_the_heir(small_house, ben, five, six)
    else:
        ben.run(lambda tx: mending.discard(tx, str(refund), actor_id=MANAGER, now_ms=now_ms))
        assert ben.deliver() == []
        assert server_order(small_house, six).is_open
        assert ben.statuses()[-1] == ("close_order", "FAILED", "DISCARDED")
    assert ben.report(shift).total.expected_minor == PIZZA
