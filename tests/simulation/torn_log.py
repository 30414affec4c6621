"""The power cut on real files: a pass-through disk dies at a random write, and what was not fsynced is torn off.

The production code runs on it unchanged: `open_writer`, the `Writer` and whatever a `Workload` submits. The disk
remembers, file by file, every write since the last fsync and what it replaced. When it dies, each file keeps a random
number of the bytes written since then, in the order of writing, and loses the rest: the log is cut at a random byte at
or after what was made durable, also where it was being overwritten. Then the file is opened again as at a start and
compared with what the writer had told as stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import apsw
from typing_extensions import Buffer

from shared.database import Connection, Synchronous, Writer, open_writer
from shared.database_errors import database_errors
from shared.disk import Disk
from shared.errors import DatabaseDamaged, DatabaseError
from tests.simulation.disk import seed_sqlite

Acknowledge = Callable[[str], None]


@dataclass(frozen=True)
class Workload:
    """What is done on the disk that will die.

    `prepare` makes the tables, durably, before the disk is watched. `run` submits to the writer and calls its third
    argument with a key for each write once its future is resolved; it is cut short by a DatabaseError when the disk
    dies. `found` reads the keys that are stored after the restart and raises AssertionError on a half transaction.
    One seed must give one sequence of disk writes, so `run` takes all chance from its Random.
    """

    prepare: Callable[[Connection], None]
    run: Callable[[Writer, Random, Acknowledge], None]
    found: Callable[[Connection], Collection[str]]


@dataclass
class TornReport:
    """What `torn_cuts` saw, summed over its cuts."""

    cuts: int = 0
    died_in_the_middle: int = 0
    bytes_torn_off: int = 0
    acknowledged: int = 0
    lost: int = 0
    cuts_that_lost: int = 0
    damaged: int = 0


@dataclass(frozen=True)
class _Write:
    """One write since the last fsync: where, how much, what stood there, and how long the file was."""

    offset: int
    length: int
    replaced: bytes
    size_before: int


@dataclass
class TearingDisk:
    """State of the disk that its files share."""

    dies_at_call: int | None
    calls: int = 0
    dead: bool = False
    unsynced: dict[Path, list[_Write]] = field(default_factory=dict)

    def call(self) -> None:
        """Count one write, truncation or fsync; from the fatal one on nothing reaches the disk any more."""
        self.calls += 1
        if self.calls == self.dies_at_call:
            self.dead = True
        if self.dead:
            raise apsw.IOError("the power is gone")

    def tear(self, chance: Random) -> int:
        """Let each file lose the tail of what it was not asked to make durable; returns the bytes lost."""
        return sum(
            _tear(path, writes=writes, survives=chance.randint(0, sum(write.length for write in writes)))
            for path, writes in sorted(self.unsynced.items())
            if path.exists()
        )


class _TearingFile(apsw.VFSFile):
    """A real file that notes what is not yet durable."""

    def __init__(self, disk: TearingDisk, filename: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", filename, flags)
        self._disk = disk
        name = filename.filename() if isinstance(filename, apsw.URIFilename) else filename
        self._unsynced = disk.unsynced.setdefault(Path(name or "unnamed"), [])

    def _note(self, *, offset: int, length: int, replaced_bytes: int) -> None:
        size = self.xFileSize()
        there = max(0, min(replaced_bytes, size - offset))
        replaced = self.xRead(there, offset) if there else b""
        self._unsynced.append(_Write(offset=offset, length=length, replaced=replaced, size_before=size))

    def xWrite(self, data: Buffer, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.call()
        length = memoryview(data).nbytes
        self._note(offset=offset, length=length, replaced_bytes=length)
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.call()
        self._note(offset=newsize, length=1, replaced_bytes=self.xFileSize())
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.call()
        super().xSync(flags)
        self._unsynced.clear()


class _TearingVfs(apsw.VFS):
    """Opens real files through a `TearingDisk`; SQLite knows it by its name."""

    def __init__(self, name: str, disk: TearingDisk) -> None:
        super().__init__(name, "")
        self._disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        return _TearingFile(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's name
        self._disk.call()
        super().xDelete(filename, syncdir)


def torn_cuts(
    workload: Workload, *, synchronous: Synchronous, cuts: int, seed: int, folder: Path, first: int = 0
) -> TornReport:
    """Play `workload` on `cuts` disks that die, each at a call drawn from the seed; returns what was lost.

    Cut number n of a seed is always the same; `first` starts at another one, so that one failing cut can be played
    alone. `synchronous` other than FULL is a negative control: the test must see it lose.
    """
    report = TornReport()
    for number in range(first, first + cuts):
        chance = Random(f"{seed}:{number}")
        seed_sqlite(f"{seed}:{number}")
        work_seed = chance.getrandbits(64)
        calls = _play(workload, synchronous, Random(work_seed), folder / f"{number}-whole.db", None).disk.calls
        path = folder / f"{number}.db"
        played = _play(workload, synchronous, Random(work_seed), path, chance.randint(1, calls + 1))
        report.cuts += 1
        report.died_in_the_middle += played.disk.dead
        report.bytes_torn_off += played.disk.tear(chance)
        report.acknowledged += len(played.acknowledged)
        lost = _missing_after_restart(workload, path, played.acknowledged, report)
        report.lost += lost
        report.cuts_that_lost += lost > 0
    return report


@dataclass(frozen=True)
class _Played:
    disk: TearingDisk
    acknowledged: list[str]


def _play(
    workload: Workload, synchronous: Synchronous, chance: Random, path: Path, dies_at_call: int | None
) -> _Played:
    """Run the workload until it ends or the disk dies, and leave the files as they are in that moment."""
    with closing(open_writer(path)) as connection:
        workload.prepare(connection)
    disk = TearingDisk(dies_at_call=dies_at_call)
    vfs = _TearingVfs(f"tearing-{path.name}", disk)
    acknowledged: list[str] = []
    try:
        connection = open_writer(path, synchronous=synchronous, disk=Disk(f"tearing-{path.name}"))
        writer = Writer(connection)
        try:
            workload.run(writer, chance, acknowledged.append)
            writer.submit(_nothing).result()  # it copies the log after it told: the cut's end may not race with that
        finally:
            died, disk.dead = disk.dead, True
            with suppress(apsw.Error):
                writer.close()
            disk.dead = died
    except DatabaseError:
        if not disk.dead:
            raise
    finally:
        vfs.unregister()
    return _Played(disk, acknowledged)


def _nothing(_: Connection) -> None:
    """What the writer does next when all else is done."""


def _missing_after_restart(workload: Workload, path: Path, acknowledged: list[str], report: TornReport) -> int:
    """How many acknowledged writes are not there when the program starts again."""
    try:
        with closing(open_writer(path)) as connection, database_errors(path):
            if connection.pragma("integrity_check") != "ok":
                raise DatabaseDamaged(str(path))
            return len(set(acknowledged) - set(workload.found(connection)))
    except DatabaseDamaged:
        report.damaged += 1
        return len(acknowledged)


def _tear(path: Path, *, writes: list[_Write], survives: int) -> int:
    """Undo the writes from the last one back until only `survives` bytes of them are left; returns the bytes undone."""
    undo = sum(write.length for write in writes) - survives
    left = undo
    with path.open("r+b") as file:
        for write in reversed(writes):
            if left <= 0:
                break
            kept = max(0, write.length - left)
            file.seek(write.offset + kept)
            file.write(write.replaced[kept:])
            file.truncate(max(write.size_before, write.offset + kept if kept else 0))
            left -= write.length
    return undo
