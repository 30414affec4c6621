"""Pure: a shift of one till: its drawer, what was put in and taken out, and what the count said at its end.

What the tills took on their bills is not in it: each payment is kept once, with its shift, and counted when somebody
asks. So no bill waits for its shift, and a shift that was closed is not changed by money that comes late.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import assert_never

from shared.domain.bill import Method
from shared.domain.lines import Author
from shared.domain.model import AnOrderId, AShiftId, Minor, Model, Moment
from shared.domain.order import Order, OrderState
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.shift_commands import CashMove, CloseShift, MoveCash, OpenShift, Series, ShiftOperation, Signed
from shared.domain.totals import totals_of_order
from shared.ids import OperationId, ShiftId

MOST_MOVES = 2000
"""So often a drawer is opened in one shift at most: what one report can bear."""


class ShiftState(StrEnum):
    """Where a shift stands. NAMED: money was taken under its name before anybody heard of its opening."""

    NAMED = "NAMED"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class Movement(Model):
    """Money that went into or out of the drawer beside the bills; its id is that of the operation that told of it."""

    id: OperationId
    type: CashMove
    amount_minor: Minor
    reason: str = ""
    at: Moment
    by: str
    by_name: str = ""
    late: bool = False
    """Whether the shift was closed when this was heard of."""


class Shift(Model):
    """One shift of one till, with everything that ever happened to its drawer beside the bills."""

    id: AShiftId
    state: ShiftState = ShiftState.NAMED
    version: int = 0
    device_id: str
    float_minor: Minor = 0
    opened_at: Moment | None = None
    opened_by: str = ""
    opened_by_name: str = ""
    movements: tuple[Movement, ...] = ()
    closed_at: Moment | None = None
    closed_by: str = ""
    closed_by_name: str = ""
    counted_minor: Minor | None = None
    expected_minor: Signed | None = None
    """What should have been in the drawer by all that was known here when the count came."""
    told_minor: Signed | None = None
    """What the till itself reckoned then."""
    series: Series | None = None
    applied: tuple[str, ...] = ()
    """ULIDs of the operations that made it, other than its movements, which carry their own."""

    @property
    def is_open(self) -> bool:
        """Whether more can come of it."""
        return self.state is not ShiftState.CLOSED

    @property
    def difference_minor(self) -> int | None:
        """How much more was counted than should have been there; None before the count."""
        if self.counted_minor is None or self.expected_minor is None:
            return None
        return self.counted_minor - self.expected_minor


class MethodSum(Model):
    """What was taken in one way."""

    method: Method
    count: int
    amount_minor: Signed
    tip_minor: Signed = 0


class OrdersSum(Model):
    """What the orders add up to that a shift ended."""

    orders: int = 0
    """Orders that were paid."""
    sales_minor: Signed = 0
    """What they cost their guests."""
    voided_orders: int = 0
    voids: int = 0
    """Lines that were voided, on these or with whole orders."""
    voided_minor: Signed = 0
    discounted_minor: Signed = 0
    refunded_minor: Signed = 0
    """What was given back, in whatever way; the payments are less by it."""


class Figures(OrdersSum):
    """What an X or a Z report adds up, in minor units. `expected_minor` is what has to be in the drawer."""

    float_minor: Signed = 0
    paid_in_minor: Signed = 0
    paid_out_minor: Signed = 0
    no_sales: int = 0
    payments: tuple[MethodSum, ...] = ()
    expected_minor: Signed = 0
    late: tuple[MethodSum, ...] = ()
    """Money that came when the shift was closed; it is in none of the other sums."""

    @property
    def tips_minor(self) -> int:
        """All tips, however they were paid."""
        return sum(one.tip_minor for one in self.payments)


class OrderEnded(Model):
    """What one order adds to the figures of the shift that ended it."""

    order_id: AnOrderId
    is_void: bool
    total_minor: Minor
    voids: int
    voided_minor: Minor
    discounted_minor: Minor


def apply(shift: Shift | None, command: ShiftOperation, author: Author, *, expected_minor: int | None = None) -> Shift:
    """The shift after a command; the very same object where it is in already. Raises CommandRejected.

    `shift` is None where nobody has heard of it. Money that was moved is a fact: it is kept whatever became of the
    shift, and marked as late where that was closed. `expected_minor` is what a close finds in the books.
    """
    if shift is not None and _is_in(shift, command):
        return shift
    if shift is None:
        shift = Shift(id=command.shift_id, device_id=author.device_id)
    match command:
        case OpenShift():
            return _opened(shift, command, author)
        case MoveCash():
            return _moved(shift, command, author)
        case CloseShift():
            return _closed(shift, command, author, expected_minor=expected_minor)
        case _:
            assert_never(command)


def named(shift_id: ShiftId, author: Author) -> Shift:
    """A shift of which only the name is known, since a bill carries it; its opening fills it."""
    return Shift(id=shift_id, version=1, device_id=author.device_id)


def figures(
    shift: Shift, payments: Iterable[MethodSum], *, late: Iterable[MethodSum] = (), orders: OrdersSum | None = None
) -> Figures:
    """Add up a shift: what its drawer began with, its movements, and what was taken on bills."""
    orders = orders or OrdersSum()
    taken = tuple(payments)
    in_time = [one for one in shift.movements if not one.late]
    paid_in = sum(one.amount_minor for one in in_time if one.type is CashMove.PAY_IN)
    paid_out = sum(one.amount_minor for one in in_time if one.type is CashMove.PAY_OUT)
    return Figures(
        float_minor=shift.float_minor,
        paid_in_minor=paid_in,
        paid_out_minor=paid_out,
        no_sales=sum(1 for one in in_time if one.type is CashMove.NO_SALE),
        payments=taken,
        expected_minor=shift.float_minor + paid_in - paid_out + cash_of(taken),
        late=tuple(late),
        **orders.model_dump(),
    )


def cash_of(payments: Iterable[MethodSum]) -> int:
    """The notes and coins among it: also a tip in cash lies in the drawer until somebody takes it out."""
    return sum(one.amount_minor + one.tip_minor for one in payments if one.method is Method.CASH)


def ended(order: Order) -> OrderEnded:
    """What a paid or voided order adds to its shift. What was merged away or moved on adds nothing here."""
    is_void = order.state is OrderState.VOIDED
    voided = [line for line in order.lines if line.moved_to is None and (line.voided or is_void)]
    totals = totals_of_order(order)
    return OrderEnded(
        order_id=order.id,
        is_void=is_void,
        total_minor=0 if is_void else totals.total_minor,
        voids=len(voided),
        voided_minor=sum(line.total_minor for line in voided),
        discounted_minor=0 if is_void else totals.discount_minor,
    )


def _is_in(shift: Shift, command: ShiftOperation) -> bool:
    return command.id in shift.applied or any(one.id == command.id for one in shift.movements)


def _opened(shift: Shift, command: OpenShift, author: Author) -> Shift:
    """An opening fills what was only named; also when the shift was closed before anybody heard of it."""
    if shift.opened_at is not None:
        words = "This shift was opened already." if shift.is_open else "This shift was closed already."
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, words)
    expected = None if shift.expected_minor is None else shift.expected_minor + command.float_minor
    return shift.model_copy(
        update={
            "state": ShiftState.OPEN if shift.is_open else shift.state,
            "version": shift.version + 1,
            "device_id": author.device_id,
            "float_minor": command.float_minor,
            "opened_at": command.at,
            "opened_by": command.actor_id,
            "opened_by_name": author.actor_name,
            "expected_minor": expected,
            "applied": (*shift.applied, command.id),
        }
    )


def _moved(shift: Shift, command: MoveCash, author: Author) -> Shift:
    if command.type is CashMove.NO_SALE and command.amount_minor:
        raise CommandRejected(Refusal.INVALID, "A drawer that is only opened moves no money.")
    if command.type is not CashMove.NO_SALE and not command.amount_minor:
        raise CommandRejected(Refusal.INVALID, "Say how much it is.")
    if command.type is not CashMove.NO_SALE and not command.reason.strip():
        raise CommandRejected(Refusal.INVALID, "Say what it is for.")
    if len(shift.movements) >= MOST_MOVES:
        raise CommandRejected(Refusal.INVALID, "This shift has too many movements. Close it and open another one.")
    movement = Movement(
        id=command.id,
        type=command.type,
        amount_minor=command.amount_minor,
        reason=command.reason,
        at=command.at,
        by=command.actor_id,
        by_name=author.actor_name,
        late=not shift.is_open,
    )
    return shift.model_copy(update={"movements": (*shift.movements, movement), "version": shift.version + 1})


def _closed(shift: Shift, command: CloseShift, author: Author, *, expected_minor: int | None) -> Shift:
    if not shift.is_open:
        by = shift.closed_by_name
        words = f"{by} has closed this shift already." if by else "This shift was closed already."
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, words)
    return shift.model_copy(
        update={
            "state": ShiftState.CLOSED,
            "version": shift.version + 1,
            "closed_at": command.at,
            "closed_by": command.actor_id,
            "closed_by_name": author.actor_name,
            "counted_minor": command.counted_minor,
            "expected_minor": command.expected_minor if expected_minor is None else expected_minor,
            "told_minor": command.expected_minor,
            "series": command.series,
            "applied": (*shift.applied, command.id),
        }
    )
