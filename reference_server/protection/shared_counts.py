"""Counts of callers that several server processes keep together, in Redis; without it each goes on with its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from reference_server.counting import Counts
from reference_server.protection.counts import MemoryCounts
from shared.clock import Clock
from shared.errors import BadSettings

T = TypeVar("T")

#: No caller is made to wait for a count for longer.
PATIENCE_S: Final = 0.25
#: Where Redis did not answer, it is asked again after so long.
AGAIN_S: Final = 5.0
AWAY: Final = "Redis does not answer: until it does, each server process counts its callers by itself"
BACK: Final = "Redis answers again: callers are counted together"


class SharedCounts:
    """Counts by the library `limits` in one Redis. Used by one event loop; see Counts."""

    def __init__(self, url: str, clock: Clock, *, told: Callable[[str], None]) -> None:
        """`url` is redis://, rediss:// or redis+unix://. Connects at the first count. Raises BadSettings."""
        self._clock = clock
        self._told = told
        self._own = MemoryCounts(clock)
        self._redis = _storage(url)
        self._troubles: tuple[type[Exception], ...] = (*_as_tuple(self._redis.base_exceptions), OSError, TimeoutError)
        self._again_s: float | None = None

    async def incr(self, key: str, expiry_s: int, amount: int = 1) -> int:
        """See Counts."""
        return await self._either(
            lambda: self._redis.incr(key, expiry_s, amount), lambda own: own.incr(key, expiry_s, amount)
        )

    async def get(self, key: str) -> int:
        """See Counts."""
        return await self._either(lambda: self._redis.get(key), lambda own: own.get(key))

    async def left_s(self, key: str) -> float:
        """See Counts."""

        async def asked() -> float:
            ends_s = float(await self._redis.get_expiry(key))
            return (ends_s - self._clock.now_ms() / 1000) // 1  # Redis knows whole seconds

        return await self._either(asked, lambda own: own.left_s(key))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.bridge.get_connection().aclose()

    async def _either(self, ask: Callable[[], Awaitable[T]], own: Callable[[Counts], Awaitable[T]]) -> T:
        if self._again_s is not None and self._clock.monotonic_s() < self._again_s:
            return await own(self._own)
        try:
            answer = await ask()
        except self._troubles:
            if self._again_s is None:
                self._told(AWAY)
            self._again_s = self._clock.monotonic_s() + AGAIN_S
            return await own(self._own)
        if self._again_s is not None:
            self._again_s = None
            self._told(BACK)
        return answer


def _storage(url: str) -> Any:
    """The library's storage; imported here, because a server alone needs neither it nor the client of Redis."""
    try:
        from limits.aio.storage import RedisStorage  # noqa: PLC0415
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
    except ImportError as error:
        raise BadSettings(
            "Counting callers in Redis needs the package `redis`: pip install 'evertill[redis]'"
        ) from error
    once_more = Retry(NoBackoff(), 1)  # a connection that an earlier Redis left behind
    patience: dict[str, Any] = {"socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S, "retry": once_more}
    return RedisStorage(f"async+{url}", implementation="redispy", key_prefix="evertill", **patience)


def _as_tuple(found: type[Exception] | tuple[type[Exception], ...]) -> tuple[type[Exception], ...]:
    return found if isinstance(found, tuple) else (found,)
