"""The shift screen: float, money in and out, the blind count, and reports that say what only this till knows."""

from functools import partial

from shared.domain.menu import Role
from shared.qt.widgets import TouchButton
from shared.store import agreement
from shared.store.outcomes import FailReason
from shared.wire.agreement import AgreeAnswer, Difference, Differs
from tests.gui.harness import OFFLINE
from tests.gui.pos.conftest import Till
from tests.gui.pos.shift_hand import count, move, open_shift, report, row, sell, standing, to_shift
from tests.gui.screen_check import double_tap


def as_manager(till: Till) -> None:
    """Somebody logs in who may see what is in the drawer."""
    staff = till.rig.terminal.staff.staff
    till.window.session.log_in(next(person for person in staff if person.role is Role.MANAGER))
    till.window.to_tables()
    till.calm()


def test_without_a_shift_the_screen_says_so_and_offers_to_open_one(till: Till) -> None:
    to_shift(till)

    assert till.window.shift.empty.isVisible()
    assert till.window.shift.empty.title.text() == "No shift is open on this till"
    assert till.window.shift.main.text() == "Open shift"
    assert not any(button.isVisible() for button in till.window.shift.moves.values())


def test_a_shift_is_opened_with_its_float_and_shows_what_only_this_till_knows(till: Till) -> None:
    till.rig.link(OFFLINE)
    to_shift(till)
    open_shift(till, "20000")

    assert till.rig.operations() == ["open_shift"]
    assert till.window.shift.drawer.float.text() == "200.00"
    assert standing(till)[0] == "1 operation is still on this till"
    till.rig.deliver()
    till.calm()
    assert standing(till)[0] == "The server has all of this shift"


def test_a_second_finger_on_open_opens_no_second_shift(till: Till) -> None:
    to_shift(till)
    till.tap("main")
    till.digits("100")
    double_tap(till.window.shift.sheet.findChildren(TouchButton, "done")[0])
    till.calm()
    till.window.shift.sheet.close_sheet()

    assert till.rig.operations() == ["open_shift"]


def test_money_goes_in_and_out_with_its_reason_and_an_opened_drawer_is_noted(till: Till) -> None:
    to_shift(till)
    open_shift(till)
    move(till, "PAY_IN", "More float", "5000")
    move(till, "PAY_OUT", "To the safe", "3500")
    move(till, "NO_SALE", "Change a note")

    assert till.rig.operations() == ["open_shift", "move_cash", "move_cash", "move_cash"]
    assert till.window.shift.drawer.moved.text() == "50.00 / -35.00"
    assert row(till, "Drawer opened") == ("0", "1", "1")
    assert [one.reason for one in report(till).shift.movements] == ["More float", "To the safe", "Change a note"]


def test_nothing_tells_a_waiter_what_to_count_until_the_drawer_is_counted(till: Till) -> None:
    to_shift(till)
    open_shift(till, "20000")
    till.tap_on("parts", "tables")
    due = sell(till)
    to_shift(till)
    text = till.rig.terminal.business.currency.text

    assert row(till, "Cash") == ("after the count", "", "")
    assert row(till, "Takings") == ("after the count", "", "")
    assert till.window.shift.drawer.counted.text() == "not yet"
    assert till.window.shift.drawer.difference.text() == ""
    till.tap("main")
    shown = [label.text() for label in till.window.shift.sheet.findChildren(type(till.window.shift.drawer.float))]
    assert not any(text(20000 + due) in words or text(due) in words for words in shown)
    till.digits(str(20000 + due - 200))
    till.tap("done")
    assert till.window.shift.drawer.difference.text() == "-2.00"
    assert row(till, "Cash") == ("0.00", text(due), text(due))


def test_a_manager_sees_the_cash_before_the_count(till: Till) -> None:
    as_manager(till)
    to_shift(till)
    open_shift(till)
    till.tap_on("parts", "tables")
    due = sell(till)
    to_shift(till)

    assert row(till, "Cash")[2] == till.rig.terminal.business.currency.text(due)


def test_a_count_can_be_made_again_and_is_forgotten_when_the_drawer_is_left(till: Till) -> None:
    to_shift(till)
    open_shift(till)
    count(till, "19000")
    assert till.window.shift.main.text() == "Close shift"
    till.tap("count_again")
    till.digits("20000")
    till.tap("done")
    assert till.window.shift.drawer.difference.text() == "0.00"
    till.tap_on("parts", "orders")
    to_shift(till)

    assert till.window.shift.main.text() == "Count the drawer"
    assert "close_shift" not in till.rig.operations()


def test_a_closed_shift_is_closed_once_and_shows_its_z_report(till: Till) -> None:
    till.rig.link(OFFLINE)
    to_shift(till)
    open_shift(till)
    count(till, "19800")
    double_tap(till.window.shift.main)
    till.calm()
    till.window.shift.sheet.close_sheet()

    assert till.rig.operations().count("close_shift") == 1
    assert till.window.shift.report.title.text() == "Z report"
    assert till.window.shift.drawer.difference.text() == "-2.00"
    assert standing(till) == (
        "2 operations are still on this till",
        "They keep their place in this shift. The report is checked against the server when they arrive.",
    )
    assert till.window.shift.main.text() == "Open shift"


def test_a_z_report_says_whether_till_and_server_agree(till: Till) -> None:
    to_shift(till)
    open_shift(till)
    count(till, "20000")
    till.tap("main")
    till.rig.deliver()
    till.calm()
    assert standing(till)[1] == "It compares its own books with this till now."

    closed = till.rig.run(agreement.shift_to_compare)
    assert closed is not None
    missing = Difference(kind=Differs.MISSING, what="x", message="A sale is missing.")
    for differences, title in (((), "Till and server agree"), ((missing,), "Till and server differ in 1 thing")):
        told = AgreeAnswer(compared=2, count=len(differences), differences=differences)
        till.rig._announce(till.rig.run(partial(agreement.store_of_shift, told=told, shift=closed, now_ms=1)))
        till.calm()
        assert standing(till)[0] == title
    assert standing(till)[1] == "A sale is missing."


def test_what_the_server_refused_of_a_shift_is_said_with_the_way_to_mend_it(till: Till) -> None:
    to_shift(till)
    open_shift(till)
    till.rig.refuse(FailReason.REFUSED, "This person may not open a shift.")
    till.calm()

    title, text = standing(till)
    assert title.endswith("was not taken by the server")
    assert text.startswith("This person may not open a shift. Nothing is lost")
    button = till.window.shift.report.banner.button("sync")
    assert button.text() == "Open sync"


def test_more_open_orders_than_there_is_room_for_are_counted(till: Till) -> None:
    for _ in range(9):
        till.tap("takeaway")
        till.item("soup-of-the-day")
        till.tap("send")
        till.tap("back")
    to_shift(till)
    open_shift(till)

    assert till.window.shift.orders.more.text() == "and 6 more"


def test_the_tabs_lead_from_the_shift_to_the_tables_and_to_the_orders(till: Till) -> None:
    to_shift(till)
    till.tap_on("parts", "orders")
    assert till.window.tables.parts.current() == "orders"
    to_shift(till)
    till.tap_on("parts", "tables")

    assert till.window.tables.parts.current() == "tables"
