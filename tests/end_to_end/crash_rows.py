"""In which rows of the crash table a kill fell: only what the file and the words heard of the dead till prove."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.database import open_reader
from shared.domain.intents import LABELS
from shared.ids import derived_id

BEFORE_COMMIT = "before the intent's commit"
BEFORE_SEND = "after the commit, before the send"
BEFORE_ANSWER = "after the send, before the answer is stored"
WHILE_STORED = "while the answer is stored"
IDLE = "while idle"
ROWS = (BEFORE_COMMIT, BEFORE_SEND, BEFORE_ANSWER, WHILE_STORED, IDLE)

LOOKS, LOOK_S = 10, 0.01
"""How often and at which distance the server's file is looked at for a request that was on its way."""


@dataclass(frozen=True)
class Remains:
    """What a dead till left: the states of its operations, and all bytes in which a tapped line may stand."""

    states: dict[str, str]
    bodies: bytes
    halves: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether anything of what was tapped under this name, an intention or a line, is in the file."""
        return any(one in self.states for one in operations_of(name)) or name.encode() in self.bodies

    @property
    def unsettled(self) -> set[str]:
        """The operations without the server's final word."""
        return {one for one, state in self.states.items() if state in ("PENDING", "REPLAYING")}


def operations_of(name: str) -> tuple[str, ...]:
    """The ids that an intention's operations can have."""
    return tuple(derived_id(name, label) for label in LABELS)


def remains_in(path: Path) -> Remains:
    """Read a dead till's file."""
    with closing(open_reader(path)) as reader:
        rows: Sequence[tuple[Any, ...]] = reader.execute("SELECT id, status, body FROM operation").fetchall()
        drafts: Sequence[tuple[Any, ...]] = reader.execute("SELECT body FROM draft").fetchall()
        halves = reader.execute(HALVES).fetchall()
    bodies = b"\n".join([body for _, _, body in rows] + [body for (body,) in drafts])
    return Remains({one: state for one, state, _ in rows}, bodies, tuple(str(one) for (one,) in halves))


HALVES = """
    SELECT 'settled and still in a lane: ' || id FROM operation
    WHERE status = 'SUCCESS' AND seq IN (SELECT seq FROM operation_lane)
    UNION ALL SELECT 'waits in no lane: ' || id FROM operation
    WHERE status IN ('PENDING', 'REPLAYING') AND seq NOT IN (SELECT seq FROM operation_lane)
    UNION ALL SELECT 'settled without its answer: ' || id FROM operation
    WHERE status = 'SUCCESS' AND (first_answer IS NULL OR settled_at IS NULL)
    UNION ALL SELECT 'settled without its order: ' || id FROM operation
    WHERE status = 'SUCCESS' AND kind NOT LIKE '%ticket%' AND entity_id NOT IN (SELECT id FROM server_order)"""
"""An answer is stored whole or not at all."""


def rows_hit(said: Sequence[tuple[str, str]], remains: Remains, *, server_file: Path) -> set[str]:
    """The rows that this kill fell in. Several operations are on their way at once, so it may be several.

    Before the commit: it had begun to submit a tap of which the file has nothing. Before the send: an intention of
    this life is in the file, and it had not begun to send any part of it. Before the answer: it had sent an operation,
    the server has it, and no answer had come. While the answer is stored: an answer had come, and the file still says
    REPLAYING. Idle: all that was tapped is saved and settled.
    """
    taps = [name for word, name in said if word == "tap"]
    last_words = {name: word for word, name in said if word in ("send", "answer", "silence")}
    hit = set()
    if any(not remains.has(name) for name in taps):
        hit.add(BEFORE_COMMIT)
    for name in taps:
        stored = [one for one in operations_of(name) if one in remains.states]
        if stored and remains.unsettled.issuperset(stored) and not last_words.keys() & set(stored):
            hit.add(BEFORE_SEND)
    replaying = {one for one, state in remains.states.items() if state == "REPLAYING"}
    asked = {one for one in replaying if last_words.get(one) == "send"}
    if asked and any(asked & known for known in looks_at(server_file)):
        hit.add(BEFORE_ANSWER)
    if any(last_words.get(one) == "answer" for one in replaying):
        hit.add(WHILE_STORED)
    if not hit and not remains.unsettled and "send" not in last_words.values():
        hit.add(IDLE)
    return hit


def looks_at(server_file: Path) -> Iterator[set[str]]:
    """The ids that a server's file holds, looked at again for a moment: a request may still be in its hands."""
    tick = threading.Event()
    for _ in range(LOOKS):
        yield operations_in(server_file)
        tick.wait(LOOK_S)


def operations_in(server_file: Path) -> set[str]:
    """The ids of all operations that the server ever did."""
    with closing(open_reader(server_file)) as reader:
        return {str(one) for (one,) in reader.execute("SELECT id FROM operation").fetchall()}
