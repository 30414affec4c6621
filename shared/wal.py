"""What a SQLite log on the disk holds, besides what SQLite takes of it: commits behind a damaged place.

SQLite reads its log up to the first frame whose checksum is wrong and drops the rest without a word. After a power cut
that is right: the rest belongs to commits that nobody was told of, or to an older log. When bytes in the middle are
damaged it drops commits that were promised. What tells the two apart is that a commit is durable before the next one
begins: a frame whose checksum goes on from a commit's last frame proves that this commit was promised. The layout is
that of https://www.sqlite.org/fileformat2.html#the_write_ahead_log.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from shared.disk import Disk
from shared.errors import DatabaseDamaged

_HEADER: Final = struct.Struct(">IIIIIIII")  # magic, version, page size, sequence, two salts, two checksums
_FRAME: Final = struct.Struct(">IIIIII")  # page, pages after a commit (0: none), two salts, two checksums
_MAGIC: Final = (0x377F0682, 0x377F0683)

Sums = tuple[int, int]
Page = tuple[int, bytes]
"""The number of a page, counted from 1, and what stands in it."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """A page in the log. `sums` is what its header says that the checksum is, over all frames up to this one."""

    number: int
    page: int
    pages_after: int
    salts: tuple[int, int]
    sums: Sums
    summed: bytes
    """What its checksum covers besides the frame before."""

    def follows(self, before: _Frame, order: str) -> bool:
        """Whether it was written behind that one, in the same log, and nothing in it changed since."""
        return self.salts == before.salts and _sums(self.summed, order, start=before.sums) == self.sums


def require_log_beside_its_file(path: Path, disk: Disk) -> None:
    """Raise DatabaseDamaged when the file at `path` is gone or empty and its log is not: opening it would delete it."""
    log = log_of(path)
    if disk.size_bytes(log) > 0 and disk.size_bytes(path) == 0:
        raise DatabaseDamaged(
            f"{path} is missing or empty, {log} is there",
            title="A part of the device's file is missing",
            advice=f"Put {path.name} back beside {log.name}, or ask for help. Nothing was changed or deleted.",
        )


def require_whole_log(path: Path, disk: Disk, *, taken: Callable[[], int]) -> bool:
    """Raise DatabaseDamaged when promised commits stand behind the place up to which SQLite takes the log of `path`.

    `taken` asks SQLite how many frames it takes. Called before anything is written; another process may write.
    Returns False for a log of which SQLite takes nothing and that stands in the file already: SQLite would write over
    it under the same salts, and what is left of it would look promised later. It has to be cut off.
    """
    log = log_of(path)
    if disk.size_bytes(log) < _HEADER.size + _FRAME.size:
        return True
    with disk.read(log) as file:
        header = file.read(_HEADER.size)
        magic, _, page_bytes, _, *salts = _HEADER.unpack(header)
        order = ">" if magic & 1 else "<"
        if not _is_header(header, order):
            _require_copied(path, disk, file, order=order)
            return False
        behind = _frames(file, page_bytes, first=max(0, taken()) + 1)
        found = _promised(behind, order, salts=(salts[0], salts[1]))
        after = max(0, taken())
        file.seek(0)
        lost = sum(number > after for number in found)
        if lost and file.read(_HEADER.size) == header:
            raise DatabaseDamaged(f"{log}: {lost} commits stand behind a damaged place")
    return True


def committed_pages(path: Path, disk: Disk, *, page_bytes: int) -> tuple[list[Page], list[Page]]:
    """Every page in the log of `path` that a commit wrote, oldest first, also behind a damaged place; for salvage.

    A page counts if it stands whole behind another one, and a whole commit's end follows without a gap. SQLite begins a
    log anew from its front: behind its end stand pages of the logs before it, all of which are in the file. So first
    come those, then what the log itself has.
    """
    log = log_of(path)
    if disk.size_bytes(log) < _HEADER.size + _FRAME.size:
        return [], []
    with disk.read(log) as file:
        header = file.read(_HEADER.size)
        magic, *_, first_salt, second_salt, first, second = _HEADER.unpack(header)
        order = ">" if magic == _MAGIC[1] else "<"
        before: _Frame | None = None
        waiting: list[Page] = []
        logs: dict[tuple[int, int], list[Page]] = {}
        for frame in _frames(file, page_bytes, first=1):
            begins = before is None and _sums(frame.summed, order, start=(first, second)) == frame.sums
            if not begins and (before is None or not frame.follows(before, order)):
                waiting.clear()
            else:
                waiting.append((frame.page, frame.summed[8:]))
                if frame.pages_after:
                    logs.setdefault(frame.salts, []).extend(waiting)
                    waiting.clear()
            before = frame
    salts = (first_salt, second_salt) if _is_header(header, order) else next(iter(logs), (0, 0))
    newest = logs.pop(salts, [])
    return [page for pages in reversed(logs.values()) for page in pages], newest


def log_of(path: Path) -> Path:
    """The log beside a database file."""
    return path.with_name(f"{path.name}-wal")


def _require_copied(path: Path, disk: Disk, file: BinaryIO, *, order: str) -> None:
    """A log is begun anew when all of it stands in the file; if the power went while its header was written, it still
    does. Else the header was damaged later, and what SQLite drops with it was promised: raises DatabaseDamaged."""
    with disk.read(path) as database:
        size = int.from_bytes(database.read(18)[16:18], "big")
        page_bytes = 65_536 if size == 1 else max(size, 512)
        frames = _frames(file, page_bytes, first=1)
        newest: dict[int, bytes] = {}
        uncommitted: dict[int, bytes] = {}
        pages_after = 0
        before: _Frame | None = None
        for frame in frames:
            if before is not None and not frame.follows(before, order):
                if _promised(frames, order, salts=before.salts):
                    raise DatabaseDamaged(f"{log_of(path)}: its header is damaged, and more behind it")
                break
            before = frame
            uncommitted[frame.page] = frame.summed[8:]
            if frame.pages_after:
                newest |= uncommitted
                uncommitted.clear()
                pages_after = frame.pages_after
        for page, content in newest.items():
            database.seek((page - 1) * page_bytes)
            if page <= pages_after and database.read(page_bytes) != content:
                raise DatabaseDamaged(f"{log_of(path)}: its header is damaged, and page {page} stands only in it")


def _promised(frames: Iterator[_Frame], order: str, *, salts: tuple[int, int]) -> list[int]:
    """The numbers of the frames that end a commit of the log with these salts and that another was written behind.

    That a frame ends a commit is only believed if the frame is whole: its header may be torn too.
    """
    found: list[int] = []
    before: _Frame | None = None
    ended = False
    for frame in frames:
        follows = before is not None and frame.salts == salts and frame.follows(before, order)
        if follows and ended and before is not None:
            found.append(before.number)
        ended = follows and frame.pages_after > 0
        before = frame
    return found


def _frames(file: BinaryIO, page_bytes: int, *, first: int) -> Iterator[_Frame]:
    """The frames of a log from `first` on, whatever stands in them."""
    number = first
    file.seek(_HEADER.size + (number - 1) * (_FRAME.size + page_bytes))
    while len(raw := file.read(_FRAME.size + page_bytes)) == _FRAME.size + page_bytes:
        page, pages_after, *rest = _FRAME.unpack_from(raw)
        yield _Frame(number, page, pages_after, (rest[0], rest[1]), (rest[2], rest[3]), raw[:8] + raw[_FRAME.size :])
        number += 1


def _is_header(header: bytes, order: str) -> bool:
    """Whether the log's first bytes are what SQLite wrote there."""
    fields = _HEADER.unpack(header)
    return fields[0] in _MAGIC and _sums(header[:24], order, start=(0, 0)) == fields[6:]


def _sums(data: bytes, order: str, *, start: Sums) -> Sums:
    """SQLite's checksum, which goes on from `start`."""
    s1, s2 = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for left, right in zip(words[::2], words[1::2], strict=True):
        s1 = (s1 + left + s2) & 0xFFFFFFFF
        s2 = (s2 + right + s1) & 0xFFFFFFFF
    return s1, s2
