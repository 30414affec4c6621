"""Every mutant breaks a promise on its kept seed, which the clean code passes; and the list is that of the design."""

import pytest

from tests.simulation.mutants import CLEAN, MUTANTS, Mutant, caught, kept_seeds
from tests.simulation.stages import broken
from tests.soak import Soak

ELSEWHERE = {("a night", 0), ("power cuts", 0)}
"""These the clean code plays in `test_world.py` and `test_power_world.py`."""
PLAYED = sorted({(mutant.stage, kept_seeds()[mutant.name]) for mutant in MUTANTS} - ELSEWHERE)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_breaks_a_promise(mutant: Mutant) -> None:
    """On the seed that is kept, which the clean code is played on; `--find` looks for a new one."""
    found = caught(mutant)
    assert found is not None
    assert found[0] == kept_seeds()[mutant.name]


@pytest.mark.parametrize(("stage", "seed"), PLAYED)
def test_the_clean_code_keeps_every_promise_where_the_mutants_do_not(stage: str, seed: int) -> None:
    assert broken(stage, seed, CLEAN) == []


def test_no_seed_is_kept_for_nobody() -> None:
    assert kept_seeds().keys() == {mutant.name for mutant in MUTANTS}


@pytest.mark.soak
def test_the_kept_seeds_are_those_that_catch() -> None:
    assert {mutant.name: (caught(mutant) or (None,))[0] for mutant in MUTANTS} == kept_seeds()


@pytest.mark.soak
@pytest.mark.parametrize(
    "stage", ["a rush", "a rush with moves", "an evening that ends a day later", "many sick orders"]
)
def test_hundreds_of_rushes_break_no_promise(stage: str, soak: Soak) -> None:
    for seed in soak.seeds(enough=300):
        assert list(broken(stage, seed, CLEAN)) == [], seed
        soak.note(seed, {"evenings": 1})
