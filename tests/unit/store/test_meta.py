"""What time it is at a start without a server: as last measured, and never before what the file holds."""

from __future__ import annotations

import pytest

from shared.store import meta
from tests.unit.store.till import NOW_MS, Till, ulid

HOUR_MS = 3_600_000
ORDER = ulid(900_001)


@pytest.mark.parametrize("measured_ms", [0, HOUR_MS, -HOUR_MS])
def test_a_file_without_operations_knows_what_was_measured(till: Till, measured_ms: int) -> None:
    till.run(lambda tx: meta.set_clock_offset(tx, measured_ms))
    assert till.run(lambda tx: meta.offset_at_start(tx, clock_ms=NOW_MS)) == measured_ms


@pytest.mark.parametrize(
    ("clock_ms", "measured_ms", "offset_ms"),
    [
        (NOW_MS + 5_000, 0, 0),
        (NOW_MS + 5_000 - HOUR_MS, HOUR_MS, HOUR_MS),
        (NOW_MS - 2 * HOUR_MS, 0, 2 * HOUR_MS),
        (NOW_MS - 2 * HOUR_MS, -2 * HOUR_MS, 2 * HOUR_MS),
        (NOW_MS, -2 * HOUR_MS, 0),
    ],
    ids=["right", "slow, and known to be", "set back", "was fast, now slow", "was fast, now right"],
)
def test_time_does_not_go_back_behind_the_last_operation(
    till: Till, clock_ms: int, measured_ms: int, offset_ms: int
) -> None:
    till.send(ORDER, till.add_line(ORDER))
    till.run(lambda tx: meta.set_clock_offset(tx, measured_ms))
    assert till.run(lambda tx: meta.offset_at_start(tx, clock_ms=clock_ms)) == offset_ms
