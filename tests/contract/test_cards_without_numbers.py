"""A till whose file gives no numbers any more (new, or salvaged) charges nobody anew, and closes what was charged."""

from __future__ import annotations

import pytest

from shared.domain.order import OrderState
from shared.domain.payment_intent import IntentState
from shared.domain.rejections import CommandRejected
from shared.store import meta
from tests.contract.card_till import Till, till
from tests.contract.two_tills import server_order

__all__ = ["till"]


def spend(till: Till) -> None:
    """No number under this till's letter may come twice, and nobody knows which were given."""
    till.store.run(lambda tx: meta.spend_letters(tx, frozenset({till.store.letter})))


def test_no_guest_is_asked_by_a_till_that_can_print_no_receipt(till: Till) -> None:
    """As with cash: it is refused in words, before any money moves."""
    spend(till)
    with pytest.raises(CommandRejected, match="Enrol this till again"):
        till.tap(till.wish())
    till.round()
    assert (till.line.sent, till.cards.charged()) == ([], 0)


def test_what_was_charged_closes_its_bill_also_where_no_receipt_can_be_numbered(till: Till) -> None:
    """Money that was taken is a fact: else the guest had paid, and the order asked for it for ever."""
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    spend(till)
    till.round()
    assert till.payment().state is IntentState.APPROVED
    assert till.store.deliver() == [200]
    order = server_order(till.house, till.order_id)
    assert (order.state, order.receipt_number, order.unapplied_minor) == (OrderState.CLOSED, None, 0)
    assert order.applied_minor == till.cards.charged()
