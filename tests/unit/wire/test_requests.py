"""Commands as requests: what is encoded once comes back as it was, and encodes to the same bytes for ever."""

import json

import pytest
from hypothesis import given, settings

from shared.domain.alerts import CloseAlert
from shared.domain.cancelling import CancelIntent
from shared.domain.closing import follow_up_id
from shared.domain.commands import AddLine, CloseOrder, Operation
from shared.domain.model import MAX_LINES
from shared.domain.order import Modifier
from shared.domain.payment_intent import OpenIntent
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.shift_commands import Clock, CloseDay, CloseShift, MoveCash, OpenShift, ShiftCommand
from shared.wire.protocol import MAX_BODY_BYTES
from shared.wire.requests import (
    MONEY_KINDS,
    SHAPES,
    BadRequest,
    Kind,
    decode,
    decode_fields,
    encode,
    entity_of,
    lanes_of,
    order_lane,
    shift_lane,
    ticket_lane,
)
from tests.unit.domain.restaurant import ORDER_ID, new_line, tills, ulid
from tests.unit.domain.strategies import Step, nights
from tests.unit.domain.two_orders import OTHER_ID
from tests.unit.wire.commands import ALERT_ID, DAY_ID, LINE_ID, OPERATION_ID, SHIFT_ID, TICKET_ID, bare, full

ALL = [*full(), *bare()]
LANES = {
    **dict.fromkeys((OpenShift, MoveCash, CloseShift), shift_lane(SHIFT_ID)),
    CloseDay: f"day:{DAY_ID}",
    CancelIntent: f"payment:{ulid(61)}",
    CloseAlert: f"alert:{ALERT_ID}",
}


def test_each_kind_is_tried_twice() -> None:
    assert sorted(encode(one).kind for one in ALL) == sorted([*Kind, *Kind])


@pytest.mark.parametrize("command", ALL, ids=lambda one: type(one).__name__)
def test_a_command_comes_back_from_its_request_and_encodes_to_the_same_bytes(command: Operation) -> None:
    encoded = encode(command)
    again = decode(encoded.kind, operation_id=command.id, path=encoded.path, body=encoded.body)
    assert again == command
    assert type(again) is type(command)
    assert encode(again) == encoded


@settings(max_examples=20)
@given(nights())
def test_every_command_of_a_night_comes_back_from_its_request(night: tuple[Step, ...]) -> None:
    for step in night:
        encoded = encode(step.command)
        assert decode(encoded.kind, operation_id=step.command.id, path=encoded.path, body=encoded.body) == step.command


@pytest.mark.parametrize("command", ALL, ids=lambda one: type(one).__name__)
def test_ids_stand_in_the_path_or_the_header_and_once(command: Operation) -> None:
    encoded = encode(command)
    body = json.loads(encoded.body)
    assert command.id not in (body.get("id"), *encoded.path.split("/"))
    about = {"orderId"} if isinstance(command, OpenIntent) else set()  # it is made by it, for an order
    assert not ({"orderId", "ticketId", "lineId"} - about) & body.keys()
    assert None not in body.values()
    assert encoded.method == SHAPES[encoded.kind].method
    shape = SHAPES[encoded.kind]
    assert shape.alias not in body
    if shape.makes:
        assert (encoded.path, body["id"]) == (shape.path, entity_of(command))
    else:
        assert "id" not in body
        assert entity_of(command) in encoded.path.split("/")


def test_the_bytes_of_a_request_are_those_that_were_written_down() -> None:
    """A queued operation is frozen: a till of the next version has to send, and a server to read, these very bytes."""
    encoded = {one.kind: one for one in map(encode, bare())}
    assert encoded[Kind.CREATE_ORDER].body == (
        b'{"actorId":"ann","at":"2015-11-27T19:41:05.250Z","id":"01ARZ3NDEK0000000000000000",'
        b'"channel":"DINE_IN","guests":0,"items":[]}'
    )
    assert encoded[Kind.CLOSE_ORDER].body == (
        b'{"actorId":"ann","at":"2015-11-27T19:41:05.250Z","lineIds":["01ARZ3NDEK0000000000000050"],'
        b'"totalMinor":0,"payments":[]}'
    )
    assert encoded[Kind.READY_ITEM].path == f"/kds/tickets/{TICKET_ID}/items/{LINE_ID}/mark-ready"


def test_an_operation_keeps_its_order_in_the_lane_of_its_order_or_ticket() -> None:
    for command in ALL:
        lane = LANES.get(type(command), order_lane(ORDER_ID))
        lane = ticket_lane(TICKET_ID) if hasattr(command, "ticket_id") else lane
        lane = f"person:{command.person_id}" if isinstance(command, Clock) else lane
        assert lanes_of(command)[0] == lane
        others = (order_lane(follow_up_id(command.order_id)),) if isinstance(command, CloseOrder) else ()
        if OTHER_ID in encode(command).body.decode():
            others = (order_lane(OTHER_ID),)
        assert encode(command).lanes == lanes_of(command) == (lane, *others)
    assert order_lane(ORDER_ID) != ticket_lane(ORDER_ID)


def test_kinds_that_carry_money_are_those_with_payments_or_about_a_drawer() -> None:
    with_payments = {kind for kind, shape in SHAPES.items() if "payments" in shape.model.model_fields}
    about_a_drawer = {kind for kind, shape in SHAPES.items() if issubclass(shape.model, ShiftCommand)}
    assert with_payments | about_a_drawer == MONEY_KINDS


def test_a_command_that_no_server_would_read_is_refused_at_the_tap() -> None:
    till, _ = tills()
    many = tuple(Modifier(id=f"choice-{i}", name="x" * 80) for i in range(40))
    line = new_line(ulid(50)).model_copy(update={"modifiers": many})
    adds = tuple(AddLine(line=line.model_copy(update={"id": ulid(1000 + i)})) for i in range(MAX_LINES))
    with pytest.raises(CommandRejected) as caught:
        encode(till.change(1, *adds))
    assert caught.value.refusal is Refusal.INVALID
    assert caught.value.message == "This is too much at once. Send the order in two parts."
    assert len(encode(till.change(1, *adds[:40])).body) < MAX_BODY_BYTES


def errors_of(kind: Kind, body: bytes, *, path: str | None = None) -> dict[str, str]:
    """What is wrong with a body, by field."""
    right = SHAPES[kind].path.format(entity=ORDER_ID if "orders" in SHAPES[kind].path else TICKET_ID, line=LINE_ID)
    with pytest.raises(BadRequest) as caught:
        decode(kind, operation_id=OPERATION_ID, path=right if path is None else path, body=body)
    return dict(caught.value.errors)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b'{"a":1}x',
        b'{"reason":"\\ud800"}',
        b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    assert errors_of(Kind.VOID_ORDER, body) == {"": "The body is not JSON."}


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    assert errors_of(Kind.VOID_ORDER, body) == {"": "The body has to be a JSON object."}


def test_no_body_is_an_empty_object() -> None:
    assert errors_of(Kind.VOID_ORDER, b"") == {
        "actorId": "This field is missing.",
        "at": "This field is missing.",
        "reason": "This field is missing.",
        "lineIds": "This field is missing.",
    }


def test_ids_that_belong_into_the_path_are_refused_in_the_body() -> None:
    for kind, names in (
        (Kind.VOID_ORDER, ("id", "orderId")),
        (Kind.CREATE_ORDER, ("orderId",)),
        (Kind.START_TICKET, ("id", "ticketId")),
        (Kind.READY_ITEM, ("lineId", "ticketId")),
    ):
        for name in names:
            assert errors_of(kind, json.dumps({name: ulid(9)}).encode()) == {name: "This field is not known here."}


def test_an_order_is_created_under_the_id_in_its_body() -> None:
    said = b'{"actorId":"ann","at":"2015-11-27T19:41:05.250Z"'
    assert errors_of(Kind.CREATE_ORDER, said + b"}") == {"id": "This field is missing."}
    assert errors_of(Kind.CREATE_ORDER, said + b',"id":7}') == {"id": "A text is needed."}


@pytest.mark.parametrize(
    "path",
    ["", "/", "/pos/orders", f"/pos/orders/{ORDER_ID}/close", f"/kds/orders/{ORDER_ID}/void", "/pos/orders/a/void/b"],
)
def test_a_path_of_another_kind_is_refused(path: str) -> None:
    said = errors_of(Kind.VOID_ORDER, b"{}", path=path)
    assert said == {"": f"The path {path} is not one of void_order."}


def test_an_id_in_the_path_that_is_none_is_named() -> None:
    said = errors_of(Kind.VOID_ORDER, b'{"reason":"left"}', path="/pos/orders/12/void")
    assert said["orderId"] == "A ULID is needed: 26 digits and upper case letters."


def test_the_id_of_the_operation_is_the_idempotency_key() -> None:
    with pytest.raises(BadRequest) as caught:
        decode_fields(
            Kind.SERVE_ORDER, {"id": "7", "orderId": ORDER_ID, "actorId": "ann", "at": "later", "lineIds": [LINE_ID]}
        )
    assert dict(caught.value.errors) == {
        "Idempotency-Key": "A ULID is needed: 26 digits and upper case letters.",
        "at": "A moment is needed, like 2015-11-27T19:41:05.250Z.",
    }


@pytest.mark.parametrize("value", ["\ud800", float("inf"), 10**30, b"\xff"])
def test_fields_that_json_cannot_hold_or_no_field_takes_are_refused(value: object) -> None:
    with pytest.raises(BadRequest):
        decode_fields(Kind.SERVE_ORDER, {"actorId": value})


def test_fields_nested_without_end_are_refused() -> None:
    nested: list[object] = []
    for _ in range(5000):
        nested = [nested]
    with pytest.raises(BadRequest):
        decode_fields(Kind.SERVE_ORDER, {"actorId": nested})
