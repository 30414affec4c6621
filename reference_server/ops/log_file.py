"""A log file that does not grow for ever: a full one is kept under a number, and the oldest goes."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

from reference_server.ops.request_log import LogStream
from shared.errors import BadSettings


class LogFile:
    """Lines are appended; at most `keep` full files stand beside the one that is written. Any thread may write.

    A line that can't be written is lost: a full disk under the log must not keep the server from answering.
    """

    def __init__(self, path: Path, *, max_bytes: int, keep: int) -> None:
        """Raises BadSettings where the file can't be written."""
        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._opened()
        except OSError as error:
            raise BadSettings(f"log_file {path}: {error.strerror}", title="The log can't be written") from error

    def write(self, text: str) -> int:
        """Append; the file is turned before a line that would make it longer than it may be."""
        raw = text.encode("utf-8", "replace")
        with self._lock, suppress(OSError):
            if self._size and self._size + len(raw) > self._max_bytes:
                self._turn()
            self._file.write(raw)
            self._size += len(raw)
        return len(text)

    def flush(self) -> None:
        """Nothing waits: the file has no buffer of ours."""

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()

    def _opened(self) -> IO[bytes]:
        file = self._path.open("ab", buffering=0)
        self._size = file.tell()
        return file

    def _turn(self) -> None:
        for number in range(self._keep, 0, -1):
            older = self._numbered(number - 1) if number > 1 else self._path
            if older.exists():
                older.replace(self._numbered(number))
        full, self._file = self._file, self._opened()
        full.close()

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


class Lossy:
    """A stream of others, mostly standard error: a line that it does not take is lost, like one of a file.

    Where a service's standard error goes to a disk that is full, or to a reader that has gone, tills are served all
    the same, and so are the server's own chores, which would end with the line that they could not tell.
    """

    def __init__(self, stream: LogStream) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Hand a line on, if it is taken."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """The same for what the stream kept back."""
        with suppress(OSError):
            self._stream.flush()
