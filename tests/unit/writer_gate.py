"""The writer held on purpose: a gate that lets a test say what shares a commit, and a disk that can be broken."""

from __future__ import annotations

import threading
from collections.abc import Callable

import apsw
from typing_extensions import Buffer

from shared.database import Connection, Writer

PATIENCE_S = 30.0


class Gate:
    """Work that holds the writer's thread until the test has queued what shall go into the next group."""

    def __init__(self, writer: Writer) -> None:
        self._reached = threading.Event()
        self._open = threading.Event()
        self.future = writer.submit(self._hold)
        assert self._reached.wait(PATIENCE_S)

    def _hold(self, _: Connection) -> None:
        self._reached.set()
        assert self._open.wait(PATIENCE_S)

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.set()


class WeakFile(apsw.VFSFile):
    """A file whose fsync fails while its disk is broken; the database itself, not its log, also while it is worn."""

    def __init__(self, disk: WeakDisk, filename: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", filename, flags)
        self._broken = disk.broken
        self._worn = disk.worn if flags[0] & apsw.SQLITE_OPEN_MAIN_DB else threading.Event()

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        if self._broken.is_set():
            raise apsw.IOError("the disk does not answer")
        super().xSync(flags)

    def xWrite(self, data: Buffer, offset: int) -> None:  # noqa: N802 - SQLite's name
        if self._worn.is_set():
            raise apsw.IOError("the disk does not answer")
        super().xWrite(data, offset)


class WeakDisk(apsw.VFS):
    def __init__(self) -> None:
        super().__init__("weak", "")
        self.broken = threading.Event()
        self.worn = threading.Event()

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        return WeakFile(self, name, flags)


def put(value: int) -> Callable[[Connection], int]:
    def work(tx: Connection) -> int:
        tx.execute("INSERT INTO t VALUES (?)", (value,))
        return value

    return work


def stored(reader: Connection) -> list[int]:
    return [a for (a,) in reader.execute("SELECT a FROM t ORDER BY rowid")]
