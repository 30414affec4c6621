"""What a till knows of one of its shifts: what the server has confirmed, and what is only on this till."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.database import Connection
from shared.domain.bill import Method
from shared.domain.commands import CloseOrder, NewPayment, Operation
from shared.domain.refunds import NewRefund, RefundOrder
from shared.domain.rejections import CommandRejected
from shared.domain.shift import Figures, MethodSum, OrdersSum, Shift, apply, figures, named
from shared.domain.shift_commands import CloseShift, MoveCash, OpenShift, ShiftOperation
from shared.ids import ShiftId
from shared.store import entities
from shared.store.dependants import is_moved
from shared.store.frozen import command_in
from shared.store.scenes import AuthorOf
from shared.wire.agreement import AgreeAnswer
from shared.wire.requests import Kind

#: What was refunded or replaced is in no drawer and in no report; nor is a bill that the server has nothing of, and
#: whose money was counted on another order, nor one that would have counted it there and fell with its refund. What is
#: in conflict itself, or in the books by hand, is.
_OF_SHIFT: Final = """
    SELECT o.id, o.kind, o.path, o.body, o.status, o.seq FROM operation AS o
    WHERE o.seq >= (SELECT min(seq) FROM operation WHERE kind = 'open_shift' AND entity_id = ?1)
    AND o.kind IN ('open_shift', 'move_cash', 'close_shift', 'close_order', 'void_order', 'refund_order')
    AND NOT EXISTS (SELECT 1 FROM operation AS heir WHERE heir.replaces = o.seq)
    AND NOT EXISTS (SELECT 1 FROM alert WHERE operation_seq = o.seq
        AND (choice = 'refunded' OR choice = 'moved' AND o.status = 'FAILED'))
    AND (o.reason IS NULL OR o.reason <> 'DISCARDED' AND NOT (
        o.kind = 'close_order' AND o.reason = 'CONFLICT' AND o.last_status IS NULL))
    ORDER BY o.place, o.seq"""
_SAID: Final = "SELECT body, agreed_at, agreement FROM server_shift WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Agreed:
    """The comparison of a shift with the server: when, by the server's time in ms, and what differs."""

    at_ms: int
    told: AgreeAnswer


@dataclass(frozen=True, slots=True)
class TillReport:
    """A shift as its till sees it. `total` is `confirmed` and `only_here` together.

    What was voided and taken off is counted by the server alone, in its report.
    """

    shift: Shift
    confirmed: Figures
    only_here: Figures
    total: Figures
    waiting: int
    """Operations of the shift that the server has not confirmed."""
    opened_seq: int
    receipts_before: int | None
    server: Shift | None
    """The server's last word; None before it had one."""
    agreed: Agreed | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether the server has all of it."""
        return not self.waiting


@dataclass(slots=True)
class _Part:
    """The operations of one column."""

    shift: list[ShiftOperation]
    payments: dict[str, NewPayment]
    closes: list[CloseOrder]
    refunds: tuple[NewRefund, ...] = ()
    voids: int = 0

    def take(self, command: Operation) -> None:
        """Count it in."""
        match command:
            case OpenShift() | MoveCash() | CloseShift():
                self.shift.append(command)
            case CloseOrder():
                self.closes.append(command)
                self.payments |= {payment.id: payment for payment in command.payments}
            case RefundOrder():
                self.refunds += command.refunds
            case _:
                self.voids += 1

    def figures(self, shift: Shift) -> Figures:
        """Added up, on a shift with these operations."""
        orders = OrdersSum(
            orders=len({close.order_id for close in self.closes}),
            sales_minor=sum(close.total_minor for close in self.closes),
            voided_orders=self.voids,
            refunded_minor=sum(refund.amount for refund in self.refunds),
        )
        return figures(shift, sums(self.payments.values(), self.refunds), orders=orders)


def read(
    tx: Connection, shift_id: str, *, author_of: AuthorOf, in_hand: Iterable[ShiftOperation] = ()
) -> TillReport | None:
    """The shift as it stands on this till, with what is in hand; None for one whose opening is not in its file."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(_OF_SHIFT, (shift_id,)).fetchall()
    settled, waits, both = _Part([], {}, []), _Part([], {}, []), _Part([], {}, [])
    opened_seq, waiting = 0, 0
    found = [
        (command_in(Kind(kind), operation_id, path=path, body=body), status, seq)
        for operation_id, kind, path, body, status, seq in rows
    ]
    commands = [command for command, _, _ in found if getattr(command, "shift_id", None) == shift_id]
    known = {command.id for command in commands}
    for command, status, seq in found:
        if command.id not in known:
            continue
        opened_seq = seq if isinstance(command, OpenShift) else opened_seq
        part = settled if status == "SUCCESS" else waits
        if (
            isinstance(command, RefundOrder)
            and part is waits
            and not any(is_moved(command, by=one) for one in commands)
        ):
            continue  # nothing is given back before the server said yes
        waiting += part is waits
        moved = _given(tx, command) if isinstance(command, RefundOrder) else command
        for one in (part, both):
            one.take(moved)
    for tap in in_hand:
        if tap.shift_id == shift_id and tap.id not in known:
            waiting += 1
            waits.take(tap)
            both.take(tap)
    opening = next((one for one in both.shift if isinstance(one, OpenShift)), None)
    if opening is None:
        return None
    shift = _folded(shift_id, both.shift, author_of)
    told = _told(tx, shift_id)
    return TillReport(
        shift=shift,
        confirmed=settled.figures(_folded(shift_id, settled.shift, author_of)),
        only_here=waits.figures(_folded(shift_id, waits.shift, author_of)),
        total=both.figures(shift),
        waiting=waiting,
        opened_seq=opened_seq,
        receipts_before=opening.receipts,
        server=told[0],
        agreed=told[1],
    )


def _given(tx: Connection, refund: RefundOrder) -> RefundOrder:
    """The refund less what its gateway did not give back, as far as the server has said so."""
    order = entities.order(tx, refund.order_id)
    refused = {money.id for one in order.returns for money in one.money if money.refused} if order is not None else ()
    given = tuple(money for money in refund.refunds if money.id not in refused)
    return refund if len(given) == len(refund.refunds) else refund.model_copy(update={"refunds": given})


def sums(payments: Iterable[NewPayment], refunds: Iterable[NewRefund] = ()) -> tuple[MethodSum, ...]:
    """What was taken less what was given back, by the way in which it was paid."""
    found: dict[Method, list[tuple[int, int]]] = {}
    for payment in payments:
        found.setdefault(payment.method, []).append((payment.amount, payment.tip))
    for refund in refunds:
        found.setdefault(refund.method, []).append((-refund.amount, 0))
    return tuple(
        MethodSum(
            method=method,
            count=len(moved),
            amount_minor=sum(amount for amount, _ in moved),
            tip_minor=sum(tip for _, tip in moved),
        )
        for method, moved in sorted(found.items())
    )


def folded(shift: Shift, command: ShiftOperation, author_of: AuthorOf) -> Shift:
    """The shift after a command of this till. Raises CommandRejected."""
    return apply(shift, command, author_of(command.actor_id))


def _folded(shift_id: str, commands: Iterable[ShiftOperation], author_of: AuthorOf) -> Shift:
    """The shift that these operations make; what does not fit waits for the server's word."""
    shift: Shift | None = None
    for command in commands:
        try:
            shift = apply(shift, command, author_of(command.actor_id))
        except CommandRejected:
            continue
    return named(ShiftId(shift_id), author_of("")) if shift is None else shift


def _told(tx: Connection, shift_id: str) -> tuple[Shift | None, Agreed | None]:
    row: tuple[Any, ...] | None = tx.execute(_SAID, (shift_id,)).fetchone()
    if row is None:
        return None, None
    agreed = None if row[2] is None else Agreed(int(row[1]), AgreeAnswer.model_validate_json(row[2]))
    return (None if row[0] is None else Shift.model_validate_json(row[0])), agreed
