"""A till and a server, each a program of its own, whose system clocks are two hours wrong, either way."""

from __future__ import annotations

from pathlib import Path

import pytest

import tests.faked_clock
from shared.clock import SystemClock
from shared.times import from_rfc3339
from tests.end_to_end.kill_night import KillNight
from tests.end_to_end.test_odd_times import NEAR_MS, settle
from tests.faked_clock import clock_wrong_by

HOUR_MS = 3_600_000


@pytest.mark.parametrize(("server_h", "till_h"), [(2, -2), (-2, 2)])
def test_system_clocks_that_are_hours_wrong_lose_double_and_move_nothing(
    night: KillNight, server_h: int, till_h: int
) -> None:
    """The till rings up, dies, and comes again with its clock set the other way; all times are the server's."""
    night.server.kill()
    night.server.environment = clock_wrong_by(server_h)
    began_ms = SystemClock().now_ms()
    night.server.start()
    till = night.start("till-1", "1", "busy", environment=clock_wrong_by(till_h))
    till.hear("answer", 6)
    till.kill()
    till = night.start("till-1", "2", "busy", environment=clock_wrong_by(-till_h))
    till.hear("answer", 6)

    orders = settle(night, till)

    times = [from_rfc3339(order.opened_at) - server_h * HOUR_MS for order in orders]
    assert began_ms - NEAR_MS <= min(times), "an order was opened by another clock than the server's"
    assert max(times) <= SystemClock().now_ms() + NEAR_MS, "an order was opened by another clock than the server's"
    made = {round((made_ms(order.id) - began_ms) / HOUR_MS) for order in orders}
    assert made == {till_h, -till_h}, "the till's own clock was not wrong: its ids tell it"


def made_ms(ulid: str) -> int:
    """The moment in a ULID: its first ten letters, in Crockford's base 32, are milliseconds since 1970."""
    found = 0
    for letter in ulid[:10]:
        found = 32 * found + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    return found


def test_where_libfaketime_is_not_installed_the_test_fails_and_says_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tests.faked_clock, "PLACE", tmp_path)
    with pytest.raises(AssertionError, match=r"packaging/linux/test-servers\.sh"):
        clock_wrong_by(2)
