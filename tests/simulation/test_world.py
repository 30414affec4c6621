"""Bad nights in virtual time keep the promise, and every mutant breaks it on the seeds that the clean code passes."""

from pathlib import Path

import pytest

from tests.simulation.devices import Code
from tests.simulation.mutants import MUTANTS
from tests.simulation.world import play

SEEDS = (0, 1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bad_night_loses_nothing_and_doubles_nothing(seed: int, tmp_path: Path) -> None:
    story = play(seed, tmp_path / "night")

    assert story.is_clean, story.findings
    assert story.findings.orders_rung >= 30
    assert story.kills >= 3
    assert min(story.faults[name] for name in ("lose_request", "lose_answer", "double", "server_error", "portal")) >= 10


def test_the_same_seed_is_the_same_night(tmp_path: Path) -> None:
    first, second = (play(7, tmp_path / name) for name in ("first", "second"))

    assert (first.faults, first.kills, first.findings) == (second.faults, second.kills, second.findings)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda code: code.name)
def test_a_mutant_breaks_the_promise(mutant: Code, tmp_path: Path) -> None:
    stories = (play(seed, tmp_path / str(seed), code=mutant) for seed in SEEDS)

    assert not all(story.is_clean for story in stories)
