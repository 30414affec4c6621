"""Several operations in one request: each is answered as if it had been sent alone, and none overtakes in its lane."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from reference_server import batches
from reference_server.exchange import Request, Response
from reference_server.storage.operations import OperationRow, Operations
from reference_server.storage.seam import Connection
from shared.errors import DiskFull
from shared.wire.batch import MAX_ANSWER_BYTES, BatchAnswer
from shared.wire.protocol import BATCH
from tests.contract.house import Answer, House, act
from tests.contract.web import Site
from tests.contract.wholeness import wrong_in


class FailsOn(Operations):
    """Meets a fault over one operation, when all of its effect is written."""

    def __init__(self, key: str, fault: Exception) -> None:
        self.key, self.fault = key, fault

    def keep(self, tx: Connection, row: OperationRow, *, answer: bytes, now_ms: int) -> None:
        super().keep(tx, row, answer=answer, now_ms=now_ms)
        if row.key == self.key:
            raise self.fault


def entry(
    name: str, path: str, body: object, *, lanes: tuple[str, ...] = ("order:1",), method: str = "POST"
) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return {"operationId": name, "lanes": list(lanes), "method": method, "path": path, "body": text}


def create(name: str, lane: str = "order:1", **fields: object) -> dict[str, Any]:
    return entry(name, "/pos/orders", act({"tableId": "table-5", **fields}), lanes=(lane,))


def send(house: House, *entries: object, who: str = "till") -> list[Any]:
    answer = house.call("POST", BATCH, {"operations": list(entries)}, key="", who=who)
    assert answer.status == 200, answer.json
    told = BatchAnswer.model_validate_json(answer.body)
    return [Answer(one.status, json.loads(one.body), one.headers, one.body.encode()) for one in told.answers]


def test_each_is_answered_as_if_it_had_been_sent_alone(house: House) -> None:
    made, other = send(house, create("a"), create("b", "order:2"))
    assert (made.status, other.status) == (201, 201)
    assert (made.headers["x-operation-id"], other.headers["x-operation-id"]) == ("a", "b")
    alone = house.call("POST", "/pos/orders", act({"tableId": "table-5"}), key="a")
    assert (alone.is_replay, alone.body, alone.headers["x-cursor"]) == (True, made.body, made.headers["x-cursor"])


def test_successive_operations_of_one_lane_see_each_other(house: House) -> None:
    order_id = house.ids.new()
    line = {"id": house.ids.new(), "itemId": "cola", "quantity": 1}
    first = create("a", id=order_id, items=[line])
    sent = entry("b", f"/pos/orders/{order_id}/send-to-kitchen", act({"lineIds": [line["id"]]}))
    assert [one.status for one in send(house, first, sent)] == [201, 200]
    assert house.call("GET", f"/pos/orders/{order_id}").json["state"] == "SENT"


def test_after_a_refusal_its_lanes_stand_and_the_others_go_on(house: House) -> None:
    refused = entry(
        "b", "/pos/orders", act({"items": [{"itemId": "no such", "quantity": 1}]}), lanes=("order:1", "order:3")
    )
    answers = send(house, create("a"), refused, create("c"), create("d", "order:2"), create("e", "order:3"))
    assert [one.status for one in answers] == [201, 422, 424, 201, 424]
    assert [answers[place].json["conflictType"] for place in (2, 4)] == ["NOT_TRIED", "NOT_TRIED"]
    assert answers[2].json["statusCode"] == 424
    assert house.count("operation") == 3, "what was not tried is not remembered"
    assert send(house, create("c"))[0].status == 201


def test_what_was_not_tried_holds_what_is_behind_it_in_its_other_lanes(house: House) -> None:
    refused = entry("a", "/pos/orders", act({"items": [{"itemId": "no such", "quantity": 1}]}))
    both = entry("b", "/pos/orders", act({}), lanes=("order:1", "order:2"))
    assert [one.status for one in send(house, refused, both, create("c", "order:2"))] == [422, 424, 424]


def test_half_a_batch_that_is_known_is_answered_again_and_the_rest_is_done(house: House) -> None:
    first = send(house, create("a"), create("b"))
    again = send(house, create("a"), create("b"), create("c"))
    assert [one.is_replay for one in again] == [True, True, False]
    assert [one.body for one in again[:2]] == [one.body for one in first]
    assert house.count("pos_order") == 3


def test_an_id_that_stands_twice_is_done_once(house: House) -> None:
    first, second = send(house, create("a"), create("a"))
    assert (first.status, second.status, second.is_replay, second.body) == (201, 201, True, first.body)
    other = send(house, create("a", tableId="table-6"))[0]
    assert (other.status, other.json["conflictType"]) == (409, "IDEMPOTENCY_MISMATCH")
    assert house.count("pos_order") == 1


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"operationId": "x", "lanes": ["order:1"]}, 400),
        ({**create("x"), "operationId": 7}, 400),
        ({**create("x"), "operationId": ""}, 400),
        ({**create("x"), "body": {"tableId": "table-5"}}, 400),
        ({**create("x"), "lanes": "order:1"}, 400),
        ("nonsense", 400),
        (entry("x", "/pos/orders", "{"), 400),
        (entry("x", "/pos/orders", "[]"), 400),
        (entry("x", "/pos/nowhere", {}), 404),
        (entry("x", "/pos/orders", {}, method="DELETE"), 405),
        (entry("x", BATCH, {"operations": [create("y")]}), 400),
        (entry("x", "/pos/orders", {}, method="GET"), 400),
        (entry("x", "/auth/login", {}), 400),
        (entry("x", "/pos/orders", act({"note": "x" * 262_144})), 413),
    ],
)
def test_an_operation_that_makes_no_sense_is_refused_alone(house: House, wrong: object, status: int) -> None:
    refused, other = send(house, wrong, create("b", "order:2"))
    assert (refused.status, refused.json["statusCode"], other.status) == (status, status, 201)
    assert house.count("pos_order") == 1


def test_what_can_not_be_read_is_not_overtaken_in_the_lanes_that_it_names(house: House) -> None:
    broken = {"operationId": "a", "lanes": ["order:1"]}
    assert [one.status for one in send(house, broken, create("b"))] == [400, 424]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"operations": 7}', 400),
        (json.dumps({"operations": [create(str(place), str(place)) for place in range(51)]}).encode(), 413),
        (b" " * (8 * 1024 * 1024 + 1), 413),
    ],
)
def test_an_envelope_that_is_refused_does_nothing(house: House, body: bytes, status: int) -> None:
    answer = house.call("POST", BATCH, body, key="")
    assert (answer.status, answer.json["statusCode"]) == (status, status)
    assert house.count("operation") == 0


def test_fifty_go_together(house: House) -> None:
    answers = send(house, *(create(str(place), str(place)) for place in range(50)))
    assert [one.status for one in answers] == [201] * 50


def test_a_fault_of_the_server_over_one_operation_is_answered_to_that_one_alone(house: House) -> None:
    sound = house.deps
    house.deps = replace(sound, operations=FailsOn("b", LookupError("a mistake of ours")))
    batch = (create("a"), create("b"), create("c"), create("d", "order:2"))
    answers = send(house, *batch)
    assert [one.status for one in answers] == [201, 500, 424, 201]
    assert (answers[1].json["statusCode"], answers[1].headers["x-operation-id"]) == (500, "b")
    assert "mistake" not in answers[1].json["message"], "the log has it, nobody else"
    assert (house.count("operation"), house.count("pos_order")) == (2, 2), "what it wrote is undone"
    house.deps = sound
    again = send(house, *batch)
    assert [(one.status, one.is_replay) for one in again] == [(201, True), (201, False), (201, False), (201, True)]
    assert wrong_in(house.connection) == []


def test_when_the_disk_takes_no_more_nothing_of_a_batch_is_done(house: House) -> None:
    house.deps = replace(house.deps, operations=FailsOn("b", DiskFull("full")))
    with pytest.raises(DiskFull):
        send(house, create("a"), create("b", "order:2"))
    assert house.count("operation") == 0


def test_each_operation_meets_the_checks_of_its_person(house: House) -> None:
    cook = entry("a", "/pos/orders", act({}, "nobody"))
    answers = send(house, cook, create("b", "order:2"))
    assert [one.status for one in answers] == [403, 201]
    strange = house.call("POST", BATCH, {"operations": [create("c")]}, key="", who="stranger")
    assert strange.status == 401


def test_each_operation_of_a_device_of_another_history_is_told_so(house: House) -> None:
    body = {"operations": [create("a"), create("b", "order:2")]}
    answer = house.call("POST", BATCH, body, key="", headers={"x-seen": "77-unknown"})
    told = [json.loads(one["body"]) for one in answer.json["answers"]]
    assert [one["conflictType"] for one in told] == ["HISTORY_LOST", "HISTORY_LOST"]
    assert house.count("operation") == 0


async def test_over_the_web_a_batch_is_durable_when_it_is_answered(site: Site) -> None:
    answer = await site.ask("POST", BATCH, {"operations": [create("a"), create("b"), "nonsense"]}, who="script")
    told = BatchAnswer.model_validate_json(answer.content)
    assert [one.status for one in told.answers] == [201, 201, 400]
    assert [one.headers.get("x-operation-id") for one in told.answers] == ["a", "b", None]
    assert site.count("operation") == 2
    again = await site.ask("POST", "/pos/orders", json.loads(create("a")["body"]), key="a")
    assert again.headers["x-idempotent-replay"] == "true"


def test_when_the_answers_are_long_nothing_further_is_tried() -> None:
    done: list[str] = []

    def alone(request: Request) -> Response:
        done.append(request.headers["idempotency-key"])
        return Response(200, b"x" * (MAX_ANSWER_BYTES + 1))

    body = json.dumps({"operations": [create("a"), create("b", "order:2")]}).encode()
    told = BatchAnswer.model_validate_json(batches.answer(Request("POST", BATCH, {}, body), alone).body)
    assert ([one.status for one in told.answers], done) == ([200, 424], ["a"])
