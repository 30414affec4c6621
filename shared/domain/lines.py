"""Pure: how the lines and fields of an order change, and when a change is stale."""

from dataclasses import dataclass
from typing import assert_never

from shared.domain.commands import (
    AddLine,
    Change,
    ChangeOrder,
    MoveTable,
    NewLine,
    SetGuests,
    SetNote,
    SetQuantity,
    SetSeat,
    VoidLine,
)
from shared.domain.model import MAX_LINES
from shared.domain.order import Line, Order, Stamp
from shared.domain.rejections import CommandRejected, Refusal


@dataclass(frozen=True, slots=True)
class Author:
    """Whose command it is and in which business: what the rules need beside the command itself."""

    device_id: str
    actor_name: str = ""
    prices_include_tax: bool = True


def change(order: Order, command: ChangeOrder, author: Author) -> Order:
    """The order after all changes of the command; whole or, by CommandRejected, not at all."""
    if all(_is_in(order, one) for one in command.changes):
        return order
    if not order.is_open:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION,
            f"Order {order.number} is {order.state.lower()}.",
        )
    stamp = Stamp(version=order.version + 1, device=author.device_id)
    changed = order
    for one in command.changes:
        if not _is_in(order, one):
            changed = _apply_one(changed, one, base_version=command.base_version, stamp=stamp)
    applied = (
        *changed.applied,
        *(one.id for one in command.changes if not isinstance(one, AddLine)),
        command.id,
    )
    return changed.model_copy(update={"applied": tuple(dict.fromkeys(applied)), "version": order.version + 1})


def added(lines: tuple[Line, ...], new_lines: tuple[NewLine, ...], stamp: Stamp) -> tuple[Line, ...]:
    """The lines with new ones behind them; a line that is there already, in any state, stays as it is."""
    known = {line.id for line in lines}
    result = list(lines)
    for new in new_lines:
        if new.id not in known:
            known.add(new.id)
            result.append(line_from(new, stamp))
    if len(result) > MAX_LINES:
        raise CommandRejected(
            Refusal.INVALID,
            f"An order can have at most {MAX_LINES} lines. Open another order.",
        )
    return tuple(result)


def line_from(new: NewLine, stamp: Stamp) -> Line:
    """The line that a new one becomes; everything the menu knows must have been filled in (`menu.complete`)."""
    if new.name is None or new.price_minor is None or new.station is None or new.tax_bp is None:
        raise CommandRejected(Refusal.INVALID, f"Item {new.item_id} is not on the menu.")
    return Line(
        id=new.id,
        item_id=new.item_id,
        name=new.name,
        quantity=new.quantity,
        price_minor=new.price_minor,
        modifiers=new.modifiers,
        note=new.note,
        seat=new.seat,
        course=new.course or 1,
        tax_bp=new.tax_bp,
        station=new.station,
        stamp=stamp,
    )


def _is_in(order: Order, one: Change) -> bool:
    if isinstance(one, AddLine):
        return order.line(one.line.id) is not None
    return one.id in order.applied


def _apply_one(order: Order, one: Change, *, base_version: int, stamp: Stamp) -> Order:
    match one:
        case AddLine():
            return order.model_copy(update={"lines": added(order.lines, (one.line,), stamp)})
        case SetQuantity():
            line = _unsent(_fresh_line(order, one.line_id, base_version, stamp))
            return _with_line(order, line, {"quantity": one.quantity, "stamp": stamp})
        case SetNote():
            line = _unsent(_fresh_line(order, one.line_id, base_version, stamp))
            return _with_line(order, line, {"note": one.note, "stamp": stamp})
        case SetSeat():
            line = _fresh_line(order, one.line_id, base_version, stamp)
            return _with_line(order, line, {"seat": one.seat, "stamp": stamp})
        case VoidLine():
            line = _fresh_line(order, one.line_id, base_version, stamp)
            return _with_line(order, line, {"voided": True, "void_reason": one.reason, "stamp": stamp})
        case MoveTable():
            _check_fresh(order.table_stamp, base_version, stamp, what="The table of this order")
            return order.model_copy(update={"table_id": one.table_id, "table_stamp": stamp})
        case SetGuests():
            _check_fresh(order.guests_stamp, base_version, stamp, what="The number of guests")
            return order.model_copy(update={"guests": one.guests, "guests_stamp": stamp})
        case _:
            assert_never(one)


def _fresh_line(order: Order, line_id: str, base_version: int, stamp: Stamp) -> Line:
    line = order.line(line_id)
    if line is None:
        raise CommandRejected(Refusal.INVALID, f"Order {order.number} has no such line.")
    if line.moved_to is not None:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION,
            f"{line.name} moved to order {line.moved_to}.",
        )
    _check_fresh(line.stamp, base_version, stamp, what=line.name)
    if line.voided:
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"{line.name} was voided already.")
    return line


def _unsent(line: Line) -> Line:
    if line.ticket_id is not None:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION,
            f"{line.name} is in the kitchen. Add another line, or void this one.",
        )
    return line


def _check_fresh(last: Stamp, base_version: int, stamp: Stamp, *, what: str) -> None:
    """A device never conflicts with itself; from another one, what it had not seen makes the change stale."""
    if last.version > base_version and last.device != stamp.device:
        raise CommandRejected(Refusal.STALE_WRITE, f"{what} was changed on another device.")


def _with_line(order: Order, line: Line, update: dict[str, object]) -> Order:
    lines = tuple(one.model_copy(update=update) if one.id == line.id else one for one in order.lines)
    return order.model_copy(update={"lines": lines})
