"""Money that an order does not owe is given back from its alert: on record, out of one drawer, and once."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from reference_server.payments.simulated import LATE_MS, Play
from shared.domain.bill import Method
from shared.domain.menu import Floor
from shared.domain.payment_intent import IntentState
from shared.domain.refunds import NewRefund, RefundOrder
from shared.domain.rejections import CommandRejected
from shared.domain.shift_commands import OpenShift
from shared.ids import OperationId, PaymentId, ShiftId, StaffId
from shared.money import Currency
from shared.store import giving_back, panel
from shared.store.alerts import NO_MONEY_OUT
from shared.store.mending import NotMendable
from shared.store.taps import Teller
from tests.contract.card_till import Till, till
from tests.contract.house import House
from tests.contract.paying import always
from tests.contract.test_money_moved import bill_of
from tests.contract.test_server_refused_refunds import Refusing, refusing
from tests.contract.two_tills import AT, StoreTill, server_order, two_tills
from tests.unit.domain.restaurant import ulid

__all__ = ["till"]

PIZZA = 1250
FLOOR, EURO = Floor(version="1"), Currency("EUR", 2, "")
SHIFT = ShiftId(ulid(500))


def give_back(till: StoreTill, bill: str, *, new_id: str | None = None, teller: Teller | None = None) -> None:
    work = partial(
        giving_back.give_back, bill_id=bill, new_id=new_id or till.ids.new(), actor_id="sara", at=AT,
        teller=teller or till.teller, now_ms=till.house.clock.ms,
    )  # fmt: skip
    till.run(lambda tx: work(tx))


def paid_twice(ann: StoreTill, ben: StoreTill) -> tuple[str, str]:
    """Two tills take cash for one table at the same moment; the order, and the second bill."""
    five = ann.order("pizza")
    ann.deliver()
    ben.pull()
    ann.pay(five)
    ann.deliver()
    opened: dict[str, Any] = {"id": OperationId(ben.ids.new()), "actor_id": StaffId("ben"), "at": AT}
    ben.tap(OpenShift(**opened, shift_id=SHIFT, float_minor=0))
    ben.pay(five)
    ben.deliver()
    return five, bill_of(ben)


def in_drawer(till: StoreTill) -> int:
    return till.report(SHIFT).total.expected_minor


def test_what_was_paid_twice_goes_back_out_of_the_drawer_and_nobody_asks_any_more(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, bill = paid_twice(ann, ben)
    (alert,) = ben.alerts()
    assert (alert.back_id, alert.gives_back, alert.money_id) == (bill, "12.50 in cash", "")
    assert (in_drawer(ben), small_house.asked()) == (PIZZA, ["surplus"])
    new_id = ben.ids.new()
    give_back(ben, bill, new_id=new_id)
    assert in_drawer(ben) == PIZZA, "nothing is given back before the server said yes"
    assert ben.deliver() == [200]
    give_back(ben, bill, new_id=new_id)
    assert ben.deliver() == []
    assert (in_drawer(ben), small_house.asked(), ben.alerts()) == (0, [], ())
    told = small_house.call("GET", f"/pos/shifts/{SHIFT}/report", headers={"x-actor": "ben"}).json["figures"]
    assert (ben.report(SHIFT).confirmed.refunded_minor, told["refundedMinor"]) == (PIZZA, PIZZA)
    order = server_order(small_house, five)
    assert (order.unapplied_minor, order.left_to_refund_minor, len(order.returns)) == (0, PIZZA, 1)
    assert order.returns[0].money[0].payment_id == order.payments[1].id


def test_what_another_till_gave_back_is_said_and_can_not_be_given_again(ann: StoreTill, ben: StoreTill) -> None:
    five, bill = paid_twice(ann, ben)
    body = {"actorId": "sara", "reason": "Paid twice", "lineIds": [], "refunds": [{"method": "CASH", "amount": PIZZA}]}
    assert ann.house.call("POST", f"/pos/orders/{five}/refund", body).status == 200
    ben.pull()
    (alert,) = ben.alerts()
    assert alert.detail == "A-1 · table-5 was paid 12.50 more than it owes. That was given back meanwhile."
    assert (alert.back_id, alert.gives_back) == ("", "")
    with pytest.raises(NotMendable):
        give_back(ben, bill)


def test_while_a_dish_of_it_is_given_back_the_rest_is_asked_for_still(ann: StoreTill, ben: StoreTill) -> None:
    """What is left after that only the server can say; nobody has given back what was paid twice."""
    five, bill = paid_twice(ann, ben)
    ben.pull()
    order = ben.fold(five)
    cash = NewRefund(id=PaymentId(ben.ids.new()), method=Method.CASH, amount=PIZZA, given_at=AT)
    told: dict[str, Any] = {"id": OperationId(ben.ids.new()), "actor_id": StaffId("sara"), "at": AT}
    lines = tuple(line.id for line in order.standing_lines)
    dish = RefundOrder(**told, order_id=order.id, line_ids=lines, refunds=(cash,), reason="cold")
    ben.tap(dish)
    (alert,) = ben.alerts()
    assert alert.detail == "A-1 · table-5 was paid more than it owes: refund 12.50?"
    assert (alert.back_id, alert.gives_back) == ("", "")
    with pytest.raises(NotMendable):
        give_back(ben, bill)
    assert ben.deliver() == [200]
    ben.pull()
    assert ben.alerts()[0].gives_back == "12.50 in cash"


def test_of_two_who_give_it_back_at_once_the_second_hands_out_nothing(ann: StoreTill, ben: StoreTill) -> None:
    """The one till has not heard of the other."""
    five, bill = paid_twice(ann, ben)
    body = {"actorId": "sara", "reason": "Paid twice", "lineIds": [], "refunds": [{"method": "CASH", "amount": PIZZA}]}
    assert ann.house.call("POST", f"/pos/orders/{five}/refund", body).status == 200
    give_back(ben, bill)
    assert ben.deliver() == [409]
    assert in_drawer(ben) == PIZZA
    (alert,) = ben.alerts()
    assert (alert.title, alert.detail.endswith(NO_MONEY_OUT)) == ("Refund was not applied", True)


def test_without_a_server_nothing_is_given_back(ann: StoreTill, ben: StoreTill) -> None:
    """It alone knows what others gave back."""
    _, bill = paid_twice(ann, ben)
    offline = Teller("B", ben.author_of, is_online=lambda: False)
    with pytest.raises(CommandRejected, match="server"):
        give_back(ben, bill, teller=offline)
    assert len(ben.alerts()) == 1


def test_what_nobody_asks_for_any_more_can_not_be_given_back(ann: StoreTill, ben: StoreTill) -> None:
    _, bill = paid_twice(ann, ben)
    ben.run(lambda tx: tx.execute("UPDATE alert SET choice = 'ok'"))
    for one in (bill, ulid(77)):
        with pytest.raises(NotMendable):
            give_back(ben, one)


def test_an_order_that_left_the_till_is_asked_about_in_words_alone(ann: StoreTill, ben: StoreTill) -> None:
    """A business day later: the server's word is not here any more."""
    five, bill = paid_twice(ann, ben)
    ben.run(lambda tx: tx.execute("DELETE FROM server_order WHERE id = ?", (five,)))
    (alert,) = ben.alerts()
    assert (alert.back_id, "refund 12.50?" in alert.detail) == ("", True)
    with pytest.raises(NotMendable):
        give_back(ben, bill)


@pytest.mark.parametrize("gives", [True, False])
def test_a_card_gets_its_own_money_back_and_the_guest_cash_where_the_gateway_refuses(
    till: Till, tmp_path_factory: pytest.TempPathFactory, gives: bool
) -> None:
    """The guest's card is charged while another till takes cash for the same."""
    refusing(till.cards)
    assert isinstance(till.cards.gateway, Refusing)
    till.cards.gateway.gives = gives
    pair = two_tills(till.house, tmp_path_factory.mktemp("other"))
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    pair[1].pull()
    pair[1].pay(till.order_id)
    pair[1].deliver()
    till.round()
    till.store.deliver()
    bill = bill_of(till.store)
    (alert,) = till.store.alerts()
    assert (alert.gives_back, alert.gives_cash) == ("12.50 to the card", False)
    give_back(till.store, bill)
    till.store.deliver()
    till.cards.collect(3)
    till.store.pull()
    assert till.store.run(partial(giving_back.of_bill, operation_id=bill)) is None, "its alert is answered"
    assert till.cards.charged() == (0 if gives else PIZZA)
    left = till.store.fold(till.order_id).unapplied_minor
    assert left == (0 if gives else PIZZA)
    till.store.run(lambda tx: tx.execute("UPDATE alert SET choice = NULL"))
    rows = till.store.run(partial(panel.open_alerts, floor=FLOOR, currency=EURO))
    assert (rows[0].gives_back, rows[0].gives_cash) == (("", False) if gives else ("12.50 in cash", True))
    for one in pair:
        one.connection.close()


def test_what_a_gateway_refused_for_lines_is_given_in_cash_by_whoever_the_server_asks(till: Till) -> None:
    refusing(till.cards)
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    till.round()
    till.store.deliver()
    body = {"actorId": "sara", "reason": "cold"}
    assert till.house.call("POST", f"/pos/orders/{till.order_id}/refund", body).status == 200
    till.cards.collect(3)
    till.store.pull()
    owed = till.store.run(partial(giving_back.on_order, order_id=till.order_id))
    assert owed is not None
    assert panel.back_words(owed, EURO) == "12.50 in cash"
    assert till.house.asked() == ["refund_refused"]
    give = partial(giving_back.give_back, order_id=till.order_id, new_id=till.store.ids.new(), actor_id="sara", at=AT)
    till.store.run(partial(give, teller=till.store.teller, now_ms=till.house.clock.ms))
    assert till.store.deliver() == [200]
    assert (till.store.fold(till.order_id).unapplied_minor, till.house.asked()) == (0, [])
    assert till.store.run(partial(giving_back.on_order, order_id=ulid(77))) is None


def test_a_card_that_was_charged_too_late_goes_back_while_its_order_is_open(till: Till) -> None:
    """The guest sits there still: a manager gives it back before more is taken, as the pay screen says."""
    till.cards.script = always(Play.LATE_KEPT)
    till.tap(till.wish())
    till.round()
    till.cards.collect(LATE_MS / 1000 + 65)
    till.round()
    assert (till.payment().state, till.house.asked()) == (IntentState.UNAPPLIED, ["late_unapplied"])
    till.store.pull()
    owed = till.store.run(partial(giving_back.on_order, order_id=till.order_id))
    assert owed is not None
    assert panel.back_words(owed, EURO) == "12.50 to the card"
    give = partial(giving_back.give_back, order_id=till.order_id, new_id=till.store.ids.new(), actor_id="sara", at=AT)
    till.store.run(partial(give, teller=till.store.teller, now_ms=till.house.clock.ms))
    assert till.store.deliver() == [200]
    till.cards.collect(3)
    order = till.store.fold(till.order_id)
    assert (order.is_open, order.unapplied_minor, till.cards.charged(), till.house.asked()) == (True, 0, 0, [])
    till.store.pay(till.order_id)
    till.store.deliver()
    order = server_order(till.house, till.order_id)
    assert (order.is_open, order.unapplied_minor, order.applied_minor) == (False, 0, PIZZA)


def test_lines_of_an_open_order_are_voided_and_never_given_back(till: Till) -> None:
    body = {"actorId": "sara", "reason": "cold"}
    refused = till.house.call("POST", f"/pos/orders/{till.order_id}/refund", body)
    assert (refused.status, refused.json["conflictType"]) == (409, "INVALID_STATE_TRANSITION")
