"""What the server describes of itself is what it does: the document's own rules, and requests made of it by chance."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import just
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.generation.modes import GenerationMode
from schemathesis.schemas import APIOperation

from reference_server import openapi
from reference_server.routes import ROWS
from tests.contract.house import demo_restaurant
from tests.security.described import complaints, narrowed, operations, without_security
from tests.security.rehearsal import ADMIN, Evening, open_evening
from tests.soak import Soak

DOCUMENT = openapi.document(ROWS, version="9.9")
EACH = [f"{method} {path}" for method, path, _ in operations(DOCUMENT)]

NEAR, FAR, WRONG = 10, 2, 4
"""So many cases with names that the server knows, with any names, and with something wrong in them."""
IN_SOAK = 13
LEAST_DONE = 0.2
ONLY_DEVICES = ("/sync/heal", "/sync/agree")
"""What a script may not ask."""
ONE_BY_ONE = "/sync/operations"
"""What is wrong with an entry of a batch is answered in its place: the batch itself is taken."""


WITHOUT_REQUEST, IN_A_BATCH = {400, 431}, 424
"""What is answered to what is no request, and to an operation that shares a lane with one that was not done."""

MISSING = '"This field is missing."'


@dataclass
class Tried:
    """What the cases of one operation came to."""

    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        return sum(count for status, count in self.statuses.items() if status < 300) / self.statuses.total()


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    opened = open_evening(tmp_path_factory.mktemp("evening"), demo_restaurant())
    yield opened
    opened.storage.close()


@pytest.fixture(scope="module")
def generators(evening: Evening) -> dict[str, dict[str, APIOperation[Any, Any, Any, Any]]]:
    """Each operation as a client meets it that knows the house, as a stranger does, and as one whose token is right."""
    found: dict[str, dict[str, APIOperation[Any, Any, Any, Any]]] = {}
    for name, document in (
        ("near", narrowed(DOCUMENT, evening.known)),
        ("far", DOCUMENT),
        ("wrong", without_security(DOCUMENT)),
    ):
        schema = schemathesis.openapi.from_dict(document)
        schema.app = evening.app
        schema.config.checks.positive_data_acceptance.expected_statuses.extend(["409", "422"])
        schema.config.checks.negative_data_rejection.expected_statuses.extend(["413", "426"])
        for result in schema.get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()
            found.setdefault(f"{operation.method.upper()} {operation.path}", {})[name] = operation
    return found


def tried(evening: Evening, operation: dict[str, APIOperation[Any, Any, Any, Any]], *, times: int = 1) -> Tried:
    """All cases of one operation, each answered as the document says. Raises what a check found."""
    load_all_checks()
    found, checks = Tried(), CHECKS.get_all()
    if operation["far"].path == ONE_BY_ONE:
        checks = [check for check in checks if check.__name__ != "negative_data_rejection"]
    who = "till" if operation["far"].path in ONLY_DEVICES else ADMIN
    plan = (("near", "POSITIVE", NEAR), ("far", "POSITIVE", FAR), ("wrong", "NEGATIVE", WRONG))

    def ask(case: schemathesis.Case[Any], mode: str) -> None:
        case.headers["Authorization"] = f"Bearer {evening.tokens[who]}"
        if mode == "POSITIVE":
            case.body = with_whole_numbers(case.body)
        response = case.call()
        found.statuses[response.status_code] += 1
        case.validate_response(response, checks=checks)  # type: ignore[arg-type] # it takes classes of checks too
        assert mode == "NEGATIVE" or MISSING not in response.text, "the document does not name all that is needed"

    for name, mode, count in plan:
        cases = operation[name].as_strategy(generation_mode=GenerationMode[mode])
        every = settings(max_examples=count * times, suppress_health_check=list(HealthCheck))(
            given(case=cases, mode=just(mode))(ask)
        )
        enough = found.statuses.total() + count * times
        every()
        while mode == "POSITIVE" and found.statuses.total() < enough:
            every()  # what can be asked rightly in a few ways only is asked in them again
    return found


def with_whole_numbers(body: Any) -> Any:
    """JSON Schema takes `5.0` for an integer; nobody's cash register writes it so, and the server refuses it."""
    match body:
        case dict():
            return {name: with_whole_numbers(one) for name, one in body.items()}
        case list():
            return [with_whole_numbers(one) for one in body]
        case float() if body.is_integer() and abs(body) < 2**53:
            return int(body)
    return body


def test_a_stranger_can_build_on_the_document() -> None:
    assert complaints(DOCUMENT) == []


def test_each_status_of_a_refusal_in_the_server_s_code_is_told() -> None:
    """That of an entry of a batch stands with the batch, in docs/protocol.md."""
    files = sorted(Path(openapi.__file__).parent.rglob("*.py"))
    used = {int(found) for file in files for found in re.findall(r"\bProblem\(\s*(\d{3})\b", file.read_text())}
    told = {int(status) for _, _, one in operations(DOCUMENT) for status in one["responses"]}
    told |= {int(found) for found in re.findall(r"\b[45]\d\d\b", DOCUMENT["info"]["description"])}
    assert (used | WITHOUT_REQUEST) - told == {IN_A_BATCH}


@pytest.mark.parametrize("name", EACH)
def test_a_head_or_a_body_that_is_too_long_is_told_everywhere(name: str) -> None:
    method, path = name.split()
    assert {"413", "431"} <= DOCUMENT["paths"][path][method.lower()]["responses"].keys()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d["responses"].update(default={}), "GET /menu has a default response"),
        (lambda d: d["responses"].update({"200": {}}), "GET /menu has no schema for its answer 200"),
        (lambda d: d["parameters"].append({"schema": {"type": "object"}}), "an object of whatever comes"),
        (lambda d: d["parameters"].append({"schema": {"type": "array"}}), "an array of whatever comes"),
        (lambda d: d["parameters"].append({"properties": {"x": {}}}), "x is whatever comes"),
        (lambda d: d["parameters"].append({"additionalProperties": True}), "takes whatever comes besides"),
    ],
)
def test_what_a_stranger_could_not_build_on_is_named(spoil: Any, said: str) -> None:
    document = narrowed(DOCUMENT, {})
    spoil(document["paths"]["/menu"]["get"])
    assert any(said in words for words in complaints(document))
    del document["paths"]["/pos/orders"]["post"]["requestBody"]
    assert "POST /pos/orders has no schema for its body" in complaints(document)


@pytest.mark.parametrize("name", EACH)
def test_whatever_is_asked_is_answered_as_described(
    evening: Evening, generators: dict[str, dict[str, APIOperation[Any, Any, Any, Any]]], name: str
) -> None:
    """A new endpoint that is hardly ever done here needs names that the evening knows (tests/security/rehearsal.py)."""
    found = tried(evening, generators[name])
    assert found.share >= LEAST_DONE, found.statuses


@pytest.mark.soak
def test_two_hundred_cases_of_each_endpoint_are_answered_as_described(
    evening: Evening, generators: dict[str, dict[str, APIOperation[Any, Any, Any, Any]]], soak: Soak
) -> None:
    for seed in soak.seeds(enough=1):
        figures = Counter[str]()
        for name in EACH:
            found = tried(evening, generators[name], times=IN_SOAK)
            assert found.share >= LEAST_DONE, (name, found.statuses)
            figures.update({"cases": found.statuses.total(), "done": round(found.share * found.statuses.total())})
            figures.update({f"answered {status}": count for status, count in found.statuses.items()})
        soak.note(seed, figures)
