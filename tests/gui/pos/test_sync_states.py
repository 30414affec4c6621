"""The sync panel in each state of link and queue: why nothing goes is read in full, and no two words disagree."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pos_client.operation_words import TOO_MANY_TITLE
from shared.qt.tokens import ThemeName, Tone
from shared.store.outcomes import FailReason
from shared.terminal import Cause, LinkState, LinkView
from tests.gui.harness import OFFLINE, ONLINE, RECONNECTING
from tests.gui.pos.conftest import Till
from tests.gui.pos.test_truth import MANY
from tests.gui.screen_check import SIZES, assert_screen_is_sound, save_picture

UNREADABLE = "Some of what the server sent can't be read by this version. This program needs an update."
LASTING = (
    Cause.DEVICE_UNKNOWN,
    Cause.NEEDS_UPDATE,
    Cause.HISTORY_LOST,
    Cause.OTHER_BRANCH,
    Cause.OTHER_SERVER,
    Cause.TWO_SERVERS,
)
STATES = [
    *(replace(OFFLINE, cause=cause, next_try_at_ms=OFFLINE.since_ms) for cause in LASTING),
    *(replace(ONLINE, cause=cause) for cause in LASTING),
    replace(ONLINE, trouble=UNREADABLE),
    replace(ONLINE, trouble="The disk is full"),
]
"""Those that do not pass by themselves."""


def named(view: LinkView) -> str:
    """A state in a word, for pictures."""
    return f"{view.state}-{view.cause or view.trouble[:8].strip().replace(' ', '-') or 'well'}".lower()


def to_sync(till: Till) -> None:
    """An order that waits, and the panel."""
    till.log_in()
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.tap("pill")


@pytest.mark.parametrize("size", SIZES[:2])
def test_why_nothing_goes_is_read_in_full_and_what_becomes_of_orders(
    make_till: Callable[..., Till], size: tuple[int, int, float]
) -> None:
    till = make_till(size=size, theme=ThemeName.LIGHT)
    to_sync(till)
    for view in STATES:
        till.rig.link(view)
        till.calm()
        save_picture(till.window, f"pos-sync-{named(view)}-{size[0]}x{size[1]}-light")
        assert till.window.sync.many.isVisible(), named(view)
        assert till.window.sync.many.title()
        assert till.window.sync.many.text().endswith(".")
        assert_screen_is_sound(till.window, till.metrics)
    for passing in (ONLINE, OFFLINE, RECONNECTING, replace(ONLINE, cause=Cause.SERVER_BUSY)):
        till.rig.link(passing)
        till.calm()
        assert not till.window.sync.many.isVisible(), named(passing)


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (ONLINE, "Connected"),
        (replace(ONLINE, state=LinkState.SLOW), "Connected, slow line"),
        (replace(ONLINE, delayed=True), "Connected, news comes late"),
    ],
)
def test_a_line_that_is_slow_or_late_says_so(till: Till, view: LinkView, words: str) -> None:
    to_sync(till)
    till.rig.link(view)
    till.calm()

    assert till.window.sync.link_words.text() == words


def test_nothing_needs_you_is_not_said_under_what_needs_you(till: Till) -> None:
    to_sync(till)
    till.tap_on("sync_tabs", "attention")
    assert till.window.sync.empty.title.text() == "Nothing needs you"
    till.rig.refuse(FailReason.CONFLICT, "Order C-1 was closed on another till.")
    till.calm()

    assert till.window.sync.alert.isVisible()
    assert till.window.sync.empty.isVisible()
    assert till.window.sync.empty.title.text() == "Decide above"


def test_who_is_asked_to_connect_is_not_connected(till: Till) -> None:
    to_sync(till)
    till.rig.run(lambda tx: tx.execute(MANY).fetchall())
    till.rig.link(OFFLINE)
    till.calm()
    many = till.window.sync.many
    assert many.isVisible()
    assert (many.title(), many.text()) == (TOO_MANY_TITLE, "Waiting for the server. Orders are still taken.")
    till.rig.link(ONLINE)
    till.calm()
    assert not many.isVisible()


def test_two_orders_that_the_kitchen_has_not_make_the_smallest_table_amber(make_till: Callable[..., Till]) -> None:
    till = make_till(size=SIZES[0], theme=ThemeName.LIGHT)
    till.log_in()
    till.rig.link(OFFLINE)
    for _ in range(2):
        till.window._to_order(till.rig.terminal.new_id(), "table-1")
        till.item("french-fries")
        till.tap("send")
    till.tap("back")
    save_picture(till.window, "pos-two-saved-here-1024x768-light")
    face = till.window.tables.plan.face("table-1")
    assert face is not None
    assert (face.tone, face.word) == (Tone.WARN, "2 orders, saved")
    assert_screen_is_sound(till.window, till.metrics)
