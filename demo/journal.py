"""What the screens called saved, written outside the programs: one JSON line an entry, on the disk before it counts."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

EVENTS: Final = ("sent", "paid", "voided", "marked", "drafted", "meant")
"""All but `meant` say what a screen called saved; that one is written before, and says what a guest asked for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a screen called saved; `fields` is the whole line as it was written."""

    event: str
    device: str
    fields: dict[str, Any]

    def text(self, name: str) -> str:
        """A field as text, empty when it is missing."""
        return str(self.fields.get(name) or "")


class Journal:
    """Appends to one file. `write` returns when the line is on the disk, so a kill after it can't take it back."""

    def __init__(self, path: Path, *, device: str, sync: Callable[[int], None] = os.fsync) -> None:
        """Opens the file for appending; what is there stays. A line that a kill tore is closed off first.

        `sync` waits for the disk, but where the writer of the journal can't be killed.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._device = device
        self._sync = sync
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        size = os.fstat(self._descriptor).st_size
        if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
            os.write(self._descriptor, b"\n")

    def write(self, event: str, **fields: object) -> None:
        """Write one entry and wait for the disk. Raises ValueError for an event that nobody would check."""
        if event not in EVENTS:
            raise ValueError(f"{event!r} is none of {EVENTS}")
        line = json.dumps({"event": event, "device": self._device, **fields}, separators=(",", ":"))
        os.write(self._descriptor, line.encode() + b"\n")
        self._sync(self._descriptor)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def read(path: Path) -> tuple[Entry, ...]:
    """The whole lines of a journal, in their order; a torn one was never acknowledged and is passed over."""
    entries = []
    for line in path.read_bytes().split(b"\n"):
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        if isinstance(fields, dict) and fields.get("event") in EVENTS:
            entries.append(Entry(fields["event"], str(fields.get("device", "")), fields))
    return tuple(entries)


def read_all(folder: Path) -> tuple[Entry, ...]:
    """All journals of a night."""
    return tuple(entry for path in sorted(folder.glob("*.jsonl")) for entry in read(path))
