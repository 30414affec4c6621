"""Pure: merged orders: which order is the heir, and what becomes there of a command that comes late."""

from typing import TypeVar

from shared.domain.commands import (
    AddLine,
    Change,
    ChangeOrder,
    MoveTable,
    OrderOperation,
    SendToKitchen,
    ServeOrder,
    SetGuests,
)
from shared.domain.discounts import ApplyDiscount, RemoveDiscount
from shared.domain.lines import Author, refuse_moved, refuse_stale, refuse_unheard_of
from shared.domain.moves import MergeOrder, SplitOrder, TransferLines
from shared.domain.order import Order, Orders
from shared.domain.rejections import CommandRejected, Refusal, over
from shared.ids import LineId, OrderId

Late = TypeVar("Late", bound=OrderOperation)


def heir_of(orders: Orders, order_id: str) -> Order | None:
    """The order, or what it was merged into at last; None where that is not known."""
    order = orders.get(order_id)
    for _ in orders:
        if order is None or order.merged_into is None:
            return order
        order = orders.get(order.merged_into)
    return None


def redirected(orders: Orders, command: OrderOperation, author: Author) -> OrderOperation | None:
    """The command as it is meant by now: on the heirs of orders that were merged; None if nothing is left to do.

    Lines that went along are changed, sent and served there. A change is as stale as it would be here: by what happened
    to its line before the merge, and after it. Money stays a fact of the order that it was taken for. What would touch
    more than its screen showed (its heir's table, the whole heir) is refused. Raises CommandRejected.
    """
    own, asked = orders.get(command.order_id), command.order_id
    for _ in orders:
        if own is None or own.merged_into is None or command.id in own.applied:
            break
        heir = orders.get(own.merged_into)
        match command:
            case ChangeOrder():
                changed = _changed(own, command, author)
                if changed is None:
                    return None
                command = changed
            case SendToKitchen():
                held_ids = None if command.held_ids is None else _still_there(own, command.held_ids)
                named = {"line_ids": _still_there(own, command.line_ids), "held_ids": held_ids}
                command = command.model_copy(update=named)
            case ServeOrder():
                command = command.model_copy(update={"line_ids": _still_there(own, command.line_ids)})
            case SplitOrder():
                refuse_unheard_of(own, command.base_version)
                for line_id in command.line_ids:
                    _refuse_gone(own, line_id, base_version=command.base_version, author=author)
                command = command.model_copy(update={"base_version": own.heir_version})
            case MergeOrder() if heir_of(orders, command.into_order_id) is heir_of(orders, own.id):
                return None
            case MergeOrder():
                raise over(own)
            case _:
                break
        if heir is None:
            raise over(own)
        command, own = command.model_copy(update={"order_id": heir.id}), heir
    return _to_heirs(orders, command, asked=asked) if isinstance(command, ChangeOrder) else command


def _changed(own: Order, command: ChangeOrder, author: Author) -> ChangeOrder | None:
    """The changes that the order has not seen, on its heir's version; None when it has seen all."""
    refuse_unheard_of(own, command.base_version)
    known = {*own.applied, *(line.id for line in own.lines)}
    new = tuple(one for one in command.changes if one.id not in known)
    for one in new:
        if isinstance(one, MoveTable | SetGuests) or _is_of_the_whole(one):
            raise over(own)
        for line_id in _lines_of(one):
            _refuse_gone(own, line_id, base_version=command.base_version, author=author)
    return command.model_copy(update={"changes": new, "base_version": own.heir_version}) if new else None


def _is_of_the_whole(change: Change) -> bool:
    """Whether it is a discount of the whole order: of its heir's lines its screen showed only some."""
    return isinstance(change, ApplyDiscount | RemoveDiscount) and change.line_id is None


def _lines_of(change: Change) -> tuple[LineId, ...]:
    match change:
        case AddLine() | MoveTable() | SetGuests():
            return ()
        case TransferLines():
            return change.line_ids
        case _:
            return () if change.line_id is None else (change.line_id,)


def _refuse_gone(own: Order, line_id: LineId, *, base_version: int, author: Author) -> None:
    """What the order remembers of a line as it was when it went to the heir. One that it never had came there later."""
    line = own.line(line_id)
    if line is None:
        return
    if line.moved_to != own.merged_into:
        refuse_moved(line)
    refuse_stale(line.stamp, base_version=base_version, device_id=author.device_id, what=line.name)
    if line.voided:
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"{line.name} was voided already.")


def _still_there(own: Order, line_ids: tuple[LineId, ...]) -> tuple[LineId, ...]:
    """The lines that went along; what was voided before is left out, as everywhere."""
    known = {line.id: line for line in own.lines}
    for line_id in line_ids:
        if line_id in known and known[line_id].moved_to != own.merged_into:
            refuse_moved(known[line_id])
    return tuple(line_id for line_id in line_ids if line_id not in known or not known[line_id].voided)


def _to_heirs(orders: Orders, command: ChangeOrder, *, asked: OrderId) -> ChangeOrder | None:
    """Lines that were to go to a merged order go to its heir; those that are there already go nowhere.

    `asked` is the order that the command names: lines of one that was merged into where they were to go are there too.
    """
    changes: list[Change] = []
    for one in command.changes:
        heir = heir_of(orders, one.to_order_id) if isinstance(one, TransferLines) else None
        if heir is None or not isinstance(one, TransferLines):
            changes.append(one)
        elif heir.id == command.order_id != asked or heir.id == command.order_id != one.to_order_id:
            continue
        else:
            changes.append(one if heir.id == one.to_order_id else one.model_copy(update={"to_order_id": heir.id}))
    if len(changes) == len(command.changes) and all(map(_is, changes, command.changes)):
        return command
    return command.model_copy(update={"changes": tuple(changes)}) if changes else None


def _is(one: object, other: object) -> bool:
    return one is other
