"""Where an order is: no table is a place too, and a table that the floor plan does not have is taken and told of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reference_server.storage import catalogue
from shared.database import run_inline
from shared.domain.commands import ChangeOrder, MoveTable
from shared.domain.menu import Floor
from shared.ids import ChangeId, OperationId, OrderId, StaffId
from shared.times import to_rfc3339
from shared.wire.requests import encode
from tests.contract.house import START_MS, House, act

#: What is said of an order at a table that the demo restaurant does not have.
WORDS = "is at terrace-9, which is not on the floor plan"


def path_of(order: dict[str, Any], *rest: str) -> str:
    return "/".join(("/pos/orders", order["id"], *rest))


def told(house: House) -> list[tuple[str, str]]:
    rows = house.connection.execute("SELECT entity_id, message FROM alert WHERE kind = 'unknown_table' ORDER BY id")
    return [(str(entity_id), str(message)) for entity_id, message in rows]


def test_a_move_without_a_table_takes_the_order_off_its_table(house: House) -> None:
    """A till leaves out what is empty, so there is no other way to say it; a field with a wrong name is no move."""
    order = house.sent_order("table-5", "chicken-bowl")
    mistyped = house.call("PATCH", path_of(order), act({"changes": [{"type": "moveTable", "tableID": "table-8"}]}))
    assert mistyped.status == 422
    assert [error["field"] for error in mistyped.json["errors"]] == ["changes.0.tableID"]
    names = house.ids.new(), house.ids.new()
    command = ChangeOrder(
        id=OperationId(names[0]),
        actor_id=StaffId("amina"),
        at=to_rfc3339(START_MS),
        order_id=OrderId(order["id"]),
        base_version=order["version"],
        changes=(MoveTable(id=ChangeId(names[1]), table_id=None),),
    )
    sent = encode(command)
    assert json.loads(sent.body)["changes"] == [{"type": "moveTable", "id": names[1]}]
    moved = house.call(sent.method, sent.path, sent.body, key=names[0])
    assert (moved.status, moved.json["tableId"], moved.json["state"]) == (200, None, "SENT")
    assert house.call("GET", "/kds/queue").json["tickets"][0]["tableId"] is None
    assert told(house) == []


def test_an_order_at_a_table_that_the_plan_does_not_have_is_taken_and_told_of_once(house: House) -> None:
    body, key = act({"tableId": "terrace-9", "number": "C-7"}), house.ids.new()
    made = house.call("POST", "/pos/orders", body, key=key)
    assert (made.status, made.json["tableId"]) == (201, "terrace-9")
    assert house.call("POST", "/pos/orders", body, key=key).is_replay
    assert house.call("GET", "/pos/orders").json["orders"][0]["id"] == made.json["id"]
    [(about, message)] = told(house)
    assert (about, f"Order C-7 {WORDS}" in message) == (made.json["id"], True)


def test_a_move_and_a_split_to_such_a_table_are_told_too(house: House) -> None:
    order = house.order("table-5", "cola", "flan")
    move = {"changes": [{"type": "moveTable", "tableId": "terrace-9"}]}
    assert house.call("PATCH", path_of(order), act(move)).json["tableId"] == "terrace-9"
    lines = [order["lines"][0]["id"]]
    split = {"newOrderId": house.ids.new(), "tableId": "terrace-9", "lineIds": lines}
    [new] = house.call("POST", path_of(order, "split"), act(split)).json["others"]
    assert [about for about, _ in told(house)] == [order["id"], new["id"]]


@pytest.mark.parametrize("table", ["table-5", None])
def test_nothing_is_told_of_a_table_of_the_plan_or_of_none(house: House, table: str | None) -> None:
    order = house.order("table-4", "cola")
    house.call("PATCH", path_of(order), act({"changes": [{"type": "moveTable", "tableId": table}]}))
    assert told(house) == []


def test_a_house_without_a_floor_plan_calls_its_tables_as_it_likes(house: House) -> None:
    plan = Floor(version="1").to_json()
    run_inline(house.connection, lambda tx: catalogue.put(tx, name=catalogue.FLOOR, body=plan, now_ms=house.clock.ms))
    assert house.order("terrace-9")["tableId"] == "terrace-9"
    assert told(house) == []
