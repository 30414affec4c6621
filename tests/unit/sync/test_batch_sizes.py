"""How many go together after something was too large: half as many at once, and the former size again in time."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from shared.store.outcomes import Flight
from shared.sync.batches import GROW_AFTER, GROW_AFTER_MOST, Batches, Came
from shared.sync.exchange import Answered, Exchange
from shared.times import to_rfc3339
from shared.wire.batch import BatchAnswer, BatchRequest, EntryAnswer
from shared.wire.requests import Kind
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.flights import answer
from tests.unit.sync.night import Night

A, B = "01JDSC8T4Z0000000000000H01", "01JDSC8T4Z0000000000000H02"
"""Two servers, by the names of their histories."""


def announced() -> Batches:
    batches = Batches()
    batches.heard(("batch",), server=A)
    return batches


def too_large(batches: Batches, limit: int, *, requests: int) -> list[int]:
    """Full requests to somebody who reads so many operations at once; how many each had."""
    sizes = []
    for _ in range(requests):
        size = max(batches.most(0), 1)
        batches.back(0, count=size, came=Came.ANSWERED if size <= limit else Came.TOO_LARGE)
        sizes.append(size)
    return sizes


def test_what_was_too_large_is_halved_at_once_until_each_goes_alone() -> None:
    assert too_large(announced(), 1, requests=6) == [50, 25, 12, 6, 3, 1]
    short = announced()
    short.back(0, count=20, came=Came.TOO_LARGE)
    assert short.most(0) == 10, "half of what it was, not of what it might have been"


def test_after_some_full_requests_that_went_well_the_former_size_is_back() -> None:
    batches = announced()
    too_large(batches, 1, requests=6)
    sizes = too_large(batches, 50, requests=6 * GROW_AFTER)
    assert sizes[: GROW_AFTER - 1] == [1] * (GROW_AFTER - 1)
    assert sizes[GROW_AFTER - 1 :] == [size for size in (2, 4, 8, 16, 32) for _ in range(GROW_AFTER)] + [50]


def test_requests_that_are_not_full_prove_nothing() -> None:
    batches = announced()
    batches.back(0, count=50, came=Came.TOO_LARGE)
    for _ in range(100):
        batches.back(0, count=24, came=Came.ANSWERED)
    assert batches.most(0) == 25


def tries(batches: Batches) -> list[int]:
    """How many requests lie between those that a limit of 25 refuses."""
    refused = [place for place, size in enumerate(too_large(batches, 25, requests=4_000)) if size > 25]
    return [after - before for before, after in pairwise(refused)]


def ever_rarer(batches: Batches) -> None:
    """The promise: a limit that stays costs less and less, and no turn goes up and the next one down."""
    gaps = tries(batches)
    assert gaps[0] > GROW_AFTER
    assert all(after >= before for before, after in pairwise(gaps))
    assert gaps[-1] > GROW_AFTER_MOST
    assert len(gaps) < 20


def test_a_limit_that_stays_is_tried_ever_more_seldom() -> None:
    ever_rarer(announced())


class Eager(Batches):
    """The mutant: the former size again after each request that went well."""

    def back(self, now_s: float, *, count: int, came: Came) -> None:
        super().back(now_s, count=count, came=came)
        if came is Came.ANSWERED:
            self._limit = 50


def test_a_size_that_goes_up_and_down_at_each_turn_is_caught() -> None:
    batches = Eager()
    batches.heard(("batch",))
    with pytest.raises(AssertionError):
        ever_rarer(batches)


def test_another_server_and_one_that_was_away_are_tried_sooner() -> None:
    batches = announced()
    batches.back(0, count=50, came=Came.TOO_LARGE)
    batches.heard(("batch",), server=A)
    batches.heard(("batch",))
    assert batches.most(0) == 25, "it is still the same"
    batches.heard(("batch",), server=B)
    assert batches.most(0) == 50
    tries(batches)
    batches.came_up()
    assert 50 in too_large(batches, 25, requests=GROW_AFTER + 1)


@dataclass
class Reading(FakeServer):
    """A server that takes several at once, behind somebody who reads only so many."""

    reads: int = 50
    sizes: list[int] = field(default_factory=list)

    async def beat(self) -> Exchange:
        now = to_rfc3339(self.clock.true_ms())
        return await self._read(
            "health",
            {"status": "ok", "version": "1", "serverTime": now, "head": self.head, "capabilities": ["batch"]},
        )

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        operations = BatchRequest.model_validate_json(body).operations
        self.sizes.append(len(operations))
        found = await self._read(name, b"-")
        if len(operations) > self.reads or not isinstance(found, Answered):
            return answer(413, b"<html>") if isinstance(found, Answered) else found
        said = []
        for one in operations:
            entity = one.path.split("/")[3] if one.path.count("/") > 2 else one.lanes[0].removeprefix("order:")
            kind = KINDS[one.path.rsplit("/", 1)[-1]] if one.method == "POST" else Kind.CHANGE_ORDER
            about = (one.method, one.path, one.body.encode(), one.lanes, entity)
            flight = Flight(0, one.operation_id, kind, *about, sends=1, attempts=0, created_at_ms=0)
            found = self._decide(flight)
            said.append(EntryAnswer(status=found.status, headers=dict(found.headers), body=found.body.decode()))
        return answer(200, BatchAnswer(answers=tuple(said)).to_json())


KINDS = {"orders": Kind.CREATE_ORDER, "send-to-kitchen": Kind.SEND_TO_KITCHEN}


def test_an_evening_behind_a_proxy_that_reads_little_until_somebody_mends_it(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        server = Reading(night.clock, reads=30)
        night.server = night.transport = server
        rush(night, 60)
        refused = [place for place, size in enumerate(server.sizes) if size > server.reads]
        assert refused[0] == 0
        assert all(after - before > GROW_AFTER for before, after in pairwise(refused))
        assert server.sizes[1 : 1 + GROW_AFTER] == [25] * GROW_AFTER
        server.reads = 50
        rush(night, 130)
        assert 50 in server.sizes[-4:], "the former size is back without a restart"
        assert max(server.seen.values()) == 1


def rush(night: Night, orders: int) -> None:
    """So many orders while nothing gets through, and then all of it at once."""
    night.server.up = False
    night.run(20)
    for _ in range(orders):
        night.order()
    night.server.up = True
    night.run(60)
    assert night.waiting() == 0
