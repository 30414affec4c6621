"""Pure: what depends on an operation that will not happen, of all that stands behind it."""

from collections.abc import Iterable
from typing import NamedTuple

from shared.domain.cancelling import CancelIntent
from shared.domain.commands import (
    AddLine,
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    Operation,
    SendToKitchen,
)
from shared.domain.discounts import ApplyDiscount, RemoveDiscount
from shared.domain.moves import SplitOrder, TransferLines
from shared.domain.payment_intent import OpenIntent
from shared.domain.refunds import RefundOrder
from shared.domain.shift_commands import HouseCommand
from shared.ids import PaymentId, derived_id
from shared.store.outcomes import FailReason, Status
from shared.wire.requests import MONEY_KINDS, Kind, lanes_of, order_lane


class Unsettled(NamedTuple):
    """An operation that is still in the fold of its lane, with its command read back from the frozen bytes.

    A tuple, since each tap makes one of everything that waits in its order's lane.
    """

    seq: int
    place: int
    status: Status
    reason: FailReason | None
    kind: Kind
    sends: int
    command: Operation


def of(command: Operation, following: Iterable[Unsettled]) -> list[Unsettled]:
    """What names a line that the command touched; behind a create or split, all that is done to the new order.

    So does what names a line or a discount that something which is taken along would have put there: it will not be.

    What was to carry lines to another order takes along what names any of them there: they do not come. Operations with
    money are never among it, since cash that was taken is always recorded; but for a bill that counts once more what
    was to be given back before: it was not.
    """
    gone = lines_named(command) | _given_by(command)
    not_made = _made_by(command)
    found = []
    for later in following:
        named, lanes = lines_named(later.command), lanes_of(later.command)
        is_nowhere = not not_made.isdisjoint(lanes)
        if is_nowhere and isinstance(later.command, CloseOrder):
            not_made.update(lanes)
        if later.status is Status.PENDING and is_moved(command, by=later.command):
            found.append(later)
            continue
        if later.status is not Status.PENDING or later.kind in MONEY_KINDS:
            continue
        if not is_nowhere and gone.isdisjoint(named | _put_back_by(later.command)):
            continue
        found.append(later)
        not_made |= _made_by(later.command)
        gone |= (named if len(lanes) > 1 else _added_by(later.command)) | _given_by(later.command)
    return found


def money_back_id(close_id: str) -> PaymentId:
    """The id of the money that is given back on one order so that this close can count it on another."""
    return PaymentId(derived_id(close_id, "back"))


def is_moved(command: Operation, *, by: Operation) -> bool:
    """Whether what this refund gives back is what that close counts on another order: no money leaves a drawer."""
    given_back = command.refunds if isinstance(command, RefundOrder) and isinstance(by, CloseOrder) else ()
    return any(one.id == money_back_id(by.id) for one in given_back)


def _made_by(command: Operation) -> set[str]:
    """The lanes of the orders that are not there without it; what a close leaves over is asked for where it stands."""
    if isinstance(command, SplitOrder):
        return {order_lane(command.new_order_id)}
    return set(lanes_of(command)) if isinstance(command, CreateOrder) else set()


def _added_by(command: Operation) -> set[str]:
    """The lines that are not there without it."""
    changes = command.changes if isinstance(command, ChangeOrder) else ()
    return {change.line.id for change in changes if isinstance(change, AddLine)}


def _given_by(command: Operation) -> set[str]:
    """The discounts that are not there without it."""
    changes = command.changes if isinstance(command, ChangeOrder) else ()
    return {change.id for change in changes if isinstance(change, ApplyDiscount)}


def _put_back_by(command: Operation) -> set[str]:
    """The discounts that have to be there for it."""
    changes = command.changes if isinstance(command, ChangeOrder) else ()
    return {change.discount_id for change in changes if isinstance(change, RemoveDiscount)}


def lines_named(command: Operation) -> set[str]:
    """The lines that a command touches."""
    match command:
        case ChangeOrder():
            return {line_id for change in command.changes for line_id in _lines_of(change)}
        case SendToKitchen():
            return set(command.named_ids)
        case CreateOrder():
            return {item.id for item in command.items}
        case OpenIntent() | CancelIntent() | HouseCommand():
            return set()
        case _:
            return set(command.line_ids)


def _lines_of(change: object) -> tuple[str, ...]:
    match change:
        case AddLine():
            return (change.line.id,)
        case TransferLines():
            return change.line_ids
        case _:
            line_id = getattr(change, "line_id", None)
            return () if line_id is None else (line_id,)
