"""Moments as text: what is written is read back, and what is not a moment is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import SystemClock
from shared.times import FIRST_MS, LAST_MS, from_rfc3339, to_rfc3339


@given(st.integers(FIRST_MS, LAST_MS))
def test_every_millisecond_comes_back_from_its_text(ms: int) -> None:
    text = to_rfc3339(ms)
    assert from_rfc3339(text) == ms
    assert len(text) == len("2015-11-27T19:41:05.250Z")


@given(st.integers(FIRST_MS, LAST_MS), st.integers(FIRST_MS, LAST_MS))
def test_texts_sort_as_their_moments_do(left: int, right: int) -> None:
    assert (to_rfc3339(left) < to_rfc3339(right)) == (left < right)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00.000Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2015-11-27T19:41:05.250Z", 1_448_653_265_250),
        ("2015-11-27T19:41:05.25Z", 1_448_653_265_250),
        ("2015-11-27t22:41:05.2509999+03:00", 1_448_653_265_250),
        ("2015-11-27T14:11:05.250-05:30", 1_448_653_265_250),
        ("2015-11-27T19:41:05z", 1_448_653_265_000),
        ("2016-12-31T23:59:60Z", 1_483_228_799_999),
    ],
)
def test_the_forms_that_the_standard_allows_are_read(text: str, ms: int) -> None:
    assert from_rfc3339(text) == ms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2015-11-27",
        "2015-11-27T19:41:05",
        "2015-11-27 19:41:05Z",
        "2015-13-27T19:41:05Z",
        "2015-02-29T19:41:05Z",
        "2015-11-27T24:00:00Z",
        "2015-11-27T19:41:05+24:00",
        "2015-11-27T19:41:05+03:60",
        "2015-11-27T19:41:05.Z",
        "2015-11-27T19:41:05Z\n",
        "٢٠١٥-11-27T19:41:05Z",
        "0001-01-01T00:00:00+03:00",
        "0000-01-01T00:00:00Z",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_rfc3339(text)


@pytest.mark.parametrize("ms", [FIRST_MS - 1, LAST_MS + 1])
def test_a_moment_that_cannot_be_written_is_refused(ms: int) -> None:
    with pytest.raises(ValueError):
        to_rfc3339(ms)


def test_the_machine_s_clock_reads_this_century_and_its_stopwatch_never_goes_back() -> None:
    clock = SystemClock()
    assert from_rfc3339("2020-01-01T00:00:00Z") < clock.now_ms() < from_rfc3339("2100-01-01T00:00:00Z")
    readings = [clock.monotonic_s() for _ in range(100)]
    assert readings == sorted(readings)
