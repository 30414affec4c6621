"""Money that an order does not owe, at the till: a manager gives it back, once; a waiter is told who may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from PySide6.QtWidgets import QLabel

from shared.domain.alerts import HouseAlert
from shared.domain.bill import Method, Payment
from shared.domain.menu import Role
from shared.domain.order import OrderState
from shared.domain.payment_intent import IntentState
from shared.ids import PaymentId
from shared.qt.tokens import ThemeName
from shared.qt.widgets import TouchButton
from shared.store import house_alerts
from shared.wire.alerts import AlertPage
from tests.gui.harness import OFFLINE
from tests.gui.pos.card_hand import WITH_CARDS, sent, told
from tests.gui.pos.card_hand import ask as asked_for
from tests.gui.pos.conftest import Till
from tests.gui.pos.house_hand import as_manager, open_row, to_house
from tests.gui.pos.shift_hand import open_shift, row, to_shift
from tests.gui.pos.test_mending import on_show
from tests.gui.pos.test_screens import LOOKS, name_of
from tests.gui.screen_check import SIZES, assert_screen_is_sound, double_tap, save_picture

FEW_LOOKS = [LOOKS[place] for place in (0, 2, 4, 7)]
"""Every size, both themes, and one that is read from the right."""
OTHERS = PaymentId("01JDSC8T4Z0000000000000P99")


def by_cash(till: Till) -> None:
    """From the order to its bill, and the money in the drawer."""
    for name in ("pay", "exact", "take_money"):
        till.tap(name)


def by_card(till: Till) -> None:
    """From the order to its bill, and the guest's card is charged."""
    till.rig.link(WITH_CARDS)
    till.tap("pay")
    asked_for(till)
    sent(till)
    told(till, IntentState.APPROVED)


def paid_twice(till: Till, *, role: Role = Role.MANAGER, pay: Callable[[Till], None] = by_cash) -> str:
    """This till is paid for table 5, and another takes cash for it; whoever is at this one sees the sync panel.

    Gives the order's id.
    """
    till.window.session.log_in(next(one for one in till.rig.terminal.staff.staff if one.role is role))
    till.window.to_tables()
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.deliver()
    till.calm()
    order = till.rig.server_order(till.view.id)
    pay(till)
    total_minor = order.lines[0].total_minor
    at = order.opened_at
    paid = Payment(id=OTHERS, method=Method.CASH, amount_minor=total_minor, tendered_minor=total_minor, taken_at=at)
    done = {"payments": (paid,), "state": OrderState.CLOSED, "version": order.version + 1, "closed_at": at}
    till.rig.put((order.model_copy(update=done),))
    till.rig.deliver()
    till.tap("back")
    till.tap("pill")
    return order.id


def refunds(till: Till) -> Sequence[str]:
    return [kind for kind in till.rig.operations() if kind == "refund_order"]


def test_a_manager_gives_it_back_from_the_alert_once_and_is_asked_before(till: Till) -> None:
    order_id = paid_twice(till)
    words = till.window.sync.alert.button("back").text()
    assert words.startswith("Give back ")
    assert words.endswith(" in cash")
    double_tap(till.window.sync.alert.button("back"))
    till.calm()
    assert refunds(till) == [], "asked first"
    double_tap(on_show(till, "given")[0])
    till.calm()
    assert refunds(till) == ["refund_order"]
    assert till.rig.terminal.desk.alerts() == ()
    till.rig.deliver()
    assert till.rig.server_order(order_id).unapplied_minor == 0


@pytest.mark.parametrize("pay", [by_cash, by_card])
def test_cash_is_spoken_of_where_it_goes_out_of_the_drawer_and_nowhere_else(
    make_till: Callable[..., Till], pay: Callable[[Till], None]
) -> None:
    till = make_till(size=SIZES[0], theme=ThemeName.LIGHT)
    paid_twice(till, pay=pay)
    double_tap(till.window.sync.alert.button("back"))
    till.calm()
    save_picture(till.window, f"pos-give-back-{pay.__name__}-1024x768-light")
    assert_screen_is_sound(till.window, till.metrics)

    sheet = till.window.sync.sheet.content()
    assert sheet is not None
    words = " ".join(label.text() for label in sheet.findChildren(QLabel))
    assert ("out of this till's drawer" in words, "Hand cash over" in words) == (pay is by_cash, pay is by_cash)
    assert ("to the card" in words, "by the gateway. Hand no cash over." in words) == (pay is by_card, pay is by_card)


def test_who_leaves_it_has_given_nothing(till: Till) -> None:
    paid_twice(till)
    double_tap(till.window.sync.alert.button("back"))
    till.calm()
    till.tap("cancel")
    assert (refunds(till), len(till.rig.terminal.desk.alerts())) == ([], 1)


def test_a_waiter_is_told_who_may(till: Till) -> None:
    paid_twice(till, role=Role.WAITER)
    double_tap(till.window.sync.alert.button("back"))
    till.calm()
    assert on_show(till, "given") == []
    assert "Only a manager" in till.window.sync.toast.text()
    till.rig.terminal.desk.give_back(order_id="x", new_id=OTHERS, actor_id="amina")
    till.rig.settle()
    assert [one.title for one in till.rig.terminal.take_refusals()] == ["Only a manager can decide about money"]


def test_without_a_server_it_is_refused_in_words_and_the_question_stays(till: Till) -> None:
    paid_twice(till)
    till.rig.link(OFFLINE)
    double_tap(till.window.sync.alert.button("back"))
    till.calm()
    double_tap(on_show(till, "given")[0])
    till.calm()
    assert (refunds(till), len(till.rig.terminal.desk.alerts())) == ([], 1)


def ask(till: Till, order_id: str, kind: str = "surplus") -> None:
    """The server asks managers the same."""
    alert = HouseAlert(
        id="1-01ARYZ6S41TSV4RRFFQ69G5FAV",
        kind=kind,
        entity_id=order_id,
        message="Order C-1 was paid too much: refund it?",
        raised_at="2025-11-28T19:00:00.000Z",
    )
    told = AlertPage(alerts=(alert,), cursor="", server_time="", open=1)
    put = partial(house_alerts.put, told=told, actor_id="nadia", now_ms=till.rig.terminal.now_ms())
    till.rig.run(put)
    till.rig._announce(frozenset({"alerts"}))
    till.calm()


def phrase(till: Till) -> str:
    """The button that gives it back, among what can be said; empty where there is none."""
    buttons = till.window.sync.sheet.findChildren(TouchButton)
    names = [one.objectName() for one in buttons if one.isVisible()]
    return next((name for name in names if name.startswith("phrase:Give back")), "")


def test_a_manager_gives_it_back_where_the_server_asks_and_the_server_answers_that_itself(till: Till) -> None:
    order_id = paid_twice(till)
    ask(till, order_id)
    till.tap("back")
    to_house(till)
    open_row(till, 0)
    till.tap(phrase(till))
    assert (refunds(till), till.rig.operations().count("close_alert")) == (["refund_order"], 0)
    open_row(till, 0)
    assert phrase(till) == "", "it is on its way"
    till.tap("cancel")
    till.rig.deliver()
    open_row(till, 0)
    assert phrase(till) == ""


def test_what_is_no_question_about_money_offers_none(till: Till) -> None:
    order_id = paid_twice(till)
    ask(till, order_id, kind="told_price")
    as_manager(till)
    to_house(till)
    open_row(till, 0)
    assert phrase(till) == ""


@pytest.mark.parametrize("look", FEW_LOOKS, ids=name_of)
def test_the_sheets_about_giving_back_are_sound(make_till: Callable[..., Till], look: tuple[object, ...]) -> None:
    size, theme, rtl = look
    till = make_till(size=size, theme=theme, rtl=rtl)
    till.log_in()
    ask(till, paid_twice(till))
    for state in ("alert", "asked"):
        save_picture(till.window, f"pos-give-back-{state}-{name_of(look)}")  # type: ignore[arg-type]
        assert_screen_is_sound(till.window, till.metrics)
        if state == "alert":
            double_tap(till.window.sync.alert.button("back"))
            till.calm()
    till.tap("cancel")
    till.tap("back")
    to_house(till)
    open_row(till, 0)
    save_picture(till.window, f"pos-give-back-house-{name_of(look)}")  # type: ignore[arg-type]
    assert_screen_is_sound(till.window, till.metrics)


def test_a_managers_report_says_what_of_its_sums_was_given_back(till: Till) -> None:
    as_manager(till)
    to_shift(till)
    open_shift(till, "20000")
    till.tap_on("parts", "tables")
    order_id = paid_twice(till)
    text = till.rig.terminal.business.currency.text
    paid_minor = till.rig.server_order(order_id).unapplied_minor
    till.rig.terminal.desk.give_back(order_id=order_id, new_id=OTHERS, actor_id="nadia")
    till.rig.settle()
    till.rig.deliver()
    till.window.to_tables()
    till.calm()
    to_shift(till)
    assert row(till, "Refunds in these sums") == (text(-paid_minor), text(0), text(-paid_minor))
    assert row(till, "Cash") == (text(0), text(0), text(0))
