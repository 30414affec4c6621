"""A disk in memory under the production code: SQLite's files through an APSW VFS, the rest through `shared.disk.Disk`.

Nothing is lost while the power is on. Every write, truncation, sync and change of a name is noted in one log, so that
`cutting.py` can say of any moment what a cut in that moment may leave.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random
from typing import BinaryIO, Final, TypeAlias

import apsw
from typing_extensions import Buffer

from shared.disk import Disk

FOLDER: Final = Path("/simulated")
_SYNCS_ITS_NAME: Final = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL
_names = itertools.count(1)


@dataclass(slots=True)
class Wrote:
    """Bytes were handed to the disk."""

    file: int
    offset: int
    data: bytes


@dataclass(slots=True)
class Truncated:
    """A file was cut to so many bytes."""

    file: int
    size_bytes: int


@dataclass(slots=True)
class SyncedFile:
    """All bytes of a file were to be durable."""

    file: int


@dataclass(slots=True)
class Named:
    """A name was given to a file, and taken from where it `moved_from`; or taken away, when there is no file."""

    name: str
    file: int | None
    moved_from: str | None = None


@dataclass(slots=True)
class SyncedNames:
    """All names were to be durable; there is one folder."""


Entry: TypeAlias = Wrote | Truncated | SyncedFile | Named | SyncedNames


class SimulatedDisk(Disk):
    """One folder's files, durable as they are at the start. Close it: SQLite knows it by a name.

    `dies_in_calls` counts down at each change; the one that brings it to 0 is the last that reaches the disk, perhaps,
    and from then on all fail.
    """

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        super().__init__(vfs=f"simulated-{next(_names)}")
        self.log: list[Entry] = []
        self.dies_in_calls: int | None = None
        self.is_dead = False
        self.at_start: dict[str, int] = {}
        self.contents: list[bytearray] = []
        for name, content in (files or {}).items():
            self.at_start[name] = len(self.contents)
            self.contents.append(bytearray(content))
        self.contents_at_start = [bytes(content) for content in self.contents]
        self.names = dict(self.at_start)
        assert self.vfs is not None, "it was just named"
        self._sqlites = _Vfs(self.vfs, self)

    def close(self) -> None:
        """SQLite forgets it; all connections are closed before."""
        self._sqlites.unregister()

    def note(self, entry: Entry) -> None:
        """Something reaches the disk, if it still has power. The fatal write may get through and the sync may not."""
        if self.is_dead:
            raise apsw.IOError("the power is gone")
        if self.dies_in_calls is not None:
            self.dies_in_calls -= 1
            if self.dies_in_calls <= 0:
                self.is_dead = True
                if not isinstance(entry, SyncedFile | SyncedNames):
                    self.log.append(entry)
                raise apsw.IOError("the power goes")
        self.log.append(entry)

    def file_at(self, name: str, *, create: bool = True) -> int:
        """The file with this name, made empty if need be."""
        if name not in self.names:
            if not create:
                raise apsw.CantOpenError(name)
            number = len(self.contents)
            self.note(Named(name, number))
            self.contents.append(bytearray())
            self.names[name] = number
        return self.names[name]

    def delete(self, name: str) -> None:
        """Take a name away."""
        self.note(Named(name, None))
        self.names.pop(name, None)

    def free_bytes(self, path: Path) -> int:
        """There is always room; a full disk is another test's."""
        return 1 << 40

    def size_bytes(self, path: Path) -> int:
        return len(self.contents[self.names[str(path)]]) if str(path) in self.names else 0

    def read(self, path: Path) -> BinaryIO:
        return BytesIO(self.contents[self.names[str(path)]])

    def files(self, folder: Path) -> list[Path]:
        return [path for path in map(Path, self.names) if path.parent == folder]

    def make_private(self, path: Path) -> None:
        if str(path) not in self.names:
            self.file_at(str(path))
            self.sync_folder(path.parent)

    def remove(self, path: Path) -> None:
        if str(path) in self.names:
            self.delete(str(path))

    def replace(self, path: Path, target: Path) -> None:
        self.note(Named(str(target), self.names[str(path)], moved_from=str(path)))
        self.names[str(target)] = self.names.pop(str(path))

    def sync_file(self, path: Path) -> None:
        self.note(SyncedFile(self.names[str(path)]))

    def sync_folder(self, folder: Path) -> None:
        self.note(SyncedNames())


class _File:
    """An open file. What SQLite gave no name is gone with the power and not worth a note."""

    def __init__(self, disk: SimulatedDisk | None, number: int, content: bytearray, *, syncs_its_name: bool) -> None:
        self._disk = disk
        self._number = number
        self._content = content
        self._syncs_its_name = syncs_its_name

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's name, as below
        return bytes(memoryview(self._content)[offset : offset + amount])

    def xWrite(self, data: Buffer, offset: int) -> None:  # noqa: N802
        data = bytes(data)
        if self._disk is not None:
            self._disk.note(Wrote(self._number, offset, data))
        missing = offset + len(data) - len(self._content)
        if missing > 0:
            self._content.extend(bytes(missing))
        self._content[offset : offset + len(data)] = data

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        if self._disk is not None:
            self._disk.note(Truncated(self._number, newsize))
        del self._content[newsize:]

    def xSync(self, flags: int) -> None:  # noqa: N802
        """As SQLite's own VFS: the first sync of a log or journal makes its name durable too."""
        if self._disk is not None:
            self._disk.note(SyncedFile(self._number))
            if self._syncs_its_name:
                self._disk.note(SyncedNames())
                self._syncs_its_name = False

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._content)

    def xLock(self, level: int) -> None:  # noqa: N802
        """Whoever opens two connections here has thought about it: a copy is read while its writer waits."""

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return 4096

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        """What SQLite assumes of a disk on Linux and Windows: a torn write harms no byte beside it."""
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xClose(self) -> None:  # noqa: N802
        pass


class _Vfs(apsw.VFS):
    """Opens the files of one disk; SQLite knows it by its name."""

    def __init__(self, name: str, disk: SimulatedDisk) -> None:
        super().__init__(name, "")
        self._disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        flags[1] = flags[0]
        if isinstance(name, apsw.URIFilename):
            name = name.filename()
        if name is None:
            return _File(None, -1, bytearray(), syncs_its_name=False)  # type: ignore[return-value] # it has its methods
        number = self._disk.file_at(name, create=bool(flags[0] & apsw.SQLITE_OPEN_CREATE))
        syncs_its_name = bool(flags[0] & _SYNCS_ITS_NAME)
        return _File(self._disk, number, self._disk.contents[number], syncs_its_name=syncs_its_name)  # type: ignore[return-value] # as above

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self._disk.delete(filename)
        if syncdir:
            self._disk.note(SyncedNames())

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: N802
        return pathname in self._disk.names

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name


class _Dice(apsw.VFS):
    """Only here to be asked for chance."""

    def __init__(self, seed: str) -> None:
        super().__init__("dice", "", makedefault=True)
        self._chance = Random(seed)

    def xRandomness(self, numbytes: int) -> bytes:  # noqa: N802
        return self._chance.randbytes(numbytes)


def seed_sqlite(seed: str) -> None:
    """From here on SQLite's own chance (the salts of its logs) is the same in every run with this seed."""
    dice = _Dice(seed)
    apsw.randomness(0)
    apsw.randomness(1)
    dice.unregister()
