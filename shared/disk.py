"""The disk as this program uses it beside SQLite: room, private files, names and bytes that survive a power cut."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final


@dataclass
class Disk:
    """The machine's own file system. `vfs` names what SQLite reaches files through, its default if None.

    A disk with a VFS of its own has no memory to share between connections: each of them locks its file for itself.
    """

    vfs: str | None = None

    def free_bytes(self, path: Path) -> int:
        """Bytes that this user may still write on the disk that holds, or will hold, `path`. Raises OSError."""
        with suppress(FileNotFoundError):
            return shutil.disk_usage(path).free
        *folders, root = path.absolute().parents
        for folder in folders:
            with suppress(FileNotFoundError):
                return shutil.disk_usage(folder).free
        return shutil.disk_usage(root).free

    def size_bytes(self, path: Path) -> int:
        """How long a file is, 0 if there is none. Raises OSError."""
        return path.stat().st_size if path.is_file() else 0

    def read(self, path: Path) -> BinaryIO:
        """A file to read from, without SQLite; the caller closes it. Raises OSError."""
        return path.open("rb")

    def files(self, folder: Path) -> list[Path]:
        """What stands in a folder. Raises OSError."""
        return list(folder.iterdir())

    def make_private(self, path: Path) -> None:
        """Make a database file and its folder if missing, durably; only this user reads it, its log and its index."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self.sync_folder(path.parent)
        if os.name == "posix":
            for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
                file = path.with_name(name)
                if file.exists() and file.stat().st_mode & 0o077:
                    file.chmod(0o600)

    def remove(self, path: Path) -> None:
        """Take a file away if it is there. Raises OSError."""
        path.unlink(missing_ok=True)

    def replace(self, path: Path, target: Path) -> None:
        """Give a file the name `target`, in place of what had it. Raises OSError."""
        path.replace(target)

    def sync_file(self, path: Path) -> None:
        """Make the bytes of a file durable that something else wrote. Raises OSError."""
        descriptor = os.open(path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Make the folder's names durable: without it a power cut may take away a new file whose bytes are safe."""
        if os.name == "posix":
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


#: What everything stands on but a test of power cuts. It keeps nothing.
OUR_DISK: Final = Disk()
