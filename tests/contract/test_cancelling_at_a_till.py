"""A person at a till cancels a card payment: nobody is charged by it, and who has paid has paid."""

from __future__ import annotations

import pytest

from reference_server.payments.simulated import Play
from shared.database import run_inline
from shared.domain.cancelling import CANCELLED
from shared.domain.payment_intent import IntentState
from shared.store import card_payments
from tests.contract.card_till import Till, till
from tests.contract.paying import always

__all__ = ["till"]


def _cancel(till: Till) -> None:
    payment_id, now_ms = till.payment().id, till.now_ms()
    run_inline(
        till.store.connection,
        lambda tx: card_payments.cancel(tx, payment_id, actor_id="ann", now_ms=now_ms),
    )


def test_what_was_not_sent_yet_is_cancelled_at_once_and_never_sent(till: Till) -> None:
    till.tap(till.wish())
    _cancel(till)
    assert (till.payment().state, till.payment().message) == (IntentState.EXPIRED, CANCELLED)
    till.round()
    assert till.line.sent == []
    till.tap(till.wish(701))


@pytest.mark.parametrize("troubled", ["", "lost", "unheard"])
def test_what_was_sent_is_cancelled_when_the_server_says_so_and_not_before(till: Till, troubled: str) -> None:
    till.cards.script = always(Play.CONFIRM)
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    _cancel(till)
    _cancel(till)
    if troubled:
        setattr(till.line, troubled, True)
        till.round()
        assert till.payment().state.is_waiting, "nobody has heard that it is over"
        setattr(till.line, troubled, False)
    till.round()
    assert (till.payment().state, till.payment().message) == (IntentState.EXPIRED, CANCELLED)
    assert len(set(till.line.sent)) == 2, "each try of it has one name"
    till.cards.collect(60)
    assert (till.cards.charged(), till.closes()) == (0, [])
    assert not till.round()


def test_a_guest_who_paid_before_it_was_cancelled_has_paid_and_the_bill_is_closed(till: Till) -> None:
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    _cancel(till)
    till.round()
    assert till.payment().state is IntentState.APPROVED
    assert len(till.closes()) == 1
    till.store.deliver()
    assert till.cards.charged() == till.cards.on_the_books() == 1250


def test_a_request_that_arrives_after_its_cancelling_is_cancelled_all_the_same(till: Till) -> None:
    """The first was long on its way: the server knows of no payment that it could cancel, and then of one."""
    till.tap(till.wish())
    till.line.lost = True
    till.round()
    till.line.lost = False
    _cancel(till)
    till.round()
    assert till.payment().state is IntentState.IN_DOUBT
    late = till.house.call(
        "POST",
        "/payments/intents",
        bytes(till.store.connection.execute("SELECT body FROM payment_intent").get),
        key=till.payment().id,
    )
    assert late.status == 201
    till.round()
    assert till.payment().state is IntentState.EXPIRED
    till.cards.collect(10)
    assert till.cards.charged() == 0


def test_a_server_that_cancels_nothing_is_asked_on_until_the_payment_is_over(till: Till) -> None:
    till.cards.script = always(Play.CONFIRM)
    till.tap(till.wish())
    till.round()
    _cancel(till)
    till.line.knows_no_cancel = True
    till.cards.collect(10)
    till.round()
    assert till.payment().state is IntentState.APPROVED
    assert len(till.closes()) == 1
