"""A plain caller that names no lines: money that a guest gave is recorded all the same, and a no says why it is one."""

from __future__ import annotations

import pytest

from tests.contract.house import House, act

CASH = {"payments": [{"method": "CASH", "amount": 310}]}


@pytest.mark.parametrize("ending", ["void", "merge", "voidLine"])
def test_cash_is_recorded_also_where_nothing_stands_on_the_order_any_more(house: House, ending: str) -> None:
    order, heir = house.order("table-5", "cola"), house.order("table-6")
    line, where = order["lines"][0]["id"], f"/pos/orders/{order['id']}"
    if ending == "void":
        gone = house.call("POST", f"{where}/void", act({"reason": "left"}), who="till-2")
    elif ending == "merge":
        gone = house.call("POST", f"{where}/merge", act({"intoOrderId": heir["id"]}), who="till-2")
    else:
        changes = [{"type": "voidLine", "lineId": line, "reason": "warm"}]
        gone = house.call("PATCH", where, act({"changes": changes}), who="till-2")
    assert gone.status == 200
    closed = house.call("POST", f"{where}/close", act(CASH))
    assert (closed.status, closed.json["surplusMinor"]) == (200, 310), closed.json
    assert closed.json["payments"][0]["amountMinor"] == 310


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("send-to-kitchen", "There is nothing on order S-1 to send."),
        ("fire", "There is nothing on order S-1 to fire."),
        ("serve", "There is nothing on order S-1 to serve."),
        ("close", "There is nothing on order S-1 to pay for."),
    ],
)
def test_what_means_no_line_at_all_is_told_so(house: House, action: str, why: str) -> None:
    order = house.order("table-5")
    refused = house.call("POST", f"/pos/orders/{order['id']}/{action}", act({}))
    assert (refused.status, refused.json["message"]) == (422, why)
    named = house.call("POST", f"/pos/orders/{order['id']}/{action}", act({"lineIds": []}))
    assert named.json["errors"][0] == {"field": "lineIds", "message": "It has to have at least 1 entries."}


def test_what_was_sent_already_is_told_so(house: House) -> None:
    order = house.sent_order("table-5", "cola")
    again = house.call("POST", f"/pos/orders/{order['id']}/send-to-kitchen", act({}))
    assert (again.status, again.json["message"]) == (422, f"There is nothing on order {order['number']} to send.")


@pytest.mark.parametrize("action", ["send-to-kitchen", "fire", "serve", "close"])
def test_an_order_that_is_over_says_that_first(house: House, action: str) -> None:
    order = house.order("table-5")
    house.call("POST", f"/pos/orders/{order['id']}/void", act({"reason": "left"}))
    refused = house.call("POST", f"/pos/orders/{order['id']}/{action}", act({}))
    assert (refused.status, refused.json["conflictType"]) == (409, "INVALID_STATE_TRANSITION")
    assert refused.json["currentState"]["state"] == "VOIDED"
