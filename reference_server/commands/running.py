"""`run`: serve until stopped."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Final

from reference_server import serving
from reference_server.catalogue import loading
from reference_server.commands import command
from reference_server.commands.command import Commands
from reference_server.deps import Deps
from reference_server.ops.log_file import LogFile, Lossy
from reference_server.ops.request_log import LEVELS, LogStream, RequestLog
from reference_server.payments.choosing import SIMULATED, unless_said, with_chosen
from reference_server.protection.shared_counts import SharedCounts
from reference_server.settings import FILE_NAME, ServerSettings, load_settings
from reference_server.storage.opening import open_storage
from reference_server.storage.schema import MIGRATIONS
from reference_server.storage.seam import Connection, Storage
from reference_server.storage.timing import Timing
from shared.errors import AlreadyRunning
from shared.locks import OsLock

DEMO_FILE: Final = Path(__file__).parent.parent / "demo_restaurant.json"


def add(commands: Commands) -> None:
    """Add `run` and `settings`."""
    run = command.add_command(commands, "run", command=_run, words="serve until stopped", may_be_set=True)
    shown = command.add_command(
        commands, "settings", command=_show, words="say with which settings `run` would serve", may_be_set=True
    )
    for one in (run, shown):
        one.add_argument("--settings", type=Path, help=f"a TOML file (default: {FILE_NAME} in the data folder)")
        one.add_argument("--host", help="address to listen on (default: this machine only)")
        one.add_argument("--port", type=command.port, help="port to listen on (default: 8080); 0 takes any free one")
        one.add_argument("--log-level", choices=tuple(LEVELS), help="requests are told at info (the default)")
    run.add_argument("--seed-demo", action="store_true", help="load the demo restaurant into an empty folder")


def _settings(asked: argparse.Namespace) -> ServerSettings:
    given = {name: getattr(asked, name) for name in ("data", "database", "host", "port", "log_level")}
    return load_settings(asked.settings, {name: value for name, value in given.items() if value not in (None, "")})


def _show(asked: argparse.Namespace, deps: Deps) -> None:  # noqa: ARG001 - all commands are called alike
    for name, value in _settings(asked).model_dump(mode="json").items():
        if name in ("database", "redis") and value:
            sys.stdout.write(f"# {name} is set; it may have a password in it\n")
            continue
        sys.stdout.write(f"# {name} is not set\n" if value is None else f"{name} = {json.dumps(value)}\n")


def _run(asked: argparse.Namespace, deps: Deps) -> None:
    settings = _settings(asked)
    rates = replace(deps.limits.rates, device_per_min=settings.device_limit or None)
    limits = replace(deps.limits, answer_kept_ms=settings.answers_kept_h * 3_600_000, rates=rates)
    deps = replace(deps, limits=limits)
    with nullcontext() if settings.database else _alone(settings.data), _log_stream(settings) as stream:
        log = RequestLog(stream, level=settings.log_level, clock=deps.clock)
        if settings.redis:
            deps = replace(deps, counts=SharedCounts(settings.redis, deps.clock, told=log.beware))
        with closing(_storage(settings, deps, log)) as storage:
            if asked.seed_demo:
                restaurant = loading.read(DEMO_FILE.read_bytes())
                storage.write(lambda tx: _seed(tx, restaurant, deps)).result()
            chosen = unless_said(settings.gateway, is_demo=asked.seed_demo)
            deps = with_chosen(deps, chosen, data=settings.data)
            if chosen == SIMULATED:
                log.beware("cards and mobile money are simulated: they are approved, and nobody is charged")
            log.happened("started", version=deps.version, schema=len(MIGRATIONS), upgraded=storage.upgraded)
            serving.serve(deps, storage, log=log, settings=settings)
            log.happened("stopped")


def _alone(folder: Path) -> OsLock:
    """The lock of the folder's server, held. Raises AlreadyRunning."""
    lock = OsLock(folder / "server.lock")
    if not lock.acquire():
        advice = "Ask that one, or stop it first; give another server a folder of its own with --data."
        raise AlreadyRunning(str(folder), title="A server is already running on this folder", advice=advice)
    return lock


def _storage(settings: ServerSettings, deps: Deps, log: RequestLog) -> Storage:
    timing = Timing(deps.clock, told=deps.watch.metrics, slow=log.slow, slow_s=settings.slow_query_ms / 1000)
    history, name = deps.ulids.new(), deps.ulids.new()
    return open_storage(
        settings.data, database=settings.database, clock=deps.clock, history=history, name=name, timing=timing
    )


def _log_stream(settings: ServerSettings) -> AbstractContextManager[LogStream]:
    if settings.log_file is None:
        return nullcontext(Lossy(sys.stderr))
    file = LogFile(settings.log_file, max_bytes=settings.log_file_mib * 1024**2, keep=settings.log_files)
    return closing(file)


def _seed(tx: Connection, restaurant: loading.Restaurant, deps: Deps) -> None:
    """Store the demo restaurant, but never over one that is there already."""
    if not tx.execute("SELECT EXISTS (SELECT 1 FROM catalogue)").get:
        loading.store(tx, restaurant, now_ms=deps.clock.now_ms())
