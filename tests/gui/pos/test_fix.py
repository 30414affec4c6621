"""*Fix* by taps: another table, dish, quantity or sum for what was refused, and it goes again in its old place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from pos_client.fix_sheet import PAID
from reference_server.catalogue.loading import Restaurant
from shared.domain.commands import ChangeOrder, CloseOrder
from shared.domain.menu import Role
from shared.store.outcomes import FailReason, Flight
from shared.wire.requests import decode
from tests.gui.harness import OFFLINE
from tests.gui.pos.conftest import Till
from tests.gui.pos.test_mending import decide, on_show, refused
from tests.gui.pos.test_mending_money import FEW_LOOKS, paid_and_open
from tests.gui.pos.test_screens import name_of
from tests.gui.screen_check import assert_screen_is_sound, double_tap, press, press_target, save_picture


def lines_refused(till: Till, *, reason: FailReason = FailReason.INVALID, role: Role = Role.WAITER) -> str:
    """Two dishes whose lines the server did not take, and its sheet open; the name of the line's row."""
    till.window.session.log_in(next(one for one in till.rig.terminal.staff.staff if one.role is role))
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.item("side-salad")
    till.tap("send")
    till.rig.refuse(reason, "French Fries are sold out.", kind="change_order")
    till.tap("pill")
    decide(till)
    (row,) = till.rig.terminal.desk.operations("attention")
    return row.parts[0].id


def part(till: Till, key: str) -> None:
    """Tap a part on the sheet."""
    (found,) = on_show(till, "parts")
    press_target(found.area, key)  # type: ignore[attr-defined]
    till.calm()


def tile(till: Till, key: str, *, within: str = "tiles") -> None:
    (found,) = on_show(till, within)
    press_target(getattr(found, "area", found), key)
    till.calm()


def next_flight(till: Till) -> Flight:
    (flight,) = till.rig.take(limit=1)
    return flight


def lines_of(flight: Flight) -> list[tuple[str, int, str]]:
    command = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
    assert isinstance(command, ChangeOrder)
    return [(one.line.name, one.line.quantity, one.line.note) for one in command.changes]  # type: ignore[union-attr, misc]


def test_a_waiter_orders_another_dish_for_one_that_was_refused(till: Till) -> None:
    key = lines_refused(till)
    till.tap("fix")
    assert not on_show(till, "send_fixed")[0].isEnabled(), "nothing was changed yet"
    part(till, key)
    till.tap("fix_dish")
    tile(till, "sweet-plantains")
    till.tap("add_item")
    double_tap(on_show(till, "send_fixed")[0])
    till.calm()

    assert not till.window.sync.sheet.isVisible()
    assert till.rig.terminal.desk.counts() == (2, 0)
    flight = next_flight(till)
    assert flight.kind == "change_order", "in its old place: what sends these lines goes after it"
    assert lines_of(flight) == [("Sweet Plantains", 1, ""), ("Side Salad", 1, "")]
    (view,) = till.rig.terminal.open_orders()
    assert [line.name for line in view.lines] == ["Sweet Plantains", "Side Salad"]
    till.tap_on("sync_tabs", "sent")
    said = [till.window.sync.model.words_of(place) for place in range(till.window.sync.model.rowCount())]
    assert any("Changed, and sent again" in words for words in said)


def test_how_many_and_the_note_are_changed_on_the_sheet_of_the_dish(till: Till) -> None:
    key = lines_refused(till, reason=FailReason.REFUSED)
    till.tap("fix")
    part(till, key)
    till.tap("fix_choices")
    till.tap("more")
    till.tap("note")
    till.tap("phrase:Spicy")
    till.tap("save")
    till.tap("add_item")
    save_picture(till.window, "pos-fix-changed-1366x768-dark")
    till.tap("send_fixed")
    assert lines_of(next_flight(till))[0] == ("French Fries", 2, "Spicy")


def test_another_dish_asks_its_own_questions_and_nothing_is_sent_before_they_are_answered(till: Till) -> None:
    key = lines_refused(till)
    till.tap("fix")
    part(till, key)
    till.tap("fix_dish")
    tile(till, "drinks", within="categories")
    tile(till, "cola")
    assert not on_show(till, "add_item")[0].isEnabled()
    options = [one for one in till.window.sync.findChildren(QWidget) if one.objectName().startswith("option:")]
    press(next(one for one in options if one.isVisible()))
    till.calm()
    till.tap("add_item")
    till.tap("send_fixed")
    assert lines_of(next_flight(till))[0][0] == "Cola"


def test_a_dish_that_left_the_menu_can_become_another_one_or_be_taken_out(till: Till, restaurant: Restaurant) -> None:
    key = lines_refused(till)
    menu = restaurant.menu
    assert menu is not None
    items = tuple(item for item in menu.items if item.id != "french-fries")
    till.rig.stock(replace(restaurant, menu=menu.model_copy(update={"items": items, "version": "2"})))
    till.calm()
    till.tap("fix")
    part(till, key)
    assert on_show(till, "fix_choices") == []
    assert [bool(on_show(till, name)) for name in ("fix_dish", "fix_take_out")] == [True, True]
    till.tap("page_back")
    assert on_show(till, "parts") != []


def test_an_order_is_opened_at_the_table_that_is_there(till: Till) -> None:
    row = refused(till)
    decide(till)
    till.tap("fix")
    part(till, row.parts[0].id)
    tile(till, "table-7", within="fix_tables")
    till.tap("send_fixed")
    flight = next_flight(till)
    assert flight.kind == "create_order"
    assert b'"tableId":"table-7"' in flight.body
    (view,) = till.rig.terminal.open_orders()
    assert view.table_id == "table-7"


def test_a_manager_alone_changes_a_sum(till: Till) -> None:
    paid_and_open(till, FailReason.INVALID, role=Role.WAITER)
    assert on_show(till, "fix") == []
    till.tap("cancel")
    till.window.session.log_in(next(one for one in till.rig.terminal.staff.staff if one.role is Role.MANAGER))
    decide(till)
    till.tap("fix")
    (row,) = till.rig.terminal.desk.operations("attention")
    part(till, row.parts[0].id)
    assert not on_show(till, "save_amount")[0].isEnabled()
    keypad = on_show(till, "fix_keypad")[0]
    for digit in "3500":
        press(keypad.key(digit))  # type: ignore[attr-defined]
    press(keypad.backspace_key)  # type: ignore[attr-defined]
    till.calm()
    till.tap("save_amount")
    till.tap("send_fixed")
    flight = next_flight(till)
    close = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
    assert isinstance(close, CloseOrder)
    assert [(one.id, one.amount, one.tendered) for one in close.payments] == [(row.parts[0].id, 350, 350)]


def test_the_server_is_asked_before_what_it_failed_on_is_changed(till: Till) -> None:
    key = lines_refused(till, reason=FailReason.EXHAUSTED)
    till.tap("fix")
    part(till, key)
    till.tap("fix_choices")
    till.tap("more")
    till.tap("add_item")
    till.tap("send_fixed")
    assert till.window.sync.toast.text() == "The server is asked whether it has this."
    assert till.rig.terminal.desk.counts()[1] == 1
    (told,) = till.rig.sync.asked
    told(False)
    till.calm()
    assert lines_of(next_flight(till))[0] == ("French Fries", 2, "")


def test_what_may_have_happened_is_not_changed_while_the_server_cannot_be_asked(till: Till) -> None:
    till.rig.sync.view = OFFLINE
    lines_refused(till, reason=FailReason.EXHAUSTED)
    assert on_show(till, "fix") == []


def test_what_only_says_that_lines_are_sent_has_nothing_to_fix(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.refuse(FailReason.REFUSED, "The kitchen is closed.", kind="send_to_kitchen")
    till.tap("pill")
    decide(till)
    assert on_show(till, "fix") == []
    assert on_show(till, "retry") != []


def test_whoever_changes_what_was_paid_already_is_told_so(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    for name in ("pay", "exact", "take_money"):
        till.tap(name)
    till.rig.refuse(FailReason.INVALID, "Table 5 is reserved.")
    till.tap("back")
    till.tap("pill")
    decide(till)
    till.tap("fix")
    assert any(label.isVisible() for label in till.window.sync.findChildren(QLabel) if label.text() == PAID)
    assert_screen_is_sound(till.window, till.metrics)


def test_who_leaves_it_has_changed_nothing(till: Till) -> None:
    key = lines_refused(till)
    till.tap("fix")
    part(till, key)
    till.tap("fix_choices")
    till.tap("more")
    till.tap("add_item")
    till.tap("cancel")
    assert on_show(till, "retry") != [], "back at the decision"
    assert till.rig.terminal.desk.counts()[1] == 1


@pytest.mark.parametrize("look", FEW_LOOKS, ids=name_of)
def test_every_page_of_it_is_sound(make_till: Callable[..., Till], look: tuple[object, ...]) -> None:
    size, theme, rtl = look
    till = make_till(size=size, theme=theme, rtl=rtl)
    till.log_in()

    def seen(state: str) -> None:
        save_picture(till.window, f"pos-fix-{state}-{name_of(look)}")  # type: ignore[arg-type]
        assert_screen_is_sound(till.window, till.metrics)

    key = lines_refused(till)
    (row,) = till.rig.terminal.desk.operations("attention")
    seen("ways")
    till.tap("fix")
    seen("parts")
    part(till, key)
    seen("line")
    till.tap("fix_take_out")
    seen("taken-out")
    part(till, row.parts[1].id)
    seen("last-line")
    till.tap("fix_dish")
    seen("dish")


@pytest.mark.parametrize("look", FEW_LOOKS, ids=name_of)
def test_the_pages_for_a_sum_and_a_table_are_sound(make_till: Callable[..., Till], look: tuple[object, ...]) -> None:
    size, theme, rtl = look
    till = make_till(size=size, theme=theme, rtl=rtl)
    till.log_in()
    row = refused(till, role=Role.MANAGER)
    decide(till)
    till.tap("fix")
    part(till, row.parts[0].id)
    save_picture(till.window, f"pos-fix-table-{name_of(look)}")  # type: ignore[arg-type]
    assert_screen_is_sound(till.window, till.metrics)
    tile(till, "table-7", within="fix_tables")
    till.tap("send_fixed")
    till.rig.deliver()
    till.window.to_tables()
    till.calm()
    paid_and_open(till)
    till.tap("fix")
    (row,) = till.rig.terminal.desk.operations("attention")
    part(till, row.parts[0].id)
    save_picture(till.window, f"pos-fix-sum-{name_of(look)}")  # type: ignore[arg-type]
    assert_screen_is_sound(till.window, till.metrics)
