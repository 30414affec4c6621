"""The delays, the clock's offset, and the snapshot that screens are given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store.outcomes import Accepted, Deferred, Failed, FailReason
from shared.sync import backoff
from shared.sync.actions import Cause, LinkState, Standing
from shared.sync.offset import ClockOffset
from shared.sync.snapshot import Snapshots
from shared.sync.turns import outcome_of
from shared.sync.verdicts import CheckEntity, Later, NoAnswer, Paused
from tests.unit.sync.flights import change, flight_of

CHANCES = st.floats(0, 1)


def test_sends_wait_0_5_15_45_and_then_always_120_seconds_in_the_middle() -> None:
    assert [backoff.delay_s(sends, 0.5) for sends in range(8)] == [0, 5, 15, 45, 120, 120, 120, 120]


@given(sends=st.integers(0, 10_000), chance=CHANCES)
def test_jitter_is_a_fifth_either_way(sends: int, chance: float) -> None:
    middle_s = backoff.delay_s(sends, 0.5)
    assert middle_s * 0.7999 <= backoff.delay_s(sends, chance) <= middle_s * 1.2001
    assert backoff.delay_s(sends, chance) <= backoff.LONGEST_SEND_DELAY_S * 1.0001


@given(misses=st.integers(1, 10_000), chance=CHANCES)
def test_probes_have_full_jitter_below_half_a_second_growing_to_five(misses: int, chance: float) -> None:
    assert 0.1 <= backoff.probe_delay_s(misses, chance) <= min(5.0, 0.5 * 2.0 ** min(misses - 1, 20))


@given(told_s=st.floats(0, 300), chance=CHANCES)
def test_a_server_is_never_asked_sooner_than_it_told(told_s: float, chance: float) -> None:
    assert max(told_s, 0.5) <= backoff.told_delay_s(told_s, chance) <= max(0.5, told_s * 1.1)


def test_trouble_of_our_own_waits_half_a_second_growing_to_fifteen() -> None:
    assert [backoff.trouble_delay_s(failures) for failures in range(1, 8)] == [0.5, 1, 2, 4, 8, 15, 15]
    assert [backoff.after_outage_s(chance) for chance in (0.0, 0.25, 1.0)] == [0.0, 0.5, 2.0]


@pytest.mark.parametrize(("sends", "wait_ms"), [(1, 5_000), (2, 15_000), (3, 45_000), (4, 120_000), (40, 120_000)])
def test_each_unanswered_send_waits_longer_and_counts_nothing(sends: int, wait_ms: int) -> None:
    flight = flight_of(change(), sends=sends)
    for verdict in (NoAnswer("gone"), CheckEntity("gone")):
        found = outcome_of(verdict, flight, now_ms=1_000, chance=0.5)
        assert found == Deferred(1_000 + wait_ms, False, None, "gone")


@pytest.mark.parametrize(
    ("verdict", "wait_ms"),
    [
        (Later(500, "x", counts=True), 15_000),
        (Later(503, "x", after_s=60.0), 63_000),
        (Later(503, "x", after_s=1.0), 15_000),
        (Later(429, "x", after_s=2.0, grows=False), 2_100),
        (Later(409, "x", after_s=0.0, grows=False), 500),
    ],
)
def test_a_server_that_says_later_is_given_its_time_or_ours(verdict: Later, wait_ms: int) -> None:
    found = outcome_of(verdict, flight_of(change(), sends=2), now_ms=0, chance=0.5)
    assert found == Deferred(wait_ms, verdict.counts, verdict.status, "x")


def test_what_waits_for_a_pause_is_due_as_soon_as_the_pause_ends() -> None:
    found = outcome_of(Paused(Cause.DEVICE_UNKNOWN, 401, "x"), flight_of(change(), sends=9), now_ms=7, chance=1.0)
    assert found == Deferred(7, False, 401, "x")


@pytest.mark.parametrize("verdict", [Accepted(200, b"", (), None), Failed(FailReason.INVALID, 422, "x", b"")])
def test_final_verdicts_are_stored_as_they_are(verdict: Accepted | Failed) -> None:
    assert outcome_of(verdict, flight_of(change()), now_ms=0, chance=0.5) is verdict


def test_the_offset_is_the_median_and_half_a_round_trip_is_taken_off() -> None:
    offset = ClockOffset()
    assert offset.learn(server_ms=10_000, received_ms=7_000, round_trip_s=0.4)
    assert offset.ms == 3_200


def test_one_odd_answer_among_five_is_not_believed_and_three_are() -> None:
    offset = ClockOffset(500)
    for _ in range(4):
        assert not offset.learn(server_ms=500, received_ms=0, round_trip_s=0.0)
    assert not offset.learn(server_ms=7_200_000, received_ms=0, round_trip_s=0.0)
    assert not offset.learn(server_ms=7_200_000, received_ms=0, round_trip_s=0.0)
    assert offset.learn(server_ms=7_200_000, received_ms=0, round_trip_s=0.0)
    assert offset.ms == 7_200_000


@pytest.mark.parametrize("round_trip_s", [1.01, 60.0, -0.1])
def test_a_time_that_travelled_too_long_is_no_time(round_trip_s: float) -> None:
    offset = ClockOffset(42)
    assert not offset.learn(server_ms=9_999_999, received_ms=0, round_trip_s=round_trip_s)
    assert offset.ms == 42


def test_noise_of_the_line_changes_nothing() -> None:
    offset = ClockOffset(1_000)
    assert not any(offset.learn(server_ms=1_000 + noise, received_ms=0, round_trip_s=0.0) for noise in range(-99, 99))


def test_the_same_moment_always_has_the_same_time_although_clocks_tick_apart() -> None:
    snapshots = Snapshots()
    standing = Standing(LinkState.OFFLINE, Cause.NO_SERVER, 5.0, 20.0, None, 0, False)
    first = snapshots.of(standing, now_s=10.0, now_ms=100_000, offset_ms=0, trouble="")
    later = snapshots.of(standing, now_s=11.0, now_ms=101_007, offset_ms=0, trouble="")
    assert first == later
    assert (first.since_ms, first.next_try_at_ms, first.last_good_ms) == (95_000, 110_000, None)
    moved = snapshots.of(standing, now_s=12.0, now_ms=202_000, offset_ms=100_000, trouble="The disk is full")
    assert (moved.since_ms, moved.clock_offset_ms, moved.trouble) == (195_000, 100_000, "The disk is full")
