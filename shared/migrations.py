"""Numbered upgrades of a database file, each whole or not at all, with a copy of the file kept before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.database import Connection, copy_database
from shared.database_errors import database_errors
from shared.disk import OUR_DISK, Disk
from shared.errors import DatabaseDamaged, DatabaseNewer, DiskFull

KEEP_COPIES: Final = 3


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from schema `number - 1` to `number`; `up` is SQL, or a function for what SQL can't say.

    A released migration is never edited. Neither form may end the transaction that it runs in. Foreign keys are off
    while it runs, so that tables can be rebuilt, and are checked before it is committed.
    """

    number: int
    name: str
    up: str | Callable[[Connection], None]


def migrate(
    connection: Connection,
    path: Path,
    migrations: Sequence[Migration],
    *,
    keep_copies: int = KEEP_COPIES,
    disk: Disk = OUR_DISK,
) -> int:
    """Bring the file up to the last of `migrations`, numbered 1, 2, 3 ...; returns how many were applied.

    The file's number is its `user_version`, written in the transaction of the step itself, so a crash leaves the file
    before or after a step and never between; a second process that starts at the same moment waits and finds the work
    done. Before the first step a copy is made under that step's write lock, unless the file is empty or `keep_copies`
    is 0. Call it before the connection goes to its writer. Raises DatabaseNewer, with the file untouched, if its
    number is beyond the last; DiskFull, DatabaseDamaged and the other errors of `database_errors`, with the file as
    the last whole step left it.
    """
    numbers = [migration.number for migration in migrations]
    if numbers != list(range(1, len(numbers) + 1)):
        raise ValueError(f"migrations must be numbered 1, 2, 3 ...: {numbers}")
    applied = 0
    with database_errors(path), _foreign_keys_off(connection):
        while (version := _version(connection, path, newest=len(migrations))) < len(migrations):
            connection.execute("BEGIN IMMEDIATE")
            try:
                if _version(connection, path, newest=len(migrations)) != version:
                    continue
                if applied == 0 and keep_copies > 0 and not _is_empty(connection):
                    _keep_copy(path, disk, version=version, keep_copies=keep_copies)
                _step(connection, path, migration=migrations[version])
                connection.execute("COMMIT")
                applied += 1
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
    return applied


def kept_copies(path: Path, *, disk: Disk = OUR_DISK) -> list[Path]:
    """The copies kept beside the file at `path`, oldest first: `till.db.copy-0007-of-v3` is of schema 3."""
    return [file for _, _, file in _copies(path, disk)]


def _step(connection: Connection, path: Path, *, migration: Migration) -> None:
    """Apply one migration in the open transaction and number the file."""
    if isinstance(migration.up, str):
        connection.execute(migration.up)
    else:
        migration.up(connection)
    if not connection.in_transaction:
        raise ValueError(f"migration {migration.number} {migration.name} ended its transaction")
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise DatabaseDamaged(f"{path}: {migration.name} left rows that refer to nothing: {broken[:5]}")
    connection.pragma("user_version", migration.number)


def _version(connection: Connection, path: Path, *, newest: int) -> int:
    """The file's schema number; raises DatabaseNewer if this program does not know it."""
    version = connection.pragma("user_version")
    assert isinstance(version, int)
    if not 0 <= version <= newest:
        raise DatabaseNewer(f"{path}: schema {version}, this program knows up to {newest}")
    return version


def _is_empty(connection: Connection) -> bool:
    """Whether nothing was ever made in this file."""
    return not connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_schema)").get


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Tables can be rebuilt inside; the setting can't be changed in a transaction, so it spans all steps."""
    connection.pragma("foreign_keys", 0)
    try:
        yield
    finally:
        connection.pragma("foreign_keys", 1)


def _keep_copy(path: Path, disk: Disk, *, version: int, keep_copies: int) -> None:
    """Copy the file, then let go of copies that the new one replaces (same schema) and of the oldest beyond the limit.

    Pruning here and not after the upgrade bounds the disk even if the upgrade dies at every start.
    """
    size = disk.size_bytes(path)
    if disk.free_bytes(path) < 2 * size:
        raise DiskFull(
            f"{path}: {size} bytes",
            title="There is no room for the copy that is kept before an upgrade",
            advice="Make room on this device, then start again. The file was left as it is.",
        )
    number = max((number for number, _, _ in _copies(path, disk)), default=0) + 1
    copy_database(path, path.with_name(f"{path.name}.copy-{number:04d}-of-v{version}"), disk=disk)
    newest_of_schema = {schema: (number, file) for number, schema, file in _copies(path, disk)}
    kept = {file for _, file in sorted(newest_of_schema.values())[-keep_copies:]}
    for _, _, file in _copies(path, disk):
        if file not in kept:
            disk.remove(file)


def _copies(path: Path, disk: Disk) -> list[tuple[int, int, Path]]:
    """(number, schema, file) of every kept copy, oldest first."""
    name = re.compile(re.escape(path.name) + r"\.copy-(\d{4,})-of-v(\d+)")
    found = ((name.fullmatch(file.name), file) for file in disk.files(path.parent))
    return sorted((int(match[1]), int(match[2]), file) for match, file in found if match)
