"""Hours at work, put together from what was told, in whatever order it was heard."""

from __future__ import annotations

from itertools import permutations

import pytest

from shared.domain.attendance import Clocking, Hours, hours
from shared.domain.shift_commands import Way
from shared.ids import ClockingId, StaffId
from shared.times import from_rfc3339, to_rfc3339
from tests.unit.domain.restaurant import AT, ulid

START_MS = from_rfc3339(AT)
HOUR_MS = 3600 * 1000
ANN = StaffId("ann")


def at(hour: float) -> str:
    return to_rfc3339(START_MS + round(hour * HOUR_MS))


def stays(told: str, *, now: float = 0.0) -> list[tuple[str | None, str | None, bool]]:
    """What `+0 -8 +24` makes: came after 0 hours, left after 8, came after 24. In every order the same."""
    clockings = [
        Clocking(
            id=ClockingId(ulid(number)),
            staff_id=ANN,
            type=Way.IN if one[0] == "+" else Way.OUT,
            at=at(float(one[1:])),
        )
        for number, one in enumerate(told.split())
    ]
    found = {
        tuple((one.came_at, one.left_at, one.is_in) for one in hours(order, now_ms=START_MS + round(now * HOUR_MS)))
        for order in permutations(clockings)
    }
    assert len(found) == 1
    return list(found.pop())


@pytest.mark.parametrize(
    ("told", "now", "expected"),
    [
        ("+0 -8", 9, [(0, 8, False)]),
        ("+0 +1 -8", 9, [(0, 8, False)]),
        ("+0 -8 -8.1", 9, [(0, 8, False)]),
        ("+0", 1, [(0, None, True)]),
        ("+0", 17, [(0, None, False)]),
        ("+0 +24 -30", 31, [(0, None, False), (24, 30, False)]),
        ("-8", 9, [(None, 8, False)]),
        ("+0 -17", 18, [(0, None, False), (None, 17, False)]),
        ("+0 -4 +5 -9", 10, [(0, 4, False), (5, 9, False)]),
        ("-4 +5", 6, [(None, 4, False), (5, None, True)]),
    ],
)
def test_hours_lie_between_two_ways_past_the_clock(
    told: str, now: float, expected: list[tuple[float | None, float | None, bool]]
) -> None:
    moments = [
        (None if came is None else at(came), None if left is None else at(left), is_in)
        for came, left, is_in in expected
    ]
    assert stays(told, now=now) == moments


def test_only_a_stay_that_is_over_can_have_been_forgotten() -> None:
    assert Hours(staff_id=ANN, came_at=AT).is_forgotten
    assert not Hours(staff_id=ANN, came_at=AT, is_in=True).is_forgotten
    assert not Hours(staff_id=ANN, came_at=AT, left_at=AT).is_forgotten
