"""The daily backup of a running server: made beside the work, the oldest let go of when the new one is proven."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from reference_server.chores import Chore, next_time_ms
from reference_server.deps import Deps
from reference_server.ops.cleanup import timezone
from reference_server.ops.request_log import RequestLog
from reference_server.settings import ServerSettings
from reference_server.storage import backup
from reference_server.storage.seam import Storage
from shared.errors import EvertillError
from shared.times import to_rfc3339


def stamp(now_ms: int) -> str:
    """A moment as a part of a file's name, such that names sort as moments do: 20251128T194000Z."""
    return to_rfc3339(now_ms).partition(".")[0].replace("-", "").replace(":", "") + "Z"


def daily(deps: Deps, storage: Storage, log: RequestLog, *, settings: ServerSettings) -> Chore:
    """The chore, at its time of the business's day."""

    def next_ms(now_ms: int) -> int:
        return next_time_ms(now_ms, timezone(deps, storage), at=settings.backup_at)

    folder, keep = settings.backup_folder, settings.backup_keep
    do = partial(back_up, deps, log, data=settings.data, folder=folder, keep=keep)
    return Chore("backup", next_ms, do, next_ms(deps.clock.now_ms()))


async def back_up(deps: Deps, log: RequestLog, *, data: Path, folder: Path, keep: int) -> None:
    """One backup, in a thread of its own. Raises what stood in its way; `/health/detailed` tells that too."""
    target = folder / f"{backup.DAILY}{stamp(deps.clock.now_ms())}.sqlite"
    try:
        made = await asyncio.to_thread(backup.make, data, target)
        gone = await asyncio.to_thread(backup.let_go, folder, keep=keep)
    except EvertillError as error:
        deps.watch.backup_trouble = f"{error.title}."
        raise
    deps.watch.backed_up_ms = deps.clock.now_ms()
    deps.watch.backup_trouble = ""
    log.happened("backed up", file=str(target), bytes=made.size_bytes, head=made.head, let_go=len(gone))
