"""A card gets its money back through the gateway: once, never more than was charged, and only behind the refund."""

from __future__ import annotations

from typing import Any

import pytest

from reference_server.payments.simulated import Play
from tests.contract.house import Answer, House, act
from tests.contract.paying import Cards, always
from tests.contract.test_discounts import manager_of
from tests.unit.domain.restaurant import ulid


@pytest.fixture
def cards(house: House) -> Cards:
    return Cards(house, script=always(Play.APPROVE))


def paid(cards: Cards, *items: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order that was paid by card, and the payment's intent."""
    order = cards.house.order("table-5", *items)
    intent = cards.ask(order).json
    cards.collect()
    closed = cards.close(order, intent)
    assert closed.status == 200, closed.json
    return dict(closed.json), intent


def give_back(house: House, order: dict[str, Any], *, key: str | None = None, **said: Any) -> Answer:
    body = act({"reason": "cold", **said}, manager_of(house))
    return house.call("POST", f"/pos/orders/{order['id']}/refund", body, key=key)


def test_where_nothing_else_is_said_a_card_gets_back_what_was_paid_with_it(cards: Cards) -> None:
    order, intent = paid(cards, "cola", "flan")
    answer = give_back(cards.house, order, key=ulid(600))
    assert give_back(cards.house, order, key=ulid(600)).is_replay
    (money,) = answer.json["returns"][0]["money"]
    assert (money["method"], money["paymentId"]) == ("CARD", intent["id"])
    assert answer.json["state"] == "REFUNDED"
    assert cards.charged() > 0, "the gateway hears of it when the refund is durable"
    cards.collect(3)
    assert cards.charged() == cards.on_the_books() == 0
    assert cards.house.count("card_refund", "state = 'DONE'") == 1


def test_line_by_line_the_card_gets_back_each_part(cards: Cards) -> None:
    order, intent = paid(cards, "cola", "flan")
    charged = cards.charged()
    first, second = order["lines"]
    one = {"id": ulid(601), "method": "CARD", "amount": first["priceMinor"], "paymentId": intent["id"]}
    assert give_back(cards.house, order, lineIds=[first["id"]], refunds=[one]).status == 200
    cards.collect(3)
    assert cards.charged() == charged - first["priceMinor"]
    assert give_back(cards.house, order, lineIds=[second["id"]]).json["state"] == "REFUNDED"
    cards.collect(3)
    assert cards.charged() == 0


def test_more_than_was_charged_and_another_card_are_refused_and_the_gateway_hears_nothing(cards: Cards) -> None:
    order, intent = paid(cards, "cola")
    price = order["lines"][0]["priceMinor"]
    for wrong in (
        {"method": "CARD", "amount": price + 1, "paymentId": intent["id"]},
        {"method": "CARD", "amount": price, "paymentId": ulid(9)},
        {"method": "CARD", "amount": price},
        {"method": "MOBILE_MONEY", "amount": price, "paymentId": intent["id"]},
    ):
        assert give_back(cards.house, order, refunds=[wrong]).status == 422
    cards.collect(3)
    assert (cards.charged(), cards.house.count("card_refund"), cards.house.count("return_note")) == (price, 0, 0)


def test_cash_may_go_back_for_a_card_and_the_card_gets_nothing_then(cards: Cards) -> None:
    order, _ = paid(cards, "cola")
    price = order["lines"][0]["priceMinor"]
    assert give_back(cards.house, order, refunds=[{"method": "CASH", "amount": price}]).status == 200
    assert give_back(cards.house, order).status == 422
    cards.collect(3)
    assert (cards.charged(), cards.house.count("card_refund")) == (price, 0)
