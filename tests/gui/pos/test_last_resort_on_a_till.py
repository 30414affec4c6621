"""A mistake in a screen in the middle of service: it is said in words, and all that was saved is as it was."""

import pytest

from pos_client.order import OrderScreen
from shared.qt.last_resort import LastResort
from tests.gui.pos.conftest import Till
from tests.gui.screen_check import assert_screen_is_sound, press, save_picture


def test_after_a_mistake_in_a_screen_the_order_and_what_waits_are_as_they_were(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(_: OrderScreen) -> None:
        raise ZeroDivisionError("a mistake of the screen")

    told: list[str] = []
    resort = LastResort(till.holder, window=till.window, go_back=till.window.to_tables, report=told.append)
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.tap("send")
    till.item("soup-of-the-day")
    waiting, lines = till.rig.operations(), [line.stage for line in till.view.lines]
    monkeypatch.setattr(OrderScreen, "_send", mistaken)
    till.window.order.side.send.clicked.disconnect()
    till.window.order.side.send.clicked.connect(lambda: till.window.order._send())
    resort.install()

    press(till.window.order.side.send)
    till.calm()

    resort.uninstall()
    assert resort.screen.isVisible()
    save_picture(till.window, "pos-last-resort-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)
    assert "ZeroDivisionError: a mistake of the screen" in told[0]
    press(resort.screen.back_button)
    till.calm()
    assert not resort.screen.isVisible()
    assert till.window.screen_on_show is till.window.tables
    assert till.rig.operations() == waiting
    till.tap_on("floor", "table-5")
    assert [line.stage for line in till.view.lines] == lines
