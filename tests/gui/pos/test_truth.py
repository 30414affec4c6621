"""The screens say what is so, all the time that it is so: refusals, alerts, change, and where the keyboard is."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from shared.qt.widgets.table import RowDelegate
from shared.store.outcomes import FailReason
from tests.gui.harness import OFFLINE
from tests.gui.pos.conftest import Till
from tests.gui.screen_check import press

MANY = """
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100)
    INSERT INTO operation (place, id, kind, op_version, method, path, body, entity_id, created_at, status, actor)
    SELECT 1000 + n, printf('01M8%022d', n), kind, op_version, method, path, body, entity_id, created_at, status, actor
    FROM operation JOIN n WHERE seq = 2"""
"""A hundred operations more that wait."""


def test_what_the_server_refused_turns_up_in_words_behind_the_pill(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.tap("send")
    till.rig.refuse(FailReason.INVALID, "Item soup-of-the-day is not on the menu.")
    till.calm()

    assert till.window.order.pill.text() == "Needs you · 1"
    notice = till.window.order.menu.notice
    assert notice.title() == "Create order was not taken by the server"
    assert notice.text().startswith("Item soup-of-the-day is not on the menu. Nothing is lost: it is kept on this till")
    till.tap("way:sync")
    assert till.window.screen_on_show is till.window.sync
    assert "Create order was refused" in till.window.sync.alert.title()
    assert till.window.sync.alert.text().startswith(
        "Item soup-of-the-day is not on the menu. Nothing is lost: it is kept on this till"
    )


def test_nothing_waits_is_not_everything_is_done_while_something_needs_a_person(till: Till) -> None:
    till.tap("pill")
    assert till.window.sync.empty.advice.text() == "Everything that was sent from this till is on the server."
    assert till.window.sync.empty.advice.isVisible()
    till.tap("back")
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.tap("send")
    till.rig.deliver()
    till.tap("repeat")
    till.tap("send")
    till.rig.accept()
    till.rig.refuse(FailReason.REFUSED, "Not now.")
    till.tap("pill")

    assert till.window.sync.empty.isVisible()
    assert till.window.sync.empty.advice.text() == "What needs you is not on the server. Everything else is."


def test_a_finger_on_an_alerts_button_is_not_lost_to_the_clock(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.tap("send")
    till.rig.refuse(FailReason.INVALID, "No.")
    till.tap("pill")
    before = till.window.sync.alert.button("mend")

    till.window.sync.tick()

    assert till.window.sync.alert.button("mend") is before
    press(before)
    till.calm()
    assert till.window.sync.sheet.isVisible()
    assert till.window.sync.pill.text() == "Needs you · 1"


def test_the_change_that_was_told_stays_whatever_reaches_the_order_later(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.tap("pay")
    till.tap("note:0")
    change = till.window.pay.bill.change.text()
    till.tap("take_money")
    assert till.window.pay.bill.due_name.text() == "Paid"
    till.rig.deliver()
    order = till.rig.server_order(till.view.id)
    late = order.model_copy(update={"lines": (), "version": order.version + 1})
    till.rig.put([late])
    till.calm()

    assert till.window.pay.paid.amount.text() == change


def test_where_the_keyboard_is_not_used_no_ring_is_drawn_after_a_change_of_screen(till: Till) -> None:
    till.tap("pill")
    till.tap("back")

    focused = till.window.focusWidget()
    assert focused is till.window.tables


def test_every_waiting_operation_can_be_turned_to_and_no_row_is_cut(till: Till) -> None:
    for _ in range(5):
        till.tap("takeaway")
        till.item("soup-of-the-day")
        till.tap("send")
        till.tap("back")
    till.rig.link(OFFLINE)
    till.tap("pill")
    sync, seen = till.window.sync, list[int]()
    while True:
        shown = [row.seq for row in sync._rows]
        assert len(shown) <= sync.table.rows_a_page()
        seen += shown
        if not sync.pages.next_button.isEnabled():
            break
        press(sync.pages.next_button)
        till.calm()

    assert seen == list(range(1, 16))
    assert sync.figures["waiting"].value() == "15"


def test_pin_and_amount_come_from_a_keyboard_too_and_escape_puts_a_sheet_away(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.item("chicken-bowl")
    assert till.window.order.sheet.isVisible()
    keys(till, Qt.Key.Key_Escape)
    assert not till.window.order.sheet.isVisible()
    till.tap("pay")
    keys(till, Qt.Key.Key_2, Qt.Key.Key_0, Qt.Key.Key_0, Qt.Key.Key_0)
    assert till.window.pay.bill.given.text() == "20.00"
    keys(till, Qt.Key.Key_Backspace)
    assert till.window.pay.bill.given.text() == "2.00"
    keys(till, Qt.Key.Key_0, Qt.Key.Key_Return)
    assert not till.view.is_open
    till.window.pay.tick()  # the clock takes nobody's keyboard away
    till.tap("user")
    keys(till, *[Qt.Key.Key_9] * 3)

    assert till.window.login.pad.dots.filled() == 3


def keys(till: Till, *pressed: Qt.Key) -> None:
    """Press keys of a keyboard on whatever has it now."""
    for key in pressed:
        QTest.keyClick(till.window.focusWidget(), key)
        till.calm()


def test_a_tile_adds_a_line_of_its_own_beside_what_another_till_has_not_sent_yet(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.tap("send")
    till.rig.deliver()
    order = till.rig.server_order(till.view.id)
    unsent = order.lines[0].model_copy(update={"ticket_id": None, "sent_at": None})
    till.rig.put([order.model_copy(update={"lines": (unsent,), "tickets": (), "version": order.version + 1})])
    till.calm()

    till.item("soup-of-the-day")
    till.item("soup-of-the-day")

    assert [(line.id == unsent.id, line.quantity) for line in till.view.lines] == [(True, 1), (False, 2)]


def test_too_many_waiting_operations_ask_to_be_connected_and_selling_goes_on(till: Till) -> None:
    till.rig.link(OFFLINE)
    till.tap_on("floor", "table-5")
    till.item("soup-of-the-day")
    till.tap("send")
    till.calm()
    assert till.window.order.pill.text() == "Offline · 3 waiting"
    till.rig.run(lambda tx: tx.execute(MANY).fetchall())
    till.item("soup-of-the-day")
    till.tap("send")
    till.calm()
    assert till.window.order.pill.text() == "Connect to sync · 105 waiting"
    till.tap("pill")
    assert till.window.sync.many.isVisible()
    assert till.window.sync.many.title() == "Too many offline operations. Please connect to sync."
    till.calm()
    table = till.window.sync.table
    assert till.window.sync.model.rowCount() == table.rows_a_page() >= 4  # also where the banner has just come
    holder = till.window.sync.holder
    font = RowDelegate(holder).font_of(till.window.sync.model.index(3, 0))
    room = table.view.columnWidth(0) - 2 * holder.metrics.space(3)
    assert holder.font_metrics(font).elidedText("104", Qt.TextElideMode.ElideRight, room) == "104"
