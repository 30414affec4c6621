"""Two tills that foresaw one follow-up order, which the server never made: what both ring up there is one order."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.closing import follow_up_id
from shared.ids import OrderId
from tests.contract.house import House, act
from tests.contract.two_tills import StoreTill, both_agree, server_order
from tests.unit.domain.restaurant import ulid

CAKE = ulid(801)


def somebody_else_says(house: House, order_id: str, change: Mapping[str, object]) -> None:
    said = act({"baseVersion": server_order(house, order_id).version, "changes": [change]}, "ann")
    assert house.call("PATCH", f"/pos/orders/{order_id}", said).status == 200


def test_what_the_second_till_rings_up_is_added_to_the_order_of_the_first(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    """Both were paid for the pizza before they heard of the cake, and nobody keeps the cake in the end."""
    five = ann.order("pizza")
    ann.deliver()
    ben.pull()
    for till in (ann, ben):
        till.pay(five)
    somebody_else_says(small_house, five, {"type": "addLine", "line": {"id": CAKE, "itemId": "cake", "quantity": 1}})
    late = follow_up_id(OrderId(five))
    for till, item in ((ann, "beer"), (ben, "bread")):
        till.pull()
        assert till.items(late) == ["cake"], "its bill leaves it over"
        till.more(late, item)
    dropped = {"type": "voidLine", "id": ulid(802), "lineId": CAKE, "reason": "dropped"}
    somebody_else_says(small_house, five, dropped)
    ann.deliver()
    ben.deliver()
    found = server_order(small_house, late)
    assert sorted(line.item_id for line in found.standing_lines) == ["beer", "bread"]
    assert 409 not in ben.answers
    assert [one.kind for one in ben.alerts()] == ["SURPLUS"], "the pizza was paid twice, and that is all"
    both_agree(small_house, ann, ben, orders=(five, late))
