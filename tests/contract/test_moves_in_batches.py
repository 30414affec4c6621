"""Operations in two lanes among several in one request: what stands behind one in either lane waits for it."""

from __future__ import annotations

from functools import partial

from shared.store import together
from tests.contract.house import House
from tests.contract.two_tills import StoreTill, line_of


def test_after_a_transfer_that_is_refused_nothing_of_either_order_is_tried(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, six, other = ann.order("pizza"), ann.order("cake"), ann.order("bread")
    ann.deliver()
    ben.pull()
    ben.pay(six)
    ben.deliver()
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    for order_id in (five, six, other):
        ann.more(order_id, "beer", is_sent=False)
    taken = ann.run(partial(together.take, most=50, alone=0, now_ms=small_house.clock.ms))
    assert taken is not None
    (company,) = taken.requests
    assert [set(flight.lanes) for flight in company] == [
        {f"order:{five}", f"order:{six}"},
        {f"order:{five}"},
        {f"order:{six}"},
        {f"order:{other}"},
    ]
    entries = [
        {
            "operationId": flight.id,
            "lanes": flight.lanes,
            "method": flight.method,
            "path": flight.path,
            "body": flight.body.decode(),
        }
        for flight in company
    ]
    answer = small_house.call("POST", "/sync/operations", {"operations": entries}, key="")
    assert [one["status"] for one in answer.json["answers"]] == [409, 424, 424, 200]


def test_a_merge_and_what_follows_it_go_together(small_house: House, ann: StoreTill) -> None:
    five, six = ann.order("pizza"), ann.order("cake")
    pizza = line_of(ann, five, "pizza")
    ann.merge(five, six)
    ann.void_line(six, pizza)
    taken = ann.run(partial(together.take, most=50, alone=0, now_ms=small_house.clock.ms))
    assert taken is not None
    (company,) = taken.requests
    assert [flight.kind for flight in company][-2:] == ["merge_order", "change_order"]
    assert len(company) == 8
