"""Putting on again what a conflict kept out: the same lines in new operations, on the order, its heir or a new one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared.database import Connection
from shared.domain.closing import follow_up_id
from shared.domain.command import OrderCommand
from shared.domain.commands import (
    AddLine,
    Change,
    ChangeOrder,
    CreateOrder,
    NewLine,
    OrderOperation,
    SendToKitchen,
    ServeOrder,
    SetSeat,
    VoidLine,
    VoidOrder,
)
from shared.domain.intents import Scene
from shared.domain.order import Line, Order, Orders
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.together import apply_all, orders_of
from shared.ids import LineId, OperationId, OrderId, StaffId, derived_id
from shared.store import alerts, outbox, scenes
from shared.store.dependants import lines_named
from shared.store.taps import Teller, numbers_of
from shared.wire.requests import Kind, decode, order_lane

AGAIN_KINDS: Final = (
    Kind.CREATE_ORDER,
    Kind.CHANGE_ORDER,
    Kind.SEND_TO_KITCHEN,
    Kind.FIRE_COURSE,
    Kind.MERGE_ORDER,
    Kind.SPLIT_ORDER,
)
"""What can be put on again, by itself or with what it took along; the rest follows one of these or lost its sense."""

MOST_FOLLOW_UPS: Final = 8
"""So often is one evening's table paid while somebody orders on; what stands further on is put on again by hand."""


def put_on_again(
    tx: Connection, operation_id: str, *, new_id: str, actor_id: str, at: str, teller: Teller, now_ms: int
) -> frozenset[str]:
    """Reissue a conflict with all that it took along, in their order, under ids made from `new_id`.

    Each on its order if that is still open, knowing what the server says of it now, or on the order where its line is
    by now; else on the open order that was left over; else its lines go on a new order at the same table. The lines
    keep their ULIDs, so none can be there twice. A second tap changes nothing. Returns the ids that changed. Raises
    CommandRejected when the rules refuse it on the view as it is; then nothing is written.
    """
    if outbox.knows(tx, _id(new_id, 0)):
        return frozenset()
    kept = kept_out(tx, operation_id)
    if not kept:
        return frozenset()
    known = _scenes(tx, kept, teller)
    orders = {order_id: scene.order for order_id, scene in known.items() if scene.order is not None}
    again = _on_open_orders(kept, known, orders, new_id=new_id)
    if not again:
        before = orders.get(kept[0].order_id)
        again = _on_a_new_order(kept, before, new_id=new_id, actor_id=actor_id, at=at, teller=teller, tx=tx)
    for operation in again:
        orders |= apply_all(orders, operation, teller.author_of(operation.actor_id))
        outbox.append(tx, operation, now_ms=now_ms)
    seq: int = tx.execute("SELECT seq FROM operation WHERE id = ?", (operation_id,)).get
    alerts.record_choice_on(tx, seq, choice="put on again", actor_id=actor_id, now_ms=now_ms)
    changed = {kept[0].order_id, *(order_id for operation in again for order_id in orders_of(operation))}
    return frozenset({*map(order_lane, changed), "alerts"})


def kept_out(tx: Connection, operation_id: str) -> tuple[OrderOperation, ...]:
    """What a conflict kept out: itself and what it took along, in the order in which they were made.

    They were settled together, in one transaction, so they carry one moment; only the first had an answer. Some may
    stand on an order that its own leaves over, or on one to which lines were to go: what is taken along is looked for
    there too. What another conflict of that moment took along is about other orders.
    """
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        """SELECT o.id, o.kind, o.path, o.body FROM operation AS first JOIN operation AS o
           ON o.settled_at = first.settled_at AND o.reason = 'CONFLICT'
           AND (o.seq = first.seq OR (o.last_status IS NULL AND (o.place, o.seq) > (first.place, first.seq)))
           WHERE first.id = ? AND first.reason = 'CONFLICT' ORDER BY o.place, o.seq""",
        (operation_id,),
    ).fetchall()
    found = (decode(Kind(kind), operation_id=id_, path=path, body=body) for id_, kind, path, body in rows)
    wanted = (CreateOrder, ChangeOrder, SendToKitchen, ServeOrder, VoidOrder)
    kept: list[OrderOperation] = []
    about: set[str] = set()
    for command in found:
        if isinstance(command, OrderCommand) and (not about or not about.isdisjoint(orders_of(command))):
            about.update(*map(_with_follow_ups, orders_of(command)))
            kept += [command] if isinstance(command, wanted) else []
    return tuple(kept)


def _with_follow_ups(order_id: OrderId) -> frozenset[str]:
    """The order and those that may be left over from it, one from the other."""
    ids = [order_id]
    for _ in range(MOST_FOLLOW_UPS):
        ids.append(follow_up_id(ids[-1]))
    return frozenset(ids)


def _scenes(tx: Connection, kept: Sequence[OrderOperation], teller: Teller) -> dict[str, Scene]:
    """The orders that these commands are about as this till sees them, and those that have taken over from them."""
    named = {line_id for command in kept for line_id in lines_named(command)}
    waiting = [order_id for command in kept for order_id in orders_of(command)]
    known: dict[str, Scene] = {}
    while waiting:
        order_id = waiting.pop()
        if order_id in known:
            continue
        known[order_id] = scene = scenes.of_order(tx, order_id, author_of=teller.author_of).scene
        if scene.order is not None:
            waiting += [line.moved_to for line in scene.order.lines if line.moved_to and line.id in named]
            waiting += [] if scene.order.is_open else [_next(scene.order)]
    return known


def _on_open_orders(
    kept: Sequence[OrderOperation], known: Mapping[str, Scene], orders: Orders, *, new_id: str
) -> tuple[OrderOperation, ...]:
    """The same commands, made anew on what is known of their orders now; each part goes where its line is."""
    stands_on: dict[LineId, tuple[OrderId, Line | None]] = {
        line.id: (order.id, line) for order in orders.values() if order.is_open for line in order.standing_lines
    }
    again: list[OrderOperation] = []
    for command in kept:
        own = _open_from(command.order_id, orders)
        if own is None:
            continue
        parts: dict[OrderId, list[Change]] = {}
        to_send: dict[OrderId, list[LineId]] = {}
        held: tuple[LineId, ...] = ()
        if isinstance(command, SendToKitchen):
            held = command.held_ids or ()
            for line_id in command.line_ids:
                if line_id in stands_on or own == command.order_id:
                    to_send.setdefault(stands_on.get(line_id, (own,))[0], []).append(line_id)
        elif not isinstance(command, CreateOrder | ChangeOrder):
            again += [command.model_copy(update={"id": _id(new_id, len(again))})] if own == command.order_id else []
        else:
            for change in _changes(command):
                if isinstance(change, AddLine):
                    stands_on.setdefault(change.line.id, (own, None))
                    parts.setdefault(own, []).append(change)
                elif (place := _place(change, stands_on, own=own, of=command.order_id)) is not None:
                    parts.setdefault(place, []).append(change)
        for order_id, changes in parts.items():
            said: dict[str, Any] = {"id": _id(new_id, len(again)), "actor_id": command.actor_id, "at": command.at}
            version = known[order_id].base_version
            again.append(ChangeOrder(order_id=order_id, base_version=version, changes=tuple(changes), **said))
        for order_id, line_ids in to_send.items():
            held_ids = tuple(i for i in held if stands_on.get(i, (own,))[0] == order_id) or None
            update = {"id": _id(new_id, len(again)), "order_id": order_id, "line_ids": tuple(line_ids)}
            again.append(command.model_copy(update={**update, "held_ids": held_ids}))
    return tuple(again)


def _open_from(order_id: OrderId, orders: Orders) -> OrderId | None:
    """The order if it is open, else its heir, or the first open one that was left over from it."""
    order = orders.get(order_id)
    for _ in orders:
        if order is None or order.is_open:
            break
        order = orders.get(_next(order))
    return None if order is None or not order.is_open else order.id


def _next(order: Order) -> OrderId:
    """Where it went on with an order that is over."""
    return follow_up_id(order.id) if order.merged_into is None else order.merged_into


def _changes(command: CreateOrder | ChangeOrder) -> tuple[Change, ...]:
    return tuple(AddLine(line=i) for i in command.items) if isinstance(command, CreateOrder) else command.changes


def _place(
    change: Change, stands_on: Mapping[LineId, tuple[OrderId, Line | None]], *, own: OrderId, of: OrderId
) -> OrderId | None:
    """The order on which a change of the order `of` makes sense by now; None if on none.

    `own` is that order, or the open one that was left over from it. There and where its line went, only what is still
    true of the line fits.
    """
    line_id = getattr(change, "line_id", None)
    if line_id is None:
        return own if own == of else None
    place, line = stands_on.get(line_id, (own if own == of else None, None))
    if place in (None, of) or line is None:
        return place
    return place if line.ticket_id is None or isinstance(change, VoidLine | SetSeat) else None


def _on_a_new_order(
    kept: Sequence[OrderOperation],
    before: Order | None,
    *,
    new_id: str,
    actor_id: str,
    at: str,
    teller: Teller,
    tx: Connection,
) -> tuple[OrderOperation, ...]:
    """Their lines, and of those what was to be sent. A change of a line that was paid meanwhile has lost its sense."""
    lines = _lines(kept)
    if not lines:
        return _nothing()
    opened = next((one for one in kept if isinstance(one, CreateOrder)), None)
    about: Any = before if before is not None else opened
    order_id = OrderId(derived_id(new_id, "order"))
    said: dict[str, Any] = {"actor_id": StaffId(actor_id), "at": at, "order_id": order_id}
    create = CreateOrder(
        id=_id(new_id, 0),
        number=numbers_of(tx, teller.letter).new_order(),
        **said,
        **({} if about is None else {"table_id": about.table_id, "channel": about.channel, "guests": about.guests}),
    )
    add = ChangeOrder(id=_id(new_id, 1), base_version=0, changes=tuple(AddLine(line=line) for line in lines), **said)
    wanted = {line_id for one in kept if isinstance(one, SendToKitchen) for line_id in one.line_ids}
    to_send = tuple(line.id for line in lines if line.id in wanted)
    send = (SendToKitchen(id=_id(new_id, 2), line_ids=to_send, **said),) if to_send else ()
    return (create, add, *send)


def _lines(kept: Sequence[OrderOperation]) -> tuple[NewLine, ...]:
    lines: list[NewLine] = []
    for command in kept:
        if isinstance(command, CreateOrder):
            lines += command.items
        elif isinstance(command, ChangeOrder):
            lines += [change.line for change in command.changes if isinstance(change, AddLine)]
    return tuple(lines)


def _nothing() -> tuple[OrderOperation, ...]:
    raise CommandRejected(Refusal.INVALID, "Nothing of this can be put on again: what it changed is paid or gone.")


def _id(new_id: str, place: int) -> OperationId:
    return OperationId(derived_id(new_id, f"again {place}"))
