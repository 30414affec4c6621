"""What a power cut leaves of a disk: sectors that were not synced survive, vanish or tear, names likewise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeAlias

from tests.simulation.disk import Named, SimulatedDisk, SyncedFile, SyncedNames, Truncated, Wrote

SECTOR_BYTES: Final = 512

Files: TypeAlias = Mapping[str, bytes]
Change: TypeAlias = Wrote | Truncated
Place: TypeAlias = int
"""Where in the log an entry stands."""


@dataclass
class _Bytes:
    """One file: what is durable, and what was done to it since."""

    durable: bytearray
    pending: list[tuple[Place, Change]] = field(default_factory=list)


class _Fate:
    """How one cut strikes: all is gone, all is there, a prefix in the order of the calls, or each for itself."""

    def __init__(self, chance: Random, *, first: Place, end: Place) -> None:
        self._chance = chance
        kind = chance.random()
        self._border = first if kind < 0.15 else end if kind < 0.3 else chance.randint(first, end)
        self._share = chance.choice((0.1, 0.5, 0.9)) if kind >= 0.6 else None

    def lives(self, place: Place) -> bool:
        """Whether a thing that can't tear survives."""
        return place < self._border if self._share is None else self._chance.random() < self._share

    def of_sector(self, place: Place, length: int) -> tuple[int, int]:
        """From where to where the new bytes of one sector's piece stand; the rest is as it was."""
        if self._share is None:
            if place != self._border:
                return (0, length) if place < self._border else (0, 0)
        elif self._chance.random() < 0.8:
            return (0, length) if self._chance.random() < self._share else (0, 0)
        torn = self._chance.randint(0, length)
        return (0, torn) if self._chance.random() < 0.5 else (torn, length)


class Cutter:
    """Goes along the log of a disk once; `survivors` may be asked as often as wanted for the place where it stands.

    `fsync_lies`: the disk says that it synced, and did not.
    """

    def __init__(self, disk: SimulatedDisk, *, fsync_lies: bool = False) -> None:
        self._log = disk.log
        self._lies = fsync_lies
        self._names = dict(disk.at_start)
        self._pending_names: list[tuple[Place, Named]] = []
        self._files = {number: _Bytes(bytearray(content)) for number, content in enumerate(disk.contents_at_start)}
        self.place: Place = 0

    def go_to(self, place: Place) -> None:
        """On to where so many entries of the log have happened."""
        for at in range(self.place, place):
            match self._log[at]:
                case Wrote() | Truncated() as change:
                    self._files.setdefault(change.file, _Bytes(bytearray())).pending.append((at, change))
                case Named() as named:
                    self._pending_names.append((at, named))
                case SyncedFile(number) if not self._lies:
                    self._sync(self._files.setdefault(number, _Bytes(bytearray())))
                case SyncedNames() if not self._lies:
                    for _, named in self._pending_names:
                        _name(self._names, named)
                    self._pending_names.clear()
                case SyncedFile() | SyncedNames():
                    pass
        self.place = place

    def survivors(self, chance: Random) -> Files:
        """The files as the next start finds them, if the power goes here."""
        places = [file.pending[0][0] for file in self._files.values() if file.pending]
        places += [place for place, _ in self._pending_names[:1]]
        fate = _Fate(chance, first=min(places, default=self.place), end=self.place)
        names = dict(self._names)
        for place, named in self._pending_names:
            if fate.lives(place):
                _name(names, named)
        return {name: self._left(number, fate, chance) for name, number in sorted(names.items())}

    @staticmethod
    def _sync(file: _Bytes) -> None:
        for _, change in file.pending:
            _apply(file.durable, change)
        file.pending.clear()

    def _left(self, number: int, fate: _Fate, chance: Random) -> bytes:
        """The bytes of one file. Its size is a thing of its own: a sector may be there and the size not, or the other
        way about, and then there are zeros."""
        file = self._files.get(number)
        if file is None:
            return b""
        image, size = bytearray(file.durable), len(file.durable)
        for place, change in file.pending:
            match change:
                case Truncated(_, size_bytes):
                    if fate.lives(place):
                        del image[size_bytes:]
                        size = size_bytes
                case Wrote(_, offset, data):
                    end = offset + len(data)
                    if end > size and fate.lives(place):
                        size = end
                    start = offset
                    while start < end:
                        stop = min(end, start - start % SECTOR_BYTES + SECTOR_BYTES)
                        low, high = fate.of_sector(place, stop - start)
                        if high > low:
                            _apply(
                                image, Wrote(number, start + low, data[start + low - offset : start + high - offset])
                            )
                        start = stop
        return bytes(image[:size]).ljust(size, b"\0")


def _apply(content: bytearray, change: Change) -> None:
    """Do to these bytes what was done to the file."""
    if isinstance(change, Truncated):
        del content[change.size_bytes :]
        return
    missing = change.offset + len(change.data) - len(content)
    if missing > 0:
        content.extend(bytes(missing))
    content[change.offset : change.offset + len(change.data)] = change.data


def _name(names: dict[str, int], named: Named) -> None:
    """One change of a name, done to these."""
    if named.moved_from is not None:
        names.pop(named.moved_from, None)
    if named.file is None:
        names.pop(named.name, None)
    else:
        names[named.name] = named.file
