"""A gateway that gives nothing back: order and shift say so, and the guest gets the money in cash, on record, once."""

from __future__ import annotations

from typing import Any

import pytest

from reference_server.gateway import Refunded, RefundRefused, RefundWord
from reference_server.payments.simulated import Play, SimulatedGateway
from reference_server.storage import shifts
from shared.database import run_inline
from shared.domain.bill import Method
from shared.domain.refunds import NewRefund, RefundOrder
from shared.domain.shift_commands import OpenShift
from shared.ids import OperationId, PaymentId, ShiftId, StaffId
from tests.contract.card_till import Till, till
from tests.contract.house import House
from tests.contract.paying import Cards, always
from tests.contract.test_server_card_refunds import give_back, paid
from tests.contract.test_shifts import close_shift, open_shift, report
from tests.contract.two_tills import ANN, AT
from tests.unit.domain.restaurant import ulid

__all__ = ["till"]


class Refusing(SimulatedGateway):
    """Charges like the other, and gives nothing back until it `gives`."""

    gives = False

    def refund(self, intent_id: str, *, refund_id: str, amount_minor: int) -> RefundWord:
        if self.gives:
            return super().refund(intent_id, refund_id=refund_id, amount_minor=amount_minor)
        return RefundRefused("The account is closed.")


def refusing(cards: Cards) -> Cards:
    """The same house with such a gateway."""
    cards.gateway = Refusing(cards.house.clock, script=always(Play.APPROVE))
    return cards


@pytest.fixture
def cards(house: House) -> Cards:
    return refusing(Cards(house))


def refunded_by_card(cards: Cards, **said: Any) -> dict[str, Any]:
    """An order of two dishes, all of it taken back, and what the gateway made of the money."""
    order, _ = paid(cards, "cola", "flan")
    assert give_back(cards.house, order, **said).status == 200
    cards.collect(3)
    return cards.order(order["id"])


def sum_of(figures: dict[str, Any], method: str, kind: str = "payments") -> int:
    return sum(one["amountMinor"] for one in figures[kind] if one["method"] == method)


def test_what_was_refused_does_not_stand_as_given_back(cards: Cards) -> None:
    order = refunded_by_card(cards)
    (made,) = order["returns"]
    assert (order["state"], [one["refused"] for one in made["money"]]) == ("REFUNDED", [True])
    assert [kind for kind, _ in cards.alerts()] == ["refund_refused"]
    assert cards.charged() == sum(one["amountMinor"] for one in order["payments"])


def test_it_is_given_back_in_cash_once_and_never_more(cards: Cards) -> None:
    order = refunded_by_card(cards)
    owed = cards.charged()
    cash = {"method": "CASH", "amount": owed}
    too_much = give_back(cards.house, order, lineIds=[], refunds=[{**cash, "amount": owed + 1}])
    assert too_much.status == 422
    given = give_back(cards.house, order, lineIds=[], refunds=[cash])
    assert (given.status, given.json["returns"][1]["surplusMinor"]) == (200, owed)
    again = give_back(cards.house, order, lineIds=[], refunds=[cash])
    assert (again.status, again.json["conflictType"]) == (409, "INVALID_STATE_TRANSITION")


def test_where_nothing_else_is_said_the_rest_goes_back_in_cash(cards: Cards) -> None:
    order = refunded_by_card(cards)
    owed = cards.charged()
    given = give_back(cards.house, order)
    assert [(one["method"], one["amountMinor"]) for one in given.json["returns"][1]["money"]] == [("CASH", owed)]


def test_the_same_card_can_be_tried_again_and_each_refusal_is_told(cards: Cards) -> None:
    order = refunded_by_card(cards)
    owed, paid_by = cards.charged(), order["payments"][0]["id"]
    again = {"method": "CARD", "amount": owed, "paymentId": paid_by}
    assert give_back(cards.house, order, lineIds=[], refunds=[again]).status == 200
    cards.collect(3)
    assert [kind for kind, _ in cards.alerts()] == ["refund_refused"] * 2
    assert isinstance(cards.gateway, Refusing)
    cards.gateway.gives = True
    assert give_back(cards.house, order, lineIds=[], refunds=[again]).status == 200
    cards.collect(3)
    assert cards.charged() == cards.on_the_books() == 0
    assert give_back(cards.house, order, lineIds=[], refunds=[again]).status == 409


def test_a_word_of_the_gateway_that_comes_twice_counts_once(cards: Cards) -> None:
    order, _ = paid(cards, "cola")
    give_back(cards.house, order)
    (errand,) = cards.take()
    cards.settle(errand, RefundRefused("No."))
    version = cards.order(order["id"])["version"]
    cards.settle(errand, RefundRefused("No."))
    cards.settle(errand, Refunded("late"))
    assert cards.order(order["id"])["version"] == version
    assert len(cards.alerts()) == 1


@pytest.mark.parametrize("is_closed", [False, True])
def test_the_report_of_its_shift_has_the_card_money_again(cards: Cards, is_closed: bool) -> None:
    open_shift(cards.house)
    order, _ = paid(cards, "cola")
    assert give_back(cards.house, order, shiftId=ulid(500)).status == 200
    owed = cards.charged()
    figures = report(cards.house)["figures"]
    assert (sum_of(figures, "CARD"), figures["refundedMinor"]) == (-owed, owed)
    if is_closed:
        assert close_shift(cards.house, 10_000).status == 200
    cards.collect(3)
    figures = report(cards.house)["figures"]
    late = "late" if is_closed else "payments"
    assert (sum_of(figures, "CARD"), sum_of(figures, "CARD", late)) == ((-owed, owed) if is_closed else (0, 0))
    assert figures["refundedMinor"] == (owed if is_closed else 0), "a Z report stands"
    assert run_inline(cards.house.connection, lambda tx: shifts.shift(tx, ulid(500))) is not None


def test_its_till_reports_it_as_not_given_once_it_has_heard_so(till: Till) -> None:
    refusing(till.cards)
    shift_id = ShiftId(ulid(500))
    opened = OpenShift(id=OperationId(ulid(900)), actor_id=ANN, at=AT, shift_id=shift_id, float_minor=0)
    till.store.tap(opened)
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    till.round()
    till.store.deliver()
    order = till.store.fold(till.order_id)
    (payment,) = order.payments
    money = NewRefund(
        id=PaymentId(ulid(901)), method=Method.CARD, amount=payment.amount_minor, given_at=AT, payment_id=payment.id
    )
    named = tuple(line.id for line in order.lines)
    said = till.store.said(till.order_id)
    till.store.tap(RefundOrder(**said, line_ids=named, refunds=(money,), reason="cold", approved_by=StaffId("sara")))
    assert till.store.deliver() == [200]

    def by_card() -> int:
        return sum(one.amount_minor for one in till.store.report(shift_id).total.payments)

    assert by_card() == 0, "the server said yes"
    till.cards.collect(3)
    till.store.pull()
    assert by_card() == payment.amount_minor
    assert till.store.fold(till.order_id).unapplied_minor == payment.amount_minor
