"""When a device's file is tidied, and that no wrong clock makes it forget."""

from __future__ import annotations

from pathlib import Path

from tests.unit.sync.night import Night
from tests.unit.sync.play import START_S, Play, broken, good, refused
from tests.unit.sync.test_steps_of_the_clock import Wrong

YEAR_MS = 365 * 24 * 3600 * 1000


def test_the_file_is_tidied_when_the_link_has_been_up_for_a_minute_and_then_once_an_hour() -> None:
    play = Play(broken(0, START_S + 600, refused))
    play.run(600 + 60 + 3600 + 60)
    first_s, second_s = play.tidies
    assert 60 <= first_s - (START_S + 600) < 70
    assert 3600 <= second_s - first_s < 3601


def test_a_file_with_much_to_forget_is_tidied_in_small_steps_with_room_for_taps_between() -> None:
    play = Play(good(), untidy=4)
    play.run(120)
    assert len(play.tidies) == 4
    assert all(1.0 <= later - before < 1.1 for before, later in zip(play.tidies, play.tidies[1:], strict=False))


def test_what_was_settled_over_a_week_ago_is_forgotten_once_the_server_told_the_time(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        order = night.order()
        night.run(5)
        night.till.connection.execute("UPDATE operation SET settled_at = settled_at - 8 * 24 * 3600 * 1000")
        night.run(40)
        assert len(night.till.statuses()) == 3
        night.run(30)
        assert night.till.statuses() == []
        assert night.till.scene(order).scene.order is not None, "an open order stays"


def test_a_device_whose_clock_leaps_a_year_ahead_forgets_nothing(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.order()
        night.run(59.5)
        night.clock.wrong_by_ms = YEAR_MS
        night.run(3600)
        assert len(night.till.statuses()) == 3


def test_a_server_that_once_tells_a_time_a_year_ahead_makes_a_device_forget_nothing(tmp_path: Path) -> None:
    """What was settled is what a restored server gets its sales back from: one odd heartbeat must not end that."""
    with Night(tmp_path) as night:
        server = Wrong(night.clock)
        night.server = night.transport = server
        night.order()
        night.run(58.5)
        server.ahead_ms = YEAR_MS
        night.run(1.0)
        server.ahead_ms = 0
        night.run(3600)
        assert len(night.till.statuses()) == 3
