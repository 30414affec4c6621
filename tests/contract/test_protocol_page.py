"""The protocol's page is true: its requests, played in their order, come back as it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tests.contract.house import House

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
BLOCK = re.compile(
    r"^```http\n(\S+) (\S+) -> (\d+)(?: (\w+))?\n(?:Idempotency-Key: (\S+)\n)?(?:\n(.*?))?```$",
    re.MULTILINE | re.DOTALL,
)


class Example(NamedTuple):
    method: str
    path: str
    status: int
    conflict: str | None
    key: str
    body: bytes


def examples() -> list[Example]:
    return [
        Example(method, path, int(status), conflict or None, key, body.strip().encode())
        for method, path, status, conflict, key, body in BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    ]


def test_every_request_of_the_page_comes_back_as_it_says(house: House) -> None:
    for example in examples():
        answer = house.call(example.method, example.path, example.body, key=example.key, who="script")
        assert (answer.status, answer.json.get("conflictType")) == (example.status, example.conflict), (example, answer)


def test_no_example_of_the_page_is_overlooked() -> None:
    assert len(examples()) == PAGE.read_text(encoding="utf-8").count("```http") >= 15


def test_the_page_s_till_ends_with_what_the_page_tells(house: House) -> None:
    answers = [
        house.call(example.method, example.path, example.body, key=example.key, who="script") for example in examples()
    ]
    assert answers[1].is_replay
    closed = next(answer.json for answer in answers if answer.json.get("invoiceNumber"))
    assert (closed["surplusMinor"], [line["name"] for line in closed["followUp"]["lines"]]) == (0, ["Flan"])
    tickets = [answer.json for answer in answers if answer.json.get("orderNumber")]
    assert [(one["status"], one["priority"]) for one in tickets] == [("BUMPED", 0), ("BUMPED", 1)]
    together = next(answer.json["answers"] for answer in answers if "answers" in answer.json)
    assert [one["status"] for one in together] == [201, 422, 424, 201]
