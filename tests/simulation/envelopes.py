"""What a bad network or a spoiled server does to several operations in one request."""

from __future__ import annotations

import json
import random

ANSWERS = b'{"answers"'


def with_one_broken(body: bytes, chance: random.Random) -> tuple[bytes, str]:
    """The server can't read one of them, whose id is returned; it has to leave what stands behind that in its lanes."""
    found = json.loads(body)
    broken = chance.choice(found["operations"])
    del broken["method"]
    return json.dumps(found).encode(), broken["operationId"]


def without_answer(answered: bytes, name: str) -> bytes:
    """The answers, but none for this operation."""
    if not answered.startswith(ANSWERS):
        return answered
    answers = json.loads(answered)["answers"]
    return json.dumps({"answers": [one for one in answers if one["headers"].get("x-operation-id") != name]}).encode()


def without_lanes(body: bytes) -> bytes:
    """As a server reads it that knows no lanes."""
    found = json.loads(body)
    return json.dumps({"operations": [{**one, "lanes": []} for one in found["operations"]]}).encode()


def echoed_by_position(asked: bytes, answered: bytes) -> bytes:
    """As a client reads it that takes the first answer for the first operation's."""
    if not answered.startswith(ANSWERS):
        return answered
    names = [one["operationId"] for one in json.loads(asked)["operations"]]
    answers = json.loads(answered)["answers"]
    for name, one in zip(names, answers, strict=False):
        one["headers"]["x-operation-id"] = name
    return json.dumps({"answers": answers}).encode()
