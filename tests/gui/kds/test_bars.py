"""What stands around the board: the bump bar, recall, the views, the band; and a restart without network."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kds_client.window import READ_AGAIN_TICKS
from shared.domain.ticket import Stage
from shared.qt.tokens import Tone
from shared.store import entities
from tests.gui.harness import OFFLINE, ONLINE
from tests.gui.kds.conftest import Kitchen, ticket
from tests.gui.screen_check import press, press_target

KEY = Qt.Key


def stages(kitchen: Kitchen) -> dict[str, Stage]:
    """How far each ticket on the board is."""
    return {row.ticket.order_number: row.ticket.status for row in kitchen.rig.terminal.tickets()}


def test_digits_choose_enter_bumps_and_backspace_recalls(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger", age_min=5), ticket(2, "Fries", age_min=3))
    kitchen.key(KEY.Key_2, KEY.Key_Return)
    assert stages(kitchen) == {"C-1": Stage.QUEUED}

    kitchen.key(KEY.Key_Backspace)

    assert stages(kitchen) == {"C-1": Stage.QUEUED, "C-2": Stage.READY}
    assert kitchen.marks() == ["bump_ticket", "recall_ticket"]


def test_space_does_the_next_step_arrows_move_and_function_keys_strike_items(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger", age_min=5), ticket(2, "Fries", "Soup", age_min=3))
    kitchen.key(KEY.Key_Down, KEY.Key_Space, KEY.Key_Down, KEY.Key_F2, KEY.Key_Up, KEY.Key_Space)

    assert stages(kitchen) == {"C-1": Stage.READY, "C-2": Stage.QUEUED}
    assert [item.done for item in kitchen.rig.terminal.tickets()[1].ticket.items] == [False, True]


def test_a_key_that_bounces_or_is_held_down_bumps_once(kitchen: Kitchen) -> None:
    kitchen.put(*(ticket(n, "Burger", age_min=9 - n) for n in range(1, 5)))
    kitchen.key(KEY.Key_1)
    kitchen.key(KEY.Key_Return)
    for repeats in (False, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, KEY.Key_Return, Qt.KeyboardModifier.NoModifier, "", repeats)
        QApplication.sendEvent(kitchen.window, event)
    kitchen.calm()

    assert kitchen.marks() == ["bump_ticket"]


def test_after_a_bump_the_ticket_that_took_its_place_is_chosen(kitchen: Kitchen) -> None:
    kitchen.put(*(ticket(n, "Burger", age_min=9 - n) for n in range(1, 4)))
    kitchen.key(KEY.Key_1, KEY.Key_Return, KEY.Key_Return)

    assert kitchen.shown() == ["C-3"]
    assert kitchen.window.board.chosen == ticket(3).id


def test_without_a_choice_enter_bumps_nothing(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    kitchen.key(KEY.Key_Return)
    assert kitchen.marks() == []
    assert kitchen.window.board.chosen == ticket(1).id


def test_recall_is_one_press_and_two_quick_ones_bring_back_one(kitchen: Kitchen) -> None:
    kitchen.put(*(ticket(n, "Burger", age_min=n, status=Stage.READY) for n in (1, 2)))
    for number in (2, 1):
        kitchen.tap(f"bump:{ticket(number).id}")
    assert kitchen.window.header.recall.text() == "Recall T5"
    kitchen.later()
    for _ in range(2):
        press(kitchen.window.header.recall)
    kitchen.calm()

    assert stages(kitchen) == {"C-1": Stage.READY}
    assert kitchen.marks() == ["bump_ticket", "bump_ticket", "recall_ticket"]


def test_a_ticket_comes_back_as_often_as_it_is_recalled(kitchen: Kitchen) -> None:
    """Each recall names the round that was bumped, so that a late one of an earlier round brings nothing back."""
    kitchen.put(ticket(1, "Burger"))
    kitchen.key(KEY.Key_1)
    for round_ in (1, 2, 3):
        kitchen.key(KEY.Key_1, KEY.Key_Return, KEY.Key_Backspace)
        assert stages(kitchen) == {"C-1": Stage.READY}
        assert kitchen.rig.terminal.tickets()[0].ticket.round == round_


def test_what_another_screen_bumped_comes_back_without_network(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger", status=Stage.READY))
    kitchen.rig.link(OFFLINE)
    kitchen.put(ticket(1, "Burger", status=Stage.BUMPED, version=5))
    assert kitchen.shown() == []

    press(kitchen.window.header.recall)
    kitchen.calm()

    assert kitchen.shown() == ["C-1"]
    assert stages(kitchen) == {"C-1": Stage.READY}


def test_any_of_the_bumped_tickets_comes_back_from_the_list(kitchen: Kitchen) -> None:
    kitchen.put(*(ticket(n, "Burger", age_min=n, status=Stage.BUMPED) for n in range(1, 8)))
    press(kitchen.window.header.bumped)
    kitchen.calm()
    content = kitchen.window.sheet.content()
    assert content is not None

    press_target(content.lines.area, ticket(4).id)  # type: ignore[attr-defined]
    kitchen.calm()

    assert kitchen.shown() == ["C-4"]
    assert not kitchen.window.sheet.isVisible()


def test_the_list_works_by_keys_alone_and_gives_them_back_to_the_board(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger", age_min=2, status=Stage.BUMPED), ticket(2, "Soup", age_min=1))
    kitchen.key(KEY.Key_L, KEY.Key_Return)
    assert sorted(kitchen.shown()) == ["C-1", "C-2"]

    kitchen.key(KEY.Key_1, KEY.Key_Return)

    assert kitchen.shown() == ["C-2"]


def test_the_all_day_view_counts_what_is_to_be_cooked_and_follows_the_station(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger", "Burger"), ticket(2, "Burger", "DONE Soup"), ticket(3, "Cola", station="bar"))
    press(kitchen.window.header.all_day)
    kitchen.calm()
    assert kitchen.window.all_day.isVisible()
    assert [(one.name, one.quantity) for one in kitchen.window.all_day._counts.values()] == [("Burger", 4), ("Cola", 1)]

    kitchen.key(KEY.Key_S, KEY.Key_A)

    assert kitchen.window.board.isVisible()
    assert kitchen.shown() == ["C-1", "C-2"]


def test_a_disconnected_board_looks_disconnected_keeps_its_tickets_and_queues_its_marks(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    kitchen.rig.link(OFFLINE)
    kitchen.tap(f"start:{ticket(1).id}")

    window = kitchen.window
    assert window.band.isVisible()
    assert window.band.title().startswith("Not connected for")
    assert window.header.pill.text() == "Offline, showing cached tickets"
    assert "1 update kept here" in window.band.text()
    assert stages(kitchen) == {"C-1": Stage.IN_PROGRESS}

    kitchen.tap(f"ready:{ticket(1).id}")
    kitchen.tap(f"bump:{ticket(1).id}")
    assert "3 updates kept here" in window.band.text()


def test_a_ticket_with_a_mark_that_waits_says_so(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    kitchen.rig.link(OFFLINE)
    kitchen.tap(f"start:{ticket(1).id}")
    window = kitchen.window
    assert window.board._held == {ticket(1).id}


def test_a_dead_worker_makes_the_board_look_disconnected_within_three_seconds(kitchen: Kitchen) -> None:
    """Its last words were that all is well; nobody is left to take them back."""
    kitchen.rig.link(ONLINE)
    kitchen.put(ticket(1, "Burger"))
    window, sync = kitchen.window, kitchen.rig.sync
    window._show_link()
    assert not window.band.isVisible()
    assert window.header.pill.text() == "Connected, last sync 0 s ago"

    sync.is_dead = True
    window._show_link()
    kitchen.stopwatch.s += 2.9
    window._show_link()

    assert window.band.isVisible()
    assert window.band.title() == "Not connected for 00:02"
    assert window.header.pill.text().startswith("Reconnecting")


def test_news_that_come_late_have_the_band(kitchen: Kitchen) -> None:
    kitchen.rig.link(replace(ONLINE, delayed=True))
    kitchen.calm()
    assert kitchen.window.band.isVisible()
    assert kitchen.window.header.pill.text() == "Connected, orders come late"
    assert kitchen.window.header.pill.tone() is Tone.WARN


def test_ages_are_in_server_time_however_wrong_this_screens_clock_is(kitchen: Kitchen) -> None:
    def age(of: int) -> str:
        board = kitchen.window.board
        return board._manner(ticket(of).id, 0).age.text

    hour_ms = 3_600_000
    kitchen.rig.link(replace(ONLINE, clock_offset_ms=hour_ms))  # an hour slow: the server's tickets are from its future
    kitchen.put(ticket(1, "Burger", age_min=-59))
    assert age(1) == "01:00"

    kitchen.rig.link(replace(ONLINE, clock_offset_ms=-hour_ms))  # an hour fast
    kitchen.put(ticket(2, "Burger", age_min=61), ticket(3, "Soup", age_min=59))
    kitchen.window._tick()
    assert (age(2), age(3)) == ("01:00", "00:00")


def test_what_nobody_announced_is_on_the_board_within_five_seconds(kitchen: Kitchen) -> None:
    kitchen.rig.run(lambda tx: entities.put_all(tx, [ticket(1, "Burger")]))
    for _ in range(READ_AGAIN_TICKS):
        kitchen.window._tick()

    assert kitchen.shown() == ["C-1"]


def test_enter_does_nothing_to_a_ticket_that_was_chosen_by_the_board_a_moment_ago(kitchen: Kitchen) -> None:
    """Another screen bumps the chosen one while the thumb is on its way to Enter."""
    kitchen.put(*(ticket(n, "Burger", age_min=9 - n) for n in (1, 2)))
    kitchen.key(KEY.Key_1)
    kitchen.put(ticket(1, "Burger", age_min=8, status=Stage.BUMPED, version=5))
    assert kitchen.window.board.chosen == ticket(2).id
    kitchen.stopwatch.s -= 0.9
    QTest.keyClick(kitchen.window, KEY.Key_Return)
    kitchen.calm()
    assert kitchen.marks() == []

    kitchen.key(KEY.Key_Return)
    assert kitchen.marks() == ["bump_ticket"]


def test_the_pill_asks_for_a_try_at_once(kitchen: Kitchen) -> None:
    press(kitchen.window.header.pill)
    assert kitchen.rig.sync.tries == 1


def test_tickets_and_marks_live_through_a_restart_without_network(make_kitchen: Callable[..., Kitchen]) -> None:
    first = make_kitchen()
    first.put(ticket(1, "Burger", age_min=2), ticket(2, "Fries"))
    first.tap(f"start:{ticket(1).id}")
    first.window.close()
    first.rig.close()

    second = make_kitchen(stocked=False)
    second.rig.link(OFFLINE)
    second.calm()

    assert stages(second) == {"C-1": Stage.IN_PROGRESS, "C-2": Stage.QUEUED}
    assert second.shown() == ["C-1", "C-2"]
    assert f"ready:{ticket(1).id}" in second.window.board.touch_rects()
    assert second.window.band.isVisible()


def test_after_a_mistake_of_the_program_the_board_is_back(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    kitchen.key(KEY.Key_A)
    kitchen.window.go_back()
    kitchen.calm()

    assert kitchen.window.board.isVisible()
    assert kitchen.shown() == ["C-1"]
