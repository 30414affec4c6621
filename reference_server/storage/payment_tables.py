"""The tables of payments by card and mobile money. What was released is never changed, only added to."""

from typing import Final

INTENTS: Final = """
CREATE TABLE payment_intent (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    device TEXT NOT NULL,
    state TEXT NOT NULL,
    is_over INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX payment_intent_of_order ON payment_intent (order_id);
CREATE INDEX payment_intent_due ON payment_intent (next_at) WHERE is_over = 0;
CREATE INDEX payment_intent_on_no_bill ON payment_intent (created_at) WHERE state = 'APPROVED';

CREATE TABLE card_refund (
    id TEXT PRIMARY KEY,
    intent_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    state TEXT NOT NULL,
    reference TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX card_refund_of_intent ON card_refund (intent_id);
CREATE INDEX card_refund_due ON card_refund (next_at) WHERE state = 'WAITING';
"""
