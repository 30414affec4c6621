"""Real programs that stand still for a while, and a till whose clock is hours wrong and is set while it is closed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from demo.check import check
from shared.clock import SystemClock
from shared.database import open_reader
from shared.domain.order import Order
from shared.times import from_rfc3339
from tests.end_to_end.kill_night import KillNight, open_night
from tests.end_to_end.watched_process import WatchedProcess
from tests.soak import Soak

SHORT_S, LONG_S = 4.0, 60.0
"""So long a program stands still: longer than until the link is called down, and what the long proof plays."""
NEAR_MS: Final = 60_000


def settle(night: KillNight, till: WatchedProcess) -> list[Order]:
    """Let it ring up a little more, kill it, let it drain; everything has to be there once. The server's orders."""
    till.skip()
    till.hear("saved", 3)
    till.hear("answer", 3)
    till.kill()
    night.drain("till-1")
    assert night.server.stop() == 0
    findings = check(night.folder)
    assert findings.is_clean, findings
    assert findings.told == 0
    with closing(open_reader(night.server_file)) as reader:
        rows: Sequence[tuple[Any, ...]] = reader.execute("SELECT body FROM pos_order").fetchall()
    return [Order.model_validate_json(body) for (body,) in rows]


def stand_still(night: KillNight, *, till_s: float, server_s: float) -> int:
    """First the till stands still, then the server under it; the orders."""
    tick = threading.Event()
    till = night.start("till-1", "1", "busy")
    till.hear("answer", 5)
    till.stand_still()
    tick.wait(till_s)
    till.go_on()
    till.skip()
    till.hear("answer", 5)
    night.server.stand_still()
    tick.wait(server_s)
    night.server.go_on()
    return len(settle(night, till))


def test_a_till_and_then_a_server_that_stood_still_go_on_where_they_were(night: KillNight) -> None:
    assert stand_still(night, till_s=SHORT_S, server_s=SHORT_S)


@pytest.mark.soak
def test_both_stand_still_for_a_minute(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=1):
        made = open_night(tmp_path / str(seed), "till-1")
        try:
            soak.note(seed, {"orders": stand_still(made, till_s=LONG_S, server_s=LONG_S)})
        finally:
            made.close()


def test_a_clock_that_is_hours_wrong_and_was_set_while_the_till_was_closed_moves_no_order(night: KillNight) -> None:
    began_ms = SystemClock().now_ms()
    till = night.start("till-1", "1", "busy", environment={"WRONG_CLOCK_S": "7200"})
    till.hear("answer", 10)
    till.kill()
    till = night.start("till-1", "2", "busy", environment={"WRONG_CLOCK_S": "-7200"})
    till.hear("answer", 10)

    orders = settle(night, till)

    times = [from_rfc3339(order.opened_at) for order in orders]
    assert len(times) >= 5
    assert began_ms - NEAR_MS <= min(times), "the till told a moment of its own clock"
    assert max(times) <= SystemClock().now_ms() + NEAR_MS, "the till told a moment of its own clock"
