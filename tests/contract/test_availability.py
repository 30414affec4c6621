"""What is left of a dish: counted down once with each sale, never a reason to refuse one, and told to every device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reference_server.catalogue import availability
from reference_server.effect import Effect
from reference_server.storage import entities
from reference_server.storage.catalogue import Restaurant
from reference_server.storage.seam import Connection
from tests.contract.house import Answer, House, act, pay
from tests.unit.domain.restaurant import ulid

EARLY, LATE = "2025-11-28T10:00:00.000Z", "2025-11-28T11:00:00.000Z"


def say(house: House, item: str = "flan", *, who: str = "till", **said: Any) -> Answer:
    """Say what is left of a dish."""
    return house.call("PUT", f"/menu/items/{item}/availability", act(said), who=who)


def left(house: House, item: str = "flan") -> tuple[bool, int | None]:
    """What the menu says of a dish: whether it is sold out, and how many are left."""
    menu = house.call("GET", "/menu").json
    found = next(one for one in menu["items"] if one["id"] == item)
    return found["soldOut"], found["remaining"]


def alerts(house: House) -> list[str]:
    found = house.connection.execute("SELECT message FROM alert WHERE kind = 'sold_out' ORDER BY id")
    return [str(message) for (message,) in found.fetchall()]


def test_a_dish_is_sold_out_and_is_there_again(house: House) -> None:
    answer = say(house, soldOut=True, who="kitchen")
    assert (answer.status, answer.json["itemId"], answer.json["soldOut"]) == (200, "flan", True)
    assert left(house) == (True, None)
    say(house, soldOut=False)
    assert left(house) == (False, None)
    assert say(house, "no-such-dish", soldOut=True).status == 404
    assert say(house, remaining=-1).status == 422


def test_every_sale_counts_down_once_and_the_last_one_sells_it_out(house: House) -> None:
    say(house, remaining=3)
    body = act({"items": [{"itemId": "flan", "quantity": 2}, {"itemId": "cola", "quantity": 1}]})
    first = house.call("POST", "/pos/orders", body, key=ulid(600))
    assert house.call("POST", "/pos/orders", body, key=ulid(600)).is_replay
    assert left(house) == (False, 1)
    order = f"/pos/orders/{first.json['id']}"
    house.call("PATCH", order, act({"changes": [{"type": "addLine", "line": {"itemId": "flan", "quantity": 1}}]}))
    assert left(house) == (True, 0)
    assert alerts(house) == []


def test_what_was_voided_before_it_was_cooked_can_be_sold_again(house: House) -> None:
    say(house, remaining=2)
    order = house.order("table-5", "flan", "flan")
    assert left(house) == (True, 0)
    path = f"/pos/orders/{order['id']}"
    void = {"type": "voidLine", "lineId": order["lines"][0]["id"], "reason": "changed mind"}
    house.call("PATCH", path, act({"changes": [void]}))
    assert left(house) == (False, 1)
    house.call("POST", f"{path}/send-to-kitchen", act({}))
    house.call("PATCH", path, act({"changes": [{**void, "lineId": order["lines"][1]["id"]}]}))
    assert left(house) == (False, 1), "what is in the pan is gone"
    more = {"type": "setQuantity", "lineId": order["lines"][0]["id"], "quantity": 5}
    assert house.call("PATCH", path, act({"changes": [more]})).status == 409
    assert left(house) == (False, 1)


def test_what_goes_from_one_order_to_another_is_sold_once(house: House) -> None:
    say(house, remaining=5)
    order, other = house.order("table-5", "flan", "cola"), house.order("table-6", "flan")
    path, line = f"/pos/orders/{order['id']}", order["lines"][0]["id"]
    to_other = {"type": "transferLines", "lineIds": [line], "toOrderId": other["id"]}
    house.call("PATCH", path, act({"changes": [to_other]}))
    house.call("POST", f"/pos/orders/{other['id']}/split", act({"lineIds": [line]}))
    house.call("POST", f"{path}/merge", act({"intoOrderId": other["id"]}))
    close = {"lineIds": [other["lines"][0]["id"]], "totalMinor": 0, "payments": [pay(0, ulid(601))]}
    assert house.call("POST", f"/pos/orders/{other['id']}/close", act(close)).json["followUp"] is not None
    assert left(house) == (False, 3)


def test_a_till_that_did_not_know_sells_what_is_not_there_and_a_person_hears_of_it(house: House) -> None:
    say(house, remaining=1)
    order = house.order("table-5", "flan", "flan", "flan")
    assert (order["state"], left(house)) == ("NEW", (True, 0))
    say(house, "cola", soldOut=True)
    house.order("table-6", "cola")
    assert alerts(house) == [
        "Order S-1: 2 × Flan sold, and nothing was left. Tell the guest, or cook it.",
        "Order S-2: 1 × Cola sold, and nothing was left. Tell the guest, or cook it.",
    ]


def test_the_word_that_was_said_last_counts_however_late_another_comes(house: House) -> None:
    say(house, id=ulid(602), at=LATE, remaining=4)
    house.order("table-5", "flan")
    assert say(house, id=ulid(602), at=LATE, remaining=4).json["remaining"] == 3
    assert say(house, id=ulid(603), at=EARLY, soldOut=True).json["remaining"] == 3
    house.clock.ms += 10_000_000
    say(house, id=ulid(604), soldOut=True)
    assert left(house) == (True, None)


def test_the_heartbeat_tells_that_the_catalogue_is_another(house: House) -> None:
    before = house.call("GET", "/health").json["catalogue"]
    house.order("table-5", "flan")
    assert house.call("GET", "/health").json["catalogue"] == before
    etag = house.call("GET", "/menu").headers["etag"]
    say(house, remaining=2)
    assert house.call("GET", "/health").json["catalogue"] != before
    assert house.call("GET", "/menu", headers={"if-none-match": etag}).status == 200


Count = Callable[[Connection, Restaurant, Effect], Effect]


def counts_all_again(tx: Connection, restaurant: Restaurant, effect: Effect) -> Effect:
    """The mutant counts all that an order has at each of its changes, and not what is new on it."""
    return availability.counted(_Blind(tx), restaurant, effect)  # type: ignore[arg-type]


def counts_what_is_new(house: House, count: Count) -> None:
    """An order that changed in nothing that is eaten takes nothing away."""
    say(house, remaining=5)
    order_id = house.order("table-5", "flan")["id"]
    order = entities.order(house.connection, order_id)
    assert order is not None
    effect = Effect(order, (order.model_copy(update={"guests": 4}),))
    assert count(house.connection, house.deps.catalogue.now(house.connection), effect).items == ()


def test_a_countdown_that_counts_what_was_counted_is_caught(house: House) -> None:
    counts_what_is_new(house, availability.counted)
    with pytest.raises(AssertionError):
        counts_what_is_new(house, counts_all_again)


class _Blind:
    """A connection that knows of no order."""

    def __init__(self, tx: Any) -> None:
        self._tx = tx

    def execute(self, sql: str, bindings: Any = None) -> Any:
        return self._tx.execute(sql if "FROM pos_order WHERE id" not in sql else sql + " AND 0 = 1", bindings)
