"""What is wrong with a body: a sentence for each field, with its path, without the values that were sent."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from shared.findings import sentence
from shared.wire.answers import LoginRequest
from shared.wire.bad_request import MAX_ERRORS, BadRequest
from shared.wire.requests import Kind, decode_fields
from tests.unit.domain.restaurant import AT, ORDER_ID, ulid

ADD = {"type": "addLine", "line": {"id": ulid(50), "itemId": "pizza", "quantity": 1}}
VOID = {"type": "voidLine", "id": ulid(60), "lineId": ulid(50), "reason": "dropped"}
CASH = {"id": ulid(70), "method": "CASH", "amount": 1, "tendered": 1, "takenAt": AT}


def errors_of(kind: Kind, **fields: object) -> dict[str, str]:
    """What is wrong with a command of which these fields differ from a right one."""
    known: dict[Kind, dict[str, object]] = {
        Kind.CHANGE_ORDER: {"baseVersion": 1, "changes": [ADD]},
        Kind.CLOSE_ORDER: {"lineIds": [ulid(50)], "totalMinor": 1, "payments": [CASH]},
        Kind.CREATE_ORDER: {},
        Kind.SERVE_ORDER: {"lineIds": [ulid(50)]},
        Kind.VOID_ORDER: {"reason": "left", "lineIds": []},
        Kind.START_TICKET: {"ticketId": ulid(300), "lineIds": []},
    }
    about: dict[str, object] = {} if kind is Kind.START_TICKET else {"orderId": ORDER_ID}
    right: dict[str, object] = {"id": ulid(700), "actorId": "ann", "at": AT, **about, **known[kind]}
    decode_fields(kind, right)
    with pytest.raises(BadRequest) as caught:
        decode_fields(kind, right | fields)
    return dict(caught.value.errors)


def changed(**fields: Any) -> list[dict[str, Any]]:
    """One addLine whose line differs in these fields."""
    return [ADD | {"line": {"id": ulid(50), "itemId": "pizza", "quantity": 1} | fields}]


@pytest.mark.parametrize(
    ("fields", "path", "said"),
    [
        ({"changes": changed(quantity=0)}, "changes.0.line.quantity", "It has to be at least 1."),
        ({"changes": changed(quantity=-3)}, "changes.0.line.quantity", "It has to be at least 1."),
        ({"changes": changed(quantity=1000)}, "changes.0.line.quantity", "It can be at most 999."),
        ({"changes": changed(quantity="2")}, "changes.0.line.quantity", "A whole number is needed."),
        ({"changes": changed(quantity=1.5)}, "changes.0.line.quantity", "A whole number is needed."),
        ({"changes": changed(quantity=None)}, "changes.0.line.quantity", "A whole number is needed."),
        ({"changes": changed(itemId=7)}, "changes.0.line.itemId", "A text is needed."),
        ({"changes": changed(itemId="")}, "changes.0.line.itemId", "It has to have at least 1 characters."),
        ({"changes": changed(note="x" * 201)}, "changes.0.line.note", "It can have at most 200 characters."),
        ({"changes": changed(qty=2)}, "changes.0.line.qty", "This field is not known here."),
        ({"changes": changed(item_id="x")}, "changes.0.line.item_id", "This field is not known here."),
        ({"changes": changed(modifiers={})}, "changes.0.line.modifiers", "A list is needed."),
        ({"changes": [VOID, VOID | {"reason": ""}]}, "changes.1.reason", "It has to have at least 1 characters."),
        ({"changes": [{"id": ulid(60)}]}, "changes.0", "Its type is missing."),
        ({"changes": []}, "changes", "It has to have at least 1 entries."),
        ({"changes": [VOID] * 301}, "changes", "It can have at most 300 entries."),
        ({"changes": [{"type": "addLine", "line": 7}]}, "changes.0.line", "An object is needed."),
        ({"changes": {}}, "changes", "A list is needed."),
        ({"baseVersion": -1}, "baseVersion", "It has to be at least 0."),
        ({"table": 5}, "table", "This field is not known here."),
    ],
)
def test_each_field_of_a_change_is_named_with_its_path(fields: dict[str, object], path: str, said: str) -> None:
    assert errors_of(Kind.CHANGE_ORDER, **fields) == {path: said}


def test_an_unknown_type_of_change_is_told_which_there_are() -> None:
    (said,) = errors_of(Kind.CHANGE_ORDER, changes=[{"type": "delete"}]).values()
    assert said.startswith("Its type has to be one of these: 'addLine', 'setQuantity'")
    assert "delete" not in said


@pytest.mark.parametrize(
    ("kind", "fields", "path", "said"),
    [
        (Kind.CLOSE_ORDER, {"totalMinor": -1}, "totalMinor", "It has to be at least 0."),
        (Kind.CLOSE_ORDER, {"payments": [CASH | {"amount": -1}]}, "payments.0.amount", "It has to be at least 0."),
        (
            Kind.CLOSE_ORDER,
            {"payments": [CASH | {"method": "GOLD"}]},
            "payments.0.method",
            "One of these is needed: 'CASH', 'CARD' or 'MOBILE_MONEY'.",
        ),
        (
            Kind.CLOSE_ORDER,
            {"payments": [CASH | {"takenAt": "2015-02-29T00:00:00.000Z"}]},
            "payments.0.takenAt",
            "A moment is needed, like 2015-11-27T19:41:05.250Z.",
        ),
        (Kind.CREATE_ORDER, {"orderId": "x"}, "id", "A ULID is needed: 26 digits and upper case letters."),
        (Kind.CREATE_ORDER, {"guests": True}, "guests", "A whole number is needed."),
        (Kind.START_TICKET, {"round": 1000}, "round", "It can be at most 999."),
        (Kind.VOID_ORDER, {"lineIds": ["x"]}, "lineIds.0", "A ULID is needed: 26 digits and upper case letters."),
    ],
)
def test_each_field_of_other_commands_is_named(kind: Kind, fields: dict[str, object], path: str, said: str) -> None:
    assert errors_of(kind, **fields) == {path: said}


@pytest.mark.parametrize(
    "kind", [Kind.SEND_TO_KITCHEN, Kind.SERVE_ORDER, Kind.CLOSE_ORDER, Kind.VOID_ORDER, Kind.BUMP_TICKET]
)
def test_a_command_about_lines_has_to_name_those_that_its_screen_showed(kind: Kind) -> None:
    fields: dict[str, object] = {"id": ulid(700), "actorId": "ann", "at": AT, "reason": "left", "totalMinor": 0}
    with pytest.raises(BadRequest) as caught:
        decode_fields(kind, fields)
    assert dict(caught.value.errors)["lineIds"] == "This field is missing."
    if kind in (Kind.SEND_TO_KITCHEN, Kind.SERVE_ORDER, Kind.CLOSE_ORDER):
        with pytest.raises(BadRequest) as caught:
            decode_fields(kind, fields | {"lineIds": []})
        assert dict(caught.value.errors)["lineIds"] == "It has to have at least 1 entries."


def test_a_refusal_is_one_text_with_a_title_and_an_advice_for_the_person() -> None:
    error = BadRequest((("", "The body is not JSON."), ("totalMinor", "A whole number is needed.")))
    assert str(error) == (
        "The request can't be understood: The body is not JSON.; totalMinor: A whole number is needed."
    )
    assert error.advice.endswith(".")


def test_a_thousand_mistakes_are_answered_with_a_few() -> None:
    wrong = [ADD | {"line": {}}] * 300
    with pytest.raises(BadRequest) as caught:
        decode_fields(Kind.CHANGE_ORDER, {"changes": wrong})
    assert len(caught.value.errors) == MAX_ERRORS


def test_values_that_were_sent_are_not_repeated() -> None:
    secret = "4111 1111 1111 1111"
    error = errors_of(Kind.CLOSE_ORDER, receiptNumber=secret * 3, payments=[CASH | {"id": secret, "card": secret}])
    assert secret not in json.dumps(error)
    assert len(error) == 3


def test_what_we_have_no_words_for_is_said_as_it_was_found() -> None:
    assert sentence({"type": "new_rule", "msg": "Some new rule."}, patterns={}) == "Some new rule."
    assert sentence({"type": "json_invalid", "msg": "..."}, patterns={}) == "The body is not JSON."
    unknown = {"type": "string_pattern_mismatch", "msg": "...", "ctx": {"pattern": "^[0-9]+$"}}
    other = sentence(unknown, patterns={})
    assert other == "This text has another form than is needed."


def test_a_body_that_is_no_object_at_all_is_named_without_a_field() -> None:
    with pytest.raises(ValidationError) as caught:
        LoginRequest.model_validate_json(b"[]")
    assert BadRequest.from_validation(caught.value).errors == (("", "An object is needed."),)
