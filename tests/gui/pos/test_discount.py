"""What a person may take off alone, and what needs a manager's PIN: a discount, and what the kitchen has."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pos_client.manager_sheet import ManagerSheet
from reference_server.catalogue.loading import Restaurant
from shared.domain.discounts import ApplyDiscount
from shared.domain.menu import Role
from shared.ids import ChangeId
from shared.money import Currency
from shared.qt.tokens import ThemeName
from shared.qt.widgets import TouchButton
from shared.qt.widgets.line_list import action_target
from shared.wire.requests import Kind
from tests.gui.harness import OFFLINE
from tests.gui.pos.card_hand import WITH_CARDS
from tests.gui.pos.conftest import Till, wait_for
from tests.gui.pos.test_screens import LOOKS, name_of
from tests.gui.screen_check import assert_screen_is_sound, double_tap, press, save_picture


def to_bill(till: Till) -> int:
    """The bill of four portions that are sent; gives what it costs."""
    till.tap_on("floor", "table-5")
    for _ in range(4):
        till.item("french-fries")
    till.tap("send")
    due = till.view.totals.total_minor
    till.tap("pay")
    return due


def take_off(till: Till, percent_bp: int, reason: str = "Complaint") -> None:
    """So much of the whole order, and why."""
    till.tap("discount")
    till.tap(f"percent:{percent_bp}")
    till.tap(f"phrase:{reason}")


def due(till: Till) -> str:
    """What the guest is asked for."""
    return till.window.pay.bill.due.text()


def bodies(till: Till) -> list[str]:
    """The discounts that are on their way."""
    asked = "SELECT body FROM operation WHERE kind = ?"
    rows = till.rig.run(lambda tx: tx.execute(asked, (Kind.CHANGE_ORDER,)).fetchall())
    found = [body.decode() for (body,) in rows if isinstance(body, bytes)]
    return [body for body in found if "applyDiscount" in body]


@pytest.fixture
def text(till: Till) -> Callable[[int], str]:
    """Money as this house writes it."""
    currency: Currency = till.rig.terminal.business.currency
    return currency.text


def test_what_a_waiter_may_give_alone_is_taken_off_offline_too(till: Till, text: Callable[[int], str]) -> None:
    till.rig.link(OFFLINE)
    cost = to_bill(till)
    take_off(till, 1000)

    assert due(till) == text(cost - cost // 10)
    assert till.window.pay.bill.off.text() == text(-(cost // 10))
    assert till.window.pay.receipt.off.text() == text(-(cost // 10))
    till.tap("back")
    assert till.window.order.side.off.text() == text(-(cost // 10))
    assert till.window.order.side.off.isVisible()
    assert_screen_is_sound(till.window, till.metrics)
    till.tap("pay")
    (body,) = bodies(till)
    assert '"percentBp":1000' in body.replace(" ", "")
    assert "Complaint" in body
    till.tap("exact")
    till.tap("take_money")
    assert till.window.pay.paid.title.text() == "No change to give"


def test_more_than_that_needs_the_pin_of_a_manager_who_is_not_logged_in_by_it(
    till: Till, text: Callable[[int], str]
) -> None:
    cost = to_bill(till)
    take_off(till, 5000)
    assert bodies(till) == []
    till.digits("9999")
    sheet = till.window.pay.sheet.content()
    assert isinstance(sheet, ManagerSheet)
    wait_for(till, lambda: "Wrong PIN" in sheet.pad.message.text())
    assert bodies(till) == []
    till.digits("5555")
    wait_for(till, lambda: due(till) == text(cost - cost // 2))

    assert '"approvedBy":"nadia"' in bodies(till)[0].replace(" ", "")
    assert till.window.session.actor_id == "amina"


def test_nobody_can_be_talked_round_by_giving_it_twice(till: Till) -> None:
    to_bill(till)
    take_off(till, 1000)
    before = due(till)
    take_off(till, 1000)
    till.calm()

    assert due(till) == before
    assert len(bodies(till)) == 1
    assert "a manager has to approve it" in till.window.pay.toast.text()


def test_a_manager_needs_nobody_else(till: Till, text: Callable[[int], str]) -> None:
    staff = till.rig.terminal.staff.staff
    till.window.session.log_in(next(one for one in staff if one.role is Role.MANAGER))
    to_bill(till)
    take_off(till, 10_000, "On the house")

    assert due(till) == text(0)


def test_a_discount_can_be_taken_back_while_the_offer_stands(till: Till, text: Callable[[int], str]) -> None:
    cost = to_bill(till)
    take_off(till, 500)
    assert due(till) != text(cost)
    press(till.window.pay.toast.button)
    till.calm()

    assert due(till) == text(cost)


def test_a_discount_stays_when_the_guest_is_asked_for_the_sum(till: Till) -> None:
    till.rig.link(WITH_CARDS)
    to_bill(till)
    take_off(till, 500)
    till.rig.deliver()
    till.calm()
    assert till.window.pay.toast.isVisible()
    till.tap("method:Card")
    till.tap("take_money")

    assert not till.window.pay.toast.isVisible()
    assert not till.window.pay.bill.discount.isEnabled()


def put_back(till: Till) -> list[TouchButton]:
    """The buttons that end a discount which stands."""
    till.tap("discount")
    found = till.window.pay.sheet.findChildren(TouchButton)
    return [one for one in found if one.objectName().startswith("put_back:") and one.isVisible()]


def test_a_discount_is_put_back_on_the_bill_any_time_later_offline_too_and_once(
    till: Till, text: Callable[[int], str]
) -> None:
    till.rig.link(OFFLINE)
    cost = to_bill(till)
    take_off(till, 1000)
    till.tap("back")
    till.tap("pay")
    till.taps = 0
    (button,) = put_back(till)
    assert button.text() == "Put back: 10 % · Complaint"
    double_tap(button)
    till.calm()

    assert due(till) == text(cost)
    assert not till.window.pay.bill.off.isVisible()
    assert till.window.pay.toast.text() == "The discount is put back on the bill."
    asked = "SELECT body FROM operation WHERE kind = ?"
    rows = till.rig.run(lambda tx: tx.execute(asked, (Kind.CHANGE_ORDER,)).fetchall())
    assert sum(b"removeDiscount" in bytes(body) for (body,) in rows) == 1  # type: ignore[arg-type]
    assert put_back(till) == []


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[-1]], ids=name_of)
def test_a_sheet_that_opens_takes_away_the_words_it_would_cut(
    make_till: Callable[..., Till], look: tuple[tuple[int, int, float], ThemeName, bool]
) -> None:
    """What the offer was about can be put back on the sheet, for longer."""
    size, theme, rtl = look
    till = make_till(size=size, theme=theme, rtl=rtl)
    till.log_in()
    cost = to_bill(till)
    take_off(till, 500)
    assert till.window.pay.toast.isVisible()
    (button,) = put_back(till)

    assert not till.window.pay.toast.isVisible()
    save_picture(till.window, f"pos-discount-again-{name_of(look)}")
    press(button)
    till.calm()
    assert due(till) == till.rig.terminal.business.currency.text(cost)


def test_what_was_put_back_leaves_room_for_another_discount(till: Till, text: Callable[[int], str]) -> None:
    cost = to_bill(till)
    take_off(till, 1000)
    press(put_back(till)[0])
    till.calm()
    take_off(till, 500, "Regular guest")

    assert due(till) == text(cost - cost // 20)


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[-1]], ids=name_of)
def test_the_sheet_with_more_discounts_than_it_shows_is_sound(
    make_till: Callable[..., Till], look: tuple[tuple[int, int, float], ThemeName, bool]
) -> None:
    size, theme, rtl = look
    till = make_till(size=size, theme=theme, rtl=rtl)
    till.log_in()
    to_bill(till)
    for reason in ("Complaint", "Regular guest", "A long reason that somebody wrote letter by letter for the books"):
        amount = ApplyDiscount(id=ChangeId(till.rig.terminal.new_id()), amount_minor=30, reason=reason)
        till.window.pay.discounting._submit(till.view, till.rig.terminal.new_id(), amount)
        till.calm()
    assert len(put_back(till)) == 2
    save_picture(till.window, f"pos-discount-{name_of(look)}")
    assert_screen_is_sound(till.window, till.metrics)


def test_lines_that_are_not_sent_are_sent_first(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("pay")
    till.tap("discount")

    assert till.window.pay.toast.text() == "Send the new lines first, then take something off."
    assert not till.window.pay.sheet.isVisible()


def test_what_the_kitchen_has_is_voided_with_a_managers_pin_where_the_house_wants_that(
    make_till: Callable[..., Till], restaurant: Restaurant
) -> None:
    assert restaurant.business is not None
    business = restaurant.business.model_copy(update={"void_sent_needs_manager": True})
    till = make_till(house=replace(restaurant, business=business))
    till.log_in()
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    line = till.view.lines[0]
    till.tap_on("lines", line.id)
    till.tap_on("lines", action_target(line.id, "void"))
    till.tap("phrase:Wrong dish")
    assert not till.view.lines[0].voided
    save_picture(till.window, "pos-void-manager-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)
    till.digits("5555")
    wait_for(till, lambda: till.view.lines[0].voided)

    rows = till.rig.run(lambda tx: tx.execute("SELECT body FROM operation ORDER BY seq DESC LIMIT 1").fetchall())
    assert b'"approvedBy":"nadia"' in bytes(rows[0][0]).replace(b" ", b"")  # type: ignore[arg-type]
