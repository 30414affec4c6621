"""What is heard late: a PIN whose sheet was put away, a tap that was not saved after somebody went on, an old offer."""

import threading
from collections.abc import Iterator

import pytest

from demo.hands import Hands
from pos_client.frame import MOST_UNSAVED
from pos_client.manager_sheet import ManagerSheet
from shared.errors import DiskFull
from shared.qt.widgets.line_list import action_target
from shared.store import taps
from shared.terminal import RefusedTap
from tests.gui.pos.conftest import Till, wait_for
from tests.gui.pos.shift_hand import count, open_shift, report, to_shift
from tests.gui.pos.test_discount import bodies, take_off, to_bill
from tests.gui.screen_check import assert_screen_is_sound, press, save_picture

FULL = "The disk is full. This was not saved; everything before it is. Make room on this device, then tap again."


class Disk:
    """A disk that stops before a tap, and turns out to be full."""

    def __init__(self) -> None:
        self._answers = threading.Event()

    def accept(self, *_: object, **__: object) -> frozenset[str]:
        """In place of the transaction of a tap."""
        assert self._answers.wait(5)
        raise DiskFull("no room")

    def answer(self) -> None:
        """It says that it is full."""
        self._answers.set()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Stands in from now on: make what has to be there before with `monkeypatch.undo`."""
    made = Disk()
    yield made
    made.answer()


@pytest.mark.parametrize("way", ["put away", "locked"])
def test_a_pin_whose_sheet_was_put_away_allows_nothing_any_more(till: Till, way: str) -> None:
    """The word about the PIN is under way when somebody thinks better of it."""
    to_bill(till)
    take_off(till, 5000)
    sheet = till.window.pay.sheet.content()
    assert isinstance(sheet, ManagerSheet)
    for digit in "5555":
        press(sheet.pad.keypad.key(digit))
    asked = sheet._asked
    assert asked is not None
    asked.result(timeout=5)
    if way == "locked":
        till.window._log_out()
    else:
        till.window.pay.sheet.close_sheet()
    till.calm()

    assert bodies(till) == []


def test_an_offer_to_put_a_discount_back_does_not_follow_to_another_bill(till: Till) -> None:
    to_bill(till)
    take_off(till, 500)
    toast = till.window.pay.toast
    assert toast.isVisible()
    till.tap("back")
    till.tap("back")
    till.tap_on("floor", "table-7")
    till.item("french-fries")
    till.tap("send")
    till.tap("pay")

    assert not toast.isVisible()


def test_nobody_is_done_before_the_money_is_saved(till: Till, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    to_bill(till)
    till.tap("exact")
    monkeypatch.setattr(taps, "accept", disk.accept)
    press(till.window.pay.take)
    till.app.processEvents()
    panel = till.window.pay.paid
    assert panel.isVisible()
    assert not panel.button.isEnabled()
    disk.answer()
    till.calm()

    assert till.window.pay.banner.isVisible()
    assert till.window.pay.banner.title() == "The money was not taken"


def test_what_was_not_saved_is_said_with_its_order_when_somebody_went_on(
    till: Till, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_bill(till)
    till.tap("exact")
    monkeypatch.setattr(taps, "accept", disk.accept)
    press(till.window.pay.take)
    till.window.to_tables()
    disk.answer()
    till.calm()

    assert till.window.tables.toast.isVisible()
    assert till.window.tables.toast.text() == f"C-1, Table 5: {FULL}"


def test_several_taps_that_were_not_saved_are_counted(till: Till, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    monkeypatch.setattr(taps, "accept", disk.accept)
    for item_id in ("side-salad", "refried-beans"):
        till.window.order._tap_item(item_id)
    disk.answer()
    till.calm()

    assert till.window.order.toast.text() == f"{FULL} 2 taps were not saved."


def test_of_very_many_taps_that_were_not_saved_each_new_one_is_told(till: Till) -> None:
    """From then on the words stay the same."""
    full = RefusedTap("", "", "The disk is full", "This was not saved.")
    tables = till.window.tables
    tables.tell_refusals([full] * (MOST_UNSAVED - 1))
    assert tables.toast.text().endswith(" This was not saved. 49 taps were not saved.")
    for _ in range(2):
        tables.tell_refusals([full])
        assert tables.toast.is_kept
        assert tables.toast.text().endswith(" This was not saved. 50 taps or more were not saved.")
        tables.toast.tell("Looking for the server.")
    tables.tell_refusals([])
    assert not tables.toast.is_kept, "nothing new, and the short word has its three seconds"


def test_what_was_not_saved_is_said_on_every_screen_until_somebody_has_seen_it(
    till: Till, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.tap_on("floor", "table-5")
    till.item("refried-beans")
    till.item("french-fries")
    with monkeypatch.context() as patch:
        patch.setattr(taps, "accept", disk.accept)
        till.window.order._tap_item("side-salad")
        disk.answer()
        till.calm()
    told = till.window.order.toast
    told._timer.timeout.emit()  # its three seconds are over
    assert (told.isVisible(), told.text()) == (True, FULL)
    _, line = till.view.lines
    till.tap_on("lines", line.id)
    till.tap_on("lines", action_target(line.id, "void"))
    assert told.text() == "French Fries removed."
    till.tap("back")
    assert (till.window.tables.toast.isVisible(), till.window.tables.toast.text()) == (True, f"C-1, Table 5: {FULL}")
    save_picture(till.window, "pos-not-saved-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)

    press(till.window.tables.toast.button)
    till.tap_on("floor", "table-5")
    assert not till.window.tables.toast.isVisible()
    assert not told.isVisible()


def test_a_pin_to_log_in_clocks_nobody_in_who_turned_to_the_clock_meanwhile(till: Till) -> None:
    till.tap("user")
    login = till.window.login
    for digit in "1111":
        press(login.pad.keypad.key(digit))
    asked = login._asked
    assert asked is not None
    asked.result(timeout=5)
    press(login.clocking)
    till.calm()

    assert till.rig.operations() == []
    assert till.window.session.person is None
    till.digits("1111")
    wait_for(till, lambda: till.rig.operations() == ["clock"])


def test_a_drawer_is_not_counted_again_because_the_disk_was_full(
    till: Till, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_shift(till)
    open_shift(till)
    count(till, "20000")
    disk.answer()
    with monkeypatch.context() as patch:
        patch.setattr(taps, "accept", disk.accept)
        till.tap("main")
    assert till.window.shift.toast.text() == FULL
    assert till.window.shift.main.text() == "Close shift"
    till.tap("main")

    assert till.rig.operations() == ["open_shift", "close_shift"]
    assert report(till).shift.counted_minor == 20000
    open_shift(till)
    assert till.window.shift.main.text() == "Count the drawer"


def test_what_was_not_saved_is_read_and_tapped_also_when_the_bill_is_closed(till: Till) -> None:
    """The page of a paid bill comes into view later than the words."""
    to_bill(till)
    till.tap("exact")
    pay = till.window.pay
    pay.tell_refusals([RefusedTap("", "", "The disk is full", "This was not saved.")])
    till.tap("take_money")
    assert pay.paid.isVisible()
    save_picture(till.window, "pos-paid-not-saved-1366x768-dark")

    button = pay.toast.button
    assert till.window.childAt(button.mapTo(till.window, button.rect().center())) is button
    assert_screen_is_sound(till.window, till.metrics)
    press(button)
    till.tap("done")
    assert till.window.screen_on_show is till.window.tables
    assert till.window.session.unsaved == ()


def test_what_stays_until_it_is_seen_leaves_the_money_free_and_a_waiter_of_the_demo_reads_it(till: Till) -> None:
    to_bill(till)
    pay = till.window.pay
    pay.tell_refusals([RefusedTap("", "", "The disk is full", "This was not saved.")])
    till.calm()
    for button in (pay.take, pay.bill.discount):
        middle = button.mapTo(till.window, button.rect().center())
        assert till.window.childAt(middle) is button

    Hands(till.window).tap("exact")
    assert not pay.toast.isVisible()
    assert till.window.session.unsaved == ()
    assert pay.take.isEnabled()
