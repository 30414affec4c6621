"""Putting on again what a conflict kept out: the same lines in new operations, on the order, its heir or a new one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared.database import Connection
from shared.domain import rules
from shared.domain.closing import follow_up_id
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
from shared.domain.order import Line
from shared.domain.rejections import CommandRejected, Refusal
from shared.ids import LineId, OperationId, OrderId, StaffId, derived_id
from shared.store import alerts, outbox, scenes
from shared.store.taps import Teller, numbers_of
from shared.wire.requests import Kind, decode, order_lane

AGAIN_KINDS: Final = (Kind.CREATE_ORDER, Kind.CHANGE_ORDER, Kind.SEND_TO_KITCHEN)
"""What can be put on again by itself; the rest follows one of these or has lost its sense."""

MOST_FOLLOW_UPS: Final = 8
"""So often is one evening's table paid while somebody orders on; what stands further on is put on again by hand."""


def put_on_again(
    tx: Connection, operation_id: str, *, new_id: str, actor_id: str, at: str, teller: Teller, now_ms: int
) -> frozenset[str]:
    """Reissue a conflict with all that it took along, in their order, under ids made from `new_id`.

    On the order if that is still open, knowing what the server says of it now; else on the open order that it left
    over; else its lines go on a new order at the same table. The lines keep their ULIDs, so none can be there twice.
    A second tap changes nothing. Returns the ids that changed. Raises CommandRejected when the rules refuse it on the
    view as it is; then nothing is written.
    """
    if outbox.knows(tx, _id(new_id, 0)):
        return frozenset()
    kept = kept_out(tx, operation_id)
    if not kept:
        return frozenset()
    order_id = kept[0].order_id
    scene, open_scene = _scenes(tx, order_id, teller)
    again = () if open_scene is None else _on_an_order(kept, open_scene, new_id)
    order = None if open_scene is None or not again else open_scene.order
    if not again:
        again = _on_a_new_order(kept, scene, new_id=new_id, actor_id=actor_id, at=at, teller=teller, tx=tx)
    for operation in again:
        order = rules.apply(order, operation, teller.author_of(operation.actor_id))
        outbox.append(tx, operation, now_ms=now_ms)
    seq: int = tx.execute("SELECT seq FROM operation WHERE id = ?", (operation_id,)).get
    alerts.record_choice_on(tx, seq, choice="put on again", actor_id=actor_id, now_ms=now_ms)
    return frozenset({order_lane(order_id), order_lane(again[0].order_id), "alerts"})


def kept_out(tx: Connection, operation_id: str) -> tuple[OrderOperation, ...]:
    """What a conflict kept out: itself and what it took along, in the order in which they were made.

    They were settled together, in one transaction, so they carry one moment; only the first had an answer. Some may
    stand on an order that its own leaves over: what is taken along is looked for there too.
    """
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        """SELECT o.id, o.kind, o.path, o.body, o.entity_id, first.entity_id FROM operation AS first JOIN operation AS o
           ON o.settled_at = first.settled_at AND o.reason = 'CONFLICT'
           AND (o.seq = first.seq OR (o.last_status IS NULL AND (o.place, o.seq) > (first.place, first.seq)))
           WHERE first.id = ? AND first.reason = 'CONFLICT' ORDER BY o.place, o.seq""",
        (operation_id,),
    ).fetchall()
    its = _with_follow_ups(rows[0][5]) if rows else frozenset()
    found = (
        decode(Kind(kind), operation_id=id_, path=path, body=body)
        for id_, kind, path, body, entity_id, _ in rows
        if entity_id in its
    )
    wanted = (CreateOrder, ChangeOrder, SendToKitchen, ServeOrder, VoidOrder)
    return tuple(command for command in found if isinstance(command, wanted))


def _with_follow_ups(order_id: str) -> frozenset[str]:
    """The order and those that may be left over from it, one from the other."""
    ids = [OrderId(order_id)]
    for _ in range(MOST_FOLLOW_UPS):
        ids.append(follow_up_id(ids[-1]))
    return frozenset(ids)


def _scenes(tx: Connection, order_id: OrderId, teller: Teller) -> tuple[Scene, Scene | None]:
    """The order as this till sees it, and itself or the first open one that follows it; None when there is none."""
    first = scene = scenes.of_order(tx, order_id, author_of=teller.author_of).scene
    while scene.order is not None and not scene.order.is_open:
        scene = scenes.of_order(tx, follow_up_id(OrderId(scene.order.id)), author_of=teller.author_of).scene
    return first, None if scene.order is None else scene


def _on_an_order(kept: Sequence[OrderOperation], scene: Scene, new_id: str) -> tuple[OrderOperation, ...]:
    """The same commands, made anew on what is known of an order now; one that follows theirs takes what fits it."""
    assert scene.order is not None
    order_id = OrderId(scene.order.id)
    standing = {line.id: line for line in scene.order.standing_lines}
    on_it = standing.keys() | {line.id for line in _lines(kept)}
    again: list[OrderOperation] = []
    for command in kept:
        said: dict[str, Any] = {"id": _id(new_id, len(again)), "order_id": order_id}
        changes: tuple[Change, ...] = ()
        if isinstance(command, CreateOrder):
            changes = tuple(AddLine(line=line) for line in command.items)
        elif isinstance(command, ChangeOrder):
            changes = command.changes
        elif command.order_id == order_id:
            again.append(command.model_copy(update=said))
        elif isinstance(command, SendToKitchen) and (line_ids := tuple(i for i in command.line_ids if i in on_it)):
            again.append(command.model_copy(update={**said, "line_ids": line_ids}))
        if command.order_id != order_id:
            changes = tuple(one for one in changes if _fits(one, standing))
        if changes:
            said |= {"actor_id": command.actor_id, "at": command.at, "base_version": scene.base_version}
            again.append(ChangeOrder(changes=changes, **said))
    return tuple(again)


def _fits(change: Change, standing: Mapping[LineId, Line]) -> bool:
    """Whether a change of the order before makes sense on one that follows it and has these lines."""
    if isinstance(change, AddLine):
        return True
    line = standing.get(getattr(change, "line_id", LineId("")))
    return line is not None and (line.ticket_id is None or isinstance(change, VoidLine | SetSeat))


def _on_a_new_order(
    kept: Sequence[OrderOperation],
    scene: Scene,
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
    before = scene.order
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
