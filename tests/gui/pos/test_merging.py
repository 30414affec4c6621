"""Several orders at one table become one: which goes into which is plain, and what can't be done is said in words."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from shared.domain.order import OrderState
from shared.domain.payment_intent import IntentState
from shared.qt.tokens import ThemeName
from shared.qt.widgets import EmptyState
from shared.terminal import OrderView
from tests.gui.harness import OFFLINE
from tests.gui.pos.card_hand import ask, sent, to_pay, told
from tests.gui.pos.conftest import Till
from tests.gui.screen_check import SIZES, assert_screen_is_sound, double_tap, press, save_picture


def sit_down(till: Till, *dishes: str, send: bool = True) -> str:
    """One more order at table 5; its id."""
    order_id = till.rig.terminal.new_id()
    till.window._to_order(order_id, "table-5")
    for dish in dishes:
        till.item(dish)
    if send:
        till.tap("send")
    till.tap("back")
    return order_id


def view(till: Till, order_id: str) -> OrderView:
    """An order as the till sees it."""
    found = till.rig.terminal.order(order_id)
    assert found is not None
    return found


def said(till: Till, name: str) -> str:
    """The words of a label on the sheet."""
    content = till.window.tables.sheet.content()
    assert content is not None
    label = content.findChild(QLabel, name)
    assert label is not None
    return str(label.text())


def notice(till: Till) -> EmptyState:
    """What is said in place of a question."""
    content = till.window.tables.sheet.content()
    assert isinstance(content, EmptyState)
    return content


def begin(till: Till, *, stays: str) -> None:
    """Tap the table, *Merge*, and the order that stays."""
    till.tap_on("floor", "table-5")
    till.tap("which:merge")
    till.tap_on("which", stays)


def test_two_orders_become_one_with_all_that_was_on_both(till: Till) -> None:
    first, second = sit_down(till, "french-fries"), sit_down(till, "side-salad", "french-fries")
    till.rig.deliver()
    till.calm()
    together = view(till, first).totals.total_minor + view(till, second).totals.total_minor
    begin(till, stays=first)
    assert said(till, "merge:title") == "Merge C-2 into C-1?"
    assert "C-2" in said(till, "merge:text").split(" ends")[0]
    till.tap("merge:do")

    assert till.window.screen_on_show is till.window.order
    assert till.window.order.taps.order_id == first
    assert till.rig.operations()[-1] == "merge_order"
    assert view(till, first).totals.total_minor == together
    assert view(till, second).state is OrderState.VOIDED
    till.rig.deliver()
    till.calm()
    assert till.rig.server_order(second).merged_into == first
    assert len(till.rig.server_order(first).standing_lines) == 3
    assert [one.id for one in till.rig.terminal.open_orders()] == [first]
    assert till.rig.terminal.desk.counts() == (0, 0)


def test_it_works_offline_too_and_two_taps_are_one_merge(till: Till) -> None:
    till.rig.link(OFFLINE)
    first, second = sit_down(till, "french-fries"), sit_down(till, "side-salad")
    begin(till, stays=second)
    assert said(till, "merge:title") == "Merge C-1 into C-2?"
    [button] = [one for one in till.window.tables.findChildren(QWidget, "merge:do") if one.isVisible()]
    double_tap(button)
    till.calm()

    assert till.rig.operations().count("merge_order") == 1
    assert view(till, first).is_merged
    assert [line.name for line in view(till, second).lines] == ["Side Salad", "French Fries"]


def test_of_three_it_is_asked_which_goes_and_the_third_stays_as_it_is(till: Till) -> None:
    first, second, third = (sit_down(till, "french-fries") for _ in "abc")
    assert (face := till.window.tables.plan.face("table-5")) is not None
    assert face.word == "3 orders, saved"
    begin(till, stays=second)
    till.tap_on("which", third)
    assert said(till, "merge:title") == "Merge C-3 into C-2?"
    till.tap("merge:do")
    till.tap("back")

    assert view(till, third).is_merged
    assert view(till, first).is_open
    assert (face := till.window.tables.plan.face("table-5")) is not None
    assert face.word == "2 orders, saved"


def test_what_was_tapped_and_not_sent_goes_along(till: Till) -> None:
    first, second = sit_down(till, "french-fries"), sit_down(till, "side-salad")
    till.window._to_order(second, "table-5")
    till.item("french-fries")
    till.tap("back")
    begin(till, stays=first)
    assert "What was not sent goes along" in said(till, "merge:text")
    till.tap("merge:do")

    assert len(view(till, first).lines) == 3
    assert len(view(till, first).unsent_ids) == 1
    assert view(till, second).unsent_ids == ()


def test_an_order_that_was_never_sent_is_named_and_left_out(till: Till) -> None:
    sit_down(till, "french-fries")
    sit_down(till, "side-salad", send=False)
    till.tap_on("floor", "table-5")
    till.tap("which:merge")

    assert notice(till).advice.text() == "Never sent, send first: C-2."
    save_picture(till.window, "pos-merge-not-yet-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)
    press(notice(till).button)
    till.calm()
    assert not till.window.tables.sheet.isVisible()
    assert "merge_order" not in till.rig.operations()


def test_nothing_is_merged_while_a_guest_is_asked_for_a_card(till: Till) -> None:
    to_pay(till)
    ask(till)
    sent(till)
    told(till, IntentState.PENDING)
    till.window.to_tables()
    sit_down(till, "side-salad")
    till.tap_on("floor", "table-5")
    till.tap("which:merge")

    assert notice(till).advice.text() == "A payment is under way, wait for its end: C-1."


def test_an_order_that_another_till_paid_meanwhile_is_merged_into_nothing(till: Till) -> None:
    first, second = sit_down(till, "french-fries"), sit_down(till, "side-salad")
    till.rig.deliver()
    till.calm()
    begin(till, stays=first)
    paid = till.rig.server_order(second).model_copy(
        update={"state": OrderState.CLOSED, "version": 99, "receipt_number": "B-000004"}
    )
    till.rig.put([paid])
    till.calm()

    assert notice(till).title.text() == "Order C-2 is paid and closed on another till"
    press(notice(till).button)
    till.calm()
    assert "merge_order" not in till.rig.operations()
    assert view(till, first).is_open


@pytest.mark.parametrize("place", [0, 1])
def test_an_order_that_went_from_this_till_meanwhile_is_asked_about_no_longer(till: Till, place: int) -> None:
    """A business day that ended takes along what was done with."""
    both = sit_down(till, "french-fries"), sit_down(till, "side-salad")
    till.rig.deliver()
    till.calm()
    begin(till, stays=both[0])
    gone = view(till, both[place]).number
    till.rig.run(lambda tx: tx.execute("DELETE FROM server_order WHERE id = ?", (both[place],)).fetchall())
    till.rig._announce(frozenset({f"order:{both[place]}"}))
    till.calm()

    title, advice = notice(till).title.text(), notice(till).advice.text()
    assert (title, advice) == ("Nothing was merged", f"Order {gone} is not on this till any more.")
    assert_screen_is_sound(till.window, till.metrics)
    press(notice(till).button)
    till.calm()
    assert not till.window.tables.sheet.isVisible()
    assert "merge_order" not in till.rig.operations()


def test_the_last_question_shows_what_another_till_added_meanwhile(till: Till) -> None:
    first, second = sit_down(till, "french-fries"), sit_down(till, "side-salad")
    till.rig.deliver()
    till.calm()
    begin(till, stays=first)
    assert "Its line moves" in said(till, "merge:text")
    order = till.rig.server_order(second)
    added = order.lines[0].model_copy(update={"id": till.rig.terminal.new_id()})
    till.rig.put([order.model_copy(update={"lines": (*order.lines, added), "version": order.version + 1})])
    till.calm()

    assert "Its 2 lines move" in said(till, "merge:text")
    till.tap("merge:do")
    assert len(view(till, first).lines) == 3


def test_what_the_rules_refuse_is_said_with_its_order(till: Till) -> None:
    """Two orders that count tax in different ways, which only the rules know of."""
    first, second = sit_down(till, "french-fries"), sit_down(till, "side-salad")
    till.rig.deliver()
    till.calm()
    order = till.rig.server_order(second)
    till.rig.put([order.model_copy(update={"prices_include_tax": not order.prices_include_tax, "version": 99})])
    till.calm()
    begin(till, stays=first)
    till.tap("merge:do")

    assert "merge_order" not in till.rig.operations()
    assert "count tax in different ways" in till.window.order.toast.text()
    assert till.window.order.toast.text().startswith("C-2, Table 5: ")


@pytest.mark.parametrize("theme", [ThemeName.DARK, ThemeName.LIGHT], ids=lambda theme: theme.value)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_step_is_sound(make_till: Callable[..., Till], size: tuple[int, int, float], theme: ThemeName) -> None:
    till = make_till(size=size, theme=theme)
    till.log_in()
    orders = [sit_down(till, "french-fries") for _ in "abc"]

    def seen(step: str) -> None:
        save_picture(till.window, f"pos-merge-{step}-{size[0]}x{size[1]}-{theme.value}")
        assert_screen_is_sound(till.window, till.metrics)

    till.tap_on("floor", "table-5")
    seen("which")
    till.tap("which:merge")
    seen("stays")
    till.tap_on("which", orders[0])
    seen("goes")
    till.tap_on("which", orders[1])
    seen("last")
    till.tap("cancel")
    assert not till.window.tables.sheet.isVisible()
    assert "merge_order" not in till.rig.operations()
