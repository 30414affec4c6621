"""What SQLite and the file system say about a disk or a file, turned into errors with words for a person."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from shared.disk import OUR_DISK
from shared.errors import DatabaseBusy, DatabaseDamaged, DatabaseError, DatabaseReadOnly, DiskFailing, DiskFull

#: An I/O error on a disk with less room than this is a full disk: quotas and shared memory do not say so themselves.
FULL_BELOW_BYTES: Final = 256 * 1024

#: I/O errors that speak of what stands on the disk, not of the disk: a file cut short, a failed checksum.
_DAMAGE: Final = (apsw.SQLITE_IOERR_SHORT_READ, apsw.SQLITE_IOERR_DATA, apsw.SQLITE_IOERR_CORRUPTFS)

#: No disk and no right is in the way, but the folder's name: a read-only disk, or something else in the folder's place.
_NO_PLACE: Final = (errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG)


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Raise a DatabaseError instead of what SQLite or the file system say about a disk or a file inside this block.

    Full, failing and read-only disk, damaged and busy file are turned; all other errors (a constraint, wrong SQL) are
    the caller's own and pass unchanged.
    """
    try:
        yield
    except (apsw.Error, OSError) as error:
        ours = in_our_words(error, path)
        if ours is error:
            raise
        raise ours from error


def in_our_words(error: BaseException, path: Path) -> BaseException:
    """The DatabaseError that says what `error` means for the file at `path`, or `error` itself if it says nothing."""
    detail = f"{path}: {type(error).__name__} {error}"
    match error:
        case apsw.IOError() if getattr(error, "extendedresult", 0) in _DAMAGE:
            return DatabaseDamaged(detail)
        case apsw.FullError():
            return DiskFull(detail)
        case OSError() if error.errno in _NO_PLACE:
            return DatabaseReadOnly(detail, title="The folder of the device's file can't be used")
        case apsw.IOError() | apsw.CantOpenError() | OSError() if _hardly_any_room(path):
            return DiskFull(detail)
        case apsw.ReadOnlyError() | apsw.PermissionsError() | PermissionError():
            return DatabaseReadOnly(detail)
        case apsw.CantOpenError():
            return DatabaseReadOnly(detail, title="The device's file can't be opened")
        case apsw.CorruptError() | apsw.NotADBError():
            return DatabaseDamaged(detail)
        case apsw.BusyError() | apsw.LockedError() | apsw.ProtocolError():
            return DatabaseBusy(detail)
        case apsw.IOError():
            return DiskFailing(detail)
        case OSError():
            return DatabaseError(detail)
        case _:
            return error


def _hardly_any_room(path: Path) -> bool:
    """Whether the disk under `path` is as good as full; False if it can't be asked."""
    try:
        return OUR_DISK.free_bytes(path) < FULL_BELOW_BYTES
    except OSError:
        return False
