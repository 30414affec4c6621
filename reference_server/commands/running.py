"""`run`: serve until stopped."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Final

from reference_server import serving
from reference_server.catalogue import loading
from reference_server.commands import command
from reference_server.commands.command import Commands
from reference_server.deps import Deps
from reference_server.ops.request_log import LEVELS, RequestLog
from reference_server.storage.schema import MIGRATIONS
from reference_server.storage.seam import Connection
from reference_server.storage.timing import Timing
from shared.locks import OsLock

DEMO_FILE: Final = Path(__file__).parent.parent / "demo_restaurant.json"


def add(commands: Commands) -> None:
    """Add `run`."""
    run = command.add_command(commands, "run", command=_run, words="serve until stopped")
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    run.add_argument("--port", type=command.port, default=8080, help="port to listen on; 0 takes any free one")
    run.add_argument("--seed-demo", action="store_true", help="load the demo restaurant into an empty folder")
    run.add_argument("--log-level", choices=tuple(LEVELS), default="info", help="requests are told at info")


def _run(asked: argparse.Namespace, deps: Deps) -> None:
    log = RequestLog(sys.stderr, level=asked.log_level, clock=deps.clock)
    timing = Timing(deps.clock, told=deps.watch.metrics, slow=log.slow)
    with (
        nullcontext() if asked.database else OsLock(asked.data / "server.lock"),
        closing(command.storage_of(asked, deps, timing=timing)) as storage,
    ):
        if asked.seed_demo:
            restaurant = loading.read(DEMO_FILE.read_bytes())
            storage.write(lambda tx: _seed(tx, restaurant, deps)).result()
        log.happened("started", version=deps.version, schema=len(MIGRATIONS), upgraded=storage.upgraded)
        serving.serve(deps, storage, log=log, host=asked.host, port=asked.port, level=asked.log_level)
        log.happened("stopped")


def _seed(tx: Connection, restaurant: loading.Restaurant, deps: Deps) -> None:
    """Store the demo restaurant, but never over one that is there already."""
    if not tx.execute("SELECT EXISTS (SELECT 1 FROM catalogue)").get:
        loading.store(tx, restaurant, now_ms=deps.clock.now_ms())
