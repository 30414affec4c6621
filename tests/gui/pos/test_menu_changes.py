"""The menu changes while somebody is at an order: what can't be had is said, and no tap is lost without a word."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pos_client.order_taps import Pick
from reference_server.catalogue.loading import Restaurant
from shared.domain.menu import MenuItem
from shared.domain.order import OrderState
from shared.qt.widgets.line_list import action_target
from tests.gui.pos.conftest import Till
from tests.gui.screen_check import press

Change = Callable[[MenuItem], MenuItem | None]


def change_menu(till: Till, house: Restaurant, item_id: str, change: Change) -> None:
    """The server's menu has one dish in another way, or not any more."""
    assert house.menu is not None
    found = (change(item) if item.id == item_id else item for item in house.menu.items)
    items = tuple(item for item in found if item is not None)
    till.rig.stock(replace(house, menu=house.menu.model_copy(update={"items": items, "version": "2"})))
    till.calm()


def gone(_: MenuItem) -> None:
    """Off the menu."""


def sold_out(item: MenuItem) -> MenuItem:
    """None is left."""
    return item.model_copy(update={"sold_out": True})


def told(till: Till) -> str:
    """What the toast says; empty while there is none."""
    toast = till.window.order.toast
    return toast.text() if toast.isVisible() else ""


WAYS = [
    pytest.param(gone, "is not on the menu any more.", id="gone"),
    pytest.param(sold_out, "is sold out.", id="sold_out"),
]


@pytest.mark.parametrize(("change", "words"), WAYS)
def test_a_dish_that_cannot_be_had_any_more_when_its_choices_are_made_is_not_added_and_said(
    till: Till, restaurant: Restaurant, change: Change, words: str
) -> None:
    till.tap_on("floor", "table-5")
    till.item("chicken-bowl")
    sheet = till.window.order.sheet.content()
    assert sheet is not None
    change_menu(till, restaurant, "chicken-bowl", change)
    sheet.chosen.emit(Pick())  # type: ignore[attr-defined]
    till.calm()

    assert till.window.order.taps.view is None
    assert told(till) == f"Chicken Bowl {words}"


@pytest.mark.parametrize(("change", "words"), WAYS)
@pytest.mark.parametrize("is_sent", [True, False], ids=["sent", "new"])
def test_no_more_of_a_dish_that_cannot_be_had_any_more_and_that_is_said(
    till: Till, restaurant: Restaurant, change: Change, words: str, *, is_sent: bool
) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    (line,) = till.view.lines
    if is_sent:
        till.tap("send")
        till.tap_on("lines", line.id)
    change_menu(till, restaurant, "french-fries", change)
    till.tap_on("lines", action_target(line.id, "more"))

    assert [(one.id, one.quantity) for one in till.view.lines] == [(line.id, 1)]
    assert told(till) == f"French Fries {words}"


def test_what_cannot_be_put_back_is_said(till: Till, restaurant: Restaurant) -> None:
    till.tap_on("floor", "table-5")
    till.item("side-salad")
    till.item("french-fries")
    till.tap_on("lines", action_target(till.view.lines[1].id, "void"))
    change_menu(till, restaurant, "french-fries", gone)
    press(till.window.order.toast.button)
    till.calm()

    assert [line.name for line in till.view.lines] == ["Side Salad"]
    assert told(till) == "French Fries is not on the menu any more."


def dearer(item: MenuItem) -> MenuItem:
    """It costs 4.00 now."""
    return item.model_copy(update={"price_minor": 400})


def test_what_is_put_back_has_the_price_that_the_guest_was_told(till: Till, restaurant: Restaurant) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.item("french-fries")
    till.tap_on("lines", action_target(till.view.lines[0].id, "less"))
    change_menu(till, restaurant, "french-fries", dearer)
    till.tap_on("lines", action_target(till.view.lines[0].id, "void"))
    press(till.window.order.toast.button)
    till.calm()

    assert [(line.quantity, line.total_minor) for line in till.view.lines] == [(1, 325)]


def test_what_goes_on_to_the_next_order_has_the_price_that_the_guest_was_told(
    till: Till, restaurant: Restaurant
) -> None:
    till.tap_on("floor", "table-5")
    till.item("side-salad")
    till.tap("send")
    till.rig.deliver()
    till.calm()
    till.item("french-fries")
    closed = {"state": OrderState.CLOSED, "version": 99}
    till.rig.put([till.rig.server_order(till.view.id).model_copy(update=closed)])
    till.calm()
    change_menu(till, restaurant, "french-fries", dearer)
    till.tap("way:new")

    assert [(line.name, line.total_minor) for line in till.view.lines] == [("French Fries", 325)]


def test_what_does_not_go_on_to_the_next_order_is_said_with_the_order_that_keeps_it(
    till: Till, restaurant: Restaurant
) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.deliver()
    till.calm()
    first = till.view
    till.item("side-salad")
    till.item("refried-beans")
    closed = {"state": OrderState.CLOSED, "version": 99}
    till.rig.put([till.rig.server_order(first.id).model_copy(update=closed)])
    till.calm()
    change_menu(till, restaurant, "side-salad", gone)
    till.tap("way:new")

    assert [line.name for line in till.view.lines] == ["Refried Beans"]
    assert told(till) == f"Not on the menu any more, so left on {first.number}: Side Salad."


def test_a_dish_at_another_price_is_a_line_of_its_own(till: Till, restaurant: Restaurant) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.item("french-fries")
    change_menu(till, restaurant, "french-fries", dearer)
    till.item("french-fries")
    till.item("french-fries")

    assert [(line.quantity, line.total_minor) for line in till.view.lines] == [(2, 650), (2, 800)]


def test_a_bill_that_was_closed_without_a_receipt_of_a_till_names_its_invoice_alone(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.deliver()
    till.tap("pay")
    closed = {"state": OrderState.CLOSED, "version": 99, "invoice_number": "INV-7"}
    till.rig.put([till.rig.server_order(till.view.id).model_copy(update=closed)])
    till.calm()

    assert till.window.pay.receipt.number.text() == "Only invoice INV-7"
