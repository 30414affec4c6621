"""The daily backup of a running server: made beside the work, the oldest let go of when the new one is proven."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from reference_server.chores import Chore, next_time_ms
from reference_server.deps import Deps
from reference_server.ops.cleanup import timezone
from reference_server.ops.request_log import RequestLog
from reference_server.settings import ServerSettings
from reference_server.storage import backup
from reference_server.storage.seam import Storage
from shared.errors import EvertillError

#: After its start a server sells first.
MADE_UP_AFTER_MS: Final = 60 * 60 * 1000
#: A day of the business, also when its clocks are put back.
_ONE_DAY_MS: Final = 25 * 60 * 60 * 1000
_STAMP: Final = "%Y%m%dT%H%M%SZ"


def stamp(now_ms: int) -> str:
    """A moment as a part of a file's name, such that names sort as moments do: 20251128T194000Z."""
    return datetime.fromtimestamp(now_ms // 1000, UTC).strftime(_STAMP)


def daily(deps: Deps, storage: Storage, log: RequestLog, *, settings: ServerSettings) -> Chore:
    """The chore, at its time of the business's day.

    A machine that is off at that time makes it up: an hour after its start when the last time was missed.
    """

    asked = partial(timezone, deps)

    async def next_ms(now_ms: int) -> int:
        return next_time_ms(now_ms, await storage.fetch(asked), at=settings.backup_at)

    folder, keep = settings.backup_folder, settings.backup_keep
    do = partial(back_up, deps, log, data=settings.data, folder=folder, keep=keep)
    now_ms = deps.clock.now_ms()
    due_ms = next_time_ms(now_ms, storage.read(asked), at=settings.backup_at)  # nothing is served yet
    newest_ms = newest(folder)
    deps.watch.expects_backups, deps.watch.backed_up_ms = True, newest_ms
    if newest_ms is None or due_ms - newest_ms > _ONE_DAY_MS:
        due_ms = min(due_ms, now_ms + MADE_UP_AFTER_MS)
    return Chore("backup", next_ms, do, due_ms)


def newest(folder: Path) -> int | None:
    """When the newest of the daily backups in this folder was made, by its name; None where there is none."""
    for file in reversed(backup.daily_files(folder)):
        with suppress(ValueError):  # digits that are no moment
            made = datetime.strptime(file.stem.removeprefix(backup.DAILY), _STAMP).replace(tzinfo=UTC)
            return int(made.timestamp()) * 1000
    return None


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
