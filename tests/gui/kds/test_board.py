"""The kitchen's board: sound at every size, honest about its link, and one operation for one intention."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from shared.domain.ticket import Stage
from shared.qt.tokens import ThemeName
from tests.gui.harness import OFFLINE
from tests.gui.kds.conftest import Kitchen, ticket
from tests.gui.screen_check import assert_screen_is_sound, press, save_picture

SIZES = ((1920, 1080, 21.5), (1366, 768, 15.6), (1920, 1080, 32.0))
LOOKS = [(size, theme, False) for size in SIZES for theme in (ThemeName.DARK, ThemeName.LIGHT)]
LOOKS.append((SIZES[0], ThemeName.DARK, True))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0][0]}-{look[0][2]}-{look[1].value}-{look[2]}")
def test_every_state_of_the_board_is_sound(
    make_kitchen: Callable[..., Kitchen], look: tuple[tuple[int, int, float], ThemeName, bool]
) -> None:
    size, theme, rtl = look
    kitchen = make_kitchen(size=size, theme=theme, rtl=rtl)
    name = f"{size[0]}x{size[1]}-{size[2]:g}in-{theme.value}{'-rtl' if rtl else ''}"

    def seen(state: str) -> None:
        kitchen.calm()
        save_picture(kitchen.window, f"kds-{state}-{name}")
        assert_screen_is_sound(kitchen.window, kitchen.holder.metrics)

    seen("empty")
    kitchen.put(
        ticket(1, "Ribeye 300g", "Chicken Bowl", "Fries", age_min=18.4, status=Stage.IN_PROGRESS),
        ticket(2, "Steak Tacos", "ALLERGY Burger", "Corn ribs", age_min=9.8),
        ticket(3, "Chicken Burrito", age_min=8.1, table=None),
        ticket(4, "Sea bass", "Lamb skewers", age_min=2.0, status=Stage.READY),
    )
    seen("board")
    kitchen.rig.link(OFFLINE)
    seen("offline")
    kitchen.put(*(ticket(20 + n, *["Burger"] * (2 + n % 4), age_min=7 - n / 4) for n in range(24)))
    seen("many")
    kitchen.put(ticket(60, *[f"Dish number {n} with a long name" for n in range(24)], age_min=20))
    seen("long")


def test_an_empty_board_says_what_will_happen(kitchen: Kitchen) -> None:
    assert kitchen.window.empty.isVisible()
    assert kitchen.window.empty.advice.text() == "New orders appear here by themselves."


def test_start_ready_bump_are_one_tap_each_and_the_ticket_leaves(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    one = ticket(1).id
    for name in ("start", "ready", "bump"):
        kitchen.window._guard.forget()
        kitchen.tap(f"{name}:{one}")

    assert kitchen.marks() == ["start_ticket", "ready_ticket", "bump_ticket"]
    assert kitchen.window.empty.isVisible()


def test_a_double_tap_on_the_button_is_one_mark(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    spot = kitchen.window.board.touch_rects()[f"start:{ticket(1).id}"].center()

    press(kitchen.window.board, spot)
    press(kitchen.window.board, spot)
    kitchen.calm()

    assert kitchen.marks() == ["start_ticket"]


def test_without_the_guard_a_double_tap_would_be_two_marks(kitchen: Kitchen) -> None:
    """The mutant: the board moves under the finger, and the second tap is the next step."""
    kitchen.put(ticket(1, "Burger"))
    spot = kitchen.window.board.touch_rects()[f"start:{ticket(1).id}"].center()

    press(kitchen.window.board, spot)
    kitchen.window._guard.forget()
    press(kitchen.window.board, spot)
    kitchen.calm()

    assert kitchen.marks() == ["start_ticket", "ready_ticket"]


def test_an_item_is_struck_by_a_tap_on_it(kitchen: Kitchen) -> None:
    made = ticket(1, "Burger", "Fries")
    kitchen.put(made)

    kitchen.tap(f"item:{made.id}:{made.items[1].line_id}")

    assert kitchen.marks() == ["ready_item"]
    shown = kitchen.rig.terminal.tickets()[0].ticket
    assert [item.done for item in shown.items] == [False, True]


def test_every_painted_ticket_is_told_as_seen_once(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"), ticket(2, "Fries"))
    kitchen.put(ticket(3, "Soup"))
    kitchen.calm()

    assert kitchen.rig.operations() == ["seen_ticket"] * 3


def test_the_bump_bar_does_everything_without_touch(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger", age_min=5), ticket(2, "Fries", age_min=3))
    for key in (Qt.Key.Key_2, Qt.Key.Key_Return, Qt.Key.Key_Left, Qt.Key.Key_Return):
        QTest.keyClick(kitchen.window, key)
        kitchen.calm()

    stages = {row.ticket.order_number: row.ticket.status for row in kitchen.rig.terminal.tickets()}
    assert stages == {"C-1": Stage.IN_PROGRESS, "C-2": Stage.IN_PROGRESS}


def test_backspace_brings_the_last_bumped_ticket_back(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger", status=Stage.READY))
    kitchen.tap(f"bump:{ticket(1).id}")
    assert kitchen.rig.terminal.tickets() == ()

    QTest.keyClick(kitchen.window, Qt.Key.Key_Backspace)
    kitchen.calm()

    assert [(row.ticket.status, row.ticket.round) for row in kitchen.rig.terminal.tickets()] == [(Stage.READY, 1)]


def test_a_disconnected_board_looks_disconnected_keeps_its_tickets_and_queues_its_marks(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    kitchen.rig.link(OFFLINE)
    kitchen.calm()
    kitchen.tap(f"start:{ticket(1).id}")

    assert kitchen.window.band.isVisible()
    assert kitchen.window.band.title().startswith("Not connected for")
    assert kitchen.window.pill.text() == "Offline, showing cached tickets"
    assert "2 updates kept here" in kitchen.window.band.text()
    assert [row.ticket.status for row in kitchen.rig.terminal.tickets()] == [Stage.IN_PROGRESS]


def test_tickets_and_marks_live_through_a_restart_without_network(make_kitchen: Callable[..., Kitchen]) -> None:
    first = make_kitchen()
    first.put(ticket(1, "Burger"), ticket(2, "Fries"))
    first.tap(f"start:{ticket(1).id}")
    first.window.close()
    first.rig.close()

    second = make_kitchen(stocked=False)
    second.rig.link(OFFLINE)
    second.calm()

    stages = {row.ticket.order_number: row.ticket.status for row in second.rig.terminal.tickets()}
    assert stages == {"C-1": Stage.IN_PROGRESS, "C-2": Stage.QUEUED}
    assert f"ready:{ticket(1).id}" in second.window.board.touch_rects()


def test_a_station_shows_its_own_tickets_and_counts_the_others(make_kitchen: Callable[..., Kitchen]) -> None:
    kitchen = make_kitchen()
    other = ticket(2, "Cola").model_copy(update={"station": "bar"})
    kitchen.put(ticket(1, "Burger"), other)

    rect = kitchen.window.stations.touch_rects()["bar"]
    press(kitchen.window.stations, rect.center())
    kitchen.calm()

    assert [face.id for face in kitchen.window.board.faces_on_show] == [other.id]
