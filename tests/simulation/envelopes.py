"""What a bad network or a spoiled server does to several operations in one request."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from reference_server.storage.operations import OperationRow, Operations
from reference_server.storage.seam import Connection

ANSWERS = b'{"answers"'
Reads = Callable[[bytes, bytes], bytes]
"""What a client makes of the answers to several operations, by what it asked and what came."""


@dataclass
class Chokes(Operations):
    """Meets a fault over each operation of one order, when all of its effect is written."""

    sound: Operations
    order_id: str

    def find(self, tx: Connection, key: str) -> OperationRow | None:
        """As the sound ones do."""
        return self.sound.find(tx, key)

    def answered(self, tx: Connection, key: str) -> tuple[OperationRow, bytes | None] | None:
        """As the sound ones do."""
        return self.sound.answered(tx, key)

    def keep(self, tx: Connection, row: OperationRow, *, answer: bytes, now_ms: int) -> None:
        """Kept, and then the fault."""
        self.sound.keep(tx, row, answer=answer, now_ms=now_ms)
        if row.entity_id == self.order_id:
            raise LookupError("a planted mistake")


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


def as_they_are(_: bytes, answered: bytes) -> bytes:
    """As the client reads it."""
    return answered


def done_as_the_envelope(asked: bytes, answered: bytes) -> bytes:
    """As a client reads it that takes the 200 of the whole for each operation's."""
    if not answered.startswith(ANSWERS):
        return answered
    names = [one["operationId"] for one in json.loads(asked)["operations"]]
    done = [{"status": 200, "headers": {"x-operation-id": name}, "body": ""} for name in names]
    return json.dumps({"answers": done}).encode()


def echoed_by_position(asked: bytes, answered: bytes) -> bytes:
    """As a client reads it that takes the first answer for the first operation's."""
    if not answered.startswith(ANSWERS):
        return answered
    names = [one["operationId"] for one in json.loads(asked)["operations"]]
    answers = json.loads(answered)["answers"]
    for name, one in zip(names, answers, strict=False):
        one["headers"]["x-operation-id"] = name
    return json.dumps({"answers": answers}).encode()
