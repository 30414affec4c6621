"""The kitchen's board under a finger: one operation for one intention, late ones first, nothing hidden uncounted."""

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kds_client.board_paint import MORE
from kds_client.cell_paint import words_of_clock
from kds_client.taps import SETTLED_S, Places, TapGuard
from kds_client.unsaved import TELLING_S
from shared.database import Connection
from shared.domain.ticket import Stage
from tests.gui.harness import ONLINE
from tests.gui.kds.conftest import FULL, NOT_FULL, Kitchen, ticket
from tests.gui.screen_check import press


def spot_of(kitchen: Kitchen, key: str) -> QPoint:
    """The middle of a target."""
    return kitchen.window.board.touch_rects()[key].center()


def test_start_ready_bump_are_one_tap_each_and_the_ticket_leaves(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    for name in ("start", "ready", "bump"):
        kitchen.tap(f"{name}:{ticket(1).id}")

    assert kitchen.marks() == ["start_ticket", "ready_ticket", "bump_ticket"]
    assert kitchen.shown() == []


def test_a_tap_on_the_head_does_what_the_button_does(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    for _ in range(3):
        kitchen.tap(f"head:{ticket(1).id}")

    assert kitchen.marks() == ["start_ticket", "ready_ticket", "bump_ticket"]


def test_a_tap_is_on_the_board_before_the_disk_has_it(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))

    press(kitchen.window.board, spot_of(kitchen, f"start:{ticket(1).id}"))

    assert f"ready:{ticket(1).id}" in kitchen.window.board.touch_rects()


def test_a_double_tap_on_the_button_is_one_operation(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    spot = spot_of(kitchen, f"start:{ticket(1).id}")
    for _ in range(2):
        press(kitchen.window.board, spot)
    kitchen.calm()

    assert kitchen.marks() == ["start_ticket"]


def test_a_double_click_of_the_mouse_is_one_operation_too(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    board = kitchen.window.board
    spot = spot_of(kitchen, f"start:{ticket(1).id}")
    QTest.mouseDClick(board, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    QTest.mouseRelease(board, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    press(board, spot)
    kitchen.calm()

    assert kitchen.marks() == ["start_ticket"]


def test_a_double_tap_that_bumps_never_touches_the_ticket_that_moved_under_the_finger(kitchen: Kitchen) -> None:
    first = ticket(1, "Burger", age_min=5, status=Stage.READY)
    kitchen.put(first, ticket(2, "Soup", age_min=4), ticket(3, "Soup", age_min=3))
    spot = spot_of(kitchen, f"bump:{first.id}")
    for _ in range(2):
        press(kitchen.window.board, spot)
    kitchen.calm()

    assert kitchen.marks() == ["bump_ticket"]
    assert [row.ticket.status for row in kitchen.rig.terminal.tickets()] == [Stage.QUEUED, Stage.QUEUED]


def test_without_the_guard_a_double_tap_would_be_two_operations(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: what is under the finger is the next step as soon as the first tap is painted."""
    monkeypatch.setattr(TapGuard, "is_new", lambda *_, **__: True)
    kitchen.put(ticket(1, "Burger"))
    spot = spot_of(kitchen, f"head:{ticket(1).id}")
    for _ in range(2):
        press(kitchen.window.board, spot)
    kitchen.calm()

    assert kitchen.marks() == ["start_ticket", "ready_ticket"]


def test_a_ticket_that_came_under_the_finger_a_moment_ago_is_not_touched(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another screen bumps the first ticket while a finger is on its way to it; without the guard the second goes."""
    first, second = ticket(1, "Burger", age_min=5, status=Stage.READY), ticket(2, "Burger", age_min=4)
    spots = []
    for left, round_ in ((first, 0), (ticket(3, "Burger", age_min=9, status=Stage.READY), 1)):
        kitchen.put(left, second)
        spots.append(spot_of(kitchen, f"head:{left.id}"))
        kitchen.put(left.model_copy(update={"status": Stage.BUMPED, "version": 5 + round_}))
        kitchen.stopwatch.s -= 1.0 - SETTLED_S / 2
        if round_:
            monkeypatch.setattr(Places, "has_settled", lambda *_, **__: True)
        press(kitchen.window.board, spots[-1])
        kitchen.calm()
        assert kitchen.marks() == ["start_ticket"] * round_


def test_a_head_whose_step_changed_under_the_finger_does_nothing(kitchen: Kitchen) -> None:
    """Pressed to start it; before the finger is up, another screen has started it: *ready* was not meant."""
    kitchen.put(ticket(1, "Burger"))
    board, spot = kitchen.window.board, spot_of(kitchen, f"head:{ticket(1).id}")
    QTest.mousePress(board, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    kitchen.put(ticket(1, "Burger", status=Stage.IN_PROGRESS, version=2))
    QTest.mouseRelease(board, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    kitchen.calm()

    assert kitchen.marks() == []


def test_two_tickets_in_a_quick_row_are_two_intentions(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger", age_min=5), ticket(2, "Soup", age_min=4))
    for number in (1, 2):
        press(kitchen.window.board, spot_of(kitchen, f"start:{ticket(number).id}"))
    kitchen.calm()

    assert kitchen.marks() == ["start_ticket", "start_ticket"]


def test_a_finger_that_slides_off_does_nothing(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    board, spot = kitchen.window.board, spot_of(kitchen, f"start:{ticket(1).id}")
    QTest.mousePress(board, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    away = spot + QPoint(0, 400)
    QTest.mouseMove(board, away)
    QTest.mouseRelease(board, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, away)
    kitchen.calm()

    assert kitchen.marks() == []


def test_an_item_is_struck_by_a_tap_on_it_and_stays_struck(kitchen: Kitchen) -> None:
    made = ticket(1, "Burger", "Fries", "VOID Soup")
    kitchen.put(made)
    for item in (1, 1, 2):
        kitchen.tap(f"item:{made.id}:{made.items[item].line_id}")

    assert kitchen.marks() == ["ready_item"]
    shown = kitchen.rig.terminal.tickets()[0].ticket
    assert [item.done for item in shown.items] == [False, True, False]


def test_late_tickets_stand_first_then_the_oldest(kitchen: Kitchen) -> None:
    drinks = ticket(3, "Cola", age_min=7.5, station="bar")  # the bar is late from 7 minutes on, the grill from 12
    kitchen.put(ticket(1, "Soup", age_min=2), ticket(2, "Burger", age_min=9), drinks)

    assert kitchen.shown() == ["C-3", "C-2", "C-1"]


def test_what_does_not_fit_is_counted_with_its_age_and_can_be_reached(kitchen: Kitchen) -> None:
    kitchen.put(*(ticket(n, *["Burger"] * 4, age_min=7 - n / 20) for n in range(100)))
    board = kitchen.window.board
    met = list(kitchen.shown())
    assert len(board._pages[0].after) == 100 - len(met)
    while MORE in board.touch_rects():
        kitchen.tap(MORE)
        met += kitchen.shown()

    assert met == [f"C-{n}" for n in range(100)]


def test_a_later_page_goes_back_to_the_first_by_itself(kitchen: Kitchen) -> None:
    kitchen.put(*(ticket(n, *["Burger"] * 4, age_min=7 - n / 20) for n in range(60)))
    first = kitchen.shown()
    kitchen.tap(MORE)
    assert kitchen.shown() != first
    now_ms = kitchen.rig.terminal.now_ms()
    for second in range(30):
        kitchen.window.board.tick(now_ms + second * 1000)

    assert kitchen.shown() == first


def test_what_was_cancelled_flashes_and_a_state_is_never_hidden_by_a_flash(kitchen: Kitchen) -> None:
    made = ticket(1, "Burger", "Soup", age_min=13)
    kitchen.put(made)
    items = (made.items[0], made.items[1].model_copy(update={"voided": True}))
    kitchen.put(made.model_copy(update={"items": items, "version": 2}))

    manner = kitchen.window.board._manner(made.id, 0)
    assert manner.news == "VOID"
    assert manner.age.words.startswith("LATE")
    assert words_of_clock(manner).startswith("LATE")


def test_a_new_ticket_flashes_and_then_is_like_any_other(kitchen: Kitchen, qtbot: QtBot) -> None:
    flashes = kitchen.window.board._flashes
    kitchen.put(ticket(1, "Burger"), ticket(2, "Soup", paper=True))

    assert flashes.word(ticket(1).id) == "NEW"
    assert flashes.word(ticket(2).id) == ""
    qtbot.waitUntil(lambda: flashes.is_over, timeout=8000)


def test_every_painted_ticket_is_told_as_seen_once_and_one_on_a_later_page_is_not(kitchen: Kitchen) -> None:
    kitchen.put(*(ticket(n, *["Burger"] * 4, age_min=7 - n / 20) for n in range(40)))
    kitchen.put(ticket(50, "Soup"))
    kitchen.calm()

    seen = {row.ticket.order_number for row in kitchen.rig.terminal.tickets() if row.ticket.seen_at is not None}
    assert seen == set(kitchen.shown())
    assert kitchen.rig.operations() == ["seen_ticket"] * len(seen)


def test_a_ticket_that_goes_on_on_a_later_page_is_seen_when_that_page_is(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, *[f"Dish number {n} with a long name" for n in range(60)]))
    assert len(kitchen.window.board._pages) > 1
    assert kitchen.rig.operations() == []
    while MORE in kitchen.window.board.touch_rects():
        kitchen.tap(MORE)

    assert kitchen.rig.operations() == ["seen_ticket"]


def test_a_ticket_behind_the_all_day_view_is_not_seen_before_the_board_is_back(kitchen: Kitchen) -> None:
    kitchen.key(Qt.Key.Key_A)
    kitchen.put(ticket(1, "Burger"))
    assert kitchen.rig.operations() == []

    kitchen.key(Qt.Key.Key_Escape)

    assert kitchen.rig.operations() == ["seen_ticket"]


def test_a_mark_that_the_disk_refused_is_told_and_the_same_button_tries_again(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    kitchen.put(ticket(1, "Burger"))
    kitchen.rig.run(partial(Connection.execute, statements=FULL))
    kitchen.tap(f"start:{ticket(1).id}")
    band = kitchen.window.band
    assert (band.isVisible(), band.title()) == (True, "Not saved: T5")
    assert f"start:{ticket(1).id}" in kitchen.window.board.touch_rects()

    kitchen.rig.run(partial(Connection.execute, statements=NOT_FULL))
    kitchen.tap(f"start:{ticket(1).id}")

    assert kitchen.marks() == ["start_ticket"]
    assert not band.title().startswith("Not saved")


def test_marks_that_the_disk_refused_are_named_together_and_for_a_while(kitchen: Kitchen) -> None:
    kitchen.put(*(ticket(n, "Burger", table=f"table-{n}") for n in range(1, 6)))
    kitchen.rig.run(partial(Connection.execute, statements=FULL))
    for n in range(1, 6):
        kitchen.tap(f"start:{ticket(n).id}")
    band = kitchen.window.band
    assert band.title() == "Not saved: T1, T2, T3 and 2 more"
    assert band.text().endswith("Tap again, or ask for help.")

    kitchen.stopwatch.s += TELLING_S
    kitchen.window._show_link()

    assert not band.title().startswith("Not saved")


def test_a_station_shows_its_own_tickets_and_counts_the_others(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"), ticket(2, "Cola", station="bar"), ticket(3, "Pie", station="oven"))
    stations = kitchen.window.header.stations
    assert [tab.note for tab in stations._tabs if tab.key in ("all", "grill", "bar", "oven")] == ["3", "1", "1", "1"]

    press(stations, stations.touch_rects()["bar"].center())
    kitchen.calm()

    assert kitchen.shown() == ["C-2"]


def test_an_update_that_stays_queued_is_said_on_its_ticket(make_kitchen: Callable[..., Kitchen]) -> None:
    kitchen = make_kitchen()
    kitchen.rig.link(ONLINE)
    kitchen.window._ticker.stop()  # a second of the real clock is over at any moment; here the test says when
    kitchen.put(ticket(1, "Burger"))
    kitchen.tap(f"start:{ticket(1).id}")
    assert kitchen.window.board._held == frozenset()

    kitchen.window._tick()

    assert kitchen.window.board._held == {ticket(1).id}
