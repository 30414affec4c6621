"""Ages are never negative, equal on all screens, and say their unit; states come from the station's limits."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kds_client.ages import Sla, age_face, age_ms, age_text, clock_text, ms_to_next_second, onward, sla_of, zone_of

MOMENTS = st.integers(min_value=0, max_value=4_000_000_000_000)
MINUTE_MS = 60_000


@given(MOMENTS, MOMENTS)
def test_an_age_is_never_negative_whatever_the_clocks_say(sent: int, now: int) -> None:
    assert age_ms(sent_at_ms=sent, now_ms=now) >= 0
    face = age_face(sent_at_ms=sent, now_ms=now, orange_after_min=8, red_after_min=12)
    assert "-" not in face.text


@given(MOMENTS, st.integers(min_value=-7_200_000, max_value=7_200_000))
def test_two_screens_with_wrong_clocks_show_the_same_age_in_server_time(now: int, wrong_by: int) -> None:
    """Each screen's clock is wrong by its own amount, which the server's answers tell it: the offset."""
    sent = max(0, now - 500_000)
    other_clock, offset = now - wrong_by, wrong_by
    here = age_face(sent_at_ms=sent, now_ms=now, orange_after_min=8, red_after_min=12)
    there = age_face(sent_at_ms=sent, now_ms=other_clock + offset, orange_after_min=8, red_after_min=12)
    assert here == there


@given(MOMENTS, st.integers(min_value=-3000, max_value=90_000_000))
def test_a_clock_on_the_board_never_runs_back_by_a_little(before: int, on: int) -> None:
    assert onward(before + on, before_ms=before) >= before


def test_a_time_that_was_wrong_by_an_hour_is_mended_once() -> None:
    assert onward(10_000_000 - 3_600_000, before_ms=10_000_000) == 10_000_000 - 3_600_000


@given(MOMENTS, st.integers(min_value=0, max_value=40_000_000), st.integers(min_value=0, max_value=600_000))
def test_a_state_never_gets_better_by_waiting(sent: int, age: int, more: int) -> None:
    def state(ms: int) -> int:
        return sla_of(ms, orange_after_min=8, red_after_min=12).value

    assert state(age) <= state(age + more)


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "00:00"),
        (999, "00:00"),
        (12_000, "00:12"),
        (485_000, "08:05"),
        (3_599_999, "59:59"),
        (3_600_000, "1:00 h"),
        (3_900_000, "1:05 h"),
        (36_000_000, "10 h"),
        (-5, "00:00"),
    ],
)
def test_an_age_reads_as_minutes_and_seconds_and_from_an_hour_on_with_its_unit(ms: int, words: str) -> None:
    assert age_text(ms) == words


@pytest.mark.parametrize(
    ("age", "sla", "words"),
    [
        (8 * MINUTE_MS - 1, Sla.GREEN, ""),
        (8 * MINUTE_MS, Sla.ORANGE, "SOON"),
        (12 * MINUTE_MS - 1, Sla.ORANGE, "SOON"),
        (12 * MINUTE_MS, Sla.RED, "LATE +00:00"),
        (1_104_000, Sla.RED, "LATE +06:24"),
    ],
)
def test_the_state_is_said_by_a_word_too(age: int, sla: Sla, words: str) -> None:
    face = age_face(sent_at_ms=1_000, now_ms=1_000 + age, orange_after_min=8, red_after_min=12)
    assert (face.sla, face.words) == (sla, words)


@given(MOMENTS)
def test_screens_tick_together_at_the_servers_full_second(now: int) -> None:
    wait = ms_to_next_second(now)
    assert 1 <= wait <= 1000
    assert (now + wait) % 1000 == 0


def test_an_unknown_time_zone_still_gives_a_clock() -> None:
    assert zone_of("Nowhere/Atlantis") is UTC
    assert clock_text(70_878_000, UTC) == "19:41"
    assert clock_text(70_878_000, UTC, seconds=True) == "19:41:18"
