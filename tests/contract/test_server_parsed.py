"""What the server wrote of late it knows without parsing it again: as its bytes say, never longer than they do."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from reference_server.dispatch import handle
from reference_server.storage import entities, parsed
from shared.database import run_inline
from shared.domain.order import Order
from tests.contract.house import House, act, pay
from tests.contract.test_discounts import manager_of
from tests.contract.wholeness import known_otherwise


def stored(house: House, order_id: str) -> bytes:
    return run_inline(house.connection, lambda tx: entities.order_body(tx, order_id)) or b""


def read(house: House, order_id: str) -> Order | None:
    return run_inline(house.connection, lambda tx: entities.order(tx, order_id))


def test_what_an_evening_wrote_is_known_to_the_last_field_as_its_bytes_say(house: House) -> None:
    shift = {"id": house.ids.new(), "floatMinor": 10_000}
    assert house.call("POST", "/pos/shifts", act(shift)).status == 201
    order = house.sent_order("table-5", "cola", "nachos", "flan")
    path = f"/pos/orders/{order['id']}"
    note = {"type": "addLine", "line": {"itemId": "flan", "quantity": 2, "note": "two spoons", "seat": 2}}
    off = {"type": "applyDiscount", "lineId": order["lines"][0]["id"], "percentBp": 500, "reason": "cold"}
    assert house.call("PATCH", path, act({"changes": [note, off]})).status == 200
    for ticket in order["tickets"]:
        for mark in ("seen", "start", "bump"):
            assert house.call("POST", f"/kds/tickets/{ticket['id']}/{mark}", {}, who="kitchen").status == 200
    split = house.call("POST", f"{path}/split", act({"lineIds": [order["lines"][1]["id"]], "tableId": "table-6"}))
    assert split.status in (200, 201), split.json
    bill = {"payments": [pay(50_000, house.ids.new())], "shiftId": shift["id"]}
    assert house.call("POST", f"{path}/close", act(bill)).status == 200
    assert house.call("POST", f"{path}/refund", act({"reason": "cold"}, manager_of(house))).status == 200
    assert run_inline(house.connection, known_otherwise) == []


def test_it_is_the_bytes_that_count_whoever_wrote_them(house: House) -> None:
    order = house.order("table-5", "cola")
    other = stored(house, order["id"]).replace(b'"tableId":"table-5"', b'"tableId":"table-9"')
    change = "UPDATE pos_order SET body = ? WHERE id = ?"
    run_inline(house.connection, lambda tx: tx.execute(change, (other, order["id"])))
    found = read(house, order["id"])
    assert found is not None
    assert found.table_id == "table-9"


def test_a_write_that_was_undone_leaves_nothing_behind(house: House) -> None:
    order = house.order("table-5", "cola")
    asked = house.request("PATCH", f"/pos/orders/{order['id']}", act({"changes": [{"type": "setGuests", "guests": 7}]}))

    def fails(tx: object) -> None:
        assert handle(house.connection, house.deps, asked).status == 200
        raise LookupError

    with pytest.raises(LookupError):
        run_inline(house.connection, fails)
    found = read(house, order["id"])
    assert found is not None
    assert found.guests == 0


def test_a_memory_that_says_something_else_is_seen(house: House) -> None:
    order = house.order("table-5", "cola")
    body = stored(house, order["id"])
    parsed.keep(Order.model_validate_json(body).model_copy(update={"lines": []}), body)
    assert len(run_inline(house.connection, known_otherwise)) == 1
    parsed.keep(Order.model_validate_json(body), body)
    assert run_inline(house.connection, known_otherwise) == []


def test_only_so_many_are_kept_and_no_long_ones(house: House) -> None:
    order = house.order("table-5", "cola")
    body = stored(house, order["id"])
    first = parsed.entity(Order, body)
    assert parsed.entity(Order, body) is first
    long = body[:-1] + b',"unknown":"%b"}' % (b"x" * parsed.LONGEST_BYTES)
    assert parsed.entity(Order, long) is not parsed.entity(Order, long)
    for number in range(parsed.KEPT):
        parsed.entity(Order, body[:-1] + b',"unknown":%d}' % number)
    again = parsed.entity(Order, body)
    assert again == first
    assert again is not first


def test_bytes_that_say_no_order_are_none() -> None:
    with pytest.raises(ValidationError):
        parsed.entity(Order, b"{}")
