"""The words about the link: three states, and a board that gets no orders never looks calm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kds_client.connection import Link, standing
from shared.terminal import Cause, LinkState, LinkView

NOW_MS = 1_772_394_065_250


def link(
    state: LinkState,
    cause: Cause | None = None,
    *,
    good_ago_s: int | None = 42,
    queued: int = 0,
    need_person: int = 0,
    delayed: bool = False,
    trouble: str = "",
) -> Link:
    """A link at one moment."""
    good = None if good_ago_s is None else NOW_MS - good_ago_s * 1000
    view = LinkView(state, cause, NOW_MS - 32_000, None, good, 0, 0, delayed=delayed, trouble=trouble)
    return Link(view, queued, need_person, NOW_MS, "19:41:18")


def test_connected_says_how_long_ago_the_server_last_answered() -> None:
    told = standing(link(LinkState.CONNECTED, good_ago_s=3))
    assert (told.words, told.title, told.is_bad) == ("Connected, last sync 3 s ago", "", False)


@pytest.mark.parametrize(("queued", "words"), [(0, ""), (1, ", 1 update queued"), (2, ", 2 updates queued")])
def test_reconnecting_says_how_many_updates_are_queued(queued: int, words: str) -> None:
    told = standing(link(LinkState.RECONNECTING, Cause.NO_SERVER, queued=queued))
    assert told.words == f"Reconnecting{words}"
    assert not told.is_connected


def test_offline_has_the_band_with_since_when_and_what_is_kept() -> None:
    told = standing(link(LinkState.OFFLINE, Cause.NO_SERVER, queued=2))
    assert told.words == "Offline, showing cached tickets"
    assert told.title == "Not connected for 00:42"
    assert told.text == "Last ticket 19:41:18 · 2 updates kept here · The server does not answer"


def test_without_any_answer_since_the_start_it_counts_from_the_state() -> None:
    assert standing(link(LinkState.OFFLINE, good_ago_s=None)).title == "Not connected for 00:32"


@pytest.mark.parametrize("cause", [Cause.DEVICE_UNKNOWN, Cause.NEEDS_UPDATE, Cause.HISTORY_LOST])
@pytest.mark.parametrize("state", list(LinkState))
def test_a_server_that_answers_and_gives_nothing_has_the_band_too(state: LinkState, cause: Cause) -> None:
    told = standing(link(state, cause))
    assert told.is_bad
    assert told.title == "No new orders for 00:42"


def test_a_screen_that_can_not_store_says_so_and_why() -> None:
    told = standing(link(LinkState.CONNECTED, trouble="The disk is full"))
    assert told.is_bad
    assert "The disk is full" in told.text


def test_news_that_do_not_arrive_are_told_although_the_link_is_up() -> None:
    assert standing(link(LinkState.CONNECTED, delayed=True)).words == "Connected, orders come late"
    assert standing(link(LinkState.CONNECTED, need_person=1)).words == "Needs a manager, 1"


@given(
    st.sampled_from(list(LinkState)),
    st.sampled_from([None, *Cause]),
    st.one_of(st.none(), st.integers(min_value=-90, max_value=90_000)),
    st.integers(min_value=0, max_value=999),
)
def test_whatever_is_wrong_an_offline_board_has_its_band_and_no_time_is_negative(
    state: LinkState, cause: Cause | None, good_ago_s: int | None, queued: int
) -> None:
    told = standing(link(state, cause, good_ago_s=good_ago_s, queued=queued))
    assert "-" not in told.words + told.title
    assert told.words
    if state is LinkState.OFFLINE:
        assert told.title
