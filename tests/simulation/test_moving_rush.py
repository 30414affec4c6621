"""Rushes in which lines are carried about: the seeds that once found something in the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.moving_rush import play_moving_rush


@pytest.mark.parametrize(
    "seed",
    [
        26,  # lines foreseen on a follow-up order had gone elsewhere: their split was held for ever, and all behind it
        92,  # two tills merged one order into two others: what was carried off where it did not come was held for ever
    ],
)
def test_a_line_that_did_not_come_where_a_till_foresaw_it_holds_up_nobody(seed: int, tmp_path: Path) -> None:
    story = play_moving_rush(seed, tmp_path / "rush")

    assert (story.drained, story.broken) == (True, ())
