"""The words about the link: three states, and a board that gets no orders never looks calm."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kds_client.connection import OFFLINE_MS, SILENT_MS, Link, Silence, standing
from shared.terminal import Cause, LinkState, LinkView

NOW_MS = 1_772_394_065_250
UP = LinkView(LinkState.CONNECTED, None, NOW_MS, None, NOW_MS, 0, 0)


def link(
    state: LinkState,
    cause: Cause | None = None,
    *,
    silent_ms: int = 300,
    stale_ms: int = 42_000,
    queued: int = 0,
    need_person: int = 0,
    delayed: bool = False,
    trouble: str = "",
) -> Link:
    """A link at one moment."""
    view = LinkView(state, cause, NOW_MS - 32_000, None, NOW_MS, 0, 0, delayed=delayed, trouble=trouble)
    return Link(view, queued, need_person, silent_ms, stale_ms, "19:41:18")


def is_calm(one: Link) -> bool:
    """Whether nothing on the screen says that orders do not arrive."""
    told = standing(one)
    return told.is_connected and not told.title


def test_connected_says_how_long_ago_the_server_last_answered() -> None:
    told = standing(link(LinkState.CONNECTED, silent_ms=2_100))
    assert (told.words, told.title, told.is_bad) == ("Connected, last sync 2 s ago", "", False)


@pytest.mark.parametrize(("queued", "words"), [(0, ""), (1, ", 1 update queued"), (2, ", 2 updates queued")])
def test_reconnecting_says_how_many_updates_are_queued(queued: int, words: str) -> None:
    told = standing(link(LinkState.RECONNECTING, Cause.NO_SERVER, queued=queued))
    assert told.words == f"Reconnecting{words}"
    assert not told.is_connected


def test_within_three_seconds_of_silence_the_board_has_its_band() -> None:
    assert SILENT_MS < 3000
    told = standing(link(LinkState.RECONNECTING, Cause.NO_SERVER, silent_ms=SILENT_MS))
    assert (told.words, told.title, told.is_bad) == ("Reconnecting", "Not connected for 00:02", False)


def test_offline_has_the_band_with_since_when_and_what_is_kept() -> None:
    told = standing(link(LinkState.OFFLINE, Cause.NO_SERVER, queued=2, silent_ms=42_000))
    assert told.words == "Offline, showing cached tickets"
    assert told.title == "Not connected for 00:42"
    assert told.text == "Last ticket 19:41:18 · 2 updates kept here · The server does not answer"


@pytest.mark.parametrize(
    "cause",
    [Cause.DEVICE_UNKNOWN, Cause.NEEDS_UPDATE, Cause.HISTORY_LOST, Cause.OTHER_BRANCH, Cause.TWO_SERVERS],
)
@pytest.mark.parametrize("state", list(LinkState))
def test_a_server_that_answers_and_gives_nothing_has_the_band_too(state: LinkState, cause: Cause) -> None:
    told = standing(link(state, cause))
    assert told.is_bad
    assert told.title == "No new orders for 00:42"


def test_a_screen_that_can_not_store_says_so_and_why() -> None:
    told = standing(link(LinkState.CONNECTED, trouble="The disk is full"))
    assert told.is_bad
    assert "The disk is full" in told.text


@pytest.mark.parametrize("need_person", [0, 1])
def test_news_that_do_not_arrive_are_told_although_the_link_is_up_and_before_anything_else(need_person: int) -> None:
    told = standing(link(LinkState.CONNECTED, delayed=True, need_person=need_person))
    assert (told.words, told.title) == ("Connected, orders come late", "No new orders for 00:42")
    assert standing(link(LinkState.CONNECTED, need_person=1)).words == "Needs you, 1"


def test_a_thread_that_died_while_all_was_well_is_told_by_its_silence() -> None:
    """The last that it said is that the link is up, and so it stays."""
    silence = Silence(100.0)
    silence.hear(UP, 100.0, now_ms=NOW_MS)
    silence.hear(UP, 200.0, now_ms=NOW_MS)
    ms = silence.silent_ms(102.9)
    told = standing(Link(UP, 0, 0, ms, silence.stale_ms(102.9), ""))
    assert (told.words, told.title) == ("Reconnecting", "Not connected for 00:02")

    told = standing(Link(UP, 0, 0, silence.silent_ms(142.0), silence.stale_ms(142.0), ""))
    assert told.title == "Not connected for 00:42"
    assert "start it again" in told.text


def test_a_wall_clock_that_is_set_back_an_hour_hides_no_silence() -> None:
    silence = Silence(0.0)
    silence.hear(UP, 1.0, now_ms=NOW_MS)
    silence.hear(replace(UP, last_good_ms=NOW_MS - 3_600_000), 2.0, now_ms=NOW_MS - 3_600_000)
    assert silence.silent_ms(2.0) == 0
    assert silence.silent_ms(44.0) == 42_000


def test_a_beat_that_came_between_two_looks_counts_from_when_it_came_and_never_from_before_the_last_look() -> None:
    silence = Silence(0.0)
    silence.hear(UP, 10.0, now_ms=NOW_MS)
    silence.hear(replace(UP, last_good_ms=NOW_MS + 100), 11.0, now_ms=NOW_MS + 1_000)
    assert silence.silent_ms(11.0) == 900
    silence.hear(replace(UP, last_good_ms=NOW_MS + 1_100), 12.0, now_ms=NOW_MS + 7_200_000)
    assert silence.silent_ms(12.0) == 1_000
    silence.hear(replace(UP, last_good_ms=NOW_MS + 2_100), 13.0, now_ms=NOW_MS - 7_200_000)
    assert silence.silent_ms(13.0) == 0


def test_single_good_beats_on_a_line_that_is_down_and_beats_without_news_end_no_count() -> None:
    silence = Silence(0.0)
    down = replace(UP, state=LinkState.OFFLINE)
    for second in range(1, 10):
        silence.hear(replace(down, last_good_ms=NOW_MS + second), float(second), now_ms=NOW_MS)
    assert silence.silent_ms(10.0) == 10_000

    for second in range(10, 20):
        silence.hear(replace(UP, delayed=True, last_good_ms=NOW_MS + second), float(second), now_ms=NOW_MS)
    assert (silence.silent_ms(19.5), silence.stale_ms(19.5)) == (500, 19_500)


@given(
    st.sampled_from(list(LinkState)),
    st.sampled_from([None, *Cause]),
    st.integers(min_value=0, max_value=90_000_000),
    st.integers(min_value=0, max_value=999),
    st.booleans(),
)
def test_whatever_is_wrong_a_cut_off_board_is_not_calm_and_no_time_is_negative(
    state: LinkState, cause: Cause | None, silent_ms: int, queued: int, delayed: bool
) -> None:
    one = link(state, cause, silent_ms=silent_ms, queued=queued, delayed=delayed)
    told = standing(one)
    assert "-" not in told.words + told.title
    assert told.words
    if silent_ms >= SILENT_MS or delayed or not state.is_up:
        assert not is_calm(one)
    if silent_ms >= SILENT_MS or state is LinkState.OFFLINE:
        assert told.title
    if silent_ms >= OFFLINE_MS and state is not LinkState.OFFLINE and cause is None:
        assert told.is_bad
