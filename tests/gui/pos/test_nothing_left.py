"""An order of which every line was voided: nobody can pay it, so it is ended by a tap, and its table is free again."""

from shared.domain.order import OrderState
from tests.gui.harness import OFFLINE
from tests.gui.pos.conftest import Till
from tests.gui.screen_check import assert_screen_is_sound, double_tap, save_picture


def emptied(till: Till) -> None:
    """Table 5 ordered one dish, and it was taken off the bill."""
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.window.order.taps.void(till.rig.terminal.new_id(), till.view.lines[0], "Rung up by mistake")
    till.calm()


def end(till: Till) -> None:
    """Tap it twice in a hurry."""
    double_tap(till.window.order.menu.notice.button("end"))
    till.calm()


def test_it_is_ended_once_offline_too_and_the_table_is_free(till: Till) -> None:
    till.rig.link(OFFLINE)
    emptied(till)
    assert not till.window.order.side.pay.isEnabled()
    save_picture(till.window, "pos-nothing-left-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)
    end(till)

    assert till.rig.operations().count("void_order") == 1
    assert till.view.state is OrderState.VOIDED
    assert "another till" not in till.window.order.menu.notice.text()
    order_id = till.view.id
    till.tap("back")
    assert [view for view in till.rig.terminal.open_orders() if view.is_open] == []

    till.rig.deliver()
    till.calm()
    assert till.rig.server_order(order_id).state is OrderState.VOIDED
    assert till.rig.terminal.desk.counts() == (0, 0)
    assert till.rig.terminal.open_orders() == ()


def test_it_goes_on_with_another_dish(till: Till) -> None:
    emptied(till)
    till.item("side-salad")

    assert not till.window.order.menu.notice.isVisible()
    till.tap("send")
    till.rig.deliver()
    till.calm()
    assert till.rig.server_order(till.view.id).is_open
    assert till.window.order.side.pay.isEnabled()


def test_what_another_till_adds_meanwhile_is_not_ended(till: Till) -> None:
    """The guest of the other till stays a guest, and somebody is told."""
    emptied(till)
    till.rig.deliver()
    till.calm()
    end(till)
    server = till.rig.server_order(till.view.id)
    added = server.lines[0].model_copy(update={"id": till.rig.terminal.new_id(), "voided": False, "void_reason": None})
    order = server.model_copy(update={"lines": (*server.lines, added), "version": server.version + 1})
    till.rig.put([order])
    till.calm()

    view = till.view
    assert view.owed_ids == (added.id,)
    assert view.is_open
