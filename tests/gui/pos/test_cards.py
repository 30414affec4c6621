"""Card and mobile money on the pay screen: why they wait, how far a payment is, and that nobody pays twice."""

import pytest

from shared.domain.payment_intent import IntentState
from shared.store.outcomes import FailReason
from tests.gui.harness import OFFLINE, ONLINE
from tests.gui.pos.card_hand import WITH_CARDS, ask, banner, payment, sent, to_pay, told
from tests.gui.pos.conftest import Till
from tests.gui.pos.shift_hand import open_shift, row, to_shift
from tests.gui.screen_check import double_tap


def can_choose(till: Till) -> tuple[bool, bool, bool]:
    """Which of cash, card and mobile money can be tapped or is chosen."""
    cash, card, mobile = (button.isEnabled() for button in till.window.pay.methods.buttons.values())
    return cash, card, mobile


def payments(till: Till) -> int:
    """How many requests to a guest are on the disk."""
    return int(till.rig.run(lambda tx: tx.execute("SELECT count(*) FROM payment_intent").get))


def test_why_cards_wait_is_said_and_cash_stays_possible(till: Till) -> None:
    due = to_pay(till)
    assert can_choose(till) == (True, True, True)
    till.rig.link(OFFLINE)
    till.calm()
    assert can_choose(till) == (True, False, False)
    assert banner(till)[0] == "Card and mobile money need a connection"
    till.rig.link(ONLINE)
    till.calm()
    assert banner(till) == ("Card and mobile money are not set up here", "Take cash.")
    till.tap("exact")
    assert till.window.pay.take.isEnabled()
    assert due > 0


def test_an_order_that_the_server_has_not_accepted_is_cash_only_until_it_has(till: Till) -> None:
    till.rig.link(WITH_CARDS)
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("pay")
    assert banner(till)[1] == "Some lines are not sent yet. Take cash, or go back and send them."
    till.tap("back")
    till.tap("send")
    till.tap("pay")
    assert can_choose(till) == (True, False, False)
    assert banner(till) == (
        "Card and mobile money wait for this order",
        "The server has not accepted all of this order yet. Take cash, or wait until it has.",
    )
    till.rig.deliver()
    till.calm()

    assert can_choose(till) == (True, True, True)


def test_what_the_server_refused_of_an_order_sends_to_sync_before_a_card(till: Till) -> None:
    till.rig.link(WITH_CARDS)
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap("send")
    till.rig.refuse(FailReason.INVALID, "No.")
    till.tap("pay")

    assert banner(till)[1] == "The server did not take all of this order. Take cash, or open sync and mend it."


def test_two_quick_taps_ask_the_guest_once_and_cash_waits_for_the_end(till: Till) -> None:
    to_pay(till)
    till.tap("method:Card")
    assert till.window.pay.take.text().startswith("Ask for ")
    double_tap(till.window.pay.take)
    till.calm()

    assert payments(till) == 1
    assert can_choose(till) == (False, True, False)
    assert not till.window.pay.take.isEnabled()
    assert banner(till)[0] == "This order is being paid"
    assert till.window.pay.gateway.title.text() == "Saved here, on its way"
    sent(till)
    assert till.window.pay.gateway.title.text() == "Waiting for the answer"
    told(till, IntentState.PENDING)
    assert till.window.pay.gateway.title.text() == "The guest pays at the card terminal"
    assert till.rig.operations().count("close_order") == 0


def test_an_approval_closes_the_bill_and_says_who_paid_how(till: Till) -> None:
    due = to_pay(till)
    ask(till, "Mobile money")
    sent(till)
    told(till, IntentState.RECORDED)

    paid = till.window.pay.paid
    assert paid.title.text() == "Paid by mobile money"
    assert paid.amount.text() == till.rig.terminal.business.currency.text(due)
    assert paid.text.text().startswith("No change to give · receipt C-")
    assert till.rig.operations().count("close_order") == 1
    till.tap("done")
    assert till.window.screen_on_show is till.window.tables


@pytest.mark.parametrize(
    ("state", "reason", "title", "text"),
    [
        (IntentState.DECLINED, "Not enough money.", "Card was declined", "Not enough money. Nothing was charged."),
        (IntentState.EXPIRED, "", "Card was not approved in time", "What is approved late is taken back by itself"),
        (
            IntentState.VOIDED,
            "",
            "Card was approved too late",
            "The charge was taken back: the guest has paid nothing.",
        ),
        (IntentState.UNAPPLIED, "", "Card was approved too late", "The guest was charged and it is on no bill."),
    ],
)
def test_what_an_end_means_is_said_and_cash_can_be_taken(
    till: Till, state: IntentState, reason: str, title: str, text: str
) -> None:
    to_pay(till)
    first = ask(till)
    sent(till)
    told(till, state, reason=reason)

    assert banner(till)[0] == title
    assert banner(till)[1].startswith(text)
    assert can_choose(till) == (True, True, True)
    again = ask(till)
    assert again.id != first.id, "another wish of the guest is another payment"
    told(till, IntentState.DECLINED)
    till.tap("exact")
    till.tap("take_money")
    assert till.rig.operations().count("close_order") == 1


def test_while_nobody_knows_what_became_of_it_cash_is_taken_only_after_a_warning(till: Till) -> None:
    to_pay(till)
    ask(till)
    sent(till)
    till.rig.link(OFFLINE)
    till.calm()
    assert till.window.pay.gateway.title.text() == "The connection went away meanwhile"
    assert not till.window.pay.gateway.cash.isVisible()
    till.tap("cancel_payment")
    assert till.window.pay.gateway.title.text() == "Being cancelled"
    till.tap("cash_anyway")
    assert banner(till)[0] == "The payment that was cancelled may still be charged"
    assert can_choose(till) == (True, False, False)
    till.tap("exact")
    till.tap("take_money")

    assert till.rig.operations().count("close_order") == 1
    assert till.window.pay.paid.title.text() == "No change to give"


def test_a_payment_that_was_never_sent_is_over_when_it_is_cancelled(till: Till) -> None:
    to_pay(till)
    ask(till)
    till.tap("cancel_payment")

    assert banner(till)[0] == "Card was given up"
    assert "Nothing was charged." in banner(till)[1]
    assert can_choose(till)[0]


def test_a_payment_that_runs_is_on_show_again_after_coming_back(till: Till) -> None:
    to_pay(till)
    ask(till)
    sent(till)
    order_id = payment(till).order_id
    till.tap("back")
    till.tap("back")
    till.window._to_pay(order_id)
    till.calm()

    assert till.window.pay.gateway.isVisible()
    assert can_choose(till) == (False, True, False)


def test_what_could_not_be_asked_for_is_said_where_the_eye_is(till: Till) -> None:
    to_pay(till)
    till.tap("method:Card")
    till.window.pay.by_gateway._asked_id = "asked"
    till.rig.terminal._refuse_decision("The bill has changed", "Look at it again.", intent_id="asked")
    till.calm()

    assert banner(till) == ("The money was not taken", "The bill has changed. Look at it again.")
    assert can_choose(till) == (True, True, True)


def test_what_a_card_paid_stands_on_the_report_of_the_shift(till: Till) -> None:
    to_shift(till)
    open_shift(till)
    till.tap_on("parts", "tables")
    due = till.rig.terminal.business.currency.text(to_pay(till))
    ask(till)
    sent(till)
    told(till, IntentState.RECORDED)
    till.tap("done")
    to_shift(till)
    assert row(till, "Card") == ("0.00", due, due)
    till.rig.deliver()
    till.calm()
    till.window.shift.tick()

    assert row(till, "Card") == (due, "0.00", due)
    assert row(till, "Orders") == ("1", "0", "1")
