"""Exactly once on the server: keys, fingerprints, replays, and what is left of them after a day."""

from __future__ import annotations

import pytest

from reference_server.idempotency import forget_answers, operation_id_of
from shared.database import run_inline
from shared.ids import is_ulid
from tests.contract.house import House, act

DAY_MS = 24 * 60 * 60 * 1000


def test_three_calls_with_one_key_are_one_order_and_a_changed_body_is_refused(house: House) -> None:
    first = house.call("POST", "/pos/orders", {"tableId": "table-5"}, key="test-key-1", who="script")
    second = house.call("POST", "/pos/orders", {"tableId": "table-5"}, key="test-key-1", who="script")
    third = house.call("POST", "/pos/orders", {"tableId": "table-6"}, key="test-key-1", who="script")
    assert first.status == 201
    assert not first.is_replay
    assert (second.status, second.body, second.is_replay) == (201, first.body, True)
    assert (third.status, third.json["conflictType"]) == (409, "IDEMPOTENCY_MISMATCH")
    assert house.count("pos_order") == house.count("operation") == house.count("change") == 1


@pytest.mark.parametrize("spelling", ["same-key", '"same-key"', '  "same-key" '])
def test_a_key_counts_the_same_bare_and_quoted(house: House, spelling: str) -> None:
    house.call("POST", "/pos/orders", act({}), key="same-key")
    again = house.call("POST", "/pos/orders", act({}), key="", headers={"idempotency-key": spelling})
    assert again.is_replay


def test_a_key_may_stand_in_the_body_and_is_removed_before_the_body_is_read(house: House) -> None:
    body = act({"tableId": "table-5", "_idempotencyKey": "key-in-the-body"})
    first = house.call("POST", "/pos/orders", body, key="")
    by_header = house.call("POST", "/pos/orders", act({"tableId": "table-5"}), key="key-in-the-body")
    assert first.status == 201
    assert by_header.is_replay


@pytest.mark.parametrize(
    ("header", "in_body"), [(None, None), ("", None), (None, ""), ("k" * 256, None), (None, 7), ("tab\there", None)]
)
def test_a_write_without_a_usable_key_is_refused_and_not_remembered(
    house: House, header: str | None, in_body: object
) -> None:
    body = act({} if in_body is None else {"_idempotencyKey": in_body})
    headers = {} if header is None else {"idempotency-key": header}
    answer = house.call("POST", "/pos/orders", body, key="", headers=headers)
    assert (answer.status, answer.json["statusCode"]) == (400, 400)
    assert house.count("operation") == house.count("pos_order") == 0


def test_the_order_of_fields_in_a_body_does_not_matter(house: House) -> None:
    first = b'{"actorId":"amina","tableId":"table-5","guests":2}'
    turned = b'{ "guests": 2, "tableId": "table-5", "actorId": "amina" }'
    assert house.call("POST", "/pos/orders", first, key="k").status == 201
    assert house.call("POST", "/pos/orders", turned, key="k").is_replay


def test_a_key_belongs_to_one_device_and_one_endpoint(house: House) -> None:
    order = house.order("table-5", "chicken-bowl")
    path = f"/pos/orders/{order['id']}/send-to-kitchen"
    assert house.call("POST", path, act({}), key="k").status == 200
    other_device = house.call("POST", path, act({}), key="k", who="till-2")
    other_path = house.call("POST", f"/pos/orders/{order['id']}/serve", act({}), key="k")
    for answer in (other_device, other_path):
        assert (answer.status, answer.json["conflictType"]) == (409, "IDEMPOTENCY_MISMATCH")
        assert "tickets" not in answer.json


def test_refusals_that_are_verdicts_are_replayed_too(house: House) -> None:
    bad = act({"items": [{"itemId": "chicken-bowl", "quantity": -1}]})
    first = house.call("POST", "/pos/orders", bad, key="k")
    again = house.call("POST", "/pos/orders", bad, key="k")
    assert (first.status, again.status) == (422, 422)
    assert again.body == first.body
    assert again.is_replay


@pytest.mark.parametrize("actor", ["nobody", "marco"])
def test_what_is_no_verdict_is_not_stored_so_that_the_same_key_can_succeed_later(house: House, actor: str) -> None:
    refused = house.call("POST", "/pos/orders", act({}, actor=actor), key="k")
    assert refused.status == 403
    assert house.call("POST", "/pos/orders/01ARYZ6S410000000000000999/serve", act({}), key="l").status == 404
    assert house.count("operation") == 0
    assert house.call("POST", "/pos/orders", act({}), key="k").status == 201


def forget(house: House) -> int:
    house.clock.ms += DAY_MS + 1
    return run_inline(house.connection, lambda tx: forget_answers(tx, house.deps))


def test_after_a_day_a_done_operation_still_applies_nothing_and_shows_what_it_made(house: House) -> None:
    made = house.call("POST", "/pos/orders", act({"tableId": "table-5"}), key="k")
    house.call("POST", f"/pos/orders/{made.json['id']}/void", act({"reason": "left"}), key="v")
    assert forget(house) == 2
    again = house.call("POST", "/pos/orders", act({"tableId": "table-5"}), key="k")
    assert (again.status, again.json["conflictType"]) == (409, "IDEMPOTENCY_DUPLICATE")
    assert again.json["existingResource"]["id"] == made.json["id"]
    assert again.json["existingResource"]["state"] == "VOIDED"
    assert house.count("pos_order") == 1
    other = house.call("POST", "/pos/orders", act({"tableId": "table-6"}), key="k")
    assert other.json["conflictType"] == "IDEMPOTENCY_MISMATCH"


def test_after_a_day_a_refused_operation_is_still_refused(house: House) -> None:
    order = house.order("table-5", "cola")
    void = f"/pos/orders/{order['id']}/void"
    house.call("POST", void, act({"reason": "left"}), key="first")
    house.call("POST", void, act({"reason": "left"}), key="late")
    house.call("POST", "/pos/orders", act({"guests": -1}), key="bad")
    forget(house)
    late = house.call("POST", void, act({"reason": "left"}), key="late")
    assert (late.status, late.json["conflictType"]) == (409, "INVALID_STATE_TRANSITION")
    assert late.json["currentState"]["state"] == "VOIDED"
    bad = house.call("POST", "/pos/orders", act({"guests": -1}), key="bad")
    assert (bad.status, "currentState" in bad.json) == (422, False)


def test_after_a_day_a_mark_shows_its_ticket(house: House) -> None:
    order = house.sent_order("table-5", "chicken-bowl")
    path = f"/kds/tickets/{order['tickets'][0]['id']}/bump"
    house.call("POST", path, {}, key="b", who="kitchen")
    forget(house)
    again = house.call("POST", path, {}, key="b", who="kitchen")
    assert (again.json["conflictType"], again.json["existingResource"]["status"]) == ("IDEMPOTENCY_DUPLICATE", "BUMPED")


def test_answers_younger_than_a_day_stay(house: House) -> None:
    house.call("POST", "/pos/orders", act({}), key="k")
    house.clock.ms += DAY_MS - 1
    assert run_inline(house.connection, lambda tx: forget_answers(tx, house.deps)) == 0
    assert house.call("POST", "/pos/orders", act({}), key="k").is_replay


def test_cleanup_takes_no_more_than_it_is_told_at_once(house: House) -> None:
    for number in range(5):
        house.call("POST", "/pos/orders", act({}), key=f"k{number}")
    house.clock.ms += DAY_MS + 1
    took = [run_inline(house.connection, lambda tx: forget_answers(tx, house.deps, limit=2)) for _ in range(4)]
    assert took == [2, 2, 1, 0]
    assert house.count("operation") == 5


@pytest.mark.parametrize("key", ["test-key-1", "x", "k" * 255, '"', "01ARYZ6S41000000000000000I"])
def test_a_key_that_is_no_ulid_names_its_operation_the_same_way_every_time(key: str) -> None:
    assert is_ulid(operation_id_of(key))
    assert operation_id_of(key) == operation_id_of(key)
    assert operation_id_of(key) != operation_id_of(key + "2")


def test_our_own_ulid_comes_back_on_every_answer(house: House) -> None:
    key = house.ids.new()
    first = house.call("POST", "/pos/orders", act({}), key=key)
    assert first.headers["x-operation-id"] == key
    assert first.headers["x-cursor"] == f"1-{key}"
    assert house.call("POST", "/pos/orders", act({}), key=key).headers["x-operation-id"] == key


def test_what_carries_its_own_name_is_in_once_whatever_the_key_it_comes_under(house: House) -> None:
    """The names inside outlive every key: a line, a change, a payment and a mark that come again add nothing."""
    line_id, change_id, payment_id = house.ids.new(), house.ids.new(), house.ids.new()
    order = house.order("table-5", "cola")
    path = f"/pos/orders/{order['id']}"
    add = {"type": "addLine", "line": {"id": line_id, "itemId": "flan", "quantity": 1}}
    more = {"type": "setQuantity", "id": change_id, "lineId": line_id, "quantity": 3}
    sent = house.call("PATCH", path, act({"changes": [add, more]}))
    again = house.call("PATCH", path, act({"changes": [add, {**more, "quantity": 9}]}), who="till-2")
    assert (again.status, again.json["version"]) == (200, sent.json["version"])
    assert [line["quantity"] for line in again.json["lines"]] == [1, 3]

    tickets = house.call("POST", f"{path}/send-to-kitchen", act({"lineIds": [line_id]})).json["tickets"]
    assert house.call("POST", f"{path}/send-to-kitchen", act({"lineIds": [line_id]})).json["tickets"] == tickets
    bump = f"/kds/tickets/{tickets[0]['id']}/bump"
    versions = [house.call("POST", bump, {}, who="kitchen").json["version"] for _ in range(2)]
    assert versions == [2, 2]

    pay = {"id": payment_id, "method": "CASH", "amount": 1660, "tendered": 1660}
    for _ in range(2):
        closed = house.call("POST", f"{path}/close", act({"payments": [pay]}))
        assert (closed.status, closed.json["surplusMinor"], len(closed.json["payments"])) == (200, 0, 1)
    assert house.count("alert") == 0
    assert house.count("ticket") == 1
