"""What a waiter does, tap by tap: counted, safe when doubled, and the same with no network."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import Any

from PySide6.QtWidgets import QWidget

from pos_client.session import Intention
from shared.domain.order import OrderState
from shared.ids import OperationId
from shared.qt.widgets.line_list import action_target
from shared.terminal import LineStage
from tests.gui.harness import OFFLINE, ONLINE
from tests.gui.pos.conftest import Till, wait_for
from tests.gui.screen_check import double_tap, press


def test_log_in_is_a_tile_and_four_digits_and_the_last_user_needs_no_tile(
    make_till: Callable[..., Till],
) -> None:
    till = make_till()
    till.rig.link(OFFLINE)

    till.tap_on("people", "joel")
    till.digits("2222")
    wait_for(till, lambda: till.window.screen_on_show is till.window.tables)
    assert till.taps == 5
    till.tap("user")
    till.taps = 0
    till.digits("2222")
    wait_for(till, lambda: till.window.screen_on_show is till.window.tables)

    assert till.taps == 4
    assert till.window.session.actor_id == "joel"


def test_a_wrong_pin_says_so_and_lets_nobody_in(make_till: Callable[..., Till]) -> None:
    till = make_till()

    till.tap_on("people", "joel")
    till.digits("9999")
    wait_for(till, lambda: bool(till.window.login.pad.message.text()))

    assert "Wrong PIN" in till.window.login.pad.message.text()
    assert till.window.session.person is None


def test_open_a_table_four_drinks_send_is_six_taps_where_the_last_table_began_with_drinks(till: Till) -> None:
    """The first table of the day costs one more, for the drinks' tab; what is tapped on old tables changes nothing."""
    menu = till.rig.terminal.menu
    drinks = [
        item.id
        for item in menu.items
        if item.category_id == "drinks" and not any(group.least for group in menu.groups_of(item))
    ][:4]

    def ring_up(table: str) -> int:
        till.taps = 0
        till.tap_on("floor", table)
        for drink in drinks:
            till.item(drink)
        till.tap("send")
        return till.taps

    assert ring_up("table-5") == 7
    assert till.rig.operations() == ["create_order", "change_order", "send_to_kitchen"]
    assert [line.stage for line in till.view.lines] == [LineStage.SAVED] * 4
    till.item("soup-of-the-day")
    till.tap("back")
    assert ring_up("table-6") == 6


def test_after_a_restart_a_new_table_begins_where_the_newest_open_order_began(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("back")
    till.window.order._began = ""  # a new program remembers nothing

    till.tap_on("floor", "table-6")

    assert till.window.order.menu.tabs.current() == "sides"


def test_the_last_round_is_repeated_and_sent_with_two_taps(till: Till) -> None:
    till.tap_on("floor", "table-5")
    for item in ("french-fries", "soup-of-the-day"):
        till.item(item)
    till.tap("send")
    till.taps = 0

    till.tap("repeat")
    till.tap("send")

    assert till.taps == 2
    assert sorted(line.item_id for line in till.view.lines) == ["french-fries"] * 2 + ["soup-of-the-day"] * 2
    assert till.view.unsent_ids == ()


def test_the_last_round_is_the_last_one_sent_whatever_the_clock_was_set_to(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.link(replace(ONLINE, clock_offset_ms=-3_600_000))
    till.item("soup-of-the-day")
    till.tap("send")

    till.tap("repeat")

    assert [line.item_id for line in till.view.lines if line.in_draft] == ["soup-of-the-day"]


def test_three_items_with_two_forced_choices_and_send_is_at_most_nine_taps(till: Till) -> None:
    till.tap_on("floor", "table-5")
    for _ in range(2):
        till.item("chicken-bowl")
        till.tap("option:white-rice")
        till.tap("add_item")
    till.item("soup-of-the-day")
    till.tap("send")

    assert till.taps <= 9
    assert sum(line.quantity for line in till.view.lines) == 3


def test_exact_cash_is_three_taps_and_cash_with_change_four(till: Till) -> None:
    for table, taps, way in (("table-5", 3, ["exact"]), ("table-6", 4, ["note:1"])):
        till.tap_on("floor", table)
        till.item("soup-of-the-day")
        till.taps = 0
        till.tap("pay")
        for name in way:
            till.tap(name)
        till.tap("take_money")
        assert till.view.state is OrderState.CLOSED
        assert till.taps <= taps
        till.tap("done")
        assert till.window.screen_on_show is till.window.tables


def test_a_double_tap_on_send_is_one_send(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")

    press(till.window.order.side.send)
    press(till.window.order.side.send)
    till.calm()

    assert till.rig.operations().count("send_to_kitchen") == 1


def test_a_double_tap_on_a_table_opens_it_and_touches_nothing_that_appears_under_the_finger(till: Till) -> None:
    """Every table of the plan: under some of them lies a dish, a tab or a button of the order."""
    for table in [table.id for table in till.rig.terminal.floor.tables]:
        floor = next(w for w in till.window.tables.findChildren(QWidget, "floor") if w.isVisible())
        area: Any = getattr(floor, "area", floor)
        if table not in area.touch_rects():
            continue
        double_tap(area, area.touch_rects()[table].center())
        till.calm()

        assert till.window.screen_on_show is till.window.order
        assert till.window.order.taps.view is None
        assert not till.window.order.sheet.isVisible()
        till.tap("back")


def test_a_double_tap_on_the_money_is_one_payment_and_the_mutant_is_seen(
    make_till: Callable[..., Till],
) -> None:
    """The same check on the code and on its mutant, whose id is made at the press."""

    class MadeAtThePress(Intention):
        @property
        def id(self) -> OperationId:
            return OperationId(self._terminal.new_id())

    def ids(*, mutant: bool) -> int:
        """How many payments two quick presses hand to the terminal, the second before the first was painted."""
        till = make_till()
        till.log_in()
        till.tap_on("floor", "table-5")
        till.item("soup-of-the-day")
        till.tap("pay")
        till.tap("exact")
        if mutant:
            till.window.pay._intention = MadeAtThePress(till.rig.terminal)
        go_on = Event()
        till.rig.writer.submit(lambda _: go_on.wait(timeout=5))
        open_view = till.view
        for _ in range(2):
            till.window.pay._view = open_view
            till.window.pay.take.setEnabled(True)
            press(till.window.pay.take)
        in_hand = till.rig.terminal.in_hand()
        go_on.set()
        till.calm()
        assert till.rig.operations().count("close_order") == 1
        return in_hand

    assert ids(mutant=False) == 1
    assert ids(mutant=True) == 2


def test_service_goes_on_without_a_network_and_says_so(till: Till) -> None:
    till.rig.link(OFFLINE)
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.tap("send")
    assert till.window.order.pill.text() == "Offline · 3 waiting"
    till.tap("pay")
    till.tap("exact")
    till.tap("take_money")

    assert till.view.receipt_number == "C-000001"
    assert till.view.state is OrderState.CLOSED


def test_a_removed_line_can_be_brought_back(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.tap_on("lines", action_target(till.view.lines[0].id, "void"))
    assert till.window.order.taps.view is None

    press(till.window.order.toast.button)
    till.calm()

    assert [line.name for line in till.view.lines] == ["Soup of the day"]


def test_leaving_an_order_keeps_its_new_lines_and_the_floor_says_so(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.tap("back")

    face = till.window.tables.plan.face("table-5")
    assert face is not None
    assert face.word == "1 new"
    till.tap_on("floor", "table-5")
    assert [line.name for line in till.view.lines] == ["Soup of the day"]
