"""An order that is to be merged, split or carried into itself: refused in words, and nothing of it is changed."""

from __future__ import annotations

import pytest

from tests.contract.house import House, act


@pytest.mark.parametrize("way", ["merge", "split", "transfer"])
@pytest.mark.parametrize("names_lines", [True, False])
def test_an_order_goes_nowhere_but_to_another(house: House, way: str, names_lines: bool) -> None:
    order = house.sent_order("table-5", "cola", "flan")
    where, own = f"/pos/orders/{order['id']}", order["id"]
    lines = {"lineIds": [line["id"] for line in order["lines"]]} if names_lines or way == "split" else {}
    if way == "transfer":
        change = {"type": "transferLines", "toOrderId": own, **lines}
        refused = house.call("PATCH", where, act({"changes": [change]}))
    else:
        name = "intoOrderId" if way == "merge" else "newOrderId"
        refused = house.call("POST", f"{where}/{way}", act({name: own, **lines}))
    assert (refused.status, refused.json["message"]) == (422, f"These lines are on order {order['number']} already.")
    assert house.call("GET", where).json["version"] == order["version"]
