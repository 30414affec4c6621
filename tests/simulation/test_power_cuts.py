"""Power cuts under the real store: nothing that was told as durable is lost, and weaker promises are seen to break."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from threading import Event, current_thread, main_thread
from typing import Any

import pytest

from shared.database import Connection
from shared.store import entities, meta
from tests.simulation.disk import Entry, SimulatedDisk, SyncedFile, Wrote
from tests.simulation.power_cuts import SOUND, Lived, TillFile, Weakness, tell_stories
from tests.simulation.recording import Doer, Recording, Work, play_inline_or_grouped
from tests.simulation.server_life import ServerLife
from tests.simulation.till_life import NOW_MS
from tests.simulation.upgrade_cuts import NOW, upgrade_stories
from tests.simulation.upgrade_cuts import PATH as UPGRADED
from tests.soak import Soak

SEED = 1
CUTS_OF_A_CONTROL = 320
UPGRADES = (2, 3, 1)
"""Seeds, of each of which so many cuts are looked at:"""
CUTS_OF_AN_UPGRADE = 160

CUT_ONCE_MORE = ((1, 4), (1, 5), (1, 41), (1, 185))
"""Seed and story of every cut that ever found something in the production code: here that a till took what two cuts in
a row leave in its log, or a torn frame's header, for damage and did not open."""


def test_the_simulated_disk_takes_the_log_and_the_full_promise() -> None:
    with closing(SimulatedDisk()) as disk, closing(TillFile().open(disk)) as connection:
        assert connection.pragma("journal_mode") == "wal"
        assert connection.pragma("synchronous") == 2


@pytest.mark.parametrize(("make", "cuts"), [(TillFile, 4_000), (ServerLife, 600)], ids=["till", "server"])
def test_thousands_of_power_cuts_lose_nothing_that_was_told_as_stored(make: Callable[[], Lived], cuts: int) -> None:
    report = tell_stories(make, cuts=cuts, seed=SEED)

    assert report.is_clean, report.words
    assert report.cuts == cuts
    assert report.acknowledged > 4 * cuts
    assert report.lives >= cuts / 16


@pytest.mark.soak
@pytest.mark.parametrize(("make", "enough"), [(TillFile, 100), (ServerLife, 10)], ids=["till", "server"])
def test_a_million_power_cuts_lose_nothing(make: Callable[[], Lived], enough: int, soak: Soak) -> None:
    """Ten thousand for each seed."""
    for seed in soak.seeds(enough=enough):
        report = tell_stories(make, cuts=10_000, seed=seed)
        assert report.is_clean, (seed, report.words)
        soak.note(seed, {"cuts": report.cuts, "acknowledged": report.acknowledged, "lost": report.lost})


def test_what_once_failed_fails_no_more() -> None:
    for seed, story in CUT_ONCE_MORE:
        report = tell_stories(TillFile, cuts=64, seed=seed, first=story)
        assert report.is_clean, report.words


@pytest.mark.parametrize("make", [TillFile, ServerLife], ids=["till", "server"])
@pytest.mark.parametrize(
    "weakness",
    [Weakness(synchronous="NORMAL"), Weakness(synchronous="OFF"), Weakness(fsync_lies=True)],
    ids=["synchronous NORMAL", "synchronous OFF", "a disk whose fsync lies"],
)
def test_the_same_cuts_see_a_weaker_promise_broken(make: Callable[[], Lived], weakness: Weakness) -> None:
    report = tell_stories(make, cuts=CUTS_OF_A_CONTROL, seed=SEED, weakness=weakness)

    assert report.lost > CUTS_OF_A_CONTROL / 5
    assert report.cuts_that_lost > CUTS_OF_A_CONTROL / 10
    assert report.damaged > 0 or weakness.synchronous == "NORMAL"


@pytest.mark.parametrize("weakness", [SOUND, Weakness("NORMAL"), Weakness("OFF"), Weakness(fsync_lies=True)], ids=str)
def test_one_seed_gives_the_same_counts(weakness: Weakness) -> None:
    once, again = (tell_stories(TillFile, cuts=64, seed=7, weakness=weakness) for _ in range(2))

    assert vars(once) == vars(again)


class SlowDisk(SimulatedDisk):
    """What the writer's thread writes into the file itself takes its time; into the log it does not."""

    def note(self, entry: Entry) -> None:
        in_file = isinstance(entry, Wrote) and entry.file == self.names.get(str(TillFile.path))
        if in_file and current_thread() is not main_thread():
            Event().wait(0.02)
        super().note(entry)


@pytest.mark.parametrize("in_order", [True, False])
def test_a_life_ends_at_the_same_place_on_a_slow_disk(in_order: bool) -> None:
    """The writer tells, and only then brings its log into the file; the last of it belongs to the life too."""

    def live(do: Doer) -> None:
        do([partial(meta.set_clock_offset, offset_ms=5)])

    def log_of(make: type[SimulatedDisk]) -> int:
        with closing(make()) as disk, closing(TillFile().open(disk)) as connection:
            connection.checkpoint_pages = 1
            play_inline_or_grouped(Recording(disk), connection, grouped=True, in_order=in_order, live=live)
            return len(disk.log)

    assert log_of(SlowDisk) == log_of(SimulatedDisk)


class CursorApart(TillFile):
    """A mutant: the rows of a page in one commit, its cursor in the next."""

    def _pull(self, chance: Random) -> Work:
        def work(tx: Connection) -> Any:
            page = self.server.page(entities.cursor(tx), 8)
            stored = entities.store_page(tx, asked_from=None, cursor=page.cursor, entities=(), now_ms=NOW_MS)
            tx.execute("COMMIT; BEGIN IMMEDIATE")
            return stored, entities.put_all(tx, page.entities)

        return work


class LanesApart(TillFile):
    """A mutant: a tap's operations in one commit, their lanes in the next."""

    def _send(self, chance: Random) -> Work:
        send = super()._send(chance)

        def work(tx: Connection) -> Any:
            given = send(tx)
            lanes = tx.execute("SELECT * FROM operation_lane").fetchall()
            tx.execute("DELETE FROM operation_lane; COMMIT; BEGIN IMMEDIATE")
            tx.executemany("INSERT INTO operation_lane VALUES (?, ?, ?)", lanes)
            return given

        return work


@pytest.mark.parametrize("mutant", [CursorApart, LanesApart])
def test_a_mutant_that_commits_in_halves_is_seen(mutant: Callable[[], Lived]) -> None:
    """Of the very cuts that the production code passes above."""
    assert tell_stories(mutant, cuts=640, seed=SEED).half > 0


def test_a_power_cut_during_an_upgrade_leaves_whole_steps_and_whole_copies() -> None:
    for seed in UPGRADES:
        report = upgrade_stories(cuts=CUTS_OF_AN_UPGRADE, seed=seed)
        assert not report.half, report.words


class ForgetsNames(SimulatedDisk):
    """A mutant: the folder is not synced, so a copy's name may be gone when its step is there."""

    def sync_folder(self, folder: Path) -> None:
        pass


class ForgetsBytes(SimulatedDisk):
    """A mutant: the copy gets its name before its bytes are durable."""

    def note(self, entry: Entry) -> None:
        copy = self.names.get(f"{UPGRADED}.copy-0001-of-v{NOW}.unfinished")
        if not (isinstance(entry, SyncedFile) and entry.file == copy):
            super().note(entry)


@pytest.mark.parametrize("mutant", [ForgetsNames, ForgetsBytes])
def test_a_copy_that_is_not_made_durable_is_seen(mutant: type[SimulatedDisk]) -> None:
    """In the very cuts that the production code passes above."""
    assert any(upgrade_stories(cuts=CUTS_OF_AN_UPGRADE, seed=seed, make_disk=mutant).half for seed in UPGRADES)
