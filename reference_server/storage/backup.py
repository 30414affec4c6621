"""Copies of the server's file: made while it is written, proven before they get their name, put back by hand."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from reference_server.storage import changes, histories
from reference_server.storage.file import FILE_NAME
from reference_server.storage.schema import APPLICATION_ID, MIGRATIONS
from shared.database import Connection, copy_database
from shared.database_errors import database_errors
from shared.disk import OUR_DISK
from shared.errors import BadSettings, DatabaseDamaged, DatabaseForeign, DatabaseNewer, DiskFull
from shared.wal import log_of

#: A backup leaves this much of its disk to who sells.
LEAVE_FREE_BYTES: Final = 200 * 1024**2
_BESIDE: Final = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a copy holds: the newest change, the name of its history, its schema, and how many bytes it has."""

    path: Path
    head: str
    history: str
    schema: int
    size_bytes: int


def required(data: Path) -> Path:
    """The file of the server in this folder. Raises BadSettings where there is none."""
    source = data / FILE_NAME
    if not source.is_file():
        raise BadSettings(str(source), title="There is no server's file in this folder", advice="Check --data.")
    return source


def make(data: Path, target: Path, *, leave_free_bytes: int = LEAVE_FREE_BYTES) -> Backup:
    """Copy the file of a server, whether it runs or not, as of one moment. Raises a DatabaseError in plain words.

    The copy has its name when it is whole, looked through and on the disk, and not before; a copy that had the name
    stays until then. Raises BadSettings for a name that no copy may take.
    """
    source = required(data)
    with database_errors(target):
        _refuse_place(target, source)
        needed = OUR_DISK.size_bytes(source) + OUR_DISK.size_bytes(source.with_name(f"{FILE_NAME}-wal"))
        if OUR_DISK.free_bytes(target) < needed + leave_free_bytes:
            raise DiskFull(
                f"{target}: the copy needs {needed // 1024**2} MiB, and {leave_free_bytes // 1024**2} MiB stay free",
                title="There is no room for a backup",
                advice="Nothing was changed. Make room there, or make the backup on another disk.",
            )
    unproven = target.with_name(f"{target.name}.{_UNPROVEN}")
    _remove(unproven)
    copy_database(source, unproven)
    try:
        found = look(unproven)
    except BaseException:
        _remove(unproven)
        raise
    with database_errors(target):
        OUR_DISK.replace(unproven, target)
        OUR_DISK.sync_folder(target.absolute().parent)
    return Backup(target, found.head, found.history, found.schema, found.size_bytes)


def _refuse_place(target: Path, source: Path) -> None:
    """A copy in the place of a file that a server writes would take everything written since from under it."""
    if target.is_dir():
        raise BadSettings(
            str(target), title="This is a folder", advice="Name the new file, in that folder or elsewhere."
        )
    if target.exists() and (target.samefile(source) or log_of(target).exists()):
        raise BadSettings(
            str(target),
            title="This is a server's own file, no copy",
            advice="Nothing was changed. Give the backup a name of its own, best on another disk.",
        )


def look(file: Path) -> Backup:
    """Look through a copy, every page and every index, and say what it holds. Nothing is written, not even beside it.

    Raises a DatabaseError, and BadSettings for a file in use: its log holds what it does not.
    """
    try:
        return _looked_through(file)
    except DatabaseDamaged as error:
        raise DatabaseDamaged(
            error.detail, title="This copy is damaged", advice="Nothing was changed. Take another backup, an older one."
        ) from error


def _looked_through(file: Path) -> Backup:
    if not file.is_file():
        raise BadSettings(str(file), title="There is no such file", advice="Check the name.")
    if OUR_DISK.size_bytes(log_of(file)):
        raise BadSettings(
            f"{file} has a log beside it",
            title="This file is in use, or was not closed",
            advice="It is no finished backup. Make one of it with evertill-server backup.",
        )
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    with database_errors(file), closing(Connection(f"{file.absolute().as_uri()}?immutable=1", flags=flags)) as reader:
        found, schema = reader.pragma("application_id"), int(reader.pragma("user_version"))
        if found != APPLICATION_ID:
            raise DatabaseForeign(f"{file}: application {found}", title="This is no server's file")
        if schema > len(MIGRATIONS):
            raise DatabaseNewer(f"{file}: schema {schema}, known up to {len(MIGRATIONS)}")
        wrong = reader.pragma("integrity_check")
        if wrong != "ok" or reader.execute("SELECT 1 FROM pragma_foreign_key_check").get is not None:
            raise DatabaseDamaged(f"{file}: {wrong}")
        head = changes.head_cursor(reader)
        history = histories.name(reader) if schema >= _NAMED_SINCE else ""
        return Backup(file, head, history, schema, OUR_DISK.size_bytes(file))


def put_back(data: Path, file: Path, *, moment: str) -> Path | None:
    """Let the server's file be this copy from now on. The caller holds the server's lock.

    What was there is renamed, log and all, and never removed; the new name of it is returned. A crash in between
    leaves no file under the server's name, or one of the two whole.
    """
    look(file)
    target = data / FILE_NAME
    coming = data / f"{FILE_NAME}.coming"
    with database_errors(coming):
        OUR_DISK.make_private(coming)
        shutil.copyfile(file, coming)
        OUR_DISK.sync_file(coming)
    look(coming)
    kept = data / f"{FILE_NAME}.replaced-{moment}"
    with database_errors(target):
        was_there = target.exists()
        for ending in ("", *_BESIDE):
            beside = data / f"{FILE_NAME}{ending}"
            if beside.exists():
                OUR_DISK.replace(beside, kept.with_name(f"{kept.name}{ending}"))
        OUR_DISK.sync_folder(data.absolute())
        OUR_DISK.replace(coming, target)
        OUR_DISK.sync_folder(data.absolute())
    return kept if was_there else None


def let_go(folder: Path, *, keep: int) -> tuple[Path, ...]:
    """Remove the oldest daily backups beyond `keep`, and what a server left that was killed over one.

    Other files are not touched. Returns the backups that were removed.
    """
    with database_errors(folder):
        for unfinished in folder.glob(f"{DAILY}*.sqlite.{_UNPROVEN}*"):
            OUR_DISK.remove(unfinished)
        old = daily_files(folder)[:-keep]
        for one in old:
            OUR_DISK.remove(one)
    return tuple(old)


def daily_files(folder: Path) -> list[Path]:
    """The daily backups in a folder, the oldest first; a file that somebody named otherwise is none."""
    return sorted(one for one in folder.glob(f"{DAILY}*.sqlite") if _DAILY_NAME.fullmatch(one.name))


#: What the names of daily backups begin with.
DAILY: Final = "server-"
_DAILY_NAME: Final = re.compile(rf"{DAILY}[0-9]{{8}}T[0-9]{{6}}Z\.sqlite")
_NAMED_SINCE: Final = 4
_UNPROVEN: Final = "unproven"


def _remove(file: Path) -> None:
    with database_errors(file):
        OUR_DISK.remove(file)
