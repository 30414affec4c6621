"""Where the facts come from: the file is read, the server asked; nothing is changed and nothing sent."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any, assert_never

from shared.claims import holder
from shared.clock import Clock
from shared.database import Connection, open_reader, require_whole, snapshot
from shared.database_errors import database_errors
from shared.disk import OUR_DISK
from shared.doctor.checks import WHY, FileFacts, QueueFacts, ServerFacts
from shared.errors import DatabaseError, DatabaseNewer
from shared.settings import DeviceKind
from shared.store import agreement, drafts, entities, meta, outbox, receipts
from shared.store.receipts import Chain
from shared.store.schema import APPLICATION_ID, MIGRATIONS
from shared.store.soundness import require_readable
from shared.sync.actions import Cause
from shared.sync.exchange import Transport
from shared.sync.reads import NotRead, Page, Well, read_beat, read_orders, read_tickets
from shared.sync.verdicts import Later, NoAnswer, Paused
from shared.wal import log_of


def look_at_file(path: Path, *, now_ms: int) -> tuple[FileFacts, QueueFacts | None, str | None]:
    """The file, what it owes, and its cursor; without the last two when it can't be read. A till may have it open."""
    is_there = path.exists() or log_of(path).exists()
    facts: dict[str, Any] = {
        "path": str(path),
        "is_there": is_there,
        "holder": holder(path),
        "free_bytes": _free_bytes(path),
    }
    if not is_there:
        return FileFacts(**facts), None, None
    try:
        require_whole(path, application_id=APPLICATION_ID)
        with closing(open_reader(path)) as reader, database_errors(path):
            schema = int(str(reader.pragma("user_version")))
            if schema > len(MIGRATIONS):
                raise DatabaseNewer(f"{path}: schema {schema}, this program knows up to {len(MIGRATIONS)}")
            facts |= {"schema": schema, "newest": len(MIGRATIONS), "size_bytes": path.stat().st_size}
            if not schema:
                return FileFacts(**{**facts, "is_there": False}), None, None
            require_readable(reader)
            facts |= {"spent_letters": meta.spent_letters(reader), "history": meta.history(reader)}
            facts |= {"birth": meta.birth(reader) or ""}
            return FileFacts(**facts), _queue(reader, now_ms), entities.cursor(reader)
    except DatabaseError as error:
        return FileFacts(**facts, error=error), None, None


def look_at_receipts(path: Path) -> Chain:
    """The chain of the file's receipts, on one moment of it. Raises a DatabaseError for a file that can't be read."""
    require_whole(path, application_id=APPLICATION_ID)
    with closing(open_reader(path)) as reader, database_errors(path):
        return snapshot(reader, receipts.look_through)


async def look_at_server(
    transport: Transport, *, url: str, kind: DeviceKind, cursor: str | None, history: str, clock: Clock
) -> ServerFacts:
    """Ask the server how it is, and whether it takes this device and goes on from what it told it last.

    `history` is the name of the history that the file is of.
    """
    asked_s = clock.monotonic_s()
    beat = read_beat(await transport.beat())
    round_trip_s = clock.monotonic_s() - asked_s
    if not isinstance(beat, Well):
        return ServerFacts(url, beat)
    ahead_ms = beat.server_ms - clock.now_ms() + round(round_trip_s * 500)
    if history and beat.history and history != beat.history:
        named = f"{WHY[Cause.OTHER_BRANCH]} Its history is {beat.history}, the file's {history}."
        return ServerFacts(url, None, named, round_trip_s, ahead_ms)
    if kind is DeviceKind.KDS:
        page = read_tickets(await transport.pull_tickets(cursor))
    else:
        page = read_orders(await transport.pull_orders(cursor))
    return ServerFacts(url, None, _refusal(page), round_trip_s, ahead_ms)


def _refusal(page: Page | NotRead) -> str | None:
    """Why the server does not take this device; None when it does."""
    match page:
        case Page():
            return None
        case Paused():
            return WHY[page.cause]
        case Later() | NoAnswer():
            return page.error
        case _:
            assert_never(page)


def _queue(reader: Connection, now_ms: int) -> QueueFacts:
    oldest: tuple[Any, ...] = reader.execute(
        """SELECT created_at, sends, coalesce(last_error, '') FROM operation WHERE status IN ('PENDING', 'REPLAYING')
           ORDER BY place, seq LIMIT 1"""
    ).fetchone() or (now_ms, 0, "")
    held = reader.execute("SELECT count(*) FROM operation WHERE status = 'FAILED' AND settled_at IS NULL").get
    alerts = reader.execute("SELECT count(*) FROM alert WHERE choice IS NULL").get
    agreed = agreement.last_agreed(reader)
    return QueueFacts(
        waiting=outbox.waiting(reader),
        held=int(str(held)),
        alerts=int(str(alerts)),
        drafts=sum(1 for draft in drafts.every(reader) if draft.lines),
        oldest_ms=max(0, now_ms - oldest[0]),
        sends=oldest[1],
        last_error=oldest[2],
        agreed=agreed,
        agreed_ago_ms=0 if agreed is None else max(0, now_ms - agreed.at_ms),
    )


def _free_bytes(path: Path) -> int | None:
    try:
        return OUR_DISK.free_bytes(path)
    except OSError:
        return None
