"""Courses at the order screen: the later ones of a round are held, and each is fired by one tap and by no other."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget

from shared.qt.tokens import ThemeName
from shared.terminal import LineStage
from shared.wire.requests import Kind
from tests.gui.harness import OFFLINE, ONLINE
from tests.gui.pos.conftest import Till
from tests.gui.pos.test_screens import LOOKS, name_of
from tests.gui.screen_check import assert_screen_is_sound, double_tap, save_picture


def dinner(till: Till) -> None:
    """A table that orders a starter, a side and a dessert."""
    till.tap_on("floor", "table-5")
    for item in ("nachos", "side-salad", "flan"):
        till.item(item)


def button(till: Till, name: str) -> QWidget:
    (found,) = [one for one in till.window.order.findChildren(QWidget, name) if one.isVisible()]
    return found


def shown(till: Till) -> list[str]:
    """The buttons of courses that are on show."""
    row = till.window.order.side.courses
    found = [one for one in (row.hold, *row._fires.values()) if one.isVisible()]
    return [one.text() for one in found]


def stages(till: Till) -> list[LineStage]:
    return [line.stage for line in till.view.lines]


def test_a_round_of_three_courses_is_held_and_fired_course_by_course_offline_too(till: Till) -> None:
    till.rig.link(OFFLINE)
    dinner(till)
    assert shown(till) == ["Send course 1, hold 2"]
    till.tap("hold")
    assert stages(till) == [LineStage.SAVED, LineStage.HELD, LineStage.HELD]
    assert shown(till) == ["Fire course 2 · 1 dish"]
    till.taps = 0
    till.tap("fire:2")
    assert (till.taps, stages(till)) == (1, [LineStage.SAVED, LineStage.SAVED, LineStage.HELD])
    till.tap("fire:3")
    assert stages(till) == [LineStage.SAVED] * 3
    assert not till.window.order.side.courses.isVisible()
    assert till.rig.operations()[-3:] == [Kind.SEND_TO_KITCHEN, Kind.FIRE_COURSE, Kind.FIRE_COURSE]


def test_the_kitchen_gets_a_course_when_it_is_fired(till: Till) -> None:
    till.rig.link(ONLINE)
    dinner(till)
    till.tap("hold")
    assert [item.name for ticket in till.rig.deliver() for item in ticket.items] == ["Nachos"]
    till.calm()
    till.tap("fire:2")
    assert [item.name for ticket in till.rig.deliver() for item in ticket.items] == ["Side Salad"]


@pytest.mark.parametrize("name", ["hold", "fire:2"])
def test_a_double_tap_holds_or_fires_one_course_and_not_the_next(till: Till, name: str) -> None:
    dinner(till)
    if name != "hold":
        till.tap("hold")
    before = till.rig.operations().count(Kind.FIRE_COURSE)
    double_tap(button(till, name))
    till.calm()
    assert till.rig.operations().count(Kind.FIRE_COURSE) - before == (name != "hold")
    assert stages(till)[2] is LineStage.HELD


def test_send_still_sends_all_of_it(till: Till) -> None:
    dinner(till)
    till.tap("send")
    assert stages(till) == [LineStage.SAVED] * 3


def test_an_order_of_one_course_has_no_such_row(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("nachos")
    assert shown(till) == []
    till.tap("send")
    assert shown(till) == []


def test_what_is_held_can_be_fired_while_something_new_waits_to_be_sent(till: Till) -> None:
    dinner(till)
    till.tap("hold")
    till.item("nachos")
    till.tap("fire:2")
    assert stages(till) == [LineStage.SAVED, LineStage.SAVED, LineStage.HELD, LineStage.NEW]


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[-1]], ids=name_of)
def test_the_row_is_sound_with_both_of_its_buttons(
    make_till: Callable[..., Till], look: tuple[tuple[int, int, float], ThemeName, bool]
) -> None:
    size, theme, rtl = look
    till = make_till(size=size, theme=theme, rtl=rtl)
    till.log_in()
    dinner(till)
    till.tap("hold")
    save_picture(till.window, f"pos-courses-held-{name_of(look)}")
    assert_screen_is_sound(till.window, till.metrics)
    for item in ("nachos", "flan"):
        till.item(item)
    save_picture(till.window, f"pos-courses-{name_of(look)}")
    assert_screen_is_sound(till.window, till.metrics)
    assert button(till, "hold").height() == button(till, "fire:2").height()
