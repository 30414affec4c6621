"""Takes what is due to the gateway, in three steps: written down, told without any transaction, written down.

Level-triggered: rows say what is due, so a server that died anywhere goes on where it was. What was being told then is
in doubt, and what is in doubt is only asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from reference_server.deps import Deps
from reference_server.effect import Alert, Used
from reference_server.gateway import CALL_LIMIT_S, Gateway, Refunded, RefundRefused, RefundWord
from reference_server.payments import refunding
from reference_server.storage import alerts, entities, healing, payment_intents, used_ids
from reference_server.storage.payment_intents import RefundRow, RefundState
from reference_server.storage.seam import Connection
from shared.domain.bill import Payment
from shared.domain.order import Order
from shared.domain.payment_intent import (
    IntentState,
    LastWord,
    NoWord,
    PaymentIntent,
    Step,
    Word,
    called,
    heard,
    next_step,
    recorded,
)
from shared.ids import OperationId, derived_id
from shared.wire.healing import Phase

#: So many answers of the gateway are waited for at once.
AT_ONCE: Final = 8
#: Who took an errand has it so long; then the gateway's answer is taken for lost, and somebody else asks.
LEASE_MS: Final = int(CALL_LIMIT_S * 1000) + 2000
#: While a guest stands there it is asked every second, later less and less often.
ASK_EVERY_MS: Final = 1000
PAUSES_MS: Final = (1000, 1000, 2000, 5000, 15_000, 30_000, 60_000)
LONGEST_MS: Final = 120_000
"""Nothing is due later than this, whatever a clock did."""
#: A person is told of what was charged and is on no bill, and of what the gateway does not end, after so long.
REMIND_MS: Final = 15 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that the gateway is to hear; that it is about to is written down."""

    what: PaymentIntent | RefundRow
    step: Step | None
    currency: str


def is_due(tx: Connection, deps: Deps) -> bool:
    """Whether the gateway is to hear of anything. Costs a look into two small indexes."""
    return payment_intents.is_due(tx, now_ms=deps.clock.now_ms(), longest_ms=LONGEST_MS)


def take(tx: Connection, deps: Deps) -> tuple[Errand, ...]:
    """The first step: what is due, each written down as about to be told. While the server is healed, nothing."""
    now = healing.current(tx)
    if now is not None and now.phase in (Phase.REPORTING, Phase.APPLYING):
        return ()
    now_ms = deps.clock.now_ms()
    currency = deps.catalogue.now(tx).business.currency_code
    claim = {"now_ms": now_ms, "longest_ms": LONGEST_MS, "until_ms": now_ms + LEASE_MS, "limit": AT_ONCE}
    found: list[Errand] = []
    for intent in payment_intents.claim_due(tx, **claim):
        step = next_step(intent, now_ms=now_ms)
        told = intent
        if step is Step.CALL:
            told = called(intent)
            payment_intents.put(tx, told, next_ms=now_ms + LEASE_MS)
        if step is not None:
            found.append(Errand(told, step, currency))
    found += (Errand(row, None, currency) for row in payment_intents.claim_refunds(tx, **claim))
    return tuple(found)


def tell(gateway: Gateway, errand: Errand) -> Word | LastWord | RefundWord:
    """The second step, in no transaction: the gateway hears of it. Takes as long as the gateway takes."""
    match errand.what:
        case RefundRow() as row:
            return gateway.refund(row.intent_id, refund_id=row.id, amount_minor=row.amount_minor)
        case PaymentIntent() as intent:
            match errand.step:
                case Step.CALL:
                    return gateway.charge(intent, currency=errand.currency)
                case Step.CLEAR:
                    return gateway.end(intent.id)
                case _:
                    return gateway.state(intent.id)


def settle(tx: Connection, deps: Deps, errand: Errand, *, word: Word | LastWord | RefundWord, listened_ms: int) -> None:
    """The third step: write down what the gateway said, with what follows from it, in one transaction.

    `listened_ms` is for how long this server has asked it, by a stopwatch.
    """
    if isinstance(errand.what, RefundRow):
        assert isinstance(word, Refunded | RefundRefused | NoWord), "a refund is answered like one"
        _settle_refund(tx, deps, errand.what, word=word)
        return
    assert not isinstance(word, Refunded | RefundRefused), "a charge is answered like one"
    now_ms = deps.clock.now_ms()
    intent = payment_intents.get(tx, errand.what.id)
    if intent is None:
        return
    after = heard(intent, word, now_ms=now_ms, listened_ms=listened_ms)
    if after is intent:
        pause_ms = ASK_EVERY_MS if intent.state.is_waiting else _pause_ms(payment_intents.tries(tx, intent.id))
        payment_intents.again_at(tx, intent.id, now_ms + pause_ms)
        return
    due_ms = now_ms + (ASK_EVERY_MS if after.state.is_waiting else 0)
    payment_intents.put(tx, after, next_ms=due_ms)
    match after.state:
        case IntentState.VOIDED:
            words = "was approved too late and has been taken back: the guest has paid nothing by it."
            _tell_person(tx, deps, after, kind="late_voided", words=words)
        case IntentState.UNAPPLIED:
            _put_on_order(tx, deps, after)
            words = "was approved too late and can't be taken back: refund it?"
            _tell_person(tx, deps, after, kind="late_unapplied", words=words)
        case _:
            pass


def remind(tx: Connection, deps: Deps, *, limit: int = 20) -> None:
    """Tell a person what nobody has come for: charged and on no bill, or not ended at the gateway."""
    before_ms = deps.clock.now_ms() - REMIND_MS
    for intent in payment_intents.on_no_bill(tx, before_ms=before_ms, limit=limit):
        words = "was approved and is on no bill. Close the order with it, or refund it."
        order = entities.order(tx, intent.order_id)
        if order is not None and not order.is_open:
            _put_on_order(tx, deps, intent)
            payment_intents.put(tx, recorded(intent), next_ms=deps.clock.now_ms())
            words = "was approved, and its till has not come for it; the order was ended otherwise: refund it?"
        _tell_person(tx, deps, intent, kind="on_no_bill", words=words)
    for intent in payment_intents.not_ended(tx, before_ms=before_ms, limit=limit):
        words = "was not approved in time, and the gateway does not say whether it charged. Look there."
        _tell_person(tx, deps, intent, kind="not_ended", words=words)


def _settle_refund(tx: Connection, deps: Deps, row: RefundRow, *, word: RefundWord) -> None:
    now_ms = deps.clock.now_ms()
    known = payment_intents.refund(tx, row.id)
    if known is None or known.state is not RefundState.WAITING:
        return
    match word:
        case Refunded(reference):
            payment_intents.settle_refund(tx, row.id, state=RefundState.DONE, reference=reference, next_ms=now_ms)
        case RefundRefused(reason):
            payment_intents.settle_refund(tx, row.id, state=RefundState.REFUSED, reference="", next_ms=now_ms)
            refunding.refused(tx, row, now_ms=now_ms)
            intent = payment_intents.get(tx, row.intent_id)
            if intent is not None:
                amount = deps.catalogue.now(tx).business.currency.text(row.amount_minor, symbol=True)
                words = f"was to be refunded by {amount}, and the gateway refused: {reason} Give it back in cash?"
                _tell_person(tx, deps, intent, kind="refund_refused", words=words, about=f"Refund {row.id}")
        case NoWord():
            pause_ms = _pause_ms(payment_intents.refund_tries(tx, row.id))
            payment_intents.settle_refund(
                tx, row.id, state=RefundState.WAITING, reference="", next_ms=now_ms + pause_ms
            )
        case _:
            assert_never(word)


def _put_on_order(tx: Connection, deps: Deps, intent: PaymentIntent) -> None:
    """Money taken is a fact: it stands on its order as not applied, all of it, whatever became of the order."""
    order = entities.order(tx, intent.order_id)
    if order is None or used_ids.orders_of(tx, Used.PAYMENT, (intent.id,)):
        return
    used_ids.use(tx, ((Used.PAYMENT, intent.id),), order_id=order.id)
    by = OperationId(derived_id(intent.id, "late"))
    entities.store(tx, (_with_late(order, intent),), by=by, at_ms=deps.clock.now_ms())


def _with_late(order: Order, intent: PaymentIntent) -> Order:
    payment = Payment(
        id=intent.id,
        method=intent.method,
        amount_minor=intent.charge_minor,
        tendered_minor=intent.charge_minor,
        taken_at=intent.created_at,
        unapplied_minor=intent.charge_minor,
        reference=intent.reference or None,
    )
    return order.model_copy(update={"payments": (*order.payments, payment), "version": order.version + 1})


def _tell_person(tx: Connection, deps: Deps, intent: PaymentIntent, *, kind: str, words: str, about: str = "") -> None:
    """One alert for one thing, however often it is noticed."""
    restaurant = deps.catalogue.now(tx)
    order = entities.order(tx, intent.order_id)
    where = "?" if order is None else f"{order.number} ({restaurant.floor.table_name(order.table_id)})"
    amount = restaurant.business.currency.text(intent.charge_minor, symbol=True)
    method = intent.method.value.lower().replace("_", " ")
    alert = Alert(
        kind, intent.order_id, f"Order {where}: {amount} by {method} {words} ({about or f'Payment {intent.id}'})"
    )
    if not alerts.was_raised(tx, alert):
        by = OperationId(derived_id(intent.id, kind))
        alerts.raise_alert(tx, alert, by=by, at_ms=deps.clock.now_ms())


def _pause_ms(tries: int) -> int:
    return PAUSES_MS[min(tries, len(PAUSES_MS) - 1)]
