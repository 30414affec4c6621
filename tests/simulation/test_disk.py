"""The simulated disk itself: what is synced is there after every cut, and each other fate is met."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from random import Random

import apsw
import pytest

from tests.simulation.cutting import Cutter, Files
from tests.simulation.disk import FOLDER, Entry, Named, SimulatedDisk, SyncedFile, SyncedNames, Truncated, Wrote

PATH = FOLDER / "file"
NAME = str(PATH)
OLD, NEW = b"o" * 1024, b"n" * 1024


@pytest.fixture
def disk() -> Iterator[SimulatedDisk]:
    with closing(SimulatedDisk({NAME: OLD})) as made:
        yield made


def cuts(disk: SimulatedDisk, *entries: Entry, fsync_lies: bool = False) -> list[Files]:
    """What 400 cuts after these entries leave."""
    disk.log.extend(entries)
    cutter = Cutter(disk, fsync_lies=fsync_lies)
    cutter.go_to(len(disk.log))
    return [cutter.survivors(Random(seed)) for seed in range(400)]


def test_what_was_synced_is_there_after_every_cut(disk: SimulatedDisk) -> None:
    assert {files[NAME] for files in cuts(disk, Wrote(0, 0, NEW), SyncedFile(0))} == {NEW}


def test_a_sector_that_was_not_synced_survives_vanishes_or_tears_by_itself(disk: SimulatedDisk) -> None:
    found = {files[NAME] for files in cuts(disk, Wrote(0, 0, NEW))}

    assert {OLD, NEW, OLD[:512] + NEW[:512], NEW[:512] + OLD[:512]} <= found
    assert any(0 < content[:512].count(b"n") < 512 for content in found)
    assert all(len(content) == 1024 for content in found)


def test_a_torn_sector_harms_no_byte_beside_what_was_written(disk: SimulatedDisk) -> None:
    for files in cuts(disk, Wrote(0, 100, b"n" * 50)):
        assert files[NAME][:100] == OLD[:100]
        assert files[NAME][150:] == OLD[150:]


def test_the_size_and_the_bytes_of_a_file_that_grew_are_lost_apart(disk: SimulatedDisk) -> None:
    found = {files[NAME] for files in cuts(disk, Wrote(0, 1024, NEW))}

    assert {OLD, OLD + NEW, OLD + bytes(1024)} <= found


def test_a_truncation_that_was_not_synced_may_not_have_happened(disk: SimulatedDisk) -> None:
    assert {files[NAME] for files in cuts(disk, Truncated(0, 10))} == {OLD, OLD[:10]}


def test_syncing_one_file_makes_no_other_durable(disk: SimulatedDisk) -> None:
    disk.file_at("/simulated/other")
    found = cuts(disk, Wrote(0, 0, NEW), Wrote(1, 0, NEW), SyncedNames(), SyncedFile(1))

    assert OLD in {files[NAME] for files in found}
    assert {files["/simulated/other"] for files in found} == {NEW}


def test_a_new_name_a_lost_name_and_a_moved_name_last_when_the_names_are_synced(disk: SimulatedDisk) -> None:
    made = Named("/simulated/made", 1)
    assert {"/simulated/made" in files for files in cuts(disk, made, SyncedFile(1))} == {True, False}
    assert {NAME in files for files in cuts(disk, Named("/simulated/moved", 0, moved_from=NAME))} == {True, False}
    for files in cuts(disk, SyncedNames()):
        assert set(files) == {"/simulated/made", "/simulated/moved"}
    assert {"/simulated/moved" in files for files in cuts(disk, Named("/simulated/moved", None))} == {True, False}


def test_a_disk_whose_fsync_lies_may_lose_what_was_synced(disk: SimulatedDisk) -> None:
    assert OLD in {files[NAME] for files in cuts(disk, Wrote(0, 0, NEW), SyncedFile(0), fsync_lies=True)}


def test_a_dead_disk_takes_nothing_and_the_fatal_sync_did_not_happen(disk: SimulatedDisk) -> None:
    disk.dies_in_calls = 2
    disk.note(Wrote(0, 0, NEW))
    for _ in range(2):
        with pytest.raises(apsw.IOError):
            disk.sync_file(PATH)
    assert disk.log == [Wrote(0, 0, NEW)]
    assert disk.is_dead
