"""`backup`, `verify` and `restore`: copies of the server's file, made while it runs and put back while it does not."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reference_server.commands.command import Commands, add_command, database_of
from reference_server.deps import Deps
from reference_server.ops.backups import stamp
from reference_server.storage import backup
from reference_server.storage.backup import Backup
from reference_server.storage.file import FILE_NAME
from shared.errors import AlreadyRunning, BadSettings
from shared.locks import OsLock


def add(commands: Commands) -> None:
    """Add the commands about backups."""
    make = add_command(commands, "backup", command=_backup, words="copy the server's file, also while it runs")
    make.add_argument("--to", type=Path, required=True, help="the new file; one that has this name is replaced at last")
    look = commands.add_parser("verify", help="look through a backup", description="look through a backup")
    look.add_argument("--file", type=Path, required=True, help="the backup")
    look.set_defaults(command=_verify)
    restore = add_command(commands, "restore", command=_restore, words="put a backup in the place of the server's file")
    restore.add_argument("--from", dest="file", type=Path, required=True, help="the backup")


def _backup(asked: argparse.Namespace, deps: Deps) -> None:  # noqa: ARG001 - all commands are called alike
    _refuse_postgres(asked)
    sys.stdout.write(f"{_words(backup.make(asked.data, asked.to))}\n")


def _verify(asked: argparse.Namespace, deps: Deps) -> None:  # noqa: ARG001 - as above
    sys.stdout.write(f"{_words(backup.look(asked.file))}\n")


def _refuse_postgres(asked: argparse.Namespace) -> None:
    if database_of(asked):
        raise BadSettings(
            "these commands copy the server's file",
            title="PostgreSQL is copied by its own tools",
            advice="Use pg_dump and pg_restore: docs/operating.md says how."
            " Where no database is named, by --database or in the settings, the file is meant.",
        )


def _restore(asked: argparse.Namespace, deps: Deps) -> None:
    _refuse_postgres(asked)
    lock = OsLock(asked.data / "server.lock")
    if not lock.acquire():
        raise AlreadyRunning(
            str(asked.data),
            title="The server runs on this folder",
            advice="Nothing was changed. Stop it, then restore.",
        )
    try:
        kept = backup.put_back(asked.data, asked.file, moment=stamp(deps.clock.now_ms()))
    finally:
        lock.release()
    sys.stdout.write(f"{_words(backup.look(asked.data / FILE_NAME))}\n")
    if kept is not None:
        sys.stdout.write(f"What was there is kept as {kept}.\n")
    sys.stdout.write(
        "Start the server, and switch on every till and kitchen screen: they give back what this copy does not have.\n"
        f"evertill-server heal --data {asked.data} names those that it waits for.\n"
    )


def _words(found: Backup) -> str:
    size = f"{found.size_bytes / 1024**2:.1f} MiB"
    newest = found.head or "none"
    return f"{found.path}: whole, {size}, schema {found.schema}, newest change {newest}, history {found.history}."
