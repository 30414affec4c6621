"""Cards and mobile money on the server: nobody is charged twice, no approval is lost, wherever the server ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reference_server.payments import cashier
from reference_server.payments.simulated import LATE_MS, Kind, Play
from shared.domain.payment_intent import EXPIRES_MS
from tests.contract.house import House, act, pay
from tests.contract.paying import CARD, MOBILE, Cards, always
from tests.unit.domain.restaurant import ulid


@pytest.fixture
def cards(house: House) -> Cards:
    return Cards(house, script=always(Play.APPROVE))


def test_an_approved_card_becomes_a_payment_of_its_order_at_the_close(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola", "flan")
    intent = cards.ask(order)
    assert (intent.status, intent.json["state"]) == (201, "CREATED")
    cards.collect()
    assert cards.state(intent.json["id"]) == "APPROVED"
    closed = cards.close(order, intent.json)
    assert closed.status == 200, closed.json
    (payment,) = closed.json["payments"]
    assert (payment["method"], payment["unappliedMinor"], closed.json["surplusMinor"]) == (CARD, 0, 0)
    assert payment["reference"] == f"sim-{intent.json['id']}"
    assert payment["amountMinor"] == cards.charged() == cards.on_the_books()
    assert cards.state(intent.json["id"]) == "RECORDED"


def test_nothing_is_charged_before_the_intent_is_durable(cards: Cards) -> None:
    """The answer is given for a row that is written; the gateway has heard nothing by then."""
    intent = cards.ask(cards.house.order("table-5", "cola")).json
    assert not cards.gateway.ledger()
    (errand,) = cards.take()
    assert cards.state(intent["id"]) == "IN_DOUBT", "that it may be charged from now on is written down before"
    cards.settle(errand, cashier.tell(cards.gateway, errand))
    assert cards.state(intent["id"]) == "APPROVED"


def test_the_same_key_asks_once_and_answers_how_far_it_is(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    first = cards.ask(order, key="card-1")
    cards.collect()
    again = cards.ask(order, key="card-1")
    assert (again.status, again.is_replay, again.json["id"]) == (201, True, first.json["id"])
    assert again.json["state"] == "APPROVED"
    other = cards.ask(order, 1, key="card-1")
    assert (other.status, other.json["conflictType"]) == (409, "IDEMPOTENCY_MISMATCH")
    assert [entry.charges for entry in cards.gateway.ledger().values()] == [1]


def test_an_intent_is_named_by_its_key_or_by_its_caller_and_never_twice(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola", "flan")
    named = cards.ask(order, 100, id=ulid(77))
    assert named.json["id"] == ulid(77)
    twice = cards.ask(order, 100, id=ulid(77))
    assert twice.status == 422
    by_key = cards.ask(order, 100, key=ulid(78))
    assert by_key.json["id"] == ulid(78)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"method": "CASH"}, 422),
        ({"amount": 0}, 422),
        ({"amount": -5}, 422),
        ({"amount": 10**9}, 409),
        ({"method": "CHEQUE"}, 422),
        ({"cardNumber": "4111111111111111"}, 422),
        ({"orderId": ulid(5)}, 404),
        ({"actorId": "nobody"}, 403),
        ({"actorId": "kenji"}, 403),
    ],
)
def test_what_makes_no_sense_is_refused_and_charges_nobody(cards: Cards, body: dict[str, object], status: int) -> None:
    order = cards.house.order("table-5", "cola")
    refused = cards.house.call(
        "POST", "/payments/intents", act({"orderId": order["id"], "method": CARD, "amount": 100, **body})
    )
    assert refused.status == status, refused.json
    cards.collect(3)
    assert not cards.gateway.ledger()


def test_a_house_without_a_gateway_says_so(house: House) -> None:
    house.deps = replace(house.deps, gateway=None)
    order = house.order("table-5", "cola")
    asked = house.call("POST", "/payments/intents", act({"orderId": order["id"], "method": CARD, "amount": 100}))
    assert (asked.status, "Take cash" in asked.json["message"]) == (403, True)


def test_two_tills_cant_both_ask_the_guest_for_the_same_money(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola", "flan")
    assert cards.ask(order).status == 201
    owed = sum(line["priceMinor"] for line in order["lines"])
    body = act({"orderId": order["id"], "method": MOBILE, "amount": owed})
    second = cards.house.call("POST", "/payments/intents", body, who="till-2")
    assert (second.status, second.json["conflictType"]) == (409, "INVALID_STATE_TRANSITION")
    assert second.json["currentState"]["id"] == order["id"]


def test_after_a_decline_the_guest_may_try_again(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    cards.script = always(Play.DECLINE)
    first = cards.ask(order).json
    cards.collect()
    assert cards.state(first["id"]) == "DECLINED"
    cards.script = always(Play.APPROVE)
    second = cards.ask(order).json
    cards.collect()
    assert cards.close(order, second).status == 200
    assert cards.close(order, first).status == 422, "what was declined pays no bill"


@pytest.mark.parametrize("change", [{"amount": 10**6}, {"method": MOBILE}, {"id": ulid(99)}])
def test_a_close_counts_only_on_what_was_charged(cards: Cards, change: dict[str, Any]) -> None:
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order).json
    cards.collect()
    assert cards.close(order, intent, **change).status == 422
    assert cards.order(order["id"])["state"] == "NEW"


def test_a_card_payment_counts_for_its_own_order_only(cards: Cards) -> None:
    order, other = cards.house.order("table-5", "cola"), cards.house.order("table-6", "cola")
    intent = cards.ask(order).json
    cards.collect()
    assert cards.close(other, intent).status == 422


def test_what_was_charged_counts_whatever_the_close_says(cards: Cards) -> None:
    """A close that names less than was charged records all of it: the rest is not applied, and a person is told."""
    order = cards.house.order("table-5", "cola", "flan")
    intent = cards.ask(order).json
    cards.collect()
    line = order["lines"][0]
    payment = {"id": intent["id"], "method": CARD, "amount": line["priceMinor"]}
    body = act({"lineIds": [line["id"]], "totalMinor": line["priceMinor"], "payments": [payment]})
    closed = cards.house.call("POST", f"/pos/orders/{order['id']}/close", body).json
    assert closed["payments"][0]["amountMinor"] == cards.charged()
    assert closed["surplusMinor"] == cards.charged() - line["priceMinor"]
    assert "surplus" in [kind for kind, _ in cards.alerts()]


def test_an_order_that_was_paid_in_cash_meanwhile_keeps_the_card_as_not_applied(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order).json
    cards.collect()
    owed = intent["amountMinor"]
    cash = act({"lineIds": [order["lines"][0]["id"]], "totalMinor": owed, "payments": [pay(owed, ulid(41))]})
    assert cards.house.call("POST", f"/pos/orders/{order['id']}/close", cash, who="till-2").status == 200
    late = cards.close(order, intent)
    assert (late.status, late.json["surplusMinor"]) == (200, owed)
    assert cards.charged() == cards.on_the_books() == owed


@pytest.mark.parametrize("end", ["void", "merge"])
def test_an_order_that_is_over_meanwhile_keeps_the_card_as_not_applied(cards: Cards, end: str) -> None:
    order, heir = cards.house.order("table-5", "cola"), cards.house.order("table-6", "flan")
    intent = cards.ask(order).json
    cards.collect()
    body = {"reason": "left"} if end == "void" else {"intoOrderId": heir["id"]}
    over = act({**body, "lineIds": [order["lines"][0]["id"]]})
    assert cards.house.call("POST", f"/pos/orders/{order['id']}/{end}", over, who="till-2").status == 200
    late = cards.close(order, intent)
    assert (late.status, late.json["surplusMinor"]) == (200, intent["amountMinor"])
    assert cards.ask(order).status == 409, "and nobody is charged for an order that is over"


def test_without_an_answer_it_is_only_asked_about(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    cards.script = always(Play.LOSE_ANSWER)
    intent = cards.ask(order).json
    cards.collect(2)
    assert cards.state(intent["id"]) == "APPROVED"
    assert cards.gateway.ledger()[intent["id"]].charges == 1


def test_what_never_reached_the_gateway_expires_and_is_closed_there(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    cards.script = always(Play.LOSE_REQUEST)
    intent = cards.ask(order).json
    cards.collect(EXPIRES_MS / 1000 + 5)
    assert cards.state(intent["id"]) == "EXPIRED"
    assert cards.gateway.ledger()[intent["id"]].kind is Kind.ENDED, "a charge that still comes is refused there"
    assert cards.house.count("payment_intent", "is_over = 0") == 0
    assert cards.ask(order).status == 201, "the guest may try again"


def test_a_guest_who_never_confirms_lets_it_expire_after_two_minutes(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    cards.script = always(Play.IGNORE)
    intent = cards.ask(order, method=MOBILE).json
    cards.collect(EXPIRES_MS / 1000 - 5)
    assert cards.state(intent["id"]) == "PENDING"
    cards.collect(8)
    assert cards.state(intent["id"]) == "EXPIRED"
    assert cards.close(order, intent).status == 422
    cards.collect(3)
    assert cards.charged() == 0


def test_a_late_approval_is_voided_and_a_person_told(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    cards.script = always(Play.LATE)
    intent = cards.ask(order).json
    cards.collect(LATE_MS / 1000 + 65)
    assert cards.state(intent["id"]) == "VOIDED"
    assert cards.charged() == cards.on_the_books() == 0
    (alert,) = cards.alerts()
    assert alert[0] == "late_voided"
    assert "approved too late and has been taken back" in alert[1]


def test_a_late_approval_that_cant_be_voided_stands_on_its_order_as_not_applied(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    cards.script = always(Play.LATE_KEPT)
    intent = cards.ask(order, tip=20).json
    cards.collect(LATE_MS / 1000 + 65)
    assert cards.state(intent["id"]) == "UNAPPLIED"
    (payment,) = cards.order(order["id"])["payments"]
    assert payment["id"] == intent["id"]
    assert payment["unappliedMinor"] == payment["amountMinor"] == cards.charged() == cards.on_the_books()
    (alert,) = cards.alerts()
    assert alert[0] == "late_unapplied"
    assert "refund it?" in alert[1]
    cards.collect(120)
    assert len(cards.order(order["id"])["payments"]) == len(cards.alerts()) == 1


def test_what_was_approved_and_nobody_comes_for_is_told_once(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    cards.ask(order)
    cards.collect()
    cards.remind()
    assert cards.alerts() == []
    cards.house.clock.ms += cashier.REMIND_MS
    for _ in range(2):
        cards.remind()
    assert [kind for kind, _ in cards.alerts()] == ["on_no_bill"]


def test_a_gateway_that_never_answers_is_told_to_end_it_and_a_person_is_told(cards: Cards) -> None:
    cards.script = always(Play.LOSE_ANSWER)
    intent = cards.ask(cards.house.order("table-5", "cola")).json
    cards.lose_words(EXPIRES_MS / 1000 + 5)
    assert cards.state(intent["id"]) == "EXPIRED"
    cards.house.clock.ms += cashier.REMIND_MS
    cards.remind()
    assert [kind for kind, _ in cards.alerts()] == ["not_ended"]
    cards.collect(65)
    assert cards.state(intent["id"]) == "VOIDED"
    assert cards.charged() == cards.on_the_books() == 0


def test_a_refund_of_another_charge_answers_nothing_of_one_that_waits_for_its_till(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    cards.script = always(Play.LATE_KEPT)
    late = cards.ask(order).json
    cards.collect(LATE_MS / 1000 + 65)
    cards.script = always(Play.APPROVE)
    cards.ask(order)
    cards.collect()
    cards.house.clock.ms += cashier.REMIND_MS
    cards.remind()
    assert [kind for kind, _ in cards.alerts()] == ["late_unapplied", "on_no_bill"]
    money = {"method": CARD, "amount": late["amountMinor"], "paymentId": late["id"]}
    body = {"actorId": "nadia", "reason": "late", "lineIds": [], "refunds": [money]}
    back = cards.house.call("POST", f"/pos/orders/{order['id']}/refund", body)
    assert back.status == 200, back.json
    open_ones = cards.house.connection.execute("SELECT kind FROM alert WHERE choice IS NULL").fetchall()
    assert open_ones == [("on_no_bill",)]
