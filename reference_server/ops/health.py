"""Health: what this server is and whether it can work, for all; how it is in detail, for those who operate it."""

from __future__ import annotations

from typing import Final

from reference_server.deps import Deps
from reference_server.exchange import Response
from reference_server.figures.metrics import CONTENT_TYPE
from reference_server.figures.watch import Watch
from reference_server.healing import answers as healing
from reference_server.storage import alerts, catalogue, changes, devices, histories
from reference_server.storage.schema import MIGRATIONS
from reference_server.storage.seam import Connection
from shared.times import to_rfc3339
from shared.wire.answers import Health
from shared.wire.healing import Phase
from shared.wire.operations import DetailedHealth, DevicesHealth, LatencyHealth, StorageHealth

#: With less room than this, or with the queue of writes half full, somebody should look.
LITTLE_ROOM_BYTES: Final = 1024**3
HALF_FULL: Final = 0.5
#: A day may be missed; two are too many.
LONG_WITHOUT_MS: Final = 48 * 60 * 60 * 1000


def health(tx: Connection, deps: Deps) -> Response:
    """`GET /health` and `/health/ready`: the file can be read, and this is its newest change."""
    told = Health(
        status="ok",
        version=deps.version,
        server_time=to_rfc3339(deps.clock.now_ms()),
        head=changes.head_cursor(tx),
        capabilities=deps.capabilities,
        history=histories.name(tx),
        catalogue=catalogue.tag(tx),
    )
    return Response(200, told.to_json())


def live(deps: Deps) -> Response:
    """`GET /health/live`: the process answers. Touches no file, so that a slow disk is not taken for a dead server."""
    told = Health(status="ok", version=deps.version, server_time=to_rfc3339(deps.clock.now_ms()))
    return Response(200, told.to_json())


def detailed(tx: Connection, deps: Deps) -> Response:
    """`GET /health/detailed`: how it is, with a sentence for each thing that somebody should look at."""
    watch = deps.watch
    standing = healing.standing(tx)
    storage = _storage(deps)
    quantiles = watch.metrics.quantiles_ms()
    waiting = alerts.count_open(tx)
    problems = (*_troubles(storage), *_alerts(waiting), *_healing(standing.phase), *_backup(watch, deps.clock.now_ms()))
    now_s = deps.clock.monotonic_s()
    told = DetailedHealth(
        status="attention" if problems else "ok",
        problems=problems,
        version=deps.version,
        server_time=to_rfc3339(deps.clock.now_ms()),
        started_at=_moment(watch.started_ms),
        uptime_s=0.0 if watch.started_ms is None else round(now_s - watch.started_s, 1),
        head=changes.head_cursor(tx),
        storage=storage,
        devices=DevicesHealth(
            enrolled=devices.count(tx),
            connected=watch.connected(now_s),
            streams=0 if watch.streams is None else watch.streams.count(),
        ),
        latency=LatencyHealth(
            **{f"p{int(one * 100)}": round(duration_ms, 2) for one, duration_ms in quantiles.items()},
            error_rate=watch.metrics.error_rate(),
        ),
        alerts=waiting,
        healing=standing.phase,
        healing_waits_for=standing.waiting_for,
        cleaned_at=_moment(watch.cleaned_ms),
        backed_up_at=_moment(watch.backed_up_ms),
    )
    return Response(200, told.to_json())


def metrics(deps: Deps) -> Response:
    """`GET /health/metrics`: all that is counted, as Prometheus reads it."""
    return Response(200, deps.watch.metrics.text(), (("Content-Type", CONTENT_TYPE),))


def _storage(deps: Deps) -> StorageHealth:
    room = deps.watch.room
    if room is None:
        return StorageHealth(schema_version=len(MIGRATIONS))
    return StorageHealth(
        size_bytes=room.size_bytes(),
        free_bytes=room.free_bytes(),
        schema_version=len(MIGRATIONS),
        writes_waiting=room.waiting(),
        saturation=round(room.saturation(), 4),
    )


def _troubles(storage: StorageHealth) -> tuple[str, ...]:
    found = []
    if storage.free_bytes is not None and storage.free_bytes < LITTLE_ROOM_BYTES:
        found.append(f"Only {storage.free_bytes // 1024**2} MiB are free on the server's disk: make room.")
    if storage.saturation >= HALF_FULL:
        found.append(f"{storage.writes_waiting} writes wait for the disk: it is too slow, or failing.")
    return tuple(found)


def _alerts(waiting: int) -> tuple[str, ...]:
    if not waiting:
        return ()
    return (f"{waiting} {'alert waits' if waiting == 1 else 'alerts wait'} for a manager: see /alerts.",)


def _healing(phase: Phase) -> tuple[str, ...]:
    if phase in (Phase.NONE, Phase.DONE):
        return ()
    return ("This server was restored from an older copy and is being healed by its devices.",)


def _backup(watch: Watch, now_ms: int) -> tuple[str, ...]:
    if watch.backup_trouble:
        return (f"The last backup failed: {watch.backup_trouble}",)
    since_ms = (watch.started_ms or 0) if watch.backed_up_ms is None else watch.backed_up_ms
    if not watch.expects_backups or now_ms - since_ms < LONG_WITHOUT_MS:
        return ()
    last = "none was made yet" if watch.backed_up_ms is None else f"the last is of {to_rfc3339(watch.backed_up_ms)}"
    return (f"There is no backup of the last two days: {last}.",)


def _moment(at_ms: int | None) -> str | None:
    return None if at_ms is None else to_rfc3339(at_ms)
