"""The only module that opens SQLite files: a commit is a promise, or the error says in plain words why it can't be."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import Final, Literal, TypeAlias

import apsw

from shared.database_errors import database_errors, in_our_words
from shared.disk import OUR_DISK, Disk
from shared.errors import DatabaseDamaged, DatabaseForeign, DatabaseReadOnly, DatabaseUnsafe
from shared.wal import require_log_beside_its_file, require_whole_log

Synchronous: TypeAlias = Literal["FULL", "NORMAL", "OFF"]

#: How long a write waits for another process's transaction, and a read for another process's recovery of the file.
WRITER_BUSY_TIMEOUT_S: Final = 5.0
READER_BUSY_TIMEOUT_S: Final = 2.0
#: The log is copied into the file every so many pages (4 MiB), and cut back to so many bytes if a reader let it grow.
CHECKPOINT_PAGES: Final = 1_000
LOG_LIMIT_BYTES: Final = 64 * 1024 * 1024

_LEVELS: Final[dict[Synchronous, int]] = {"OFF": 0, "NORMAL": 1, "FULL": 2}
_STATEMENTS_KEPT: Final = 256


class Connection(apsw.Connection):
    """What the store's and the server's functions are handed; they never open one themselves.

    SQLite copies the log into the file inside the COMMIT that makes it long enough. Ours knows the log's length instead
    (`log_pages`, after each commit) and leaves the copying to `settle`, called after the caller was told: a
    disk that fails while copying must not look like a commit that failed, or its work would be done a second time.
    """

    log_pages: int = 0
    checkpoint_pages: int = CHECKPOINT_PAGES
    errors: tuple[type[Exception], ...] = (apsw.Error,)
    #: A file is never lost from view: what a commit that failed has stored is known.
    is_lost: bool = False

    def begin(self) -> None:
        """Start a transaction with the write lock taken."""
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make it durable."""
        self.execute("COMMIT")

    def in_words(self, error: BaseException) -> BaseException:
        """The DatabaseError that says what `error` means for this file, or `error` itself."""
        return in_our_words(error, Path(self.filename))

    def settle(self) -> None:
        """Copy the log into the file if it is long. If that fails nothing is lost, and the next commit tries again."""
        if self.log_pages >= self.checkpoint_pages:
            with suppress(apsw.Error):
                self.wal_checkpoint()


def _note_log_pages(connection: apsw.Connection, _: str, pages: int) -> int:
    """Called by SQLite after each commit; setting it turns SQLite's own copying off."""
    assert isinstance(connection, Connection)
    connection.log_pages = pages
    return apsw.SQLITE_OK


def open_writer(
    path: Path, *, application_id: int | None = None, synchronous: Synchronous = "FULL", disk: Disk = OUR_DISK
) -> Connection:
    """Open (or make, 0600, with its folder) the file for its only writing connection, so that a commit is a promise.

    Journal mode WAL and `synchronous=FULL` are read back after they were set: a file system or VFS that does not take
    them gives DatabaseUnsafe here instead of lost taps later. `synchronous` is for the negative controls of the
    power-cut tests, nothing else passes it, nor another `disk`. A file that is damaged, or that another program made
    and that has another `application_id`, is left as it is, byte for byte, and its log with it. Raises DatabaseForeign
    and the errors of `database_errors`.
    """
    with database_errors(path):
        require_log_beside_its_file(path, disk)
        disk.make_private(path)
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        connection = _connect(path, flags=flags, disk=disk)
        try:
            if connection.readonly("main"):
                raise DatabaseReadOnly(str(path))
            connection.set_busy_timeout(int(WRITER_BUSY_TIMEOUT_S * 1000))
            _lock_alone(connection, disk)
            is_whole = _require_ours(connection, path, disk, application_id=application_id)
            connection.pragma("journal_mode", "WAL")
            connection.pragma("synchronous", synchronous)
            connection.pragma("foreign_keys", 1)
            connection.set_wal_hook(_note_log_pages)
            connection.pragma("journal_size_limit", LOG_LIMIT_BYTES)
            _require_safe(connection, path, synchronous=synchronous)
            if not is_whole:
                with suppress(apsw.BusyError):  # another process uses the log, so it has begun it anew
                    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except BaseException:
            close_untouched(connection)
            raise
    return connection


def close_untouched(connection: Connection) -> None:
    """Close a file that was found unsound: what stands in its log stays there, byte for byte."""
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.close()


def _require_ours(connection: Connection, path: Path, disk: Disk, *, application_id: int | None) -> bool:
    """Read what is there before anything is written; False for a log that has to be cut off."""
    is_new = not connection.pragma("schema_version")
    is_whole = require_whole_log(
        path, disk, taken=lambda: connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)[0]
    )
    found = connection.pragma("application_id")
    if application_id is not None and not is_new and found != application_id:
        raise DatabaseForeign(f"{path}: application {found}, schema {connection.pragma('user_version')}")
    return is_whole


def require_whole(path: Path, *, application_id: int, disk: Disk = OUR_DISK) -> None:
    """Raise a DatabaseError when the file can't be used as it is: for a check-up, while it is open elsewhere or not.

    What `open_writer` looks at, and every page besides. Nothing in the file or its log is changed.
    """
    with database_errors(path):
        require_log_beside_its_file(path, disk)
        with closing(open_reader(path, disk=disk)) as connection:
            _require_ours(connection, path, disk, application_id=application_id)
            checked = connection.pragma("quick_check")
            if checked != "ok":
                raise DatabaseDamaged(f"{path}: {checked}")


def open_reader(path: Path, *, disk: Disk = OUR_DISK) -> Connection:
    """Open an existing file for reading only: `query_only`, and closing it leaves the log alone.

    It sees what was committed when its statement or transaction began, and never waits for a commit. Use it in one
    thread at a time. Raises the errors of `database_errors`; a file that is not there is DatabaseReadOnly.
    """
    with database_errors(path):
        flags = apsw.SQLITE_OPEN_READWRITE
        connection = _connect(path, flags=flags, disk=disk)
        try:
            connection.set_busy_timeout(int(READER_BUSY_TIMEOUT_S * 1000))
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            _lock_alone(connection, disk)
            connection.pragma("query_only", 1)
            connection.pragma("schema_version")
        except BaseException:
            connection.close()
            raise
    return connection


def copy_database(source: Path, target: Path, *, disk: Disk = OUR_DISK) -> None:
    """Copy what is committed in `source`, log included, page by page into the new file `target`, durably.

    The copy appears under its name whole or not at all. Raises the errors of `database_errors`.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    with database_errors(target):
        disk.remove(unfinished)
        disk.make_private(unfinished)
        with (
            closing(open_reader(source, disk=disk)) as reader,
            closing(Connection(str(unfinished), vfs=disk.vfs)) as copy,
        ):
            copy.pragma("journal_mode", "OFF")
            with copy.backup("main", reader, "main") as backup:
                backup.step()
        disk.sync_file(unfinished)
        disk.replace(unfinished, target)
        disk.sync_folder(target.parent)


def _connect(path: Path, *, flags: int, disk: Disk) -> Connection:
    """Every statement is planned once and kept.

    Without the guarantee asked for here (QPSG) SQLite plans one anew at each run where a parameter's value might make
    another plan better, which costs more than most of our statements. None of ours needs it: what a partial index asks
    for stands in their text.
    """
    connection = Connection(str(path), flags=flags, vfs=disk.vfs, statementcachesize=_STATEMENTS_KEPT)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    return connection


def _lock_alone(connection: Connection, disk: Disk) -> None:
    """Before the first access, where there is no memory to share: SQLite would not keep a log there without it."""
    if disk.vfs is not None:
        connection.pragma("locking_mode", "EXCLUSIVE")


def _require_safe(connection: Connection, path: Path, *, synchronous: Synchronous) -> None:
    """Read back the two settings that every promise stands on; raises DatabaseUnsafe."""
    mode = connection.pragma("journal_mode")
    level = connection.pragma("synchronous")
    if mode != "wal" or level != _LEVELS[synchronous]:
        raise DatabaseUnsafe(f"{path}: journal_mode is {mode}, synchronous is {level}")
