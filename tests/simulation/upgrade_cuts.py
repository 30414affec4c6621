"""Power cuts while a till's file is upgraded: each step whole or not at all, the kept copy there before its step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import apsw

from shared.database import Connection, open_writer
from shared.errors import DatabaseError
from shared.migrations import Migration, kept_copies, migrate
from shared.store.schema import APPLICATION_ID, MIGRATIONS
from tests.simulation.cutting import Cutter, Files, Place
from tests.simulation.disk import SimulatedDisk, seed_sqlite
from tests.simulation.power_cuts import CUTS_OF_A_LIFE, Report, TillFile
from tests.simulation.recording import Commit, Recording, State, play_inline_or_grouped, state_of

PATH: Final = TillFile.path
NOW: Final = len(MIGRATIONS)
LATER: Final = (
    *MIGRATIONS,
    Migration(
        NOW + 1,
        "orders carry a word of their own",
        "ALTER TABLE server_order ADD COLUMN word TEXT NOT NULL DEFAULT ''; UPDATE server_order SET word = state;"
        "CREATE INDEX server_order_by_word ON server_order (word)",
    ),
    Migration(
        NOW + 2,
        "drafts in a new table",
        "CREATE TABLE draft_two (order_id TEXT PRIMARY KEY, body BLOB NOT NULL, changed_at INTEGER NOT NULL) STRICT;"
        "INSERT INTO draft_two SELECT * FROM draft; DROP TABLE draft; ALTER TABLE draft_two RENAME TO draft",
    ),
)


def upgrade_stories(*, cuts: int, seed: int, make_disk: Callable[[Files], SimulatedDisk] = SimulatedDisk) -> Report:
    """Upgrade a file that was used, two steps, and look at cuts of it, until so many were looked at."""
    report = Report()
    number = 0
    while report.cuts < cuts:
        chance = Random(f"{seed}:{number}")
        seed_sqlite(chance.randbytes(8).hex())
        with closing(make_disk(_used_file(chance))) as disk:
            recording = _upgraded(disk)
        report.lives += 1
        cutter = Cutter(disk)
        for place in sorted(chance.randint(0, len(disk.log)) for _ in range(min(CUTS_OF_A_LIFE, cuts - report.cuts))):
            cutter.go_to(place)
            wrong = _wrong_after(cutter.survivors(chance), recording, place)
            report.cuts += 1
            report.acknowledged += recording.promised(place)
            report.half += bool(wrong)
            report.words += [f"story {number}, call {place}: {words}" for words in wrong][: 10 - len(report.words)]
        number += 1
    return report


def _used_file(chance: Random) -> Files:
    """What the last day of the older program left, with its log or without."""
    till = TillFile()
    with closing(SimulatedDisk()) as disk:
        live = partial(till.live, chance=chance)
        connection = till.open(disk)
        play_inline_or_grouped(Recording(disk), connection, grouped=False, in_order=chance.random() < 0.5, live=live)
    cutter = Cutter(disk)
    cutter.go_to(len(disk.log))
    return cutter.survivors(chance)


def _upgraded(disk: SimulatedDisk) -> Recording:
    recording = Recording(disk)
    connection = open_writer(PATH, application_id=APPLICATION_ID, disk=disk)
    recording.opened(connection)
    for newest in range(NOW + 1, len(LATER) + 1):
        begun = len(disk.log)
        migrate(connection, PATH, LATER[:newest], disk=disk)
        recording.commits.append(Commit(begun, len(disk.log), 1, state_of(connection)))
    recording.leave(connection, in_order=False)
    return recording


def _wrong_after(files: Files, recording: Recording, place: Place) -> list[str]:
    """What a start after the cut finds wrong, and whether the upgrade then ends as it would have."""
    with closing(SimulatedDisk(files)) as disk:
        try:
            with closing(_opened(PATH, disk)) as connection:
                wrong = _wrong_in(connection, disk, recording, place)
                migrate(connection, PATH, LATER, disk=disk)
                if state_of(connection) != recording.commits[-1].state:
                    wrong.append("the upgrade ended otherwise the second time")
                return wrong
        except (DatabaseError, apsw.Error) as error:
            return [str(error)]


def _wrong_in(connection: Connection, disk: SimulatedDisk, recording: Recording, place: Place) -> list[str]:
    wrong = []
    if recording.broken(place, state_of(connection)) != 0:
        wrong.append("the file is between two steps, or a step that was told is gone")
    copies: set[int] = set()
    for copy in kept_copies(PATH, disk=disk):
        version = int(copy.name.rpartition("-of-v")[2])
        copies.add(version)
        if _state_of_copy(copy, disk) != recording.commits[version - NOW].state:
            wrong.append(f"{copy.name} is not what the file was")
    upgraded_from = set(range(NOW, connection.pragma("user_version")))
    wrong += [f"no copy was kept of schema {version}" for version in upgraded_from - copies]
    return wrong


def _state_of_copy(path: Path, disk: SimulatedDisk) -> State | None:
    with closing(_opened(path, disk)) as connection:
        return state_of(connection) if connection.pragma("integrity_check") == "ok" else None


def _opened(path: Path, disk: SimulatedDisk) -> Connection:
    return open_writer(path, application_id=APPLICATION_ID, disk=disk)
