"""Bodies of questions that are no operations: bad JSON is 400 as for every write, and each wrong field is named."""

from __future__ import annotations

import re

import pytest

from reference_server.routes import ROWS
from shared.wire.answers import ErrorAnswer
from tests.contract.house import House

#: Every address that takes a body and no key: logins, enrolments, the catalogue, healing, batches.
QUESTIONS = [
    (row.method, re.sub(r"{\w+}", "x", row.path))
    for row in ROWS
    if row.asks is not None or row.is_login or row.is_batch
]


@pytest.mark.parametrize(
    "body", [b"{", b"nonsense", b"\xff\xfe", b'{"a":"\\ud800"}', b"{}{}", b"[]", b"null", b'"text"']
)
@pytest.mark.parametrize(("method", "path"), QUESTIONS)
def test_a_question_without_a_json_object_is_400(house: House, method: str, path: str, body: bytes) -> None:
    answer = house.call(method, path, body, key="")
    assert answer.status == 400, answer.body
    told = ErrorAnswer.model_validate_json(answer.body)
    assert told.message.startswith("The body ")
    assert told.errors is None


def test_a_question_names_each_wrong_field_in_our_words(house: House) -> None:
    answer = house.call("PUT", "/menu/items/cola/availability", {"remaining": -1, "soldOut": "no"}, key="")
    told = ErrorAnswer.model_validate_json(answer.body)
    assert answer.status == 422
    assert {(error.field, error.message) for error in told.errors or ()} == {
        ("remaining", "It has to be at least 0."),
        ("soldOut", "true or false is needed."),
    }


def test_no_body_is_a_body_without_fields(house: House) -> None:
    assert house.call("POST", "/kds/stations/grill/take-over", b"", key="", who="kitchen").status == 200
    missing = ErrorAnswer.model_validate_json(house.call("POST", "/devices/enrol", b"", key="").body)
    assert [(error.field, error.message) for error in missing.errors or ()] == [("code", "This field is missing.")]
