"""A refused operation at the till: who may do what about it, by taps, and that a second tap does nothing more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget

from shared.domain.menu import Role
from shared.domain.order import OrderState
from shared.store.outcomes import FailReason
from shared.terminal import OperationRow
from tests.gui.pos.conftest import Till
from tests.gui.pos.test_screens import LOOKS, name_of
from tests.gui.screen_check import assert_screen_is_sound, double_tap, press, save_picture


def refused(till: Till, reason: FailReason = FailReason.REFUSED, *, role: Role = Role.WAITER) -> OperationRow:
    """A till in the hands of such a person, with an order that the server did not take, and its sync panel open."""
    person = next(one for one in till.rig.terminal.staff.staff if one.role is role)
    till.window.session.log_in(person)
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.refuse(reason, "Table 5 is reserved.")
    till.tap("pill")
    (row,) = till.rig.terminal.desk.operations("attention")
    return row


def on_show(till: Till, name: str) -> list[QWidget]:
    return [one for one in till.window.sync.findChildren(QWidget, name) if one.isVisible()]


def decide(till: Till) -> None:
    double_tap(till.window.sync.alert.button("mend"))
    till.calm()


def test_try_again_sends_it_once_however_often_it_is_tapped(till: Till) -> None:
    row = refused(till)
    decide(till)
    (again,) = on_show(till, "retry")
    double_tap(again)
    till.calm()

    assert not till.window.sync.sheet.isVisible()
    assert till.rig.terminal.desk.operations("attention") == ()
    assert till.rig.terminal.desk.alerts() == ()
    assert till.rig.operations().count("create_order") == 2, "the old one, and the one in its place"
    assert till.rig.terminal.desk.operations("waiting")[0].what == row.what
    assert "Needs you" not in till.window.sync.pill.text()


def test_a_waiter_is_not_offered_to_discard_and_is_told_who_may(till: Till) -> None:
    refused(till)
    decide(till)
    assert on_show(till, "discard") == []
    assert on_show(till, "retry") != []
    till.tap("cancel")
    assert len(till.rig.terminal.desk.operations("attention")) == 1


def test_a_manager_discards_and_the_table_is_free_again(till: Till) -> None:
    refused(till, role=Role.MANAGER)
    till.tap_on("sync_tabs", "attention")
    decide(till)
    (button,) = on_show(till, "discard")
    double_tap(button)
    till.calm()

    assert till.rig.terminal.desk.counts() == (0, 0)
    assert till.rig.terminal.open_orders() == ()
    till.tap_on("sync_tabs", "sent")
    assert [one.reason for one in till.rig.terminal.desk.operations("sent")] == [FailReason.DISCARDED] * 3


def test_a_tap_on_a_row_that_needs_a_person_asks_for_the_same_decision(till: Till) -> None:
    refused(till)
    till.tap_on("sync_tabs", "attention")
    table = till.window.sync.table.view
    press(table.viewport(), table.visualRect(till.window.sync.model.index(0, 1)).center())
    till.calm()
    assert till.window.sync.sheet.isVisible()
    assert on_show(till, "retry") != []


def test_money_can_be_tried_again_but_not_discarded_by_anybody(till: Till) -> None:
    till.window.session.log_in(next(one for one in till.rig.terminal.staff.staff if one.role is Role.MANAGER))
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    for name in ("pay", "exact", "take_money", "done"):
        till.tap(name)
    for _ in range(3):
        till.rig.accept()
    till.rig.refuse(FailReason.REFUSED, "Not now.")
    till.tap("pill")
    decide(till)
    assert on_show(till, "discard") == []
    assert on_show(till, "retry") != []


@pytest.mark.parametrize("look", LOOKS, ids=name_of)
@pytest.mark.parametrize("reason", [FailReason.REFUSED, FailReason.EXHAUSTED, FailReason.MISMATCH])
def test_the_sheet_is_sound(make_till: Callable[..., Till], look: tuple[object, ...], reason: FailReason) -> None:
    size, theme, rtl = look
    till = make_till(size=size, theme=theme, rtl=rtl)
    till.log_in()
    refused(till, reason, role=Role.MANAGER)
    decide(till)
    save_picture(till.window, f"pos-mend-{reason.lower()}-{name_of(look)}")  # type: ignore[arg-type]
    assert_screen_is_sound(till.window, till.metrics)


def test_a_late_round_on_a_paid_order_is_put_on_a_new_one_by_one_tap(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.deliver()
    till.calm()
    first = till.view.id
    till.item("side-salad")
    till.tap("send")
    closed = till.rig.server_order(first).model_copy(update={"state": OrderState.CLOSED, "version": 99})
    till.rig.refuse(FailReason.CONFLICT, "Order C-1 is closed.", closed)
    till.tap("pill")
    assert "Not on it: +1 Side Salad" in till.window.sync.alert.text()
    save_picture(till.window, "pos-sync-conflict-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)

    double_tap(till.window.sync.alert.button("again"))
    till.calm()

    assert till.rig.terminal.desk.alerts() == ()
    (view,) = [one for one in till.rig.terminal.open_orders() if one.is_open]
    assert view.id != first
    assert [line.name for line in view.lines] == ["Side Salad"]
    assert view.table_id == "table-5"
    assert till.rig.operations().count("create_order") == 2


def test_what_a_conflict_kept_out_may_be_left_off(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.refuse(FailReason.CONFLICT, "Order C-1 is closed.")
    till.tap("pill")
    press(till.window.sync.alert.button("ok"))
    till.calm()
    assert till.rig.terminal.desk.alerts() == ()
    assert till.rig.terminal.open_orders() == ()
