"""*Moved*: money that was taken for lines which stand on another order by now is counted there, once, and on record.

A guest pays while another till merges the tables. The money is a fact of the order that it was taken for, where nothing
is owed any more, and what the guest ate would be asked for a second time. So the same bill is told for the order where
its lines are: what others have there goes on an order of its own, as after every close that does not name all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.database import Connection
from shared.domain.bill import Method
from shared.domain.commands import CloseOrder, NewPayment
from shared.domain.order import Order
from shared.domain.refunds import NewRefund, RefundOrder
from shared.ids import OperationId, OrderId, PaymentId, StaffId, derived_id
from shared.store import again, alerts, entities, mending, outbox, taps
from shared.store.dependants import lines_named, money_back_id
from shared.store.mending import NotMendable, Resolution
from shared.store.outcomes import FailReason, Status
from shared.store.taps import Teller
from shared.wire.requests import Kind, decode, order_lane

ORDER_LANE: Final = order_lane("")
MOST_MOVES: Final = 20
"""So often a line goes from order to order on one evening at most."""

_COLUMNS: Final = """SELECT o.seq, o.path, o.body, o.status, o.reason, o.settled_at,
    (SELECT detail FROM alert WHERE operation_seq = o.seq AND kind = ? AND choice IS NULL),
    EXISTS (SELECT 1 FROM alert WHERE operation_seq = o.seq AND choice IS NULL)
    FROM operation AS o WHERE o.id = ? AND o.kind = ?"""

_KEPT_OUT: Final = """SELECT o.id FROM alert AS a JOIN operation AS o ON o.seq = a.operation_seq
    WHERE a.choice IS NULL AND o.entity_id = ? AND o.reason = 'CONFLICT'"""

#: The bill stands in the lane of what gives its money back, too: it goes when the server has said yes to that.
_BEHIND: Final = "INSERT INTO operation_lane (lane, place, seq) SELECT ?, place, seq FROM operation WHERE id = ?"


@dataclass(frozen=True, slots=True)
class _Bill:
    """A close whose money waits for somebody. `surplus_minor` is None where the server has nothing of it."""

    seq: int
    close: CloseOrder
    is_held: bool
    surplus_minor: int | None


def target(tx: Connection, operation_id: str) -> Order | None:
    """The open order where the lines of this bill are by now; None if its money has no other place than its own.

    So it is where nobody waits for a decision, where the lines are on several orders, and where this till has not heard
    of the one. What a card paid goes back to the card.
    """
    bill = _bill(tx, operation_id)
    if bill is None or any(payment.method is not Method.CASH for payment in bill.close.payments):
        return None
    places = {place for place, _ in _places(tx, bill.close)}
    found = entities.order(tx, places.pop()) if len(places) == 1 else None
    return found if found is not None and found.is_open else None


def move(
    tx: Connection,
    operation_id: str,
    *,
    new_id: str,
    actor_id: str,
    at: str,
    teller: Teller,
    now_ms: int,
    is_unknown: bool = False,
) -> frozenset[str]:
    """Count the money of a bill on the order where its lines are. `new_id` was made when its button was shown.

    What the server has nothing of is told once more as it was, for that order: the payment keeps its ULID. What it
    keeps as not applied is given back on the old order and then paid on the new one, so that the drawer is what it was;
    where the server does not give it back (somebody did), it is not paid either.
    Whether the person may is the caller's to check. Returns the ids that changed. Raises NotMendable where the money
    has no other place, and CommandRejected by the rules; then nothing is written.
    """
    if outbox.knows(tx, new_id):
        return frozenset()
    there, bill = target(tx, operation_id), _bill(tx, operation_id)
    if there is None or bill is None:
        raise NotMendable(f"{operation_id}: no place", advice="Its lines are on no one order that is open.")
    changed: set[str] = {"alerts", order_lane(bill.close.order_id)}
    if bill.surplus_minor is None:
        close = bill.close
    else:
        close = _for_the_surplus(tx, bill.close, bill.surplus_minor, there=there.id, new_id=new_id)
        changed |= taps.accept(tx, _given_back(bill, actor_id, new_id, at=at, to=there), teller=teller, now_ms=now_ms)
    anew = close.model_copy(update={"id": OperationId(new_id), "order_id": there.id})
    if bill.is_held:
        said = {"actor_id": actor_id, "now_ms": now_ms, "is_unknown": is_unknown}
        changed |= mending.resolve(tx, operation_id, resolution=Resolution.MOVED, **said)  # type: ignore[arg-type]
    else:
        alerts.record_choice_on(tx, bill.seq, choice=Resolution.MOVED, actor_id=actor_id, now_ms=now_ms)
    changed |= taps.accept(tx, anew, teller=teller, now_ms=now_ms)
    if bill.surplus_minor is not None:
        tx.execute(_BEHIND, (order_lane(bill.close.order_id), new_id))
    return frozenset(changed)


def is_for_more(tx: Connection, operation_id: str) -> bool:
    """Whether the bill was also for lines that a conflict kept out, and of which nobody has decided yet."""
    bill = _bill(tx, operation_id)
    if bill is None:
        return False
    kept = (again.kept_out(tx, str(one)) for (one,) in tx.execute(_KEPT_OUT, (bill.close.order_id,)).fetchall())
    named = {line_id for some in kept for command in some for line_id in lines_named(command)}
    return not named.isdisjoint(bill.close.line_ids)


def _bill(tx: Connection, operation_id: str) -> _Bill | None:
    """The close, if somebody's decision about its money is wanted still."""
    row: Sequence[Any] | None = tx.execute(_COLUMNS, (alerts.SURPLUS, operation_id, Kind.CLOSE_ORDER)).fetchone()
    if row is None:
        return None
    seq, path, body, status, reason, settled_at, surplus, is_told = row
    close = decode(Kind.CLOSE_ORDER, operation_id=operation_id, path=path, body=body)
    assert isinstance(close, CloseOrder), "the kind says so"
    if status == Status.FAILED:
        is_held = settled_at is None
        is_out = is_held or (reason == FailReason.CONFLICT and bool(is_told))
        return _Bill(seq, close, is_held, None) if is_out else None
    return None if surplus is None else _Bill(seq, close, is_held=False, surplus_minor=int(surplus))


def _places(tx: Connection, close: CloseOrder) -> list[tuple[OrderId, str]]:
    """Where the lines of a bill went, each with the line; those that stand where they were paid went nowhere.

    A line that never came to its order, since that was over by then, may stand on another one: it was added to the heir
    of a merged one, or put on again.
    """
    own = entities.order(tx, close.order_id)
    found = []
    for line_id in close.line_ids:
        if own is not None and own.line(line_id) is None:
            found += [(there, str(line_id)) for there in _open_orders_with(tx, line_id)]
            continue
        place: OrderId | None = close.order_id
        for _ in range(MOST_MOVES):
            order = None if place is None else entities.order(tx, place)
            line = None if order is None else order.line(line_id)
            if line is None or line.moved_to is None:
                is_there = line is not None and not line.voided and place != close.order_id
                found += [(place, str(line_id))] if is_there and place is not None else []
                break
            place = line.moved_to
    return found


def _open_orders_with(tx: Connection, line_id: str) -> list[OrderId]:
    """The open order on which this line stands, as far as this till has heard; a line stands on one at most."""
    ids = (lane.removeprefix(ORDER_LANE) for lane in entities.open_lanes(tx) if lane.startswith(ORDER_LANE))
    orders = (order for order_id in ids if (order := entities.order(tx, order_id)) is not None)
    return [one.id for one in orders if one.is_open and (line := one.line(line_id)) is not None and line.stands][:1]


def _for_the_surplus(
    tx: Connection, close: CloseOrder, surplus_minor: int, *, there: OrderId, new_id: str
) -> CloseOrder:
    """A bill over what its order could not use, for those of its lines that went away; its paper is out already."""
    lines = tuple(line_id for place, line_id in _places(tx, close) if place == there)
    payment = NewPayment(
        id=PaymentId(derived_id(new_id, "moved")),
        method=Method.CASH,
        amount=surplus_minor,
        tendered=surplus_minor,
        taken_at=close.payments[0].taken_at,
    )
    told = {"line_ids": lines, "total_minor": surplus_minor, "payments": (payment,)}
    return close.model_copy(update={**told, "receipt_number": None, "receipt_link": None, "shift_id": None})


def _given_back(bill: _Bill, actor_id: str, new_id: str, *, at: str, to: Order) -> RefundOrder:
    assert bill.surplus_minor is not None
    money = NewRefund(id=money_back_id(new_id), method=Method.CASH, amount=bill.surplus_minor, given_at=at)
    return RefundOrder(
        id=OperationId(derived_id(new_id, "given back")),
        actor_id=StaffId(actor_id),
        at=at,
        order_id=bill.close.order_id,
        line_ids=(),
        refunds=(money,),
        reason=f"Counted on order {to.number}",
    )
