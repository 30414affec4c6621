"""The room left on a disk, files that only their owner reads, and names and bytes that survive a power cut."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def free_bytes(path: Path) -> int:
    """Bytes that this user may still write on the disk that holds, or will hold, `path`. Raises OSError."""
    place = path.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def sync_folder(folder: Path) -> None:
    """Make the folder's names durable: without it a power cut may take away a new file whose bytes are safe."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the bytes of a file durable that something else wrote. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_private(path: Path) -> None:
    """Make a database file and its folder if missing, durably; only this user reads it, its log and its index."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        sync_folder(path.parent)
    if os.name == "posix":
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            file = path.with_name(name)
            if file.exists() and file.stat().st_mode & 0o077:
                file.chmod(0o600)
