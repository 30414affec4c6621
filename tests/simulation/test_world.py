"""Bad nights in virtual time keep every promise."""

from pathlib import Path
from shutil import rmtree

import pytest

from tests.simulation.world import play
from tests.soak import Soak

NIGHTS = (0, 1, 2)
FAILED_ONCE = (8,)
"""In 8 two tills made the follow-up order that both had foreseen, and what was rung up on it was put aside."""
TOGETHER = 1
"""The night on which operations travel together."""


@pytest.mark.parametrize("seed", [*NIGHTS, *FAILED_ONCE])
def test_a_bad_night_loses_nothing_and_doubles_nothing(seed: int, tmp_path: Path) -> None:
    story = play(seed, tmp_path / "night")

    assert story.is_clean, story.findings
    assert story.findings.orders_rung >= 30
    assert story.kills >= 3
    assert story.stages_seen >= 100
    assert min(story.faults[name] for name in ("lose_request", "lose_answer", "double", "server_error", "portal")) >= 10
    assert story.faults["poison"] >= 5


def test_the_same_seed_is_the_same_night(tmp_path: Path) -> None:
    first, second = (play(7, tmp_path / name) for name in ("first", "second"))

    assert first == second


def test_a_bad_night_with_operations_that_travel_together_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    story = play(TOGETHER, tmp_path / "night", batches=True)

    assert story.is_clean, story.findings
    assert story.batches >= 20
    assert story.faults["one fails"] >= 2


@pytest.mark.soak
def test_hundreds_of_bad_nights_lose_nothing_and_double_nothing(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=500):
        story = play(seed, tmp_path / str(seed), batches=seed % 2 == 1)
        assert story.is_clean, (seed, story.broken, story.findings)
        figures = {"orders": story.findings.orders_rung, "kills": story.kills, "lines told of": story.findings.told}
        soak.note(seed, {**figures, "stages looked at": story.stages_seen, **story.faults})
        rmtree(tmp_path / str(seed))
