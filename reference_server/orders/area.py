"""The writes of orders: open, change, send, serve, close, void, merge and split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reference_server.area import Area, Wish, Write
from reference_server.catalogue import availability
from reference_server.deps import Deps
from reference_server.effect import Effect
from reference_server.filling import Fields, Filler
from reference_server.orders import approved, decide, receipts
from reference_server.orders.in_shift import with_shift
from reference_server.payments import claims
from reference_server.storage import entities
from reference_server.storage.seam import Connection
from shared.domain.approvals import needs_judging
from shared.domain.command import OrderCommand
from shared.domain.commands import CloseOrder, Operation, SendToKitchen
from shared.domain.order import Order
from shared.domain.refunds import RefundOrder
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.versioned import Versioned
from shared.ids import OrderId, is_ulid
from shared.wire.requests import SHAPES, Kind


def _find(tx: Connection, asked: Write) -> Order | None:
    """The order that the path names; for a create the order that has its id already, mostly None."""
    if asked.entity_id is None:
        wanted = asked.body.get("id")
        return entities.order(tx, wanted) if isinstance(wanted, str) and is_ulid(wanted) else None
    order = entities.order(tx, asked.entity_id) if is_ulid(asked.entity_id) else None
    if order is None:
        raise CommandRejected(Refusal.NOT_FOUND, "This order is not known here.")
    return order


def _load(tx: Connection, command: Operation) -> Order | None:
    assert isinstance(command, OrderCommand), "an order's path names an order"
    return entities.order(tx, command.order_id)


def _fill(filler: Filler, asked: Write, order: Versioned | None) -> Fields:
    if asked.kind is Kind.CREATE_ORDER:
        return filler.create(asked.body)
    assert isinstance(order, Order), "only a create is about nothing yet"
    return filler.about(asked.kind, asked.body, order_id=OrderId(order.id), order=order)


def _decide(tx: Connection, deps: Deps, wish: Wish) -> Effect:
    command, order = wish.command, wish.entity
    assert isinstance(command, OrderCommand), "an order's path names an order"
    assert order is None or isinstance(order, Order), "an order's path names an order"
    effect = decide.decide(tx, wish.restaurant, command=command, order=order, author=wish.author, now_ms=wish.now_ms)
    is_live = wish.judge is not None  # what is done again after a restore may not end what a till saw approved
    if deps.gateway is not None and is_live and isinstance(effect.primary, Order):
        effect = effect._replace(changed=(*effect.changed, *claims.not_waited_for(tx, order, effect.primary)))
    effect = availability.counted(tx, wish.restaurant, effect)
    if wish.told is not None:
        effect = receipts.with_receipt(tx, wish.told, effect, now_ms=wish.now_ms)
    return with_shift(tx, wish.restaurant, command=command, before=order, effect=effect, author=wish.author)


def _approve(tx: Connection, wish: Wish, effect: Effect) -> None:
    command, order = wish.command, wish.entity
    if isinstance(command, OrderCommand) and isinstance(order, Order) and needs_judging(command):
        assert wish.judge is not None, "who has to approve is asked with a judge"
        approved.refuse(tx, wish.judge, command=command, order=order, effect=effect)


def _answer(effect: Effect, bodies: Mapping[str, bytes]) -> bytes:
    """The order as it was just written; to its own fields come those of `wire.answers.OrderAnswer`."""
    body = bodies.get(effect.primary.id) or effect.primary.to_json()
    late = b"null" if effect.follow_up is None else bodies[effect.follow_up.id]
    others = b",".join(bodies.get(one.id) or one.to_json() for one in effect.others)
    surplus = str(effect.surplus_minor).encode()
    return body[:-1] + b',"surplusMinor":' + surplus + b',"followUp":' + late + b',"others":[' + others + b"]}"


def _moments(command: Operation, now: str) -> dict[str, object]:
    """Those of payments and of paper."""
    if isinstance(command, CloseOrder):
        payments = tuple(
            payment.model_copy(update={"taken_at": now}) if payment.taken_at > now else payment
            for payment in command.payments
        )
        return {"payments": payments}
    if isinstance(command, RefundOrder):
        refunds = tuple(one.model_copy(update={"given_at": min(one.given_at, now)}) for one in command.refunds)
        return {"refunds": refunds}
    if isinstance(command, SendToKitchen) and command.paper_at is not None:
        return {"paper_at": min(command.paper_at, now)}
    return {}


AREA: Final = Area(
    kinds=frozenset(kind for kind, shape in SHAPES.items() if issubclass(shape.model, OrderCommand)),
    find=_find,
    load=_load,
    body=entities.order_body,
    fill=_fill,
    decide=_decide,
    approve=_approve,
    answer=_answer,
    moments=_moments,
)
