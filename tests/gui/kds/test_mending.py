"""A mark that the server did not take, at a screen where nobody logs in: whoever stands there decides, by one press."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget

from shared.domain.ticket import Stage
from shared.store.outcomes import FailReason
from tests.gui.kds.conftest import Kitchen, ticket
from tests.gui.kds.test_looks import LOOKS, name_of
from tests.gui.screen_check import assert_screen_is_sound, double_tap, press, save_picture


def refused(kitchen: Kitchen, reason: FailReason = FailReason.REFUSED, *, count: int = 1) -> None:
    """Tickets whose start the server did not take, and a finger on the pill."""
    kitchen.put(*(ticket(n, "Burger", age_min=9 - n) for n in range(1, count + 1)))
    for n in range(1, count + 1):
        kitchen.tap(f"start:{ticket(n).id}")
        kitchen.rig.refuse(reason, "Nobody with this name works here.", kind="start_ticket")
    kitchen.calm()
    assert kitchen.window.header.pill.text() == f"Needs you, {count}"
    press(kitchen.window.header.pill)
    kitchen.calm()


def button(kitchen: Kitchen, name: str) -> QWidget:
    (found,) = [one for one in kitchen.window.sheet.findChildren(QWidget, name) if one.isVisible()]
    return found


def stages(kitchen: Kitchen) -> list[Stage]:
    return [row.ticket.status for row in kitchen.rig.terminal.tickets()]


@pytest.mark.parametrize("reason", [FailReason.REFUSED, FailReason.INVALID, FailReason.MISMATCH])
def test_it_goes_again_once_however_often_the_button_is_pressed(kitchen: Kitchen, reason: FailReason) -> None:
    refused(kitchen, reason)
    before = kitchen.marks()

    double_tap(button(kitchen, "retry"))
    kitchen.calm()

    assert not kitchen.window.sheet.isVisible()
    assert kitchen.rig.terminal.desk.counts()[1] == 0
    assert kitchen.rig.terminal.desk.alerts() == ()
    assert len(kitchen.marks()) == len(before) + 1
    assert not kitchen.window.header.pill.text().startswith("Needs you")
    assert stages(kitchen) == [Stage.IN_PROGRESS]


@pytest.mark.parametrize("reason", [FailReason.REFUSED, FailReason.INVALID, FailReason.MISMATCH])
def test_it_is_given_up_by_whoever_stands_there_and_the_ticket_is_as_the_server_has_it(
    kitchen: Kitchen, reason: FailReason
) -> None:
    refused(kitchen, reason, count=2)
    assert stages(kitchen) == [Stage.IN_PROGRESS] * 2

    double_tap(button(kitchen, "discard"))
    kitchen.calm()

    assert kitchen.rig.terminal.desk.counts()[1] == 0
    assert kitchen.rig.terminal.desk.alerts() == ()
    assert stages(kitchen) == [Stage.QUEUED] * 2
    kitchen.tap(f"start:{ticket(1).id}")
    assert stages(kitchen) == [Stage.IN_PROGRESS, Stage.QUEUED], "it can be marked anew"


def test_what_the_server_failed_on_is_given_up_only_after_it_was_asked(kitchen: Kitchen) -> None:
    refused(kitchen, FailReason.EXHAUSTED)
    press(button(kitchen, "discard"))
    kitchen.calm()
    assert kitchen.rig.terminal.desk.counts()[1] == 1
    (told,) = kitchen.rig.sync.asked
    told(False)
    kitchen.calm()
    assert kitchen.rig.terminal.desk.counts()[1] == 0
    assert stages(kitchen) == [Stage.QUEUED]


def test_it_may_be_left_as_it_is(kitchen: Kitchen) -> None:
    refused(kitchen)
    press(button(kitchen, "leave"))
    kitchen.calm()
    assert not kitchen.window.sheet.isVisible()
    assert kitchen.rig.terminal.desk.counts()[1] == 1


def test_what_the_server_only_had_otherwise_is_seen(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    kitchen.tap(f"start:{ticket(1).id}")
    kitchen.rig.refuse(FailReason.CONFLICT, "It was voided.", kind="start_ticket")
    kitchen.calm()
    press(kitchen.window.header.pill)
    kitchen.calm()
    press(button(kitchen, "seen"))
    kitchen.calm()
    assert kitchen.rig.terminal.desk.alerts() == ()


@pytest.mark.parametrize("look", LOOKS[::3], ids=name_of)
def test_the_sheet_is_sound(make_kitchen: Callable[..., Kitchen], look: tuple[object, ...]) -> None:
    size, theme, rtl = look
    kitchen = make_kitchen(size=size, theme=theme, rtl=rtl)
    refused(kitchen, count=6)
    save_picture(kitchen.window, f"kds-mend-{name_of(look)}")  # type: ignore[arg-type]
    assert_screen_is_sound(kitchen.window, kitchen.holder.metrics)
