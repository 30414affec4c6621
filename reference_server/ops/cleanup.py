"""Letting go of answers whose day is over: at the start and at every full hour, 02:00 of the business among them.

Once a day would do for the contract. By the hour it is a few thousand rows at a time instead of a day's.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from reference_server import idempotency
from reference_server.chores import Chore, keep_house, next_hour_ms
from reference_server.deps import Deps
from reference_server.ops.request_log import RequestLog
from reference_server.storage.seam import Connection, Storage

#: So many in one transaction.
CLEANUP_ROWS: Final = 1000


async def tidy(deps: Deps, storage: Storage, log: RequestLog) -> None:
    """Do it for as long as the server runs."""
    await keep_house([cleanup(deps, storage)], clock=deps.clock, trouble=log.undone)


def cleanup(deps: Deps, storage: Storage) -> Chore:
    """The chore, due at once."""
    work = partial(_forget, deps)

    async def do() -> None:
        while await asyncio.wrap_future(storage.write(work)) == CLEANUP_ROWS:
            pass
        deps.watch.cleaned_ms = deps.clock.now_ms()

    async def next_ms(now_ms: int) -> int:
        return next_hour_ms(now_ms, await storage.fetch(partial(timezone, deps)))

    return Chore("cleanup", next_ms, do, deps.clock.now_ms())


def timezone(deps: Deps, tx: Connection) -> str:
    """The time zone of the business."""
    return deps.catalogue.now(tx).business.timezone


def _forget(deps: Deps, tx: Connection) -> int:
    return idempotency.forget_answers(tx, deps, limit=CLEANUP_ROWS)
