"""*Give back*: what a bill brought that its order does not owe goes back on record, by the way in which it came.

The alert asks for it; given without a word, it would be missing from the drawer, and the next who reads of it would
give it once more. The server alone knows what others gave back meanwhile, so it has to be there.
"""

from dataclasses import dataclass
from typing import Any, Final

from shared.database import Connection
from shared.domain.bill import Method
from shared.domain.commands import CloseOrder
from shared.domain.order import Order
from shared.domain.refunds import NewRefund, RefundOrder
from shared.domain.returns import left_of_payment
from shared.ids import OperationId, OrderId, PaymentId, StaffId, derived_id
from shared.store import alerts, entities, outbox, taps
from shared.store.mending import NotMendable
from shared.store.outcomes import Status
from shared.store.taps import Teller
from shared.wire.requests import Kind, decode, order_lane

GIVEN_BACK: Final = "given back"
"""The choice that stands on the alert."""
REASON: Final = "More was paid than the order owes"

_BILL: Final = """SELECT o.seq, o.path, o.body FROM operation AS o JOIN alert AS a ON a.operation_seq = o.seq
    WHERE o.id = ? AND o.kind = ? AND o.status = ? AND a.kind = ? AND a.choice IS NULL"""


@dataclass(frozen=True, slots=True)
class Part:
    """So much in minor units, how it goes back, and the payment that it was; None for what several paid together."""

    payment_id: PaymentId | None
    method: Method
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What of an order's money waits for its guest; no part where somebody has given it back."""

    order_id: OrderId
    parts: tuple[Part, ...]

    @property
    def has_cash(self) -> bool:
        """Whether a part of it goes out of the drawer."""
        return any(part.method is Method.CASH for part in self.parts)


def of_bill(tx: Connection, operation_id: str | None) -> Owed | None:
    """What this bill brought that its order could not use and nobody gave back, as far as this till has heard.

    None where nobody asks for it, where the order left this till, or while a refund of it is on its way.
    """
    row: tuple[Any, ...] | None = tx.execute(
        _BILL, (operation_id, Kind.CLOSE_ORDER, Status.SUCCESS, alerts.SURPLUS)
    ).fetchone()
    if row is None or operation_id is None:
        return None
    _, path, body = row
    close = decode(Kind.CLOSE_ORDER, operation_id=operation_id, path=path, body=body)
    assert isinstance(close, CloseOrder), "the kind says so"
    order = entities.order(tx, close.order_id)
    if order is None or _is_going_back(tx, order):
        return None
    return Owed(order.id, _parts(order, frozenset(payment.id for payment in close.payments)))


def on_order(tx: Connection, order_id: str) -> Owed | None:
    """All that waits of an order's money, also what a gateway has refused to give back.

    None for one not known here, or while a refund of it is on its way.
    """
    order = entities.order(tx, order_id)
    if order is None or _is_going_back(tx, order):
        return None
    parts = _parts(order, frozenset(payment.id for payment in order.payments))
    rest_minor = order.unapplied_minor - sum(part.amount_minor for part in parts)
    return Owed(order.id, (*parts, *((Part(None, Method.CASH, rest_minor),) if rest_minor > 0 else ())))


def give_back(
    tx: Connection,
    *,
    bill_id: str = "",
    order_id: str = "",
    new_id: str,
    actor_id: str,
    at: str,
    teller: Teller,
    now_ms: int,
) -> frozenset[str]:
    """Give back what waits of a bill, whose alert is answered by it, or of an order: in cash here, or to the card.

    `new_id` was made when its button was shown. Returns the ids that changed. Raises NotMendable where nothing waits
    any more, and CommandRejected where the server is not there or the person may not; then nothing is written.
    """
    if outbox.knows(tx, new_id):
        return frozenset()
    found = of_bill(tx, bill_id) if bill_id else on_order(tx, order_id)
    if found is None or not found.parts:
        raise NotMendable(
            f"{bill_id or order_id}: nothing is owed", advice="Somebody has given it back, or is about to."
        )
    refunds = tuple(
        NewRefund(
            id=PaymentId(derived_id(new_id, f"back {place}")),
            method=part.method,
            amount=part.amount_minor,
            given_at=at,
            payment_id=part.payment_id,
        )
        for place, part in enumerate(found.parts)
    )
    refund = RefundOrder(
        id=OperationId(new_id),
        actor_id=StaffId(actor_id),
        at=at,
        order_id=found.order_id,
        line_ids=(),
        refunds=refunds,
        reason=REASON,
    )
    changed = taps.accept(tx, refund, teller=teller, now_ms=now_ms)
    if bill_id:
        seq: int = tx.execute("SELECT seq FROM operation WHERE id = ?", (bill_id,)).get
        alerts.record_choice_on(tx, seq, choice=GIVEN_BACK, actor_id=actor_id, now_ms=now_ms)
    return changed | {"alerts"}


def _parts(order: Order, own: frozenset[str]) -> tuple[Part, ...]:
    """What of these payments waits. What a gateway has refused to give back is given in cash."""
    refused = {money.payment_id for one in order.returns for money in one.money if money.refused}
    left_minor = order.unapplied_minor
    parts = []
    for payment in order.payments:
        most_minor = min(payment.unapplied_minor, left_of_payment(order, payment.id), left_minor)
        if payment.id in own and most_minor > 0:
            method = Method.CASH if payment.id in refused else payment.method
            parts.append(Part(payment.id, method, most_minor))
            left_minor -= most_minor
    return tuple(parts)


def _is_going_back(tx: Connection, order: Order) -> bool:
    """Whether a refund is on its way already: what is left after it only the server can say."""
    return any(one.kind is Kind.REFUND_ORDER for one in outbox.unsettled(tx, order_lane(order.id)))
