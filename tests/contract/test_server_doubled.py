"""A field that stands twice in one object: readers differ about which counts, so a fingerprint of it proves nothing."""

from __future__ import annotations

import json

import pytest

from tests.contract.house import House, act

KEY = "01ARYZ6S43000000000000000K"
#: Bodies of an order, each with a field that is there twice: alone, among blanks, deep down, and spelt in two ways.
ORDERS = {
    "tableId": b'{"tableId":"table-5","actorId":"amina","tableId":"table-6"}',
    "guests": b'{ "actorId" : "amina", "guests" : 2,\n "guests"\t:\r 20 }',
    "quantity": b'{"actorId":"amina","items":[{"itemId":"cola","quantity":1,"quantity":9}]}',
    "note": b'{"actorId":"amina","items":[{"itemId":"cola","quantity":1,"note":"a","\\u006eote":"b"}]}',
    "_idempotencyKey": b'{"actorId":"amina","_idempotencyKey":"a","_idempotencyKey":"b"}',
}


@pytest.mark.parametrize("field", ORDERS)
def test_a_write_with_a_field_twice_is_refused_and_its_key_stays_free(house: House, field: str) -> None:
    refused = house.call("POST", "/pos/orders", ORDERS[field], key=KEY)
    assert refused.status == 400
    assert refused.json["message"] == f"The body has the field {field} twice. Send it once, with what is meant."
    assert (house.count("pos_order"), house.count("operation")) == (0, 0)
    meant = house.call("POST", "/pos/orders", act({"tableId": "table-5"}), key=KEY)
    assert (meant.status, meant.is_replay) == (201, False)


@pytest.mark.parametrize(
    "items",
    [
        rb'[{"itemId": "cola", "quantity": 1, "note": "\u00e9 :)"}]',
        b'[{"itemId":"cola","quantity":1},{"itemId":"flan","quantity":1}]',
        '[ {"itemId" :"cola", "quantity" :1, "note":"\\"note\\":\\"ü\\""} ]'.encode(),
    ],
)
def test_the_same_field_in_two_objects_and_any_way_to_write_it_is_fine(house: House, items: bytes) -> None:
    body = b'{"actorId":"amina","items":' + items + b"}"
    first = house.call("POST", "/pos/orders", body, key=KEY)
    again = house.call("POST", "/pos/orders", json.dumps(json.loads(body)).encode(), key=KEY)
    assert (first.status, again.body, again.is_replay) == (201, first.body, True)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/menu/items/cola/availability", b'{"remaining":6,"remaining":60}'),
        ("POST", "/auth/login", b'{"staffId":"amina","staffId":"nadia","pin":"1111"}'),
        ("POST", "/sync/known", b'{"ids":[],"ids":["01ARYZ6S43000000000000000K"]}'),
    ],
)
def test_a_question_with_a_field_twice_is_refused(house: House, method: str, path: str, body: bytes) -> None:
    answer = house.call(method, path, body, key="")
    assert (answer.status, "twice" in answer.json["message"]) == (400, True)


def test_a_batch_with_a_field_twice_is_refused_and_so_is_such_an_operation_in_it(house: House) -> None:
    entry = {"operationId": KEY, "lanes": ["order:1"], "method": "POST", "path": "/pos/orders"}
    inside = {"operations": [{**entry, "body": ORDERS["tableId"].decode()}]}
    answers = house.call("POST", "/sync/operations", inside, key="").json["answers"]
    assert [(one["status"], "tableId twice" in one["body"]) for one in answers] == [(400, True)]
    whole = json.dumps({"operations": [{**entry, "body": json.dumps(act({}))}]}, separators=(",", ":"))
    doubled = whole.replace('"path":', '"path":"/pos/shifts","path":')
    for envelope in (doubled, doubled.replace('"lanes"', '"Lanes"'), doubled.replace(",", " , ")):
        answer = house.call("POST", "/sync/operations", envelope.encode(), key="")
        assert (answer.status, "path twice" in answer.json["message"]) == (400, True)
    assert house.count("pos_order") == 0
    done = house.call("POST", "/sync/operations", whole.encode(), key="").json["answers"]
    assert [one["status"] for one in done] == [201]


def test_a_body_of_very_many_fields_is_looked_through_once(house: House) -> None:
    """Each name compared with all before it would hold up everybody: here that would be thousands of millions."""
    names = ",".join(f'"f{n}":0' for n in range(200_000))
    refused = house.call("POST", "/sync/known", f'{{"ids":[],{names},"f199999":1}}'.encode(), key="")
    assert (refused.status, "the field f199999 twice" in refused.json["message"]) == (400, True)
