"""The worker with the till's real store on a server in memory: bad networks, bad disks, deaths, in virtual time."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import pytest

from shared.errors import DiskFull
from shared.store import meta
from shared.store.outcomes import Flight
from shared.sync.actions import Cause, LinkState
from shared.sync.exchange import Exchange, TimedOut, Unreachable
from tests.unit.sync.flights import answer, error
from tests.unit.sync.night import Night

KINDS = ["create_order", "change_order", "send_to_kitchen"]


def all_effects_once(night: Night) -> None:
    """Every operation settled, each effect there once and in its order's order."""
    assert night.waiting() == 0
    assert set(night.column("status")) == {"SUCCESS"}
    counts = Counter(effect.operation_id for effect in night.server.effects)
    assert len(counts) == len(night.till.statuses())
    assert set(counts.values()) == {1}


def test_an_evening_without_trouble_leaves_nothing_waiting(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        orders = [night.order() for _ in range(20)]
        night.run(5)
        all_effects_once(night)
        assert [night.server.effects_of(order) for order in orders] == [KINDS] * 20
        assert night.server.most_in_flight == 5
        assert max(night.server.seen.values()) == 1


def test_answers_that_come_together_are_settled_in_one_commit_with_the_next_take(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.trip_s = 0.2
        for _ in range(50):
            night.order()
        night.run(0.001)
        before = night.writer.commits
        night.run(30)
        all_effects_once(night)
        pulls = night.server.asked.count("orders")
        assert night.writer.commits - before < 150 / 5 + 3 * pulls + 15


def test_a_tap_is_announced_as_syncing_and_then_as_settled(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.run(1)
        night.told.clear()
        order = night.order()
        night.run(1)
        lane = f"order:{order}"
        assert sum(lane in ids for ids in night.told) == 4
        assert night.till.scene(order).scene.order is not None


def test_the_server_is_gone_for_ten_minutes_and_nothing_is_lost_or_counted(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.run(5)
        night.server.up = False
        orders = [night.order() for _ in range(30)]
        night.run(300)
        assert night.worker.link().state is LinkState.OFFLINE
        assert night.worker.link().cause is Cause.NO_SERVER
        night.more(orders[0])
        night.run(300)
        assert set(night.column("attempts")) == {0}
        assert max(int(str(sends)) for sends in night.column("sends")) <= 2
        night.server.up = True
        night.run(20)
        all_effects_once(night)
        assert night.worker.link().state is LinkState.CONNECTED


def test_offline_is_announced_within_three_seconds(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.run(5.3)
        night.server.up = False
        night.views.clear()
        night.run(3)
        assert {view.state for _, view in night.views} == {LinkState.RECONNECTING}
        night.run(10)
        assert night.views[-1][1].state is LinkState.OFFLINE
        assert night.worker.link().since_ms - night.worker.link().last_good_ms == pytest.approx(10_000, abs=50)  # type: ignore[operator]


@pytest.mark.parametrize(
    "instead",
    [
        TimedOut(),
        Unreachable(Cause.NO_SERVER, "cut"),
        answer(200, b""),
        answer(200, b"<html>"),
        answer(502, b"<html>"),
        answer(302, b""),
        answer(404, b"not here"),
        answer(413, b""),
    ],
    ids=repr,
)
def test_an_answer_that_was_lost_after_the_server_did_it_is_asked_again_under_the_same_id(
    tmp_path: Path, instead: Exchange
) -> None:
    with Night(tmp_path) as night:
        night.server.fault_after = lambda flight, seen: instead if seen < 2 else None
        night.order()
        night.order()
        night.run(200)
        all_effects_once(night)
        assert set(night.server.seen.values()) == {3}
        # Silence speaks against an operation only where a later one was answered meanwhile.
        assert set(night.column("attempts")) <= ({0, 1, 2} if isinstance(instead, TimedOut) else {0})
        assert set(night.column("sends")) == {3}


def test_each_unanswered_send_waits_longer(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.fault_before = lambda flight, seen: Unreachable(Cause.NO_SERVER, "cut")
        night.order()
        night.run(1_000)
        sent = [sent_s for sent_s, _ in night.server.sends]
        gaps = [later - earlier for earlier, later in itertools.pairwise(sent)]
        expected = [5, 15, 45, 120, 120, 120, 120, 120]
        assert len(gaps) >= len(expected)
        for gap, middle in zip(gaps, expected, strict=False):
            assert middle * 0.8 <= gap <= middle * 1.2 + 0.1


def test_a_slow_order_does_not_hold_the_others(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        slow = night.order()

        def fault(flight: Flight, seen: int) -> Exchange | None:
            return TimedOut() if flight.entity_id == slow else None

        night.server.fault_before = fault
        others = [night.order() for _ in range(40)]
        night.run(9)
        assert [night.server.effects_of(order) for order in others] == [KINDS] * 40
        assert night.server.effects_of(slow) == []


def test_a_poisonous_operation_fails_after_ten_errors_and_holds_only_its_own_order(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        poison, other = night.order(), night.order()
        night.server.fault_before = lambda flight, seen: answer(500, error(500)) if flight.entity_id == poison else None
        night.run(2_000)
        assert [row[1:] for row in night.till.statuses()][:3] == [
            ("FAILED", "EXHAUSTED"),
            ("PENDING", None),
            ("PENDING", None),
        ]
        assert night.column("attempts")[0] == 10
        assert night.server.effects_of(other) == KINDS
        assert any("alerts" in ids for ids in night.told)


def test_a_restarted_till_sends_what_was_on_its_way_again_under_its_id(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.fault_after = lambda flight, seen: TimedOut()
        for _ in range(3):
            night.order()
        night.run(5)
        assert night.column("status").count("REPLAYING") == 3
        night.die()
        assert night.column("status").count("REPLAYING") == 3
        night.server.fault_after = lambda flight, seen: None
        night.run(10)
        all_effects_once(night)
        assert sorted(night.server.seen.values())[-3:] == [2, 2, 2]


def test_a_clean_stop_stores_what_has_come_and_leaves_the_rest_for_the_next_start(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.fault_after = lambda flight, seen: TimedOut() if flight.kind == "change_order" else None
        night.order()
        night.run(3)
        night.stop()
        assert night.server.closed
        assert night.column("status") == ["SUCCESS", "REPLAYING", "PENDING"]
        night.worker.wake()
        night.worker.try_now()
        night.server.fault_after = lambda flight, seen: None
        night.run(3)
        all_effects_once(night)


def test_a_full_disk_is_said_and_what_the_server_answered_is_stored_when_there_is_room(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.run(1)
        night.order()
        full_from = night.server.head

        def failing() -> Exception | None:
            return DiskFull("no room") if night.server.head != full_from else None

        night.writer.failing = failing
        night.run(60)
        assert night.worker.link().trouble == "The disk is full"
        assert len(night.server.effects) == 1
        assert list(night.server.seen.values()) == [1]
        night.writer.failing = lambda: None
        night.run(30)
        all_effects_once(night)
        assert night.worker.link().trouble == ""
        assert set(night.server.seen.values()) == {1}


def test_the_clocks_difference_is_learnt_and_kept(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.clock.wrong_by_ms = -7_200_000
        night.run(10)
        assert night.worker.link().clock_offset_ms == pytest.approx(7_200_000, abs=30)
        assert night.till.run(meta.clock_offset) == night.worker.link().clock_offset_ms


@pytest.mark.parametrize("step_ms", [-7_200_000, 7_200_000])
def test_a_wall_clock_that_steps_holds_nothing_up_for_long(tmp_path: Path, step_ms: int) -> None:
    with Night(tmp_path) as night:
        night.server.fault_before = lambda flight, seen: Unreachable(Cause.NO_SERVER, "cut")
        night.order()
        night.run(10)
        night.clock.wrong_by_ms = step_ms
        night.server.fault_before = lambda flight, seen: None
        night.run(160)
        all_effects_once(night)
