"""Intents as they stand, when the gateway is to hear of each next, and the refunds that it has to make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from reference_server.storage import parsed
from reference_server.storage.seam import Connection
from shared.domain.payment_intent import IntentState, PaymentIntent
from shared.times import from_rfc3339

_PUT: Final = """
INSERT INTO payment_intent (id, order_id, device, state, is_over, next_at, tries, created_at, body)
VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, is_over = excluded.is_over, next_at = excluded.next_at,
    tries = 0, body = excluded.body
"""

_OF_ORDER: Final = "SELECT body FROM payment_intent WHERE order_id = ? ORDER BY created_at, id"


def get(tx: Connection, intent_id: str) -> PaymentIntent | None:
    """The intent with this id."""
    body = body_of(tx, intent_id)
    return None if body is None else parsed.entity(PaymentIntent, body)


def of_order(tx: Connection, order_id: str) -> tuple[PaymentIntent, ...]:
    """The intents of an order, oldest first."""
    rows = tx.execute(_OF_ORDER, (order_id,)).fetchall()
    return tuple(PaymentIntent.model_validate_json(bytes(body)) for (body,) in rows)


def body_of(tx: Connection, intent_id: str) -> bytes | None:
    """The intent's JSON as it travels."""
    body = tx.execute("SELECT body FROM payment_intent WHERE id = ?", (intent_id,)).get
    return None if body is None else bytes(body)


def put(tx: Connection, intent: PaymentIntent, *, next_ms: int) -> None:
    """Write an intent as it stands now; the gateway is due at `next_ms`."""
    due = (intent.state.value, int(intent.is_over), next_ms, from_rfc3339(intent.created_at))
    tx.execute(_PUT, (intent.id, intent.order_id, intent.device, *due, intent.to_json()))


def claim_due(tx: Connection, *, now_ms: int, longest_ms: int, until_ms: int, limit: int) -> tuple[PaymentIntent, ...]:
    """The intents of which the gateway is to hear now. Nobody else gets them before `until_ms`.

    What seems to be due later than the longest pause (the clock was set back) is due.
    """
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        "UPDATE payment_intent SET next_at = ?3, tries = tries + 1 WHERE id IN (SELECT id FROM payment_intent"
        " WHERE is_over = 0 AND (next_at <= ?1 OR next_at > ?2) ORDER BY next_at LIMIT ?4) RETURNING body",
        (now_ms, now_ms + longest_ms, until_ms, limit),
    ).fetchall()
    return tuple(PaymentIntent.model_validate_json(bytes(body)) for (body,) in rows)


def is_due(tx: Connection, *, now_ms: int, longest_ms: int) -> bool:
    """Whether the gateway is to hear of anything now."""
    due = "next_at <= ?1 OR next_at > ?2"
    return bool(
        tx.execute(
            f"SELECT EXISTS (SELECT 1 FROM payment_intent WHERE is_over = 0 AND ({due}))"  # noqa: S608 - our own text
            f" OR EXISTS (SELECT 1 FROM card_refund WHERE state = 'WAITING' AND ({due}))",
            (now_ms, now_ms + longest_ms),
        ).get
    )


def tries(tx: Connection, intent_id: str) -> int:
    """How often the gateway was to hear of it since its state changed last."""
    return int(tx.execute("SELECT tries FROM payment_intent WHERE id = ?", (intent_id,)).get or 0)


def again_at(tx: Connection, intent_id: str, next_ms: int) -> None:
    """Nothing new came of it: the gateway is due again then."""
    tx.execute("UPDATE payment_intent SET next_at = ? WHERE id = ?", (next_ms, intent_id))


def on_no_bill(tx: Connection, *, before_ms: int, limit: int) -> tuple[PaymentIntent, ...]:
    """What was approved, was made before this moment, and is on no bill yet."""
    rows = tx.execute(
        "SELECT body FROM payment_intent WHERE state = ? AND created_at < ? ORDER BY created_at LIMIT ?",
        (IntentState.APPROVED.value, before_ms, limit),
    ).fetchall()
    return tuple(PaymentIntent.model_validate_json(bytes(body)) for (body,) in rows)


def not_ended(tx: Connection, *, before_ms: int, limit: int) -> tuple[PaymentIntent, ...]:
    """What was made before this moment, was not approved, and is not ended at the gateway yet."""
    rows = tx.execute(
        "SELECT body FROM payment_intent WHERE is_over = 0 AND created_at < ? ORDER BY created_at LIMIT ?",
        (before_ms, limit),
    ).fetchall()
    return tuple(PaymentIntent.model_validate_json(bytes(body)) for (body,) in rows)


class RefundState(StrEnum):
    """Where a refund stands."""

    WAITING = "WAITING"
    DONE = "DONE"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class RefundRow:
    """Money of an intent that goes back to the guest, under a ULID of its own."""

    id: str
    intent_id: str
    amount_minor: int
    state: RefundState = RefundState.WAITING
    reference: str = ""


_REFUND: Final = "SELECT id, intent_id, amount, state, reference FROM card_refund"


def refund(tx: Connection, refund_id: str) -> RefundRow | None:
    """The refund with this id."""
    return next(_refunds(tx.execute(f"{_REFUND} WHERE id = ?", (refund_id,)).fetchall()), None)


def add_refund(tx: Connection, row: RefundRow, *, now_ms: int) -> None:
    """A refund that the gateway has to make; one that is there already stays as it is."""
    tx.execute(
        "INSERT INTO card_refund (id, intent_id, amount, state, reference, next_at, tries, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (id) DO NOTHING",
        (row.id, row.intent_id, row.amount_minor, row.state.value, row.reference, now_ms, now_ms),
    )


def refunded_minor(tx: Connection, intent_id: str) -> int:
    """What of an intent was refunded or is to be, less what the gateway refused."""
    return int(
        tx.execute(
            "SELECT coalesce(sum(amount), 0) FROM card_refund WHERE intent_id = ? AND state <> 'REFUSED'", (intent_id,)
        ).get
    )


def claim_refunds(tx: Connection, *, now_ms: int, longest_ms: int, until_ms: int, limit: int) -> tuple[RefundRow, ...]:
    """The refunds that the gateway is to make now. Nobody else gets them before `until_ms`."""
    rows = tx.execute(
        "UPDATE card_refund SET next_at = ?3, tries = tries + 1 WHERE id IN (SELECT id FROM card_refund"
        " WHERE state = 'WAITING' AND (next_at <= ?1 OR next_at > ?2) ORDER BY next_at LIMIT ?4)"
        " RETURNING id, intent_id, amount, state, reference",
        (now_ms, now_ms + longest_ms, until_ms, limit),
    ).fetchall()
    return tuple(_refunds(rows))


def refund_tries(tx: Connection, refund_id: str) -> int:
    """How often the gateway was told to make it."""
    return int(tx.execute("SELECT tries FROM card_refund WHERE id = ?", (refund_id,)).get or 0)


def settle_refund(tx: Connection, refund_id: str, *, state: RefundState, reference: str, next_ms: int) -> None:
    """What the gateway said of a refund; while it waits it is due again at `next_ms`."""
    tx.execute(
        "UPDATE card_refund SET state = ?, reference = ?, next_at = ? WHERE id = ?",
        (state.value, reference, next_ms, refund_id),
    )


def _refunds(rows: Iterable[tuple[Any, ...]]) -> Iterator[RefundRow]:
    return (RefundRow(one, intent_id, amount, RefundState(state), ref) for one, intent_id, amount, state, ref in rows)
