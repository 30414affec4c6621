"""Every screen of the till at every size, in both themes and mirrored: nothing small, covered or clipped."""

from collections.abc import Callable

import pytest

from pos_client.order_taps import Pick
from shared.qt.tokens import ThemeName
from shared.qt.widgets.line_list import action_target
from shared.store.outcomes import FailReason
from tests.gui.harness import OFFLINE, ONLINE
from tests.gui.pos.card_hand import walk_cards
from tests.gui.pos.clock_hand import walk_login
from tests.gui.pos.conftest import Till
from tests.gui.pos.house_hand import walk_house
from tests.gui.pos.shift_hand import walk_shift
from tests.gui.screen_check import SIZES, assert_screen_is_sound, save_picture

LOOKS = [
    *((size, ThemeName.DARK, False) for size in SIZES),
    *((size, ThemeName.LIGHT, False) for size in SIZES),
    (SIZES[0], ThemeName.DARK, True),
    (SIZES[1], ThemeName.LIGHT, True),
]


def name_of(look: tuple[tuple[int, int, float], ThemeName, bool]) -> str:
    """The look in a word, for names of tests and pictures."""
    (width, height, _), theme, rtl = look
    return f"{width}x{height}-{theme.value}{'-rtl' if rtl else ''}"


@pytest.mark.parametrize("look", LOOKS, ids=name_of)
def test_every_screen_is_sound_in_every_state(
    make_till: Callable[..., Till], look: tuple[tuple[int, int, float], ThemeName, bool]
) -> None:
    size, theme, rtl = look
    till = make_till(size=size, theme=theme, rtl=rtl)

    def seen(state: str) -> None:
        till.calm()
        save_picture(till.window, f"pos-{state}-{name_of(look)}")
        assert_screen_is_sound(till.window, till.metrics)

    walk_login(till, seen)
    seen("home-empty")
    first = open_with(till, "table-5", "chicken-bowl", "french-fries")
    till.tap("send")
    tickets = till.rig.deliver()
    till.rig.put(tickets)
    till.tap("back")
    open_with(till, "table-8", "french-fries")
    till.tap("send")
    seen("order-offline")
    till.tap("back")
    open_with(till, "", "french-fries")
    till.tap("back")
    seen("home")
    till.rig.link(ONLINE)
    till.window._to_order(first, "table-5")
    for _ in range(2):
        till.item("french-fries")
    seen("order")
    till.item("chicken-bowl")
    seen("modifiers")
    till.tap("cancel")
    till.rig.link(OFFLINE)
    till.tap("pay")
    till.tap("note:1")
    seen("pay")
    till.tap("take_money")
    seen("paid")
    till.tap("done")
    till.tap("pill")
    seen("sync-offline")
    till.rig.refuse(FailReason.INVALID, "Item french-fries is not on the menu any more.")
    seen("sync-needs-you")
    till.tap_on("sync_tabs", "attention")
    seen("sync-attention")
    till.tap_on("sync_tabs", "sent")
    seen("sync-sent")
    till.tap("back")
    walk_house(till, seen)
    walk_shift(till, seen)
    walk_cards(till, seen)


def open_with(till: Till, table: str, *items: str) -> str:
    """Open a table (or takeaway) and tap these dishes; gives the order's id."""
    if table:
        till.tap_on("floor", table)
    else:
        till.tap("takeaway")
    for item in items:
        till.item(item)
        if till.window.order.sheet.isVisible():
            till.tap("option:white-rice")
            till.tap("add_item")
    return till.window.order.taps.order_id


def test_a_long_order_pages_and_stays_sound(till: Till) -> None:
    till.tap_on("floor", "table-5")
    menu = till.rig.terminal.menu
    for item in menu.items[:40]:
        till.window.order._add(item.id, Pick())
    till.calm()

    assert len(till.view.lines) >= 35
    save_picture(till.window, "pos-order-long-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)


def test_a_till_that_never_met_its_server_says_what_to_do(make_till: Callable[..., Till]) -> None:
    till = make_till(house=None)

    assert "has not met its server" in till.window.login.empty.title.text()
    assert till.window.login.empty.isVisible()
    save_picture(till.window, "pos-login-first-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)


def test_notes_and_reasons_are_asked_on_a_sound_sheet(till: Till) -> None:
    open_with(till, "table-5", "french-fries")
    till.tap_on("lines", action_target(till.view.lines[0].id, "note"))
    till.calm()
    save_picture(till.window, "pos-note-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)
    till.tap("phrase:No onion")
    for letter in "MILD":
        till.tap(f"key:{letter}")
    till.tap("save")

    assert till.view.lines[0].note == "No onion, mild"
