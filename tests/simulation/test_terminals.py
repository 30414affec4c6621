"""Two tills and a kitchen screen in the hands of random people: whatever they do, the promises hold. It shrinks."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, run_state_machine_as_test

from tests.simulation.drawers import MOVES
from tests.simulation.people import MOST_OPEN, TILLS
from tests.simulation.people_at_tills import Fate
from tests.simulation.people_with_books import Managers
from tests.simulation.premises import furnish


class People(Managers, Fate):
    """What people do, what befalls them, and the promises, looked at after each step and when all is quiet."""

    @initialize()
    def there_is_an_order_that_all_know(self) -> None:
        self.premises.open(self.furnished)
        for till in TILLS:
            self.goes_to_the_drawer(till, MOVES[0])
        self.rings_up("till-1", MOST_OPEN, (0, 2), twice=False, holds=False, pause_s=6)
        self.premises.copy()


@pytest.fixture(scope="module", autouse=True)
def furniture(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The files of a new house, made once."""
    People.furniture = tmp_path_factory.mktemp("house") / "furniture"
    People.furnished = furnish(People.furniture)


SMALL = settings(
    max_examples=60,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_whatever_people_do_the_promises_hold() -> None:
    run_state_machine_as_test(People, settings=SMALL)


@pytest.mark.soak
def test_whatever_people_do_for_long_the_promises_hold() -> None:
    run_state_machine_as_test(People, settings=settings(SMALL, max_examples=600, derandomize=False))
