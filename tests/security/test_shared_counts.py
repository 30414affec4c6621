"""Counts that several server processes keep together in a real Redis, and that nobody is kept out when it is away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from reference_server.counting import Counts
from reference_server.deps import Rates
from reference_server.exchange import Problem
from reference_server.protection.counts import MemoryCounts
from reference_server.protection.rates import Gate, Sort
from reference_server.protection.shared_counts import AGAIN_S, AWAY, BACK, SharedCounts
from reference_server.settings import load_settings
from shared.clock import SystemClock
from shared.errors import BadSettings
from shared.ulids import SystemUlids
from tests.redis_server import RedisServer


class Later(SystemClock):
    """The system's clock, in which a test can let seconds pass for those who wait."""

    def __init__(self) -> None:
        super().__init__()
        self.later_s = 0.0

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self.later_s


@asynccontextmanager
async def shared(redis: RedisServer, clock: SystemClock, told: list[str] | None = None) -> AsyncIterator[SharedCounts]:
    counts = SharedCounts(redis.url, clock, told=(list[str]() if told is None else told).append)
    try:
        yield counts
    finally:
        await counts.close()


@pytest.fixture
def caller() -> str:
    """Somebody whom no other test counts."""
    return f"somebody at {SystemUlids(SystemClock()).new()}"


async def let_in(gates: list[Gate], caller: str, times: int) -> int:
    """How many of so many requests, sent to one gate after the other, come in."""
    came = 0
    for number in range(times):
        try:
            await gates[number % len(gates)].stranger(caller, Sort.API)
            came += 1
        except Problem as problem:
            if problem.status != 429:
                raise
    return came


async def test_two_servers_count_together(redis: RedisServer, caller: str) -> None:
    clock = SystemClock()
    async with shared(redis, clock) as one, shared(redis, clock) as other:
        gates = [Gate(Rates(), clock, counts=counts) for counts in (one, other)]
        assert await let_in(gates, caller, 80) == Rates().api_per_min


async def test_counts_of_ones_own_would_be_seen(caller: str) -> None:
    """The mutant: each counts by itself, and whoever asks both gets twice as much."""
    clock = SystemClock()
    gates = [Gate(Rates(), clock, counts=MemoryCounts(clock)) for _ in range(2)]
    assert await let_in(gates, caller, 80) == 80


async def test_a_device_s_count_is_one_on_both(redis: RedisServer, caller: str) -> None:
    clock = SystemClock()
    async with shared(redis, clock) as one, shared(redis, clock) as other:
        first = await Gate(Rates(), clock, counts=one).device(caller)
        second = await Gate(Rates(), clock, counts=other).device(caller)
    assert first is not None
    assert second is not None
    assert (first.remaining, second.remaining) == (5_999, 5_998)
    assert 1 <= second.reset_s <= 60


async def test_a_login_that_succeeded_is_taken_from_the_guesses_of_both(redis: RedisServer, caller: str) -> None:
    clock = SystemClock()
    async with shared(redis, clock) as one, shared(redis, clock) as other:
        gates = [Gate(Rates(), clock, counts=counts) for counts in (one, other)]
        for _ in range(20):
            await gates[0].trying(caller)
            await gates[1].succeeded(caller)
        await gates[0].stranger(caller, Sort.AUTH)
        for _ in range(Rates().failed_logins_per_15_min):
            await gates[0].trying(caller)
        with pytest.raises(Problem) as refused:
            await gates[1].stranger(caller, Sort.AUTH)
    assert refused.value.status == 429
    assert 60 < int(dict(refused.value.headers)["Retry-After"]) <= 900


async def test_while_redis_is_away_each_goes_on_with_its_own_counts(redis: RedisServer, caller: str) -> None:
    clock, told = Later(), list[str]()
    async with shared(redis, clock, told) as counts:
        gate = Gate(Rates(), clock, counts=counts)
        assert await let_in([gate], caller, 10) == 10
        redis.stop()
        try:
            assert await let_in([gate], caller, 80) == Rates().api_per_min
            assert told == [AWAY]
        finally:
            redis.start()
        clock.later_s += AGAIN_S
        assert await let_in([gate], caller, 80) == Rates().api_per_min
    assert told == [AWAY, BACK]


async def test_a_redis_that_stands_still_is_asked_once_and_then_left_alone_for_a_while(
    redis: RedisServer, caller: str
) -> None:
    clock, told = Later(), list[str]()
    async with shared(redis, clock, told) as counts:
        assert await counts.incr(caller, 60) == 1
        redis.hold()
        try:
            assert [await counts.incr(caller, 60) for _ in range(3)] == [1, 2, 3]
        finally:
            redis.go_on()
        clock.later_s += AGAIN_S
        assert await counts.get(caller) >= 1
        assert 0 < await counts.left_s(caller) <= 60
    assert told == [AWAY, BACK]


async def test_what_is_not_counted_is_nothing(redis: RedisServer, caller: str) -> None:
    clock = SystemClock()
    async with shared(redis, clock) as together:
        of_both: list[Counts] = [together, MemoryCounts(clock)]
        assert [await counts.get(caller) for counts in of_both] == [0, 0]
        assert [await counts.left_s(caller) <= 1 for counts in of_both] == [True, True]


def test_without_the_package_it_is_said_what_is_missing() -> None:
    program = (
        "import sys; sys.modules['redis'] = None\n"
        "from reference_server.protection.shared_counts import SharedCounts\n"
        "from shared.clock import SystemClock\n"
        "from shared.errors import BadSettings\n"
        "try:\n    SharedCounts('redis://127.0.0.1:1/0', SystemClock(), told=print)\n"
        "except BadSettings as error:\n    print(error.detail)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "Counting callers in Redis needs the package `redis`: pip install 'evertill[redis]'\n"


@pytest.mark.parametrize("address", ["127.0.0.1:6379", "http://127.0.0.1", "redis://", "redis:// 1"])
def test_an_address_that_is_none_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"redis: An address is needed, like redis://127\.0\.0\.1:6379/0\."):
        load_settings(None, {"data": tmp_path, "redis": address})
