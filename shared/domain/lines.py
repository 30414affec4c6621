"""Pure: how the lines and fields of an order change, and when a change is stale."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, NoReturn, assert_never

from shared.domain.bill import Discount
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
from shared.domain.discounts import MAX_DISCOUNTS, ApplyDiscount, RemoveDiscount, parted
from shared.domain.kitchen_state import kitchen_without
from shared.domain.model import MAX_LINES, MAX_MINOR
from shared.domain.moves import TransferLines
from shared.domain.order import Line, Order, Stamp
from shared.domain.rejections import CommandRejected, Refusal, over
from shared.domain.totals import totals_of
from shared.ids import LineId

TOO_DEAR: Final = "This is more money than one bill can carry. Open another order."
_MOST_WITH_TAX: Final = 3
"""A tax of 100 %, which is the most that there is, makes twice the price; the rounding is less than another."""
TOO_MANY_LINES: Final = f"An order can have at most {MAX_LINES} lines. Open another order."


class Author(NamedTuple):
    """Whose command it is and in which business: what the rules need beside the command itself."""

    device_id: str
    actor_name: str = ""
    prices_include_tax: bool = True


def change(order: Order, command: ChangeOrder, author: Author) -> Order:
    """The order after all changes of the command; whole or, by CommandRejected, not at all."""
    new = _not_in_yet(order, command.changes)
    if not new:
        return order
    refuse_unheard_of(order, command.base_version)
    if not order.is_open:
        _refuse_closed(order, new)
    changed = _Changed(order, command, Stamp(version=order.version + 1, device=author.device_id))
    for one in new:
        changed.take(one)
    if any(isinstance(one, AddLine | SetQuantity) for one in new):
        refuse_too_dear(changed.lines.values(), prices_include_tax=order.prices_include_tax)
    changes = (one.id for one in new if not isinstance(one, AddLine))
    lines = tuple(changed.lines.values())
    update = {
        **changed.fields,
        **(kitchen_without(order, lines) if any(isinstance(one, TransferLines) for one in new) else {}),
        "lines": lines,
        "applied": (*order.applied, *changes, command.id),
        "version": order.version + 1,
    }
    return order.model_copy(update=update)


def added(lines: tuple[Line, ...], new_lines: tuple[NewLine, ...], stamp: Stamp) -> tuple[Line, ...]:
    """The lines with new ones behind them; a line that is there already, in any state, stays as it is."""
    by_id = {line.id: line for line in lines}
    for new in new_lines:
        if new.id not in by_id:
            _add(by_id, new, stamp)
    return tuple(by_id.values())


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


def refuse_too_dear(lines: Iterable[Line], *, prices_include_tax: bool) -> None:
    """An order that costs more than a payment can say could be opened and never be closed.

    Discounts do not help: they can be taken back.
    """
    lines = tuple(line.model_copy(update={"discounts": ()}) if line.discounts else line for line in lines)
    if sum(line.total_minor for line in lines) < MAX_MINOR // _MOST_WITH_TAX:
        return
    if totals_of(lines, prices_include_tax=prices_include_tax).total_minor > MAX_MINOR:
        raise CommandRejected(Refusal.INVALID, TOO_DEAR)


def refuse_moved(line: Line) -> None:
    """A line that another order has taken over is changed and sent there."""
    if line.moved_to is not None:
        message = f"{line.name} moved to order {line.moved_to}."
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, message, about=line.moved_to)


def refuse_stale(last: Stamp, *, base_version: int, device_id: str, what: str) -> None:
    """A device never conflicts with itself; from another one, what it had not seen makes the change stale."""
    if last.version > base_version and last.device != device_id:
        raise CommandRejected(Refusal.STALE_WRITE, f"{what} was changed on another device.")


def refuse_unheard_of(order: Order, base_version: int) -> None:
    """A version above ours was seen on a history that is not ours: by it no change could ever be told to be stale."""
    if base_version > order.version:
        raise CommandRejected(
            Refusal.HISTORY_LOST,
            f"This was changed on version {base_version} of order {order.number}, of which only {order.version} are"
            " known here. The server may have been restored from a copy.",
        )


def _not_in_yet(order: Order, changes: tuple[Change, ...]) -> list[Change]:
    """The changes that the order has not seen; of two with one id the first, as if they had come one by one."""
    lines_in = {line.id for line in order.lines}
    changes_in = set(order.applied)
    new: list[Change] = []
    for one in changes:
        known: set[Any] = lines_in if isinstance(one, AddLine) else changes_in
        if one.id not in known:
            known.add(one.id)
            new.append(one)
    return new


def _refuse_closed(order: Order, changes: list[Change]) -> NoReturn:
    """A closed order changes no more; where its late lines went is worth more to know than that."""
    of_line = (SetQuantity, SetNote, SetSeat, VoidLine, ApplyDiscount, RemoveDiscount)
    named = {one.line_id for one in changes if isinstance(one, of_line)}
    named |= {line_id for one in changes if isinstance(one, TransferLines) for line_id in one.line_ids}
    for line in order.lines:
        if line.id in named:
            refuse_moved(line)
    raise over(order)


def _add(lines: dict[LineId, Line], new: NewLine, stamp: Stamp) -> None:
    if len(lines) >= MAX_LINES:
        raise CommandRejected(Refusal.INVALID, TOO_MANY_LINES)
    lines[new.id] = line_from(new, stamp)


class _Changed:
    """An order while the changes of one command are put on it: what is new, gathered, so that it is copied once."""

    def __init__(self, order: Order, command: ChangeOrder, stamp: Stamp) -> None:
        self.order = order
        self.command = command
        self.stamp = stamp
        self.lines = {line.id: line for line in order.lines}
        self.fields: dict[str, object] = {}

    def take(self, one: Change) -> None:
        """Put one change on it, or raise CommandRejected."""
        match one:
            case AddLine():
                _add(self.lines, one.line, self.stamp)
            case SetQuantity():
                self._set(_unsent(self._fresh(one.line_id)), {"quantity": one.quantity})
            case SetNote():
                self._set(_unsent(self._fresh(one.line_id)), {"note": one.note})
            case SetSeat():
                self._set(self._fresh(one.line_id), {"seat": one.seat})
            case VoidLine():
                self._set(self._fresh(one.line_id), {"voided": True, "void_reason": one.reason})
            case TransferLines():
                self._carry_off(one)
            case ApplyDiscount() | RemoveDiscount():
                self._discount(one)
            case MoveTable():
                self._check_fresh(self.order.table_stamp, what="The table of this order")
                self.fields |= {"table_id": one.table_id, "table_stamp": self.stamp}
            case SetGuests():
                self._check_fresh(self.order.guests_stamp, what="The number of guests")
                self.fields |= {"guests": one.guests, "guests_stamp": self.stamp}
            case _:
                assert_never(one)

    def _carry_off(self, one: TransferLines) -> None:
        if one.to_order_id == self.order.id:
            raise CommandRejected(Refusal.INVALID, f"These lines are on order {self.order.number} already.")
        gone = {line_id: self._fresh(line_id) for line_id in one.line_ids}
        discounts = self._discounts()
        parts = parted(self.lines.values(), discounts, order_id=self.order.id, gone=gone) if discounts else None
        for line_id, line in gone.items():
            taken = () if parts is None else parts.taken[line_id]
            self._set(line, {"moved_to": one.to_order_id, "discounts": (*line.discounts, *taken)})
        if parts is not None:
            self.fields |= {"discounts": parts.stay}

    def _discounts(self) -> tuple[Discount, ...]:
        """Those of the whole order, as they are by now."""
        known = self.fields.get("discounts", self.order.discounts)
        assert isinstance(known, tuple)
        return known

    def _discount(self, one: ApplyDiscount | RemoveDiscount) -> None:
        """Mark the line, or the order as a whole, of which another device's discount is as stale as a table."""
        line = None if one.line_id is None else self._fresh(one.line_id)
        known = self._discounts() if line is None else line.discounts
        marks = self._with_mark(known, one) if isinstance(one, ApplyDiscount) else _without_mark(known, one)
        if line is not None:
            self._set(line, {"discounts": marks})
            return
        self._check_fresh(self.order.discounts_stamp, what="The discount of this order")
        self.fields |= {"discounts": marks, "discounts_stamp": self.stamp}

    def _with_mark(self, known: tuple[Discount, ...], one: ApplyDiscount) -> tuple[Discount, ...]:
        if len(known) >= MAX_DISCOUNTS:
            raise CommandRejected(Refusal.INVALID, f"There can be at most {MAX_DISCOUNTS} discounts here.")
        is_shared = one.line_id is None and one.amount_minor is not None
        mark = Discount(
            id=one.id,
            percent_bp=one.percent_bp,
            amount_minor=one.amount_minor,
            reason=one.reason,
            given_by=self.command.actor_id,
            given_at=self.command.at,
            approved_by=one.approved_by,
            spares=tuple(line.id for line in self.lines.values() if line.voided) if is_shared else (),
        )
        return (*known, mark)

    def _set(self, line: Line, update: dict[str, object]) -> None:
        self.lines[line.id] = line.model_copy(update={**update, "stamp": self.stamp})

    def _fresh(self, line_id: LineId) -> Line:
        line = self.lines.get(line_id)
        if line is None:  # a till foresaw it here, and something came between: a conflict, which holds up nobody
            words = f"Order {self.order.number} does not have one of these lines."
            raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, words)
        refuse_moved(line)
        self._check_fresh(line.stamp, what=line.name)
        if line.voided:
            raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"{line.name} was voided already.")
        return line

    def _check_fresh(self, last: Stamp, *, what: str) -> None:
        refuse_stale(last, base_version=self.command.base_version, device_id=self.stamp.device, what=what)


def _without_mark(known: tuple[Discount, ...], one: RemoveDiscount) -> tuple[Discount, ...]:
    """The marks with this one removed; of two who remove it the second changes nothing."""
    if all(mark.id != one.discount_id for mark in known):
        raise CommandRejected(Refusal.INVALID, "There is no such discount here.")
    return tuple(mark.model_copy(update={"removed": True}) if mark.id == one.discount_id else mark for mark in known)


def _unsent(line: Line) -> Line:
    if line.ticket_id is not None:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION, f"{line.name} is in the kitchen. Add another line, or void this one."
        )
    return line
