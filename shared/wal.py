"""What a SQLite log on the disk holds, besides what SQLite takes of it: commits behind a damaged place.

SQLite reads its log up to the first frame whose checksum is wrong and drops the rest without a word. After a power cut
that is right: the rest is one commit that nobody was told of. When bytes in the middle are damaged it drops commits
that were promised. The layout is that of https://www.sqlite.org/fileformat2.html#the_write_ahead_log and
https://www.sqlite.org/walformat.html.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from shared.disk import Disk
from shared.errors import DatabaseDamaged

_HEADER: Final = struct.Struct(">IIIIIIII")  # magic, version, page size, sequence, two salts, two checksums
_FRAME: Final = struct.Struct(">IIIIII")  # page, pages after a commit (0: none), two salts, two checksums
_MAGIC: Final = (0x377F0682, 0x377F0683)

#: After a power cut one commit that nobody was told of may stand behind the torn place.
_UNTOLD: Final = 1


def require_log_beside_its_file(path: Path, disk: Disk) -> None:
    """Raise DatabaseDamaged when the file at `path` is gone or empty and its log is not: opening it would delete it."""
    log = log_of(path)
    if disk.size_bytes(log) > 0 and disk.size_bytes(path) == 0:
        raise DatabaseDamaged(
            f"{path} is missing or empty, {log} is there",
            title="A part of the device's file is missing",
            advice=f"Put {path.name} back beside {log.name}, or ask for help. Nothing was changed or deleted.",
        )


def require_whole_log(path: Path, disk: Disk, *, taken: Callable[[], int]) -> None:
    """Raise DatabaseDamaged when commits stand behind the place up to which SQLite takes the log of `path`.

    `taken` asks SQLite how many frames it takes. Called before anything is written; another process may write.
    """
    log = log_of(path)
    if disk.size_bytes(log) < _HEADER.size + _FRAME.size:
        return
    with disk.read(log) as file:
        header = file.read(_HEADER.size)
        fields = _HEADER.unpack(header)
        if _is_header(header):
            found = _commits(file, page_bytes=fields[2], first=max(0, taken()) + 1, salts=(fields[4], fields[5]))
            after = max(0, taken())
            file.seek(0)
            if file.read(_HEADER.size) != header:
                return
            lost = sum(number > after for number in found)
        else:
            lost = len(_commits(file, page_bytes=_page_bytes(path, disk), first=1, salts=None))
    if lost > _UNTOLD:
        raise DatabaseDamaged(f"{log}: {lost} commits stand behind a damaged place")


def log_of(path: Path) -> Path:
    """The log beside a database file."""
    return path.with_name(f"{path.name}-wal")


def _commits(file: BinaryIO, *, page_bytes: int, first: int, salts: tuple[int, int] | None) -> list[int]:
    """The numbers of the frames from `first` on that end a commit, of the log with these salts, of any if None."""
    found: list[int] = []
    step = _FRAME.size + page_bytes
    number = first
    while True:
        file.seek(_HEADER.size + (number - 1) * step)
        head = file.read(_FRAME.size)
        if len(head) < _FRAME.size:
            return found
        page, pages_after, *rest = _FRAME.unpack(head)
        if page and pages_after and salts in (None, (rest[0], rest[1])):
            found.append(number)
        number += 1


def _is_header(header: bytes) -> bool:
    """Whether the log's first bytes are what SQLite wrote there."""
    magic, *_, one, two = _HEADER.unpack(header)
    if magic not in _MAGIC:
        return False
    words = struct.unpack(f"{'>' if magic & 1 else '<'}6I", header[:24])
    s1 = s2 = 0
    for left, right in zip(words[::2], words[1::2], strict=True):
        s1 = (s1 + left + s2) & 0xFFFFFFFF
        s2 = (s2 + right + s1) & 0xFFFFFFFF
    return (s1, s2) == (one, two)


def _page_bytes(path: Path, disk: Disk) -> int:
    """The size of a page from the database's own header."""
    with disk.read(path) as file:
        size = int.from_bytes(file.read(18)[16:18], "big")
    return 65_536 if size == 1 else max(size, 512)

