"""Another till ends an order, or takes a line off it, while somebody is asked about it here: that is said in words."""

from collections.abc import Callable

import pytest

from pos_client.phrases import REASONS
from shared.domain.order import OrderState
from shared.ids import OrderId
from shared.qt.icons import IconName
from shared.qt.widgets import EmptyState
from shared.qt.widgets.line_list import action_target
from tests.gui.pos.conftest import Till
from tests.gui.pos.test_discount import to_bill
from tests.gui.screen_check import assert_screen_is_sound, press, save_picture

HEIR = OrderId(f"01M9{7:022d}")


def close(till: Till) -> str:
    """Another till takes the money. Gives how the order is called from then on."""
    order = till.rig.server_order(till.view.id)
    closed = {"state": OrderState.CLOSED, "version": 99, "receipt_number": "B-000004"}
    till.rig.put([order.model_copy(update=closed)])
    till.calm()
    return "Order C-1 is paid and closed on another till"


def carry_off(till: Till, **ended: object) -> None:
    """All of its lines stand on another order."""
    order = till.rig.server_order(till.view.id)
    other = order.model_copy(update={"id": HEIR, "number": "B-7", "version": 50, "table_id": "table-6"})
    gone = {"lines": tuple(line.model_copy(update={"moved_to": HEIR}) for line in order.lines), "tickets": ()}
    till.rig.put([other, order.model_copy(update={**gone, **ended, "version": 99})])
    till.calm()


def merge(till: Till) -> str:
    """Another till puts two tables together."""
    carry_off(till, state=OrderState.VOIDED, merged_into=HEIR, heir_version=50)
    return "Order C-1 was merged into B-7"


@pytest.mark.parametrize("end", [close, merge])
def test_a_discount_is_asked_for_no_longer_when_the_bill_is_over(till: Till, end: Callable[[Till], str]) -> None:
    to_bill(till)
    till.rig.deliver()
    till.tap("discount")
    till.tap("percent:1000")
    said = end(till)

    over = till.window.pay.sheet.content()
    assert isinstance(over, EmptyState)
    assert over.title.text() == said
    save_picture(till.window, f"pos-over-{end.__name__}-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)
    press(over.button)
    till.calm()
    assert not till.window.pay.sheet.isVisible()
    assert "already" in till.window.pay.paid.title.text()
    assert till.rig.operations() == ["create_order", "change_order", "send_to_kitchen"]


@pytest.mark.parametrize("end", [close, merge])
def test_a_void_is_asked_for_no_longer_when_the_order_is_over(till: Till, end: Callable[[Till], str]) -> None:
    said = ask_to_void(till, end)

    over = till.window.order.sheet.content()
    assert isinstance(over, EmptyState)
    assert over.title.text() == said
    press(over.button)
    till.calm()
    assert till.window.order.menu.notice.title() == said


def test_from_a_merged_order_the_way_leads_to_where_its_lines_went(till: Till) -> None:
    till.tap_on("floor", "table-5")
    assert till.window.order.side.empty.title.text() == "Nothing ordered yet"
    till.item("french-fries")
    till.tap("send")
    till.rig.deliver()
    till.calm()
    merge(till)
    notice = till.window.order.menu.notice
    assert (notice.title(), notice.text()) == (
        "Order C-1 was merged into B-7",
        "All that was on it is there now, Table 6.",
    )
    assert notice._icon._icon is IconName.WARNING
    assert till.window.order.side.empty.title.text() == "Nothing is on it any more"
    save_picture(till.window, "pos-merged-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)
    till.tap("way:heir")
    assert till.window.order.title.text() == "Table 6"
    till.item("side-salad")
    till.tap("send")

    assert [(line.name, line.in_draft) for line in till.view.lines] == [("French Fries", False), ("Side Salad", False)]
    assert till.view.number == "B-7"


def test_a_line_that_was_carried_off_while_its_void_was_asked_for_is_said(till: Till) -> None:
    ask_to_void(till, carry_off)
    till.tap(f"phrase:{REASONS[0]}")

    assert till.window.order.toast.isVisible()
    assert till.window.order.toast.text().startswith("French Fries is not on this order any more. Look where it went.")


def ask_to_void(till: Till, meanwhile: Callable[[Till], str | None]) -> str | None:
    """Somebody is asked why a line is taken off, and meanwhile another till does this."""
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.deliver()
    till.calm()
    (line,) = till.view.lines
    till.tap_on("lines", line.id)
    till.tap_on("lines", action_target(line.id, "void"))
    return meanwhile(till)
