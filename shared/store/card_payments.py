"""Payments by card and mobile money of this till: stored before anybody is asked, and asked for at most once.

What was sent is never sent again: after any doubt only its state is asked. When it is approved, the close of the bill
that was on the screen goes into the outbox in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.database import Connection
from shared.domain.bill import Method
from shared.domain.by_gateway import PayByGateway, close_by, wish_of
from shared.domain.cancelling import CANCELLED, CancelIntent
from shared.domain.commands import CloseOrder
from shared.domain.intents import lines_of
from shared.domain.payment_intent import EXPIRES_MS, IntentState, PaymentIntent
from shared.domain.rejections import CommandRejected, Refusal
from shared.ids import OperationId, PaymentId, StaffId, derived_id
from shared.store import outbox, receipts, scenes, shifts, taps
from shared.store.outcomes import Flight
from shared.store.taps import Teller
from shared.times import to_rfc3339
from shared.wire.requests import SHAPES, Kind, encode, lanes_of, order_lane

GIVEN_UP_MS: Final = EXPIRES_MS + 30_000
"""What the server has not heard of by then it will not charge any more, should the request still arrive."""

CARDS: Final = "cards"
"""What is announced beside the order when a payment moves on."""


@dataclass(frozen=True, slots=True)
class CardPayment:
    """How far a payment is, for a screen. `message` says why, in words."""

    id: str
    order_id: str
    wish: PayByGateway
    state: IntentState
    is_sent: bool
    message: str
    created_at_ms: int
    answer: PaymentIntent | None
    cancel: bytes | None = None
    """The request that stops asking the guest; a person wants it, and the server has not had its last word."""

    @property
    def method(self) -> Method:
        """Card or mobile money."""
        return self.wish.method


@dataclass(slots=True)
class CardBook:
    """What the window's side and the sending side of a till share about these payments."""

    teller: Teller
    is_new: bool = True
    """There may be one that was not looked at yet: at the start, and after each that a person began."""
    sent_s: dict[str, float] = field(default_factory=dict)
    """When this program sent each that is open, by its stopwatch: the clock may be set while a request is on its way.

    Of one that a program before it sent: when the server first said to this one that it does not know it."""


_COLUMNS: Final = "SELECT id, order_id, wish, state, is_sent, message, created_at, answer, cancel FROM payment_intent"
_OPEN: Final = f"{_COLUMNS} WHERE settled_at IS NULL ORDER BY created_at, id"


def begin(tx: Connection, intent: PayByGateway, *, teller: Teller, now_ms: int) -> frozenset[str]:
    """Store what a person wants, with the request that will ask for it. The same intention again changes nothing.

    Raises CommandRejected with the words in which the screen offers cash instead; then nothing was written.
    """
    if tx.execute("SELECT 1 FROM payment_intent WHERE id = ?", (intent.payment_id,)).fetchone() is not None:
        return frozenset()
    now = last_of(tx, intent.order_id)
    if now is not None and now.state.is_waiting:
        raise CommandRejected(Refusal.INVALID, "This order is being paid already. Wait for what becomes of that.")
    taps.require_numbers(tx, teller.letter)  # who can print no receipt charges nobody
    seen = scenes.of_order(tx, intent.order_id, author_of=teller.author_of)
    is_synced = seen.server is not None and not seen.unsettled
    wish = wish_of(intent, seen.scene, author=teller.author_of(intent.actor_id), is_synced=is_synced)
    encoded = encode(wish)
    tx.execute(
        "INSERT INTO payment_intent (id, order_id, wish, path, body, state, is_sent, message, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 0, '', ?)",
        (wish.intent_id, wish.order_id, intent.to_json(), encoded.path, encoded.body, IntentState.CREATED, now_ms),
    )
    return frozenset({order_lane(intent.order_id), CARDS})


def cancel(tx: Connection, payment_id: str, *, actor_id: str, now_ms: int) -> frozenset[str]:
    """Stop asking the guest. What was never sent is over at once; else only the server can say what becomes of it."""
    payment = _of(tx, payment_id)
    if payment is None or not payment.state.is_waiting or payment.cancel is not None:
        return frozenset()
    if not payment.is_sent:
        _settle(tx, payment_id, IntentState.EXPIRED, message=CANCELLED, now_ms=now_ms)
    else:
        at, about = to_rfc3339(now_ms), PaymentId(payment_id)
        wish = CancelIntent(id=_cancel_id(payment_id), actor_id=StaffId(actor_id), at=at, intent_id=about)
        tx.execute("UPDATE payment_intent SET cancel = ? WHERE id = ?", (encode(wish).body, payment_id))
    return _changed(payment)


def cancelling(payment: CardPayment) -> Flight | None:
    """The request that stops asking the guest, the same at each try; None where nobody wanted that."""
    if payment.cancel is None:
        return None
    shape = SHAPES[Kind.CANCEL_INTENT]
    path, lanes, key = shape.path.format(entity=payment.id), (order_lane(payment.order_id),), _cancel_id(payment.id)
    body, made_ms = payment.cancel, payment.created_at_ms
    return Flight(0, key, Kind.CANCEL_INTENT, shape.method, path, body, lanes, payment.id, 1, 0, made_ms)


def _cancel_id(payment_id: str) -> OperationId:
    return OperationId(derived_id(payment_id, "cancel"))


def last_of(tx: Connection, order_id: str) -> CardPayment | None:
    """The payment of an order that waits, whatever the clock said when it was made; else the newest."""
    rows = tx.execute(
        f"{_COLUMNS} WHERE order_id = ? ORDER BY settled_at IS NOT NULL, created_at DESC, id DESC LIMIT 1", (order_id,)
    )
    return next((_payment(row) for row in rows), None)


def open_ones(tx: Connection) -> tuple[CardPayment, ...]:
    """Those of which nobody knows yet what becomes of them, oldest first."""
    return tuple(_payment(row) for row in tx.execute(_OPEN).fetchall())


def take_unsent(tx: Connection, *, now_ms: int) -> tuple[Flight | None, frozenset[str]]:
    """Mark the next that was never sent as sent, and hand it out: from here on it may have been charged. What changed.

    One at a time: what waits for the answer to another is not in doubt, and can be cancelled or be too late meanwhile.
    Not while its order has something that the server has not settled; what waited too long is never sent. What was
    made by a clock that was ahead is as old as the moment in which that is known: else it stood in doubt till then.
    """
    tx.execute("UPDATE payment_intent SET created_at = ? WHERE settled_at IS NULL AND created_at > ?", (now_ms, now_ms))
    changed: frozenset[str] = frozenset()
    for payment in open_ones(tx):
        if payment.is_sent:
            continue
        if now_ms - payment.created_at_ms >= EXPIRES_MS:
            _settle(tx, payment.id, IntentState.EXPIRED, message="It was not asked for in time.", now_ms=now_ms)
            changed |= _changed(payment)
        elif not outbox.unsettled(tx, order_lane(payment.order_id)):
            tx.execute(
                "UPDATE payment_intent SET is_sent = 1, state = ? WHERE id = ?", (IntentState.IN_DOUBT, payment.id)
            )
            return _flight(tx, payment), changed | _changed(payment)
    return None, changed


def heard(tx: Connection, payment_id: str, told: PaymentIntent, *, teller: Teller, now_ms: int) -> frozenset[str]:
    """Store how far the server says it is; with *approved* the close of its bill, in this one transaction."""
    payment = _of(tx, payment_id)
    if payment is None or not payment.state.is_waiting:
        return frozenset()
    tx.execute("UPDATE payment_intent SET answer = ? WHERE id = ?", (told.to_json(), payment_id))
    if told.state.is_waiting:
        tx.execute("UPDATE payment_intent SET state = ? WHERE id = ?", (told.state, payment_id))
        return _changed(payment) if told.state is not payment.state else frozenset()
    _settle(tx, payment_id, told.state, message=told.reason, now_ms=now_ms)
    if not told.state.is_paid:
        return _changed(payment)
    close = _close(tx, payment, told, teller=teller, now_ms=now_ms)
    outbox.append(tx, shifts.in_shift(tx, close, asked_ms=payment.created_at_ms), now_ms=now_ms)
    return _changed(payment) | frozenset(lanes_of(close))


def _close(tx: Connection, payment: CardPayment, told: PaymentIntent, *, teller: Teller, now_ms: int) -> CloseOrder:
    """The close of its bill with its receipt; without one where this file gives no number: the guest has paid."""
    at = to_rfc3339(now_ms)
    try:
        number = taps.numbers_of(tx, teller.letter).new_receipt()
    except CommandRejected:
        return close_by(payment.wish, told, at=at, receipt_number=None)
    seen = scenes.of_order(tx, payment.order_id, author_of=teller.author_of)
    return receipts.put(tx, close_by(payment.wish, told, at=at, receipt_number=number), lines_of(seen.scene))


def refused(tx: Connection, payment_id: str, message: str, *, now_ms: int) -> frozenset[str]:
    """The server did not take it: nobody was charged, and the words say why."""
    payment = _of(tx, payment_id)
    if payment is None or not payment.state.is_waiting:
        return frozenset()
    _settle(tx, payment_id, IntentState.DECLINED, message=message, now_ms=now_ms)
    return _changed(payment)


def unknown(tx: Connection, payment_id: str, *, waited_s: float, now_ms: int) -> frozenset[str]:
    """The server has never heard of it. It may be on its way still; once its time is over, it charges nobody.

    `waited_s` is how long this program has waited for it, by the stopwatch: no clock that is wrong gives it up early.
    """
    payment = _of(tx, payment_id)
    if payment is None or not payment.state.is_waiting:
        return frozenset()
    if round(waited_s * 1000) < GIVEN_UP_MS:
        return frozenset()
    _settle(tx, payment_id, IntentState.EXPIRED, message="The server was not reached in time.", now_ms=now_ms)
    return _changed(payment)


def _settle(tx: Connection, payment_id: str, state: IntentState, *, message: str, now_ms: int) -> None:
    tx.execute(
        "UPDATE payment_intent SET state = ?, message = ?, settled_at = ? WHERE id = ?",
        (state, message, now_ms, payment_id),
    )


def _changed(payment: CardPayment) -> frozenset[str]:
    return frozenset({order_lane(payment.order_id), CARDS})


def _of(tx: Connection, payment_id: str) -> CardPayment | None:
    rows = tx.execute(f"{_COLUMNS} WHERE id = ?", (payment_id,))
    return next((_payment(row) for row in rows), None)


def _payment(row: Sequence[Any]) -> CardPayment:
    payment_id, order_id, wish, state, is_sent, message, created_at, answer, cancel = row
    return CardPayment(
        payment_id,
        order_id,
        PayByGateway.model_validate_json(bytes(wish)),
        IntentState(state),
        bool(is_sent),
        message,
        created_at,
        None if answer is None else PaymentIntent.model_validate_json(bytes(answer)),
        None if cancel is None else bytes(cancel),
    )


def _flight(tx: Connection, payment: CardPayment) -> Flight:
    path, body = tx.execute("SELECT path, body FROM payment_intent WHERE id = ?", (payment.id,)).get
    lanes = (order_lane(payment.order_id),)
    return Flight(
        0, payment.id, Kind.OPEN_INTENT, "POST", path, bytes(body), lanes, payment.id, 1, 0, payment.created_at_ms
    )
