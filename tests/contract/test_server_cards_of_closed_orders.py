"""An order that is over while a guest is asked for a card: nobody waits for it any more, and nobody pays twice."""

from __future__ import annotations

from typing import Any

import pytest

from reference_server.payments.simulated import Play
from tests.contract.house import House, act, pay
from tests.contract.paying import MOBILE, Cards, always
from tests.unit.domain.restaurant import ulid


@pytest.fixture
def cards(house: House) -> Cards:
    return Cards(house, script=always(Play.CONFIRM))


def asked(cards: Cards) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order whose guest has the question on the phone."""
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order, method=MOBILE).json
    cards.collect()
    assert cards.state(intent["id"]) == "PENDING"
    return order, intent


def end(cards: Cards, order: dict[str, Any], how: str) -> None:
    """What another till does with the order meanwhile."""
    lines = [line["id"] for line in order["lines"]]
    heir_id = cards.house.order("table-6", "flan")["id"]
    bodies: dict[str, dict[str, object]] = {
        "close": {"payments": [pay(order["lines"][0]["priceMinor"], ulid(700))]},
        "void": {"lineIds": lines, "reason": "Left"},
        "merge": {"lineIds": lines, "intoOrderId": heir_id},
    }
    done = cards.house.call("POST", f"/pos/orders/{order['id']}/{how}", act(bodies[how]), who="till-2")
    assert done.status == 200, done.json


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("close", "The order was closed meanwhile."),
        ("void", "The order was voided meanwhile."),
        ("merge", "The order was merged into another meanwhile."),
    ],
)
def test_a_guest_who_confirms_afterwards_is_charged_nothing(cards: Cards, how: str, why: str) -> None:
    order, intent = asked(cards)
    end(cards, order, how)
    told = cards.house.call("GET", f"/payments/intents/{intent['id']}").json
    assert (told["state"], told["reason"]) == ("EXPIRED", why)
    cards.collect(5)
    assert cards.charged() == 0
    assert all(one["method"] == "CASH" for one in cards.order(order["id"])["payments"])
    assert cards.alerts() == []


def test_what_was_approved_before_the_server_heard_of_it_is_taken_back(cards: Cards) -> None:
    order, intent = asked(cards)
    cards.house.clock.ms += 4000
    end(cards, order, "close")
    cards.collect(5)
    assert (cards.state(intent["id"]), cards.charged()) == ("VOIDED", 0)
    assert [kind for kind, _ in cards.alerts()] == ["late_voided"]


def test_what_the_server_knows_as_approved_stays_a_fact(cards: Cards) -> None:
    order, intent = asked(cards)
    cards.collect(5)
    end(cards, order, "close")
    assert cards.state(intent["id"]) == "APPROVED"
    assert cards.close(order, intent).json["surplusMinor"] == order["lines"][0]["priceMinor"]


def test_an_order_that_goes_on_keeps_asking(cards: Cards) -> None:
    order, intent = asked(cards)
    more = [{"type": "addLine", "line": {"itemId": "flan", "quantity": 1}}]
    assert cards.house.call("PATCH", f"/pos/orders/{order['id']}", act({"changes": more}), who="till-2").status == 200
    cards.collect(5)
    assert cards.state(intent["id"]) == "APPROVED"
