"""A till's hard bounds: where it takes no new order any more, so that cash for those that are open still finds room."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from shared.database import Connection
from shared.disk import OUR_DISK
from shared.domain.commands import EditDraft, Intent, PayCash, RemoveLine, SetQuantity
from shared.domain.shift_commands import ShiftCommand
from shared.errors import DiskNearlyFull, QueueFull

#: Product row P8. The room that is kept holds the rest of a day's payments, the log and the copy before an upgrade.
LEAST_FREE_BYTES: Final = 200 * 1024 * 1024
MOST_WAITING: Final = 100_000

_BEYOND: Final = "SELECT 1 FROM operation WHERE status IN ('PENDING', 'REPLAYING') LIMIT 1 OFFSET ?"

#: A place is never behind its operation's own seq, and the index of what waits begins with the first place.
_SPAN: Final = """
    SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'operation') - place + 1
    FROM operation WHERE status IN ('PENDING', 'REPLAYING') ORDER BY place, seq LIMIT 1"""


_path: Final = lru_cache(maxsize=8)(Path)  # each tap asks about the same file


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a till keeps free on its disk, and how many operations may wait in its file."""

    least_free_bytes: int = LEAST_FREE_BYTES
    most_waiting: int = MOST_WAITING


def require_room(tx: Connection, intent: Intent, *, bounds: Bounds) -> None:
    """Raise DiskNearlyFull or QueueFull when this intention would go beyond the bounds.

    Cash is taken and counted to the last, and so is what corrects the lines of a draft before it is paid. The kitchen's
    marks have a bound of their own: each moves a ticket on, and one that brings nothing new is no operation.
    """
    if isinstance(intent, PayCash | ShiftCommand) or (isinstance(intent, EditDraft) and _only_corrects(intent)):
        return
    free = _free_bytes(tx)
    if free is not None and free < bounds.least_free_bytes:
        raise DiskNearlyFull(f"{free} bytes are free, {bounds.least_free_bytes} are kept")
    if _span(tx) >= bounds.most_waiting and tx.execute(_BEYOND, (bounds.most_waiting - 1,)).fetchone() is not None:
        raise QueueFull(f"{bounds.most_waiting} operations wait")


def _span(tx: Connection) -> int:
    """No more operations wait than were made since the first of them: two looks, where counting reads them all."""
    row = tx.execute(_SPAN).fetchone()
    return 0 if row is None else int(row[0])


def _only_corrects(edit: EditDraft) -> bool:
    return all(isinstance(change, RemoveLine | SetQuantity) for change in edit.changes)


def _free_bytes(tx: Connection) -> int | None:
    """None when the disk does not say: then its own answer to the write decides."""
    try:
        return OUR_DISK.free_bytes(_path(tx.filename))
    except OSError:
        return None
