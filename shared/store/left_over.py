"""What becomes of what was tapped on a follow-up order that the server did not make.

A till predicts the order that its close leaves over. If another till voided or paid those lines meanwhile, the server
makes none, and what was tapped there would wait for an order that never comes.
"""

from collections.abc import Sequence
from typing import Any, Final

from shared.database import Connection
from shared.domain.closing import follow_up_id
from shared.domain.command import OrderCommand
from shared.domain.commands import AddLine, ChangeOrder, CloseOrder, CreateOrder
from shared.domain.model import MAX_NUMBER_CHARS
from shared.domain.moves import SplitOrder
from shared.domain.order import Order, follow_up_number
from shared.ids import TIME_LENGTH, OperationId, OrderId, derived_id
from shared.store import alerts, entities, outbox
from shared.store.dependants import Unsettled
from shared.store.outcomes import Deferred, Failed, FailReason, Flight, Outcome
from shared.wire.requests import MONEY_KINDS, Kind, decode, order_lane

_GONE: Final = "What the bill before left open was paid or voided on another till."
_OPEN_AGAIN: Final = "The bill before was resolved by hand, and its order is open again."

_NOT_MADE: Final = Failed(FailReason.CONFLICT, None, "Nothing was left over, so there is no such order.", b"")


def after_a_close(tx: Connection, flight: Flight, outcome: Outcome, *, now_ms: int) -> set[str]:
    """To be called when a close was settled. Returns the ids that changed.

    New lines and money that name a follow-up order which the server did not make get a real one under its id, in the
    close's place and so before them: a guest's food and cash need no order that is left over. Without either, what
    names that order is given to a person in one alert.
    """
    if flight.kind not in MONEY_KINDS or isinstance(outcome, Deferred) or outbox.lanes_of(tx, flight.seq):
        return set()
    paid = next((one for one in outcome.entities if isinstance(one, Order) and one.id == flight.entity_id), None)
    late_id = follow_up_id(OrderId(flight.entity_id))
    if paid is None or entities.order(tx, late_id) is not None or any(line.moved_to == late_id for line in paid.lines):
        return set()
    orphans = _orphans(tx, late_id)
    if any(_wants_an_order(one) for one in orphans):
        outbox.append(tx, _create(flight, paid, late_id), now_ms=now_ms, place=_place_of(tx, flight))
        return {order_lane(late_id)}
    return _give_to_a_person(tx, orphans, order_id=late_id, why=_GONE, now_ms=now_ms)


def number_of(tx: Connection, order_id: OrderId) -> str | None:
    """The number of the follow-up order that has this id; None where the till knows no order that it could follow.

    Who opens an order under such an id is not alone: another till may have foreseen it too. Under this number the
    server knows the two for one, and the lines of both come to be on it.
    """
    time = order_id[:TIME_LENGTH]
    for (known,) in tx.execute("SELECT id FROM server_order WHERE id >= ? AND id < ? || 'a'", (time, time)):
        before = entities.order(tx, known) if follow_up_id(OrderId(known)) == order_id else None
        if before is not None:
            return follow_up_number(before)[:MAX_NUMBER_CHARS]
    return None


def without_a_close(tx: Connection, flight: Flight, *, now_ms: int) -> set[str]:
    """To be called when a person gave a close up and it has left its lanes. Returns the ids that changed.

    Nothing is left over then: the order is open as it was. Money that was taken on the predicted one stands for itself.
    """
    late_id = follow_up_id(OrderId(flight.entity_id))
    if entities.order(tx, late_id) is not None:
        return set()
    orphans = [one for one in _orphans(tx, late_id) if one.kind not in MONEY_KINDS]
    return _give_to_a_person(tx, orphans, order_id=late_id, why=_OPEN_AGAIN, now_ms=now_ms)


def after_a_split(tx: Connection, seq: int, outcome: Outcome, *, now_ms: int) -> set[str]:
    """To be called when an operation was settled or given up. Returns the ids that changed.

    Money that was taken on the order which a split did not make, this one or one that went along with it, gets a real
    order under its id, before it: cash is recorded.
    """
    if not isinstance(outcome, Failed) or outcome.reason.holds:
        return set()
    changed: set[str] = set()
    for place, split in _splits(tx, seq):
        new_id = split.new_order_id
        if entities.order(tx, new_id) is None and any(one.kind in MONEY_KINDS for one in _orphans(tx, new_id)):
            create = CreateOrder(
                id=OperationId(derived_id(split.id, "split")),
                actor_id=split.actor_id,
                at=split.at,
                order_id=new_id,
                number=split.number,
                table_id=split.table_id,
                guests=split.guests,
            )
            outbox.append(tx, create, now_ms=now_ms, place=place)
            changed.add(order_lane(new_id))
    return changed


def _splits(tx: Connection, seq: int) -> list[tuple[int, SplitOrder]]:
    """The split that was settled, and those that a conflict took along, each with its place."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        """SELECT place, id, path, body FROM operation WHERE seq = ?1 AND kind = ?2 UNION ALL
           SELECT place, id, path, body FROM operation
           WHERE settled_at = (SELECT settled_at FROM operation WHERE seq = ?1 AND reason = 'CONFLICT')
           AND reason = 'CONFLICT' AND last_status IS NULL AND kind = ?2 AND seq <> ?1 ORDER BY place""",
        (seq, Kind.SPLIT_ORDER),
    ).fetchall()
    found = []
    for place, id_, path, body in rows:
        split = decode(Kind.SPLIT_ORDER, operation_id=id_, path=path, body=body)
        assert isinstance(split, SplitOrder), "the kind says so"
        found.append((int(place), split))
    return found


def _orphans(tx: Connection, late_id: OrderId) -> list[Unsettled]:
    """What names an order that nobody makes; nothing where this till makes it itself."""
    found = [one for one in outbox.unsettled(tx, order_lane(late_id)) if _is_about(one, late_id)]
    return [] if found and isinstance(found[0].command, CreateOrder) else found


def _give_to_a_person(
    tx: Connection, orphans: list[Unsettled], *, order_id: OrderId, why: str, now_ms: int
) -> set[str]:
    for one in orphans:
        outbox.fail(tx, one.seq, _NOT_MADE, now_ms=now_ms)
    if not orphans:
        return set()
    alerts.raise_not_made(tx, orphans[0].seq, order_id=order_id, why=why, now_ms=now_ms)
    return {order_lane(order_id), "alerts"}


def _is_about(one: Unsettled, order_id: OrderId) -> bool:
    return isinstance(one.command, OrderCommand) and one.command.order_id == order_id


def _wants_an_order(one: Unsettled) -> bool:
    """Whether it makes sense also where nothing was left over: new lines, or money that was taken."""
    changes = one.command.changes if isinstance(one.command, ChangeOrder) else ()
    return one.kind in MONEY_KINDS or any(isinstance(change, AddLine) for change in changes)


def _create(flight: Flight, paid: Order, late_id: OrderId) -> CreateOrder:
    close = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
    assert isinstance(close, CloseOrder), "money is carried by closes"
    return CreateOrder(
        id=OperationId(derived_id(flight.id, "follow-up")),
        actor_id=close.actor_id,
        at=close.at,
        order_id=late_id,
        number=follow_up_number(paid)[:MAX_NUMBER_CHARS],
        table_id=paid.table_id,
        channel=paid.channel,
        guests=paid.guests,
    )


def _place_of(tx: Connection, flight: Flight) -> int:
    place: int = tx.execute("SELECT place FROM operation WHERE seq = ?", (flight.seq,)).get
    return place
