"""Refunds over HTTP: once, numbered without a gap, never more than was paid, and with a manager's name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reference_server.effect import Effect, ReturnNote
from reference_server.storage import numbers
from shared.database import run_inline
from tests.contract.house import Answer, House, act, pay
from tests.contract.test_discounts import manager_of
from tests.unit.domain.restaurant import ulid


def closed(house: House, *items: str, extra: int = 0, number: int = 500) -> dict[str, Any]:
    """An order that was paid, with so much more than it cost."""
    order = house.order("table-5", *items)
    total = sum(line["priceMinor"] for line in order["lines"])
    paid = house.call("POST", f"/pos/orders/{order['id']}/close", act({"payments": [pay(total + extra, ulid(number))]}))
    assert paid.status == 200, paid.json
    return dict(paid.json)


def give_back(house: House, order: dict[str, Any], *, key: str | None = None, **said: Any) -> Answer:
    """Ask for a refund, as a manager."""
    body = {"reason": "cold", **said}
    return house.call("POST", f"/pos/orders/{order['id']}/refund", act(body, manager_of(house)), key=key)


def test_an_order_is_given_back_wholly_where_nothing_else_is_said(house: House) -> None:
    order = closed(house, "cola", "flan", extra=340)
    answer = give_back(house, order, key=ulid(600))
    total = sum(payment["amountMinor"] for payment in order["payments"])
    assert (answer.status, answer.json["state"]) == (200, "REFUNDED")
    (made,) = answer.json["returns"]
    assert (made["number"], made["surplusMinor"]) == ("RET-202511-0001", 340)
    assert [(one["method"], one["amountMinor"]) for one in made["money"]] == [("CASH", total)]
    assert sorted(made["lineIds"]) == sorted(line["id"] for line in order["lines"])
    again = give_back(house, order, key=ulid(600))
    assert (again.is_replay, again.body) == (True, answer.body)
    assert give_back(house, order).status == 422, "nothing is left"


def test_by_line_each_return_has_a_number_of_its_own_and_the_last_one_refunds_the_order(house: House) -> None:
    order = closed(house, "cola", "flan")
    states, last = [], order
    for place, line in enumerate(order["lines"]):
        last = give_back(house, order, lineIds=[line["id"]]).json
        states.append((last["state"], last["returns"][place]["number"]))
    assert states == [("CLOSED", "RET-202511-0001"), ("REFUNDED", "RET-202511-0002")]
    assert last["invoiceNumber"] == order["invoiceNumber"]
    gone = give_back(house, order, lineIds=[order["lines"][0]["id"]])
    assert (gone.status, gone.json["conflictType"]) == (409, "INVALID_STATE_TRANSITION")
    assert gone.json["currentState"]["state"] == "REFUNDED"


def test_more_than_was_paid_is_refused_and_takes_no_number(house: House) -> None:
    order = closed(house, "cola")
    too_much = {"id": ulid(601), "method": "CASH", "amount": 10**6}
    assert give_back(house, order, refunds=[too_much]).status == 422
    assert house.count("return_note") == 0
    assert give_back(house, order).json["returns"][0]["number"] == "RET-202511-0001"


def test_a_waiter_needs_a_manager(house: House) -> None:
    order = closed(house, "cola")
    path = f"/pos/orders/{order['id']}/refund"
    alone = house.call("POST", path, act({"reason": "cold"}))
    assert (alone.status, alone.json["message"]) == (403, "A manager has to approve that money is given back.")
    assert house.call("POST", path, act({"reason": "cold", "approvedBy": "joel"})).status == 403
    approved = house.call("POST", path, act({"reason": "cold", "approvedBy": manager_of(house)}))
    assert approved.json["returns"][0]["approvedBy"] == manager_of(house)


def test_money_counts_once_whether_it_was_taken_or_given_back(house: House) -> None:
    first, second = closed(house, "cola"), closed(house, "cola", number=501)
    money = {"id": ulid(602), "method": "CASH", "amount": 100}
    assert give_back(house, first, lineIds=[first["lines"][0]["id"]], refunds=[money]).status == 200
    assert give_back(house, second, lineIds=[second["lines"][0]["id"]], refunds=[money]).status == 422
    third = house.order("table-6", "cola")
    counted = house.call("POST", f"/pos/orders/{third['id']}/close", act({"payments": [pay(10**4, ulid(602))]}))
    assert (counted.status, counted.json["payments"]) == (200, [])


def test_what_the_order_could_not_use_is_given_back_alone(house: House) -> None:
    order = closed(house, "cola", extra=340)
    answer = give_back(house, order, lineIds=[], refunds=[{"method": "CASH", "amount": 340}])
    assert (answer.status, answer.json["state"], answer.json["returns"][0]["surplusMinor"]) == (200, "CLOSED", 340)


def test_the_database_refuses_a_number_and_a_return_twice(house: House) -> None:
    order = closed(house, "cola")
    note = ReturnNote("RET-202511-0001", "202511", order["id"], ulid(1))
    primary: Any = None

    def store(*notes: ReturnNote) -> None:
        run_inline(house.connection, lambda tx: numbers.store(tx, Effect(primary, return_notes=notes), at_ms=1))

    store(note)
    for twice in (replace(note, return_id=ulid(2)), replace(note, number="RET-202511-0002")):
        with pytest.raises(Exception, match=r"(?i)unique"):
            store(twice)
    assert house.count("return_note") == 1
    store(replace(note, number="RET-202511-0004", return_id=ulid(3)))
    assert run_inline(house.connection, numbers.holes) == ("RET-202511-0002 to RET-202511-0003",)
