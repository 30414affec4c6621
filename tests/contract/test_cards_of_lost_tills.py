"""A guest was charged, the till that asked is gone, and the order was paid otherwise: a manager gives it back."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from reference_server.payments import cashier
from shared.domain.order import OrderState
from shared.domain.payment_intent import IntentState
from shared.domain.shift_commands import OpenShift
from shared.ids import OperationId, ShiftId
from shared.store import giving_back
from tests.contract.card_till import Till, till
from tests.contract.two_tills import ANN, AT, StoreTill, server_order, two_tills
from tests.unit.domain.restaurant import ulid

__all__ = ["till"]

PIZZA = 1250
SHIFT = ShiftId(ulid(500))


@pytest.fixture
def other(till: Till, tmp_path: Path) -> StoreTill:
    """The till that takes cash for the same, a quarter of an hour before the server reminds."""
    (tmp_path / "other").mkdir()
    till.store.tap(OpenShift(id=OperationId(ulid(900)), actor_id=ANN, at=AT, shift_id=SHIFT, float_minor=0))
    till.store.deliver()
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    spare, made = two_tills(till.house, tmp_path / "other")
    spare.connection.close()
    made.pull()
    made.pay(till.order_id)
    made.deliver()
    till.house.clock.ms += cashier.REMIND_MS
    for _ in range(2):
        till.cards.remind()
    return made


def test_it_stands_on_its_order_and_is_given_back_from_another_till(till: Till, other: StoreTill) -> None:
    order = server_order(till.house, till.order_id)
    assert [one.unapplied_minor for one in order.payments] == [0, PIZZA]
    assert (till.cards.state(till.payment().id), till.house.asked()) == ("RECORDED", ["on_no_bill"])
    other.pull()
    give = partial(giving_back.give_back, order_id=till.order_id, new_id=other.ids.new(), actor_id="sara", at=AT)
    other.run(partial(give, teller=other.teller, now_ms=till.house.clock.ms))
    assert other.deliver() == [200]
    till.cards.collect(3)
    assert (till.cards.charged(), till.house.asked()) == (0, [])
    other.connection.close()


def test_a_till_that_comes_back_after_all_adds_its_receipt_and_its_drawer(till: Till, other: StoreTill) -> None:
    till.round()
    assert till.payment().state is IntentState.RECORDED
    assert till.store.deliver() == [200]
    order = server_order(till.house, till.order_id)
    late = order.payments[1]
    assert (order.state, len(order.payments)) == (OrderState.CLOSED, 2)
    assert (late.receipt_number, late.shift_id, late.unapplied_minor) == ("A-000001", SHIFT, PIZZA)
    told = till.house.call("GET", f"/pos/shifts/{SHIFT}/report", headers={"x-actor": "ann"}).json["figures"]
    assert [(one["method"], one["amountMinor"]) for one in told["payments"]] == [("CARD", PIZZA)]
    assert [one.amount_minor for one in till.store.report(SHIFT).total.payments] == [PIZZA]
    other.connection.close()


def test_an_order_that_is_open_still_waits_for_its_till(till: Till) -> None:
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    till.house.clock.ms += cashier.REMIND_MS
    till.cards.remind()
    assert (till.cards.state(till.payment().id), till.house.asked()) == ("APPROVED", ["on_no_bill"])
    assert server_order(till.house, till.order_id).payments == ()
