"""`/payments/intents`: an intent, or its end, is durable before it is answered; the cashier tells the gateway."""

from __future__ import annotations

from typing import Final

from reference_server.area import Area, Wish, Write
from reference_server.deps import Deps
from reference_server.effect import Effect, Used
from reference_server.exchange import Problem, Response
from reference_server.filling import Fields, Filler
from reference_server.people.roles import EVERYBODY, SALES
from reference_server.rows import Asked, Row, written
from reference_server.storage import entities, payment_intents, used_ids
from reference_server.storage.seam import Connection
from shared.domain.cancelling import CancelIntent, cancelled
from shared.domain.commands import Operation
from shared.domain.order import Order
from shared.domain.payment_intent import BY_GATEWAY, EXPIRES_MS, OpenIntent, PaymentIntent
from shared.domain.rejections import CommandRejected, Refusal, over
from shared.domain.totals import totals_of_order
from shared.domain.versioned import Versioned
from shared.ids import is_ulid
from shared.times import from_rfc3339, to_rfc3339
from shared.wire.payments import INTENTS
from shared.wire.requests import Kind


def _find(tx: Connection, asked: Write) -> Order | PaymentIntent | None:
    """The order that is to be paid, or the intent that is to be cancelled: a refusal shows it."""
    if asked.kind is Kind.CANCEL_INTENT:
        intent = payment_intents.get(tx, asked.entity_id or "")
        if intent is None:
            raise CommandRejected(Refusal.NOT_FOUND, "This payment is not known here.")
        return intent
    wanted = asked.body.get("orderId")
    return entities.order(tx, wanted) if isinstance(wanted, str) and is_ulid(wanted) else None


def _load(tx: Connection, command: Operation) -> Order | PaymentIntent | None:
    if isinstance(command, CancelIntent):
        return payment_intents.get(tx, command.intent_id)
    assert isinstance(command, OpenIntent), "only an intent is made here"
    return entities.order(tx, command.order_id)


def _fill(filler: Filler, asked: Write, _: Versioned | None) -> Fields:
    """An intent without a name is named after its key: that is the gateway's, too."""
    if asked.entity_id is not None:
        return filler.start(asked.body, intentId=asked.entity_id)
    body = {name: value for name, value in asked.body.items() if name not in ("id", "orderId")}
    fields = filler.start(body, intentId=asked.body.get("id") or filler.operation_id)
    return fields | {name: asked.body[name] for name in ("orderId",) if name in asked.body}


def _decide(tx: Connection, deps: Deps, wish: Wish) -> Effect:
    """The intent as it will be. Only reads; raises CommandRejected for what must not be charged, and for what was."""
    command, order = wish.command, wish.entity
    if isinstance(command, CancelIntent):
        return _ended(command, order)
    assert isinstance(command, OpenIntent), "only an intent is made here"
    if deps.gateway is None:
        raise CommandRejected(Refusal.FORBIDDEN, "Card and mobile money are not set up on this server. Take cash.")
    if command.method not in BY_GATEWAY:
        raise CommandRejected(Refusal.INVALID, "Cash needs no gateway: it is recorded when the order is closed.")
    if not isinstance(order, Order):
        raise CommandRejected(Refusal.NOT_FOUND, "This order is not known here. Take cash, or wait until it is.")
    if not order.is_open:
        raise over(order)
    is_used = used_ids.orders_of(tx, Used.PAYMENT, (command.intent_id,))
    if is_used or payment_intents.body_of(tx, command.intent_id) is not None:
        raise CommandRejected(Refusal.INVALID, "There is a payment with this id already. A new one needs a new id.")
    _refuse_too_much(tx, order, command)
    intent = PaymentIntent(
        id=command.intent_id,
        order_id=order.id,
        method=command.method,
        amount_minor=command.amount,
        tip_minor=command.tip,
        created_at=to_rfc3339(wish.now_ms),
        expires_at=to_rfc3339(from_rfc3339(command.at) + EXPIRES_MS),  # one that was long on its way charges nobody
        device=wish.author.device_id,
    )
    return Effect(intent, (intent,), status=201)


def _ended(command: CancelIntent, intent: Versioned | None) -> Effect:
    if not isinstance(intent, PaymentIntent):
        raise CommandRejected(Refusal.NOT_FOUND, f"The payment {command.intent_id} is not known here.")
    after = cancelled(intent)
    return Effect(after, () if after is intent else (after,))


def _refuse_too_much(tx: Connection, order: Order, command: OpenIntent) -> None:
    """No guest is asked for more than the order owes, and not by two tills for the same."""
    asked_minor = sum(one.amount_minor for one in payment_intents.of_order(tx, order.id) if one.state.holds_money)
    owed_minor = totals_of_order(order).total_minor - order.applied_minor
    if command.amount <= owed_minor - asked_minor:
        return
    if asked_minor and command.amount <= owed_minor:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION,
            f"Order {order.number} is being paid by card or mobile money already. Wait for what becomes of that.",
        )
    raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"Order {order.number} owes less than that by now.")


def _show(tx: Connection, _: Deps, asked: Asked) -> Response:
    """How far it is. Moves no money."""
    body = payment_intents.body_of(tx, asked.params["entity"])
    if body is None:
        raise Problem(404, "This payment is not known here.")
    return Response(200, body)


AREA: Final = Area(
    kinds=frozenset({Kind.OPEN_INTENT, Kind.CANCEL_INTENT}),
    find=_find,
    load=_load,
    body=payment_intents.body_of,
    fill=_fill,
    decide=_decide,
    moves_on=True,
)

ROWS: Final = (
    written(
        Kind.OPEN_INTENT,
        "Ask a guest for money by card or mobile money",
        area="payments",
        answer=PaymentIntent,
        roles=SALES,
    ),
    written(
        Kind.CANCEL_INTENT,
        "Stop asking a guest for money by card or mobile money",
        area="payments",
        answer=PaymentIntent,
        roles=SALES,
    ),
    Row(
        *("GET", f"{INTENTS}/{{entity}}", "How far a payment is", "payments", PaymentIntent),
        read=_show,
        roles=EVERYBODY,
    ),
)
