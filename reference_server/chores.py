"""What the running server does by itself at times of the day: each chore alone, none stops another or the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.business_time import UnknownTimezone, zone
from shared.clock import Clock
from shared.errors import EvertillError

#: The clock is looked at this often: a machine that slept, or whose clock was set, does what is due soon after.
LOOK_EVERY_S: Final = 30.0
#: Nothing is due later than this; a moment farther away was planned by a clock that was wrong.
_LONGEST_MS: Final = 26 * 60 * 60 * 1000


Trouble = Callable[[str, EvertillError], None]
"""Is told which chore could not be done, and why."""


@dataclass(slots=True)
class Chore:
    """Something that is done again and again. `next_ms` says when, after a moment; `due_ms` when next."""

    name: str
    next_ms: Callable[[int], Awaitable[int]]
    do: Callable[[], Awaitable[None]]
    due_ms: int


async def keep_house(chores: Sequence[Chore], *, clock: Clock, trouble: Trouble) -> None:
    """Do them for as long as the server runs."""
    while True:
        await do_what_is_due(chores, clock=clock, trouble=trouble)
        await asyncio.sleep(LOOK_EVERY_S)


async def do_what_is_due(chores: Sequence[Chore], *, clock: Clock, trouble: Trouble) -> None:
    """One look at the clock."""
    for chore in chores:
        now_ms = clock.now_ms()
        try:
            if chore.due_ms > now_ms + _LONGEST_MS:
                chore.due_ms = await chore.next_ms(now_ms)
            if chore.due_ms <= now_ms:
                chore.due_ms = await chore.next_ms(now_ms)
                await chore.do()
        except EvertillError as error:
            trouble(chore.name, error)


def next_hour_ms(after_ms: int, timezone: str) -> int:
    """The next full hour of the business after a moment; 02:00 is one of them."""
    local = _local(after_ms, timezone)
    seconds = local.minute * 60 + local.second
    return (after_ms // 1000 - seconds + 3600) * 1000


def next_time_ms(after_ms: int, timezone: str, *, at: str) -> int:
    """The next moment after this one at which the business's clock shows `at`, as 03:30."""
    local = _local(after_ms, timezone)
    hour, minute = map(int, at.split(":"))
    found = local.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    if int(found.timestamp()) * 1000 <= after_ms:
        found = (found + timedelta(days=1)).replace(fold=0)
    return int(found.timestamp()) * 1000


def _local(now_ms: int, timezone: str) -> datetime:
    try:
        return datetime.fromtimestamp(now_ms // 1000, zone(timezone))
    except UnknownTimezone:
        return datetime.fromtimestamp(now_ms // 1000, zone("UTC"))
