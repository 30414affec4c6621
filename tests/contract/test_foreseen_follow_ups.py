"""Two tills that ring up on one follow-up order, which the server never made: it is one order, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.domain.closing import follow_up_id
from shared.domain.order import FOLLOWS
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


Foreseen = tuple[OrderId, str]


@pytest.fixture
def foreseen(ann: StoreTill, ben: StoreTill) -> Foreseen:
    """The id that an order's follow-up would have, of which there is none, and the number of the order before it."""
    paid = ann.order("pizza")
    ann.pay(paid)
    assert ann.deliver() == [201, 200, 200, 200]
    ann.pull()
    ben.pull()
    return follow_up_id(OrderId(paid)), ann.fold(paid).number


def test_what_two_tills_ring_up_on_it_comes_to_be_on_one_order(
    small_house: House, ann: StoreTill, ben: StoreTill, foreseen: Foreseen
) -> None:
    late, before = foreseen
    ann.more(late, "beer")
    ben.more(late, "cake")
    assert ann.fold(late).number == ben.fold(late).number == before + FOLLOWS
    assert ann.deliver() == [201, 200, 200]
    assert ben.deliver() == [201, 200, 200]
    both_agree(small_house, ann, ben, orders=(late,))
    assert ben.items(late) == ["beer", "cake"]
    assert (ann.alerts(), ben.alerts()) == ((), ())


def test_what_comes_when_the_other_has_taken_the_money_goes_to_a_person_like_any_late_line(
    small_house: House, ann: StoreTill, ben: StoreTill, foreseen: Foreseen
) -> None:
    late, before = foreseen
    ann.more(late, "beer")
    ann.pay(late)
    ben.more(late, "cake")
    assert ann.deliver() == [201, 200, 200, 200]
    assert ben.deliver() == [201, 409]
    (told,) = ben.alerts()
    assert told.detail.endswith(
        f"Order {before}{FOLLOWS} is closed. The order now shows the server's version. Not on it: +1 Cake."
    )
    ben.put_on_again(told.again_id)
    assert set(ben.deliver()) <= {200, 201}
    orders = small_house.call("GET", "/pos/orders").json["orders"]
    standing = [line["itemId"] for one in orders if one["state"] == "SENT" for line in one["lines"]]
    assert standing == ["cake"]


def test_an_order_that_follows_no_known_one_has_its_till_s_next_number(
    ann: StoreTill, ben: StoreTill, foreseen: Foreseen
) -> None:
    late, before = foreseen
    unknown = follow_up_id(follow_up_id(late))
    ann.more(unknown, "beer")
    assert (before, ann.fold(unknown).number) == ("A-1", "A-2")
    assert ben.scene(unknown).scene.order is None
