"""A refused operation at the till: who may do what about it, by taps, and that a second tap does nothing more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget

from reference_server.catalogue.loading import Restaurant
from shared.domain.menu import Role
from shared.domain.order import OrderState
from shared.qt.widgets.line_list import action_target
from shared.store.outcomes import FailReason
from shared.terminal import OperationRow
from tests.gui.harness import OFFLINE
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


def test_the_server_is_asked_before_a_manager_discards_what_it_failed_on(till: Till) -> None:
    refused(till, FailReason.EXHAUSTED, role=Role.MANAGER)
    decide(till)
    (button,) = on_show(till, "discard")
    press(button)
    till.calm()
    assert till.window.sync.toast.text() == "The server is asked whether it has this."
    assert len(till.rig.terminal.desk.operations("attention")) == 1
    (told,) = till.rig.sync.asked
    told(False)
    till.calm()
    assert till.rig.terminal.desk.counts() == (0, 0)


def test_nobody_discards_what_the_server_failed_on_while_it_cannot_be_asked(till: Till) -> None:
    till.rig.sync.view = OFFLINE
    refused(till, FailReason.EXHAUSTED, role=Role.MANAGER)
    decide(till)
    assert on_show(till, "discard") == []
    assert on_show(till, "retry") != []


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


def pay_and_be_refused(till: Till, reason: FailReason = FailReason.REFUSED) -> None:
    """Cash for table 5, which the server does not take; the screen shows the order."""
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.deliver()
    till.calm()
    for name in ("pay", "exact", "take_money"):
        till.tap(name)
    till.rig.refuse(reason, "Not now.")
    till.tap("back")


def test_the_badge_of_an_order_leads_to_what_can_be_mended_also_when_it_is_paid(till: Till) -> None:
    pay_and_be_refused(till)
    side = till.window.order.side
    assert not till.view.is_open
    assert side.mend.text() == "Sync failed · tap to see", "nothing is closed for the server yet"
    assert not side.badge.isVisible()
    assert_screen_is_sound(till.window, till.metrics)

    till.tap("mend_order")

    assert till.window.screen_on_show is till.window.sync
    decide(till)
    assert on_show(till, "retry") != []


def test_an_alert_that_nobody_can_close_today_keeps_no_other_out_of_sight(till: Till) -> None:
    pay_and_be_refused(till, FailReason.MISMATCH)
    till.tap("back")
    till.tap_on("floor", "table-7")
    till.item("side-salad")
    till.tap("send")
    till.rig.refuse(FailReason.CONFLICT, "Order C-2 is there already.")
    till.tap("pill")
    sync = till.window.sync
    assert "Payment and close" in sync.alert.title()

    press(sync.alert.button("next"))
    till.calm()
    assert "Create order was not applied" in sync.alert.title()
    sync.tick()
    assert "Create order was not applied" in sync.alert.title(), "the clock turns nothing back"
    press(sync.alert.button("ok"))
    till.calm()

    (left,) = till.rig.terminal.desk.alerts()
    assert left.title in sync.alert.title()
    assert not any(key == "next" for key in sync.alert._buttons)


def test_an_operation_that_went_meanwhile_is_not_decided_by_a_late_finger(till: Till) -> None:
    """An alert whose operation is on no list any more stays until somebody really decides."""
    refused(till)
    (alert,) = till.rig.terminal.desk.alerts()
    till.window.sync._alert = replace(alert, operation_id=till.rig.terminal.new_id())
    till.window.sync._settle("mend")
    till.calm()
    assert till.rig.terminal.desk.alerts() == (alert,)


def test_a_line_that_is_not_on_the_menu_any_more_can_be_taken_off_an_order_that_was_closed(
    till: Till, restaurant: Restaurant
) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.deliver()
    till.calm()
    till.item("side-salad")
    till.rig.put([till.rig.server_order(till.view.id).model_copy(update={"state": OrderState.CLOSED, "version": 99})])
    till.calm()
    menu = restaurant.menu
    assert menu is not None
    items = tuple(item for item in menu.items if item.id != "side-salad")
    till.rig.stock(replace(restaurant, menu=menu.model_copy(update={"items": items, "version": "2"})))
    till.calm()
    (line,) = [line for line in till.view.lines if line.in_draft]

    till.tap_on("lines", action_target(line.id, "void"))

    assert not till.view.unsent_ids
    assert till.rig.terminal.open_orders() == ()
