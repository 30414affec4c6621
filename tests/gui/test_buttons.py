"""Buttons, badges, tabs and keys: pressed by a finger, shown at once, never too small."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone, TypeSize
from shared.qt.widgets import Badge, ButtonKind, Keypad, PageBar, PinPad, StatusPill, Tab, TabRow, TouchButton
from shared.qt.widgets.tabs import NEXT_TABS, PREVIOUS_TABS
from tests.gui.screen_check import LEFT, press, press_target

OnShow = Callable[..., QWidget]
NONE = Qt.KeyboardModifier.NoModifier
TABS = [Tab(name.lower(), name) for name in ("Mains", "Starters", "Sides", "Desserts", "Drinks", "Bar")]


def colour_at(widget: QWidget, x: int, y: int) -> QColor:
    """A pixel of the widget as it is painted now."""
    return widget.grab().toImage().pixelColor(x, y)


def colours(widget: QWidget) -> set[str]:
    """Every colour in the widget's picture."""
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


@pytest.mark.parametrize("kind", list(ButtonKind))
def test_a_button_acts_on_release_and_shows_the_press_before(
    holder: ThemeHolder, on_show: OnShow, kind: ButtonKind
) -> None:
    button = TouchButton(holder, "Send", kind=kind, icon=IconName.CHECK)
    taps: list[str] = []
    button.clicked.connect(lambda: taps.append("tap"))
    on_show(button, 200, 60)
    rest = colour_at(button, 100, 6)
    QTest.mousePress(button, LEFT, NONE, QPoint(100, 30))
    assert taps == []
    assert colour_at(button, 100, 6) != rest
    QTest.mouseRelease(button, LEFT, NONE, QPoint(100, 30))
    assert taps == ["tap"]
    assert colour_at(button, 100, 6) == rest


def test_a_finger_that_slides_off_a_button_does_nothing(holder: ThemeHolder, on_show: OnShow) -> None:
    button = TouchButton(holder, "Void")
    taps: list[str] = []
    button.clicked.connect(lambda: taps.append("tap"))
    on_show(button, 200, 60)
    QTest.mousePress(button, LEFT, NONE, QPoint(100, 30))
    QTest.mouseMove(button, QPoint(100, 300))
    QTest.mouseRelease(button, LEFT, NONE, QPoint(100, 300))
    assert taps == []


def test_a_disabled_button_is_a_blend_of_tokens_and_silent(holder: ThemeHolder, on_show: OnShow) -> None:
    button = TouchButton(holder, "Beans missing", kind=ButtonKind.PRIMARY)
    taps: list[str] = []
    button.clicked.connect(lambda: taps.append("tap"))
    button.setEnabled(False)
    on_show(button, 200, 60)
    press(button)
    assert taps == []
    assert colour_at(button, 100, 6) == holder.ink.primary_disabled


def test_enter_and_space_press_the_button_in_focus(holder: ThemeHolder, on_show: OnShow) -> None:
    button = TouchButton(holder, "OK")
    taps: list[str] = []
    button.clicked.connect(lambda: taps.append("tap"))
    on_show(button, 200, 60)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert taps == ["tap", "tap"]


def test_the_ring_is_drawn_for_a_keyboard_only(holder: ThemeHolder, on_show: OnShow, qtbot: QtBot) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    buttons = [TouchButton(holder, "Same"), TouchButton(holder, "Same")]
    for button in buttons:
        column.addWidget(button)
    on_show(window, 400, 300)
    with qtbot.waitActive(window):
        window.activateWindow()
    buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)
    assert buttons[0].grab().toImage() == buttons[1].grab().toImage()
    QTest.keyClick(buttons[0], Qt.Key.Key_Tab)
    assert buttons[1].hasFocus()
    assert buttons[0].grab().toImage() != buttons[1].grab().toImage()


def test_a_button_is_never_smaller_than_asked_and_says_when_it_clips(holder: ThemeHolder, on_show: OnShow) -> None:
    metrics = holder.metrics
    small = TouchButton(holder, icon=IconName.PLUS)
    assert small.sizeHint().width() == small.sizeHint().height() == metrics.touch()
    big = TouchButton(holder, "Send", min_mm=(20, 20))
    assert big.minimumSizeHint().height() == metrics.mm(20)
    long = TouchButton(holder, "Add everything to a new order", max_lines=1)
    on_show(long, 100, 60)
    assert long.clipped_texts() == ["Add everything to a new order"]
    on_show(long, 500, 60)
    assert long.clipped_texts() == []


def test_a_longer_word_asks_for_more_room(holder: ThemeHolder, on_show: OnShow) -> None:
    button = TouchButton(holder, "Send")
    before = button.sizeHint().width()
    button.set_words("Send 12 to the kitchen")
    assert button.sizeHint().width() > before
    button.set_detail("+2.00")
    with_detail = button.sizeHint().width()
    button.set_icon(IconName.FIRE)
    assert button.sizeHint().width() > with_detail > before


def test_checking_a_button_moves_nothing_and_shows_a_mark(holder: ThemeHolder, on_show: OnShow) -> None:
    choice = TouchButton(holder, "Tomato")
    choice.setCheckable(True)
    on_show(choice, 200, 60)
    before = choice.sizeHint()
    press(choice)
    assert choice.isChecked()
    assert choice.sizeHint() == before
    assert colour_at(choice, 100, 10) == holder.ink.selected


def test_badge_and_pill_say_their_state_in_words_and_tone(holder: ThemeHolder, on_show: OnShow) -> None:
    badge = Badge(holder)
    badge.show_state("Not synced yet", tone=Tone.WARN, icon=IconName.UPLOAD)
    on_show(badge, *badge.sizeHint().toTuple())
    assert badge.text() == "Not synced yet"
    assert holder.ink.warn_back.name() in colours(badge)
    pill = StatusPill(holder)
    pill.show_state("Needs you, 1", tone=Tone.BAD)
    on_show(pill, *pill.sizeHint().toTuple())
    assert holder.ink.bad_back.name() in colours(pill)
    assert (pill.text(), pill.tone()) == ("Needs you, 1", Tone.BAD)


def test_the_pill_is_a_target_as_high_as_any_other(holder: ThemeHolder, on_show: OnShow) -> None:
    pill = StatusPill(holder)
    pill.show_state("Synced", tone=Tone.OK)
    taps: list[str] = []
    pill.clicked.connect(lambda: taps.append("sync"))
    window = QWidget()
    QVBoxLayout(window).addWidget(pill)
    on_show(window)
    press(pill)
    assert taps == ["sync"]
    assert pill.height() == holder.metrics.touch()


def test_a_tab_is_chosen_by_a_tap_and_only_once(holder: ThemeHolder, on_show: OnShow) -> None:
    row = TabRow(holder, TABS)
    heard: list[str] = []
    row.chosen.connect(heard.append)
    on_show(row, 900, 48)
    assert row.current() == "mains"
    press_target(row, "drinks")
    press_target(row, "drinks")
    assert (heard, row.current()) == (["drinks"], "drinks")


def test_tabs_that_do_not_fit_are_a_page_further(holder: ThemeHolder, on_show: OnShow) -> None:
    row = TabRow(holder, TABS)
    heard: list[str] = []
    row.chosen.connect(heard.append)
    on_show(row, 420, 48)
    assert "bar" not in row.touch_rects()
    assert PREVIOUS_TABS not in row.touch_rects()
    while "bar" not in row.touch_rects():
        press_target(row, NEXT_TABS)
    press_target(row, "bar")
    assert heard == ["bar"]
    assert NEXT_TABS not in row.touch_rects()
    assert all(rect.right() < 420 for rect in row.touch_rects().values())
    assert row.clipped_texts() == []
    row.set_current("mains")
    assert "mains" in row.touch_rects()


def test_new_tabs_keep_the_choice_where_it_still_exists(holder: ThemeHolder, on_show: OnShow) -> None:
    row = TabRow(holder, TABS)
    row.set_current("drinks")
    row.set_tabs([Tab("drinks", "Drinks", note="4"), Tab("bar", "Bar")])
    assert row.current() == "drinks"
    row.set_tabs([Tab("bar", "Bar")])
    assert row.current() == "bar"
    row.set_tabs([])
    assert row.current() is None


def test_tabs_mirror_for_right_to_left(holder: ThemeHolder, on_show: OnShow) -> None:
    row = TabRow(holder, TABS)
    row.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    heard: list[str] = []
    row.chosen.connect(heard.append)
    on_show(row, 900, 48)
    assert row.touch_rects()["mains"].right() == 899
    press_target(row, "starters")
    assert heard == ["starters"]


def test_the_page_bar_goes_forth_and_back_and_hides_when_there_is_one_page(
    holder: ThemeHolder, on_show: OnShow
) -> None:
    window = QWidget()
    bar = PageBar(holder)
    QVBoxLayout(window).addWidget(bar)
    on_show(window, 500, 100)
    assert not bar.isVisible()
    bar.turned.connect(lambda page: bar.show_page(page, 3))
    bar.show_page(0, 3)
    heard: list[int] = []
    bar.turned.connect(heard.append)
    for button in (bar.previous_button, bar.next_button, bar.next_button, bar.next_button, bar.previous_button):
        press(button)
    assert heard == [1, 2, 1]


def test_the_keypad_gives_digits_from_glass_and_from_keys(holder: ThemeHolder, on_show: OnShow) -> None:
    pad = Keypad(holder, double_zero=True)
    heard: list[str] = []
    pad.digit_pressed.connect(heard.append)
    pad.backspace_pressed.connect(lambda: heard.append("<"))
    pad.enter_pressed.connect(lambda: heard.append("enter"))
    on_show(pad, 360, 480)
    for digit in ("1", "9", "00", "0"):
        press(pad.key(digit))
    press(pad.backspace_key)
    pad.setFocus()
    QTest.keyClicks(pad, "57")
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    QTest.keyClick(pad, Qt.Key.Key_Enter)
    QTest.keyClick(pad, Qt.Key.Key_A)
    assert heard == ["1", "9", "00", "0", "<", "5", "7", "<", "enter"]


def test_keys_are_20_mm_and_stay_in_place_for_right_to_left(holder: ThemeHolder, on_show: OnShow) -> None:
    window = QWidget()
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    pad = Keypad(holder)
    QVBoxLayout(window).addWidget(pad)
    on_show(window, 400, 500)
    least = holder.metrics.mm(20)
    assert min(pad.key("5").minimumSizeHint().toTuple()) == least
    assert pad.key("1").x() < pad.key("3").x()


def test_a_pin_is_given_away_once_when_it_is_whole(holder: ThemeHolder, on_show: OnShow) -> None:
    pad = PinPad(holder)
    heard: list[str] = []
    pad.entered.connect(heard.append)
    on_show(pad, 400, 600)
    for digit in "12":
        press(pad.keypad.key(digit))
    assert (heard, pad.dots.filled()) == ([], 2)
    press(pad.keypad.backspace_key)
    assert pad.dots.filled() == 1
    for digit in "345":
        press(pad.keypad.key(digit))
    assert heard == ["1345"]
    pad.show_wrong("That PIN is not known here. 4 tries are left.")
    assert pad.message.text().startswith("That PIN")
    QTest.keyClicks(pad.keypad, "2")
    assert (pad.message.text(), pad.dots.filled()) == ("", 1)
    pad.clear()
    assert pad.dots.filled() == 0


def test_a_larger_scale_makes_words_larger_and_targets_no_smaller(holder: ThemeHolder, on_show: OnShow) -> None:
    button = TouchButton(holder, "Send 2 to kitchen", size=TypeSize.HEADING)
    before = button.sizeHint()
    theme = holder.theme
    larger = type(theme.metrics)(px_per_mm=theme.metrics.px_per_mm, density=1.0, scale=1.5)
    holder.switch(type(theme)(name=theme.name, metrics=larger, family=theme.family))
    assert button.sizeHint().width() > before.width() * 1.3
    assert button.sizeHint().height() >= before.height()
