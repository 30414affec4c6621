"""Whoever dies, at whichever SQL statement of an evening: nothing is lost or done twice, every view is equal."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree

import pytest

from tests.simulation.devices import Code
from tests.simulation.every_statement import SIDES, die, statements
from tests.simulation.spoiled_client import CursorFirst
from tests.soak import Soak

EVERY = {"till-1": 61, "till-2": 61, "kitchen-1": 61, "server": 151}
"""So many statements lie between two deaths here; the long proof leaves none out."""
MOST = 4_000
AROUND = range(26, 36)
"""Where the kitchen stores its first page of tickets."""


@pytest.mark.parametrize("side", SIDES)
def test_a_death_at_a_statement_of_the_evening_leaves_everything_once(side: str, tmp_path: Path) -> None:
    for n in range(len(side), MOST, EVERY[side]):
        death = die(side, n, tmp_path / str(n), batches=n % 2 == 1)
        assert death.story.is_clean, (n, death.story)
        if not death.happened:
            return
    raise AssertionError("the evening does not end")


@pytest.mark.soak
@pytest.mark.parametrize("side", SIDES)
def test_a_death_at_every_single_statement_leaves_everything_once(side: str, tmp_path: Path, soak: Soak) -> None:
    """A seed is the number of the statement; each once one by one and once with several in a request."""
    for n in soak.seeds(enough=MOST):
        deaths = [die(side, n, tmp_path / f"{n} {batches}", batches=batches) for batches in (False, True)]
        assert all(death.story.is_clean for death in deaths), (n, deaths)
        rmtree(tmp_path / f"{n} False")
        rmtree(tmp_path / f"{n} True")
        soak.note(n, {"deaths": sum(death.happened for death in deaths)})
        if not any(death.happened for death in deaths):
            return


def test_an_evening_has_hundreds_of_statements_on_each_side(tmp_path: Path) -> None:
    assert min(statements(side, tmp_path / side) for side in SIDES) > 150


def test_a_mutant_that_is_wrong_between_two_statements_is_caught_at_one_of_them(tmp_path: Path) -> None:
    """Its cursor is durable before its rows: only who dies between these two sees it."""
    mutant = Code("rows and cursor in two transactions", ledger=CursorFirst)
    deaths = [die("kitchen-1", n, tmp_path / str(n), code=mutant) for n in AROUND]

    assert [death.story.is_clean for death in deaths].count(False) in range(1, len(deaths))
