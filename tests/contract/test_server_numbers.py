"""Numbers that the law counts: the tables themselves refuse one given twice, whatever code would give it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import apsw
import pytest
from psycopg.errors import UniqueViolation

from tests.contract.house import House, act, pay

MONTH = "202511"


def closed(house: House, table: str) -> dict[str, Any]:
    """An order that was paid, with its invoice."""
    order = house.order(table, "cola")
    answer = house.call("POST", f"/pos/orders/{order['id']}/close", act({"payments": [pay(310, house.ids.new())]}))
    assert answer.status == 200, answer.json
    return dict(answer.json)


def given_back(house: House, order: dict[str, Any]) -> dict[str, Any]:
    """The same order with its money given back, under a number of its own."""
    body = {"reason": "cold", "lineIds": [line["id"] for line in order["lines"]], "approvedBy": "nadia"}
    body |= {"refunds": [{"id": house.ids.new(), "method": "CASH", "amount": 310}]}
    answer = house.call("POST", f"/pos/orders/{order['id']}/refund", act(body))
    assert answer.status == 200, answer.json
    return dict(answer.json)


TAKEN = (apsw.ConstraintError, UniqueViolation)
"""What the two databases say of a row that is there already."""
INVOICE = "INSERT INTO invoice (number, month, serial, order_id, at) VALUES (?, ?, ?, ?, ?)"
RETURN = "INSERT INTO return_note (number, month, serial, order_id, return_id, at) VALUES (?, ?, ?, ?, ?, ?)"


@pytest.mark.parametrize(
    "row",
    [
        lambda first, free: (first["invoiceNumber"], MONTH, 99, free, 1),
        lambda first, free: (f"INV-{MONTH}-0099", MONTH, 1, free, 1),
        lambda first, free: (f"INV-{MONTH}-0099", MONTH, 99, first["id"], 1),
    ],
    ids=["the number", "the month's count", "a second invoice of one order"],
)
def test_the_database_refuses_an_invoice_number_that_was_given(
    house: House, row: Callable[[dict[str, Any], str], tuple[object, ...]]
) -> None:
    first, free = closed(house, "table-5"), house.order("table-6", "cola")
    assert first["invoiceNumber"] == f"INV-{MONTH}-0001"
    with pytest.raises(TAKEN):
        house.connection.execute(INVOICE, row(first, free["id"]))


@pytest.mark.parametrize(
    "row",
    [
        lambda number, free: (number, MONTH, 99, free, free, 1),
        lambda number, free: (f"RET-{MONTH}-0099", MONTH, 1, free, free, 1),
    ],
    ids=["the number", "the month's count"],
)
def test_the_database_refuses_a_return_s_number_that_was_given(
    house: House, row: Callable[[str, str], tuple[object, ...]]
) -> None:
    back = given_back(house, closed(house, "table-5"))
    (note,) = back["returns"]
    assert note["number"] == f"RET-{MONTH}-0001"
    taken = row(note["number"], house.order("table-6", "cola")["id"])
    with pytest.raises(TAKEN):
        house.connection.execute(RETURN, taken)


def test_a_close_that_fails_in_the_middle_leaves_no_hole(house: House) -> None:
    """Its number goes to the next: it stood in no table."""
    closed(house, "table-5")
    order = house.order("table-6", "cola")
    short = act({"payments": [pay(1, house.ids.new())]})
    assert house.call("POST", f"/pos/orders/{order['id']}/close", short).status == 422
    assert closed(house, "table-7")["invoiceNumber"] == f"INV-{MONTH}-0002"
    assert house.count("invoice") == 2
