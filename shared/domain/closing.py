"""Pure: how a bill is closed, and what becomes of money and lines that do not fit. Money taken is a fact."""

from operator import is_

from shared.domain.bill import Payment
from shared.domain.commands import CloseOrder, NewPayment
from shared.domain.kitchen_state import kitchen_state
from shared.domain.lines import Author
from shared.domain.order import Order, OrderState, Stamp, follow_up_number
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.totals import totals_of_order
from shared.ids import OrderId, derived_id


def close(order: Order, command: CloseOrder, author: Author, *, elsewhere: frozenset[str] = frozenset()) -> Order:
    """The order after a close.

    An open order closes with the lines that the close names; the others move to the follow-up order. An order that is
    closed or voided already keeps the new money as not applied. Money beyond what the lines cost by now is not applied
    either, and `elsewhere` names payments that are stored on another order: they count there only. Raises
    CommandRejected only for a close that was never right: too little money. That is asked whatever became of the order,
    or money that nobody took would wait for its refund. That a card was charged only the server can know, and it asks
    before (`payments.claims`).
    """
    new = _new_payments(order, command, elsewhere)
    if not order.is_open and not new:
        return _with_paper(order, command)
    _check(command)
    if not order.is_open:
        return _with_payments(order, new, command, author=author, room_minor=0)
    named = set(command.line_ids)
    moved = {"moved_to": follow_up_id(command.order_id)}
    lines = tuple(
        line.model_copy(update=moved) if line.stands and line.id not in named else line for line in order.lines
    )
    due_minor = totals_of_order(order.model_copy(update={"lines": lines})).total_minor
    return _with_payments(order, new, command, author=author, room_minor=due_minor - order.applied_minor).model_copy(
        update={
            "lines": lines,
            "state": OrderState.CLOSED,
            "told_total_minor": command.total_minor,
            "receipt_number": command.receipt_number,
            "closed_at": command.at,
        }
    )


def follow_up(before: Order, command: CloseOrder, author: Author) -> Order | None:
    """The order that takes over the lines which the close does not name, or None when it names them all.

    `before` is the order as it was when the close arrived; a closed one has no lines left to take over.
    """
    named = set(command.line_ids)
    if not before.is_open or command.id in before.applied:
        return None
    late = tuple(line for line in before.lines if line.stands and line.id not in named)
    if not late:
        return None
    kept = {line.ticket_id for line in late}
    marks = tuple(mark for mark in before.tickets if mark.id in kept)
    served = before.state is OrderState.SERVED and None not in kept
    stamp = Stamp(version=1, device=author.device_id)
    return Order(
        id=follow_up_id(command.order_id),
        number=follow_up_number(before),
        state=OrderState.SERVED if served else kitchen_state(marks),
        version=1,
        table_id=before.table_id,
        channel=before.channel,
        guests=before.guests,
        waiter_id=before.waiter_id,
        waiter_name=before.waiter_name,
        opened_at=command.at,
        prices_include_tax=before.prices_include_tax,
        lines=tuple(line.model_copy(update={"stamp": Stamp(version=1, device=line.stamp.device)}) for line in late),
        tickets=marks,
        follows=before.id,
        table_stamp=stamp,
        guests_stamp=stamp,
        applied=(command.id,),
    )


def follow_up_id(order_id: OrderId) -> OrderId:
    """The id of an order's follow-up order. An order closes once, so it has one, whichever close made it.

    A close that goes again under a new id leaves over the same order: what was tapped there meanwhile names it.
    """
    return OrderId(derived_id(order_id, "follow-up"))


def _new_payments(order: Order, command: CloseOrder, elsewhere: frozenset[str]) -> tuple[NewPayment, ...]:
    known = elsewhere.union(payment.id for payment in order.payments)
    return tuple(payment for payment in command.payments if payment.id not in known)


def _with_paper(order: Order, command: CloseOrder) -> Order:
    """The order with what only the till knew of money that stands here since before: its receipt, and its drawer.

    A server puts a card's money on its order by itself when nobody came for it. The very same object else.
    """
    if command.receipt_number is None:
        return order
    named = {payment.id for payment in command.payments}
    told = {"receipt_number": command.receipt_number, "shift_id": command.shift_id}
    payments = tuple(
        one.model_copy(update=told) if one.id in named and one.receipt_number is None else one for one in order.payments
    )
    if all(map(is_, payments, order.payments)):
        return order
    applied = (*order.applied, command.id)
    return order.model_copy(update={"payments": payments, "applied": applied, "version": order.version + 1})


def _check(command: CloseOrder) -> None:
    if len({payment.id for payment in command.payments}) < len(command.payments):
        raise CommandRejected(Refusal.INVALID, "The same payment is in it twice.")
    if sum(payment.amount for payment in command.payments) < command.total_minor:
        raise CommandRejected(Refusal.INVALID, "The payments are less than the total.")
    if any(payment.tendered < payment.amount + payment.tip for payment in command.payments):
        raise CommandRejected(Refusal.INVALID, "Less money was handed over than the payment says.")


def _with_payments(
    order: Order, new: tuple[NewPayment, ...], command: CloseOrder, *, author: Author, room_minor: int
) -> Order:
    """Store every new payment. Up to `room_minor` they count; the rest of each is not applied."""
    stored = list(order.payments)
    for payment in new:
        fits_minor = min(payment.amount, max(0, room_minor))
        room_minor -= fits_minor
        stored.append(
            Payment(
                id=payment.id,
                method=payment.method,
                amount_minor=payment.amount,
                tendered_minor=payment.tendered,
                tip_minor=payment.tip,
                taken_at=payment.taken_at,
                taken_by=author.actor_name,
                unapplied_minor=payment.amount - fits_minor,
                receipt_number=command.receipt_number,
                reference=payment.reference,
                shift_id=command.shift_id,
            )
        )
    applied = (*order.applied, command.id)
    return order.model_copy(update={"payments": tuple(stored), "applied": applied, "version": order.version + 1})
