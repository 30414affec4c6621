"""What of the link's view is news to a screen: everything but that one more heartbeat was good."""

from dataclasses import fields, replace

import pytest

from shared.sync.actions import Cause, LinkState, LinkView

VIEW = LinkView(LinkState.CONNECTED, None, 1, None, 2, 0, 0)
OTHERS: dict[str, object] = {
    "state": LinkState.OFFLINE,
    "cause": Cause.NO_SERVER,
    "since_ms": 9,
    "next_try_at_ms": 9,
    "in_flight": 9,
    "clock_offset_ms": 9,
    "delayed": True,
    "takes_cards": True,
    "trouble": "The disk is full.",
}


def test_each_field_is_looked_at_here() -> None:
    assert {field.name for field in fields(LinkView)} == {*OTHERS, "last_good_ms"}


@pytest.mark.parametrize("name", OTHERS)
def test_what_changes_on_a_screen_is_news(name: str) -> None:
    assert replace(VIEW, **{name: OTHERS[name]}).shown != VIEW.shown  # type: ignore[arg-type] # by name


def test_one_more_good_heartbeat_is_no_news() -> None:
    assert replace(VIEW, last_good_ms=9).shown == VIEW.shown
