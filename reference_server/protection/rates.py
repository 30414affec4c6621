"""How much a caller may ask: a device of the house more than it ever needs, a stranger little."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from limits import RateLimitItem, RateLimitItemPerMinute

from reference_server.counting import Counts
from reference_server.deps import Rates
from reference_server.exchange import Headers, Problem
from reference_server.protection.counts import MemoryCounts
from shared.clock import Clock

#: A device asks all day long: its key is made once.
_KEYS: Final = 1_000


class Sort(StrEnum):
    """What a stranger's request costs us, or what could be guessed by it."""

    HEALTH = "health"
    API = "api"
    HEAVY = "heavy"
    AUTH = "auth"


class Standing(NamedTuple):
    """How a caller stands after a request: of the limit that is nearest."""

    limit: int
    remaining: int
    reset_s: int
    """So many seconds until it counts from 0 again."""

    @property
    def headers(self) -> Headers:
        """What every answer tells of it."""
        return (
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(self.remaining)),
            ("X-RateLimit-Reset", str(self.reset_s)),
        )


class Gate:
    """Counts who asks. Used by one event loop."""

    def __init__(self, rates: Rates, clock: Clock, *, counts: Counts | None = None) -> None:
        """`counts` are those that several processes share; without them strangers can't push a device's count out."""
        self._strangers = MemoryCounts(clock) if counts is None else counts
        self._devices = MemoryCounts(clock) if counts is None else counts
        per_device = rates.device_per_min
        self._device = None if per_device is None else RateLimitItemPerMinute(per_device, 1, "device")
        every = RateLimitItemPerMinute(rates.stranger_per_15_min, 15, "every")
        api = RateLimitItemPerMinute(rates.api_per_min, 1, "api")
        self._device_key = lru_cache(_KEYS)((self._device or api).key_for)
        self._of: dict[Sort, tuple[RateLimitItem, ...]] = {
            Sort.HEALTH: (RateLimitItemPerMinute(rates.health_per_min, 1, "health"),),
            Sort.API: (every, api),
            Sort.HEAVY: (every, api, RateLimitItemPerMinute(rates.heavy_per_min, 1, "heavy")),
            Sort.AUTH: (every, api, RateLimitItemPerMinute(rates.logins_per_min, 1, "login")),
        }
        self._failed = RateLimitItemPerMinute(rates.failed_logins_per_15_min, 15, "failed")

    async def device(self, device_id: str) -> Standing | None:
        """Count a request of a known device. Raises the 429; None where devices have no limit."""
        if self._device is None:
            return None
        key = self._device_key(device_id)
        count = await self._devices.incr(key, self._device.get_expiry())
        standing = await self._standing(self._devices, self._device, key, count=count)
        if standing.remaining < 0:
            raise too_many(standing)
        return standing

    async def stranger(self, address: str, sort: Sort) -> Standing:
        """Count a request of somebody without a device's token. Raises the 429 of the limit that is passed."""
        caller = caller_of(address)
        if sort is Sort.AUTH:
            key = self._failed.key_for(caller)
            failed = await self._strangers.get(key)
            if failed >= self._failed.amount:
                raise too_many(await self._standing(self._strangers, self._failed, key, count=failed + 1))
        standings = [await self._count(self._strangers, item, caller) for item in self._of[sort]]
        nearest = min(standings, key=_room)
        if nearest.remaining < 0:
            raise too_many(nearest)
        return nearest

    async def trying(self, address: str) -> None:
        """Count a login as failed before it is looked at: many at once gain nothing. See `succeeded`."""
        await self._strangers.incr(self._failed.key_for(caller_of(address)), self._failed.get_expiry())

    async def succeeded(self, address: str) -> None:
        """It did not fail after all."""
        await self._strangers.incr(self._failed.key_for(caller_of(address)), self._failed.get_expiry(), -1)

    async def _count(self, store: Counts, item: RateLimitItem, caller: str) -> Standing:
        key = item.key_for(caller)
        return await self._standing(store, item, key, count=await store.incr(key, item.get_expiry()))

    async def _standing(self, store: Counts, item: RateLimitItem, key: str, *, count: int) -> Standing:
        left_s = await store.left_s(key)
        return Standing(item.amount, item.amount - count, max(1, -int(-left_s // 1)))


def too_many(standing: Standing) -> Problem:
    """The 429, which says when to come back."""
    wait = "1 second" if standing.reset_s == 1 else f"{standing.reset_s} seconds"
    shown = Standing(standing.limit, 0, standing.reset_s)
    return Problem(
        429,
        f"Too many requests. Come back in {wait}.",
        headers=(("Retry-After", str(standing.reset_s)), *shown.headers),
    )


def caller_of(address: str) -> str:
    """Whom an address stands for: with IPv6 the network of 64 bits, of which one caller may use every address."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((found, 64), strict=False))


def _room(standing: Standing) -> float:
    return standing.remaining / standing.limit
