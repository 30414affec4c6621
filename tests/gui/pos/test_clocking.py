"""Clocking in and out on the login screen: one tap and a PIN, with or without a server."""

from collections.abc import Callable

from shared.domain.menu import Role
from shared.store.outcomes import FailReason
from tests.gui.harness import OFFLINE
from tests.gui.pos.clock_hand import clock
from tests.gui.pos.conftest import Till, wait_for


def in_since(till: Till) -> dict[str, str]:
    """What stands under the names of those who are in."""
    return till.window.login._in_since


def tiles(till: Till) -> set[str]:
    """Whose tiles are on show."""
    return set(till.window.login.people.area.touch_rects())


def test_people_clock_in_and_out_offline_with_a_tile_and_their_pin(make_till: Callable[..., Till]) -> None:
    till = make_till()
    till.rig.link(OFFLINE)
    assert till.window.login.at_work.text() == "Nobody clocked in on this till"

    clock(till, "joel", "2222")
    assert in_since(till)["joel"].startswith("In since ")
    assert till.window.login.at_work.text() == "1 clocked in on this till"
    assert till.window.screen_on_show is till.window.login
    assert till.window.session.person is None
    clock(till, "joel", "2222")

    assert in_since(till) == {}
    assert till.rig.operations() == ["clock", "clock"]


def test_who_was_here_last_needs_one_tap_and_the_pin(make_till: Callable[..., Till]) -> None:
    till = make_till()
    till.log_in()
    till.tap("user")
    till.taps = 0
    till.tap("clocking")
    till.digits("1111")
    wait_for(till, lambda: bool(in_since(till)))

    assert till.taps == 5
    assert list(in_since(till)) == [till.rig.terminal.staff.staff[0].id]


def test_a_wrong_pin_moves_nobody_past_the_clock(make_till: Callable[..., Till]) -> None:
    till = make_till()
    till.tap("clocking")
    till.tap_on("people", "joel")
    assert till.window.login.pad.title.text() == "PIN to clock in"
    till.digits("9999")
    wait_for(till, lambda: "Wrong PIN" in till.window.login.pad.message.text())

    assert till.rig.operations() == []


def test_cooks_go_past_the_clock_too_and_sell_nothing(make_till: Callable[..., Till]) -> None:
    till = make_till()
    cooks = {one.id for one in till.rig.terminal.staff.staff if one.role is Role.CHEF}
    assert cooks
    assert not cooks & tiles(till)
    till.tap("clocking")

    assert cooks <= tiles(till)
    assert till.window.login.who.text() == "In or out?"


def test_whom_the_server_did_not_take_at_the_clock_needs_a_person_and_nobody_else_waits(
    make_till: Callable[..., Till],
) -> None:
    till = make_till()
    clock(till, "joel", "2222")
    till.rig.refuse(FailReason.REFUSED, "Joel does not work here any more.")
    till.calm()

    assert till.window.login.pill.text() == "Needs you \u00b7 1"
    till.tap("clocking")
    till.tap("clocking")
    till.log_in()
    assert till.window.screen_on_show is till.window.tables
