"""Power cuts on a simulated disk under the real store: `python -m tests.simulation.power_cuts --cuts N --seed S`.

A story is a file that lives a few times, each time on what a cut had left, the first time on an empty disk. Of each
life many cuts are looked at, each at a random I/O call with its own luck for every sector: the survivors are opened by
the production code, checked for integrity, and compared with all that was told as durable before that call.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, Protocol

import apsw

from shared.database import Connection, Synchronous
from shared.database_errors import database_errors
from shared.disk import Disk
from shared.errors import DatabaseDamaged, DatabaseError
from shared.opening import open_device_file
from tests.contract.house import Row
from tests.simulation.cutting import Cutter, Files, Place
from tests.simulation.disk import FOLDER, SimulatedDisk, seed_sqlite
from tests.simulation.recording import Doer, Recording, play_inline_or_grouped, state_of
from tests.simulation.server_life import ServerLife
from tests.simulation.till_life import TillLife

LIVES: Final = 4
CUTS_OF_A_LIFE: Final = 16
BIRTHS: Final = "01ARYZ6S46"


class Lived(Protocol):
    """What lives on the disk."""

    path: Path

    def open(self, disk: Disk) -> Connection:
        """Open the file as the production code does at a start. Raises a DatabaseError."""
        ...

    def live(self, do: Doer, chance: Random) -> None:
        """Do works until the day is over."""
        ...

    def half_of(self, tx: Connection) -> list[str]:
        """What stands in the file and can't stand there alone, in words."""
        ...


class TillFile(TillLife):
    """A till's file, opened as `open_terminal` opens it."""

    path = FOLDER / "pos.sqlite"

    def open(self, disk: Disk) -> Connection:
        return open_device_file(self.path, ulids=Row(BIRTHS), disk=disk)


FILES: Final[dict[str, Callable[[], Lived]]] = {"till": TillFile, "server": ServerLife}


@dataclass
class Report:
    """What was seen, summed over the cuts. `lost` counts promises, the rest cuts."""

    lives: int = 0
    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    cuts_that_lost: int = 0
    damaged: int = 0
    half: int = 0
    stories_failed: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, damaged or half."""
        return not (self.lost or self.damaged or self.half)


@dataclass(frozen=True)
class Weakness:
    """A negative control: what the promise is weakened by."""

    synchronous: Synchronous = "FULL"
    fsync_lies: bool = False


SOUND: Final = Weakness()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one cut left."""

    files: Files
    lost: int
    damaged: bool
    half: bool
    words: str

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.damaged or self.half)


def tell_stories(
    make: Callable[[], Lived], *, cuts: int, seed: int, first: int = 0, weakness: Weakness = SOUND
) -> Report:
    """Whole stories of this seed until so many cuts were looked at; the last one is broken off there."""
    report = Report()
    number = first
    while report.cuts < cuts:
        clean = True
        for seen in _story(make(), Random(f"{seed}:{number}"), report, weakness):
            report.cuts += 1
            report.lost += seen.lost
            report.cuts_that_lost += seen.lost > 0
            report.damaged += seen.damaged
            report.half += seen.half
            if not seen.is_clean:
                clean = False
                report.words = [*report.words[:9], f"story {number}, cut {report.cuts}: {seen.words}"]
            if report.cuts == cuts:
                break
        if not clean:
            report.stories_failed.append(number)
        number += 1
    return report


def _story(lived: Lived, chance: Random, report: Report, weakness: Weakness) -> Iterator[Seen]:
    seed_sqlite(chance.randbytes(8).hex())
    files: Files = {}
    for _ in range(LIVES):
        report.lives += 1
        with closing(SimulatedDisk(files)) as disk:
            recording = Recording(disk)
            _play(lived, recording, chance, weakness)
        cutter = Cutter(disk, fsync_lies=weakness.fsync_lies)
        next_life = chance.randrange(CUTS_OF_A_LIFE)
        places = sorted(chance.randint(0, len(disk.log)) for _ in range(CUTS_OF_A_LIFE))
        for number, place in enumerate(places):
            cutter.go_to(place)
            seen = look(lived, recording, cutter.survivors(chance), place)
            report.acknowledged += recording.promised(place)
            yield seen
            if number == next_life:
                files = seen.files
                if not seen.is_clean:
                    return


def _play(lived: Lived, recording: Recording, chance: Random, weakness: Weakness) -> None:
    connection = lived.open(recording.disk)
    connection.pragma("synchronous", weakness.synchronous)
    connection.checkpoint_pages = chance.choice((3, 10, 30, 1_000))
    connection.pragma("cache_size", chance.choice((6, 20, 500)))
    if chance.random() < 0.5:
        connection.pragma("journal_size_limit", chance.choice((0, 20_000)))
    play_inline_or_grouped(
        recording,
        connection,
        grouped=chance.random() < 0.5,
        in_order=chance.random() < 0.3,
        live=partial(lived.live, chance=chance),
    )


def look(lived: Lived, recording: Recording, files: Files, place: Place) -> Seen:
    """Start again on what is left, and compare with what was promised."""
    with closing(SimulatedDisk(files)) as disk:
        try:
            with closing(lived.open(disk)) as connection, database_errors(lived.path):
                integrity = connection.pragma("integrity_check")
                if integrity != "ok":
                    raise DatabaseDamaged(str(integrity))
                state, half = state_of(connection), lived.half_of(connection)
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        except (DatabaseError, apsw.Error) as error:  # no production code is asked what it makes of half a schema
            return Seen(files, recording.promised(place), damaged=True, half=False, words=str(error))
    lost = recording.broken(place, state)
    if lost is None:
        half.append("the file was never in this state")
    words = f"{lost} promises are broken" if lost else "; ".join(half)
    return Seen(files, lost or 0, damaged=False, half=bool(half), words=words)


def main(arguments: list[str] | None = None) -> int:
    """Tell the stories, print what was seen; 0 if it is what has to be seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.power_cuts", description=__doc__)
    parser.add_argument("--file", choices=sorted(FILES), default="till", help="whose file")
    parser.add_argument("--cuts", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--story", type=int, default=0, help="begin with this one")
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL", "OFF"), default="FULL")
    parser.add_argument("--fsync-lies", action="store_true")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    weakness = Weakness(asked.synchronous, asked.fsync_lies)
    report = tell_stories(FILES[asked.file], cuts=asked.cuts, seed=asked.seed, first=asked.story, weakness=weakness)
    print(json.dumps(vars(report), indent=1))  # noqa: T201 - it is a program
    if asked.json:
        asked.json.write_text(json.dumps(vars(report)))
    return int(report.is_clean is not (weakness == SOUND))


if __name__ == "__main__":
    sys.exit(main())
