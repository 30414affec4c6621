"""Power cuts under the real worker and engine: the file keeps what was told, and the night its promises."""

from __future__ import annotations

import gc
from collections import Counter
from pathlib import Path
from shutil import rmtree

import pytest

from tests.simulation.disk import SimulatedDisk
from tests.simulation.power_world import play_power_cuts
from tests.soak import Soak

SEEDS = (0, 1)


def test_nights_of_power_cuts_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    held = disks_held()
    stories = [play_power_cuts(seed, tmp_path / str(seed)) for seed in SEEDS]

    for story in stories:
        assert story.is_clean, (story.wrong, story.story)
    struck = sum((story.struck for story in stories), Counter[str]())
    assert struck.total() >= 80
    assert disks_held() <= held, "a night that is over takes no room"
    assert sum(story.promises for story in stories) > struck.total()
    assert {"Device.tap", "turn", "store_page"} <= {name for name, count in struck.items() if count >= 5}, struck


def disks_held() -> int:
    """How many simulated disks something in this process still holds."""
    gc.collect()
    return sum(isinstance(one, SimulatedDisk) for one in gc.get_objects())


@pytest.mark.soak
def test_fifty_thousand_power_cuts_under_the_worker(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=1_200):
        story = play_power_cuts(seed, tmp_path / str(seed))
        assert story.is_clean, (seed, story.wrong, story.story)
        soak.note(seed, {"cuts": story.cuts, "promises": story.promises, **story.struck})
        rmtree(tmp_path / str(seed))


def test_the_same_night_sees_a_weaker_promise_broken(tmp_path: Path) -> None:
    story = play_power_cuts(SEEDS[0], tmp_path / "night", synchronous="NORMAL")

    assert story.wrong
    assert story.story is None or story.story.findings.lost > 0


def test_one_seed_is_one_night(tmp_path: Path) -> None:
    once, again = (play_power_cuts(3, tmp_path / name / "night") for name in ("once", "twice"))

    assert (once.struck, once.story) == (again.struck, again.story)
