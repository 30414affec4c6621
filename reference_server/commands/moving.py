"""`move`: go over from the file to a PostgreSQL."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing

from reference_server.commands import command
from reference_server.commands.command import Commands
from reference_server.deps import Deps
from reference_server.ops.backups import stamp
from reference_server.storage.file import FILE_NAME
from reference_server.storage.opening import move_file, open_storage
from shared.errors import AlreadyRunning, BadSettings
from shared.locks import OsLock


def add(commands: Commands) -> None:
    """Add `move`."""
    command.add_command(commands, "move", command=_move, words="copy the server's file into an empty PostgreSQL")


def _move(asked: argparse.Namespace, deps: Deps) -> None:
    """Copy, then put the file out of the way: a branch with two servers that go on by themselves is none any more."""
    path = asked.data / FILE_NAME
    if not asked.database or not path.is_file():
        raise BadSettings(
            f"from {path} to {asked.database.partition('@')[2] or 'nowhere'}",
            title="From a server's file to a PostgreSQL",
            advice="Name the folder of the file by --data and the database by --database.",
        )
    lock = OsLock(asked.data / "server.lock")
    if not lock.acquire():
        raise AlreadyRunning(str(asked.data), title="The server runs on this folder", advice="Stop it, then move.")
    try:
        with closing(open_storage(asked.data, database=asked.database, clock=deps.clock)) as storage:
            rows = move_file(path, storage)
        kept = path.with_name(f"{FILE_NAME}.moved-{stamp(deps.clock.now_ms())}")
        for beside in ("-wal", "-shm", ""):
            if (one := path.with_name(f"{FILE_NAME}{beside}")).exists():
                one.rename(kept.with_name(f"{kept.name}{beside}"))
    finally:
        lock.release()
    sys.stdout.write(f"{rows} rows moved. What was there is kept as {kept}.\nStart the server with --database.\n")
