"""A hand at the pay screen where the server takes cards, and what the server says of a payment."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from shared.domain.payment_intent import EXPIRES_MS, IntentState, PaymentIntent
from shared.store import card_payments
from shared.store.card_payments import CardPayment
from shared.times import to_rfc3339
from tests.gui.harness import OFFLINE, ONLINE
from tests.gui.pos.conftest import Till

WITH_CARDS = replace(ONLINE, takes_cards=True)


def to_pay(till: Till, table: str = "table-5") -> int:
    """From home to the bill of an order that the server has accepted; gives what is owed."""
    till.rig.link(WITH_CARDS)
    till.tap_on("floor", table)
    till.item("french-fries")
    till.tap("send")
    till.rig.deliver()
    till.calm()
    due = till.view.totals.total_minor
    till.tap("pay")
    return due


def payment(till: Till) -> CardPayment:
    """The newest payment of the order on the pay screen."""
    view = till.window.pay._view
    assert view is not None
    found = till.rig.terminal.cards.payment(view.id)
    assert found is not None
    return found


def ask(till: Till, method: str = "Card") -> CardPayment:
    """Choose it, and ask the guest."""
    till.tap(f"method:{method}")
    till.tap("take_money")
    return payment(till)


def sent(till: Till) -> None:
    """It goes out, and no answer comes."""
    now_ms = till.rig.terminal.now_ms()
    till.rig.run(partial(card_payments.take_unsent, now_ms=now_ms))
    announce(till)


def told(till: Till, state: IntentState, *, reason: str = "") -> None:
    """The server says how far it is."""
    asked, now_ms = payment(till), till.rig.terminal.now_ms()
    said = PaymentIntent(
        id=asked.wish.payment_id,
        order_id=asked.wish.order_id,
        method=asked.method,
        amount_minor=asked.wish.total_minor,
        state=state,
        created_at=to_rfc3339(asked.created_at_ms),
        expires_at=to_rfc3339(asked.created_at_ms + EXPIRES_MS),
        reason=reason,
    )
    teller = till.rig.terminal._teller
    till.rig.run(partial(card_payments.heard, payment_id=asked.id, told=said, teller=teller, now_ms=now_ms))
    announce(till)


def announce(till: Till) -> None:
    """What the worker announces after its commit."""
    view = till.window.pay._view
    assert view is not None
    till.rig.terminal._changed(frozenset({f"order:{view.id}", card_payments.CARDS}))
    till.calm()


def banner(till: Till) -> tuple[str, str]:
    """What the pay screen says over the keypad."""
    return till.window.pay.banner.title(), till.window.pay.banner.text()


def walk_cards(till: Till, seen: Callable[[str], None]) -> None:
    """Every state of a payment by card or mobile money, each of which is looked at."""
    till.window.to_tables()
    to_pay(till, "table-11")
    till.tap("discount")
    seen("discount")
    till.tap("percent:5000")
    till.tap("phrase:Staff meal")
    seen("manager")
    till.tap("cancel")
    till.tap("method:Card")
    seen("card-chosen")
    till.tap("take_money")
    sent(till)
    till.rig.link(OFFLINE)
    seen("card-cut-off")
    till.rig.link(WITH_CARDS)
    told(till, IntentState.PENDING)
    till.tap("cancel_payment")
    seen("card-cancelling")
    till.tap("cash_anyway")
    seen("card-cash-anyway")
    told(till, IntentState.EXPIRED, reason="It was cancelled.")
    ask(till, "Mobile money")
    sent(till)
    told(till, IntentState.PENDING)
    told(till, IntentState.DECLINED, reason="Not enough money")
    seen("card-declined")
    ask(till)
    sent(till)
    told(till, IntentState.RECORDED)
    seen("card-paid")
