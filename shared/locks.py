"""A lock of the operating system between processes: one holder at most, freed by the kernel when the holder dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Self

from shared.database_errors import database_errors
from shared.errors import AlreadyRunning


class OsLock:
    """One lock file; whoever holds it may send and settle, all others may only append.

    The file stays after release, because removing it would let two processes lock two files of one name. It is
    not handed to child processes, and two objects in one process exclude each other like two processes do.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> bool:
        """Take the lock if it is free, without waiting; True if this object holds it now (also if it did before).

        Raises DatabaseReadOnly or DiskFull where the lock file can't be made.
        """
        if self._descriptor is not None:
            return True
        with database_errors(self._path):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        return self._lock(descriptor)

    def acquire_as_it_stands(self) -> bool:
        """The same for one that only reads, perhaps where nothing can be written: no lock file is made.

        Where there is none nobody has it, and True is returned without holding anything.
        """
        if self._descriptor is not None or not self._path.exists():
            return True
        with database_errors(self._path):
            descriptor = os.open(self._path, os.O_RDONLY)
        return self._lock(descriptor)

    def _lock(self, descriptor: int) -> bool:
        if not _try_lock(descriptor):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let the next one have it; nothing happens if this object does not hold it."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def __enter__(self) -> Self:
        """Hold the lock for a block; raises AlreadyRunning if another has it."""
        if not self.acquire():
            raise AlreadyRunning(str(self._path))
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        """Lock the file's first byte; the kernel frees it when the descriptor is closed or its process ends."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        """Lock the open file, not the process as POSIX record locks do: those vanish when any copy is closed."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
