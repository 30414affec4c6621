"""A locked till, which a manager was last at: anybody may look at what waits, and nobody decides in that name."""

from collections.abc import Callable

import pytest

from shared.domain.menu import Role
from shared.store.outcomes import FailReason
from tests.gui.pos.conftest import Till
from tests.gui.pos.house_hand import SAID, tell
from tests.gui.pos.test_mending import decide, on_show, refused
from tests.gui.screen_check import press

LOG_IN_FIRST = "Log in first: what is decided here stands under your name."


def lock_and_look(till: Till) -> None:
    """The manager logs out, and whoever comes by opens the sync panel from the first screen."""
    till.tap("user")
    till.tap("pill")
    assert till.window.screen_on_show is till.window.sync


def by_the_alert(till: Till) -> None:
    """By the button of the alert."""
    decide(till)


def by_the_row(till: Till) -> None:
    """By a tap on the row that needs a person."""
    till.tap_on("sync_tabs", "attention")
    table = till.window.sync.table.view
    press(table.viewport(), table.visualRect(till.window.sync.model.index(0, 1)).center())
    till.calm()


@pytest.mark.parametrize("way", [by_the_alert, by_the_row])
def test_nobody_discards_what_was_saved_in_the_name_of_a_manager_who_left(
    till: Till, way: Callable[[Till], None]
) -> None:
    row = refused(till, role=Role.MANAGER)
    lock_and_look(till)
    way(till)

    assert on_show(till, "discard") == []
    assert not till.window.sync.sheet.isVisible()
    assert till.window.sync.toast.text() == LOG_IN_FIRST
    assert till.rig.terminal.desk.operations("attention") == (row,)


def test_nobody_sees_off_an_alert_in_the_name_of_who_left(till: Till) -> None:
    conflict(till)
    lock_and_look(till)
    press(till.window.sync.alert.button("ok"))
    till.calm()

    assert till.window.sync.toast.text() == LOG_IN_FIRST
    assert len(till.rig.terminal.desk.alerts()) == 1


def conflict(till: Till) -> None:
    """Something that the server could not put on an order any more."""
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.refuse(FailReason.CONFLICT, "Order C-1 is closed.")
    till.calm()


def test_what_the_server_tells_managers_is_hidden_when_the_manager_has_left(till: Till) -> None:
    till.window.session.log_in(next(one for one in till.rig.terminal.staff.staff if one.role is Role.MANAGER))
    till.window.to_tables()
    tell(till, SAID)
    lock_and_look(till)
    till.tap_on("sync_tabs", "house")

    house = till.window.sync.house
    assert house.locked.isVisible()
    assert not house.table.isVisible()
