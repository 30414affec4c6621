"""Pure: how a bill that was paid is given back, wholly or line by line, and what may not be given back.

Money that an order could not use goes back while it is open too: a card that was charged too late, say.

A refund needs the server, which knows of all that was paid and given back: no money leaves a drawer before it said yes.
"""

from operator import is_

from shared.domain.bill import Method, Refund, Return
from shared.domain.lines import Author, refuse_moved
from shared.domain.order import Line, Order, OrderState
from shared.domain.refunds import NewRefund, RefundOrder
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.totals import cost_of
from shared.ids import PaymentId


def refund(order: Order, command: RefundOrder, author: Author) -> Order:
    """The order after a refund; the same object if its money is in already. Raises CommandRejected."""
    named = [one.id for one in command.refunds]
    known = {money.id for one in order.returns for money in one.money}
    if named and known.issuperset(named):
        return order
    if len(set(named)) < len(named) or not known.isdisjoint(named):
        raise CommandRejected(Refusal.INVALID, "The same money is in it twice.")
    if order.is_open and command.line_ids:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION,
            f"Order {order.number} is not paid yet. Void what the guest shall not pay.",
        )
    lines = tuple(_taken_back(order, line_id) for line_id in dict.fromkeys(command.line_ids))
    surplus_minor = _surplus(order, command, lines)
    made = Return(
        id=command.id,
        line_ids=tuple(line.id for line in lines),
        money=tuple(map(_money, command.refunds)),
        surplus_minor=surplus_minor,
        reason=command.reason,
        given_at=command.at,
        given_by=author.actor_name,
        approved_by=command.approved_by,
        shift_id=command.shift_id,
    )
    returned = order.returned_ids.union(made.line_ids)
    is_whole = bool(order.standing_lines) and all(line.id in returned for line in order.standing_lines)
    update = {
        "returns": (*order.returns, made),
        "state": OrderState.REFUNDED if is_whole else order.state,
        "applied": (*order.applied, command.id),
        "version": order.version + 1,
    }
    return order.model_copy(update=update)


def _taken_back(order: Order, line_id: str) -> Line:
    line = order.line(line_id)
    if line is None:
        raise CommandRejected(Refusal.INVALID, f"Order {order.number} has no such line.")
    refuse_moved(line)
    if line.voided:
        raise CommandRejected(Refusal.INVALID, f"{line.name} was voided: nobody paid for it.")
    if line_id in order.returned_ids:
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"{line.name} was taken back already.")
    return line


def _surplus(order: Order, command: RefundOrder, lines: tuple[Line, ...]) -> int:
    """The part of the money that the order never could use. Raises CommandRejected for more than was paid."""
    for payment_id in dict.fromkeys(one.payment_id for one in command.refunds if one.method is not Method.CASH):
        _refuse_other_card(order, command, payment_id)
    amount_minor = sum(one.amount for one in command.refunds)
    if not lines and not amount_minor:
        raise CommandRejected(Refusal.INVALID, "There is nothing to give back in it.")
    if amount_minor > sum(payment.amount_minor for payment in order.payments):
        raise CommandRejected(Refusal.INVALID, f"This is more than was paid for order {order.number}.")
    if amount_minor > order.left_to_refund_minor:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION, f"Of order {order.number} so much was given back that this is too much."
        )
    surplus_minor = max(0, amount_minor - cost_of(order, (line.id for line in lines)))
    if surplus_minor > order.unapplied_minor:
        if surplus_minor <= order.spare_minor:
            raise CommandRejected(
                Refusal.INVALID_STATE_TRANSITION, f"What order {order.number} could not use was given back already."
            )
        raise CommandRejected(Refusal.INVALID, "This is more than these lines cost.")
    return surplus_minor


def left_of_payment(order: Order, payment_id: str) -> int:
    """What can still go back of a payment by the way that it came; all money of the order is another question."""
    taken = sum(payment.amount_minor for payment in order.payments if payment.id == payment_id)
    back = (money for one in order.returns for money in one.money if money.payment_id == payment_id)
    return taken - sum(money.amount_minor for money in back if not money.refused)


def as_it_came(order: Order, amount_minor: int) -> tuple[tuple[Method, int, PaymentId | None], ...]:
    """An amount as it goes back: to the cards that it came from, each with its payment, and what is over in cash.

    A card whose gateway has refused to give back is not tried again: cash is what is left.
    """
    refused = {money.payment_id for one in order.returns for money in one.money if money.refused}
    parts: list[tuple[Method, int, PaymentId | None]] = []
    for payment in order.payments:
        part_minor = min(amount_minor, left_of_payment(order, payment.id))
        if payment.method is not Method.CASH and payment.id not in refused and part_minor > 0:
            parts.append((payment.method, part_minor, payment.id))
            amount_minor -= part_minor
    return (*parts, *(((Method.CASH, amount_minor, None),) if amount_minor > 0 else ()))


def not_given_back(order: Order, refund_id: str) -> Order:
    """The order when its gateway has refused this money for good; the very same object where it was known."""
    returns = tuple(_refused(one, refund_id) for one in order.returns)
    if all(map(is_, returns, order.returns)):
        return order
    return order.model_copy(update={"returns": returns, "version": order.version + 1})


def _refused(made: Return, refund_id: str) -> Return:
    if all(one.id != refund_id or one.refused for one in made.money):
        return made
    money = tuple(one.model_copy(update={"refused": True}) if one.id == refund_id else one for one in made.money)
    return made.model_copy(update={"money": money})


def _refuse_other_card(order: Order, command: RefundOrder, payment_id: str | None) -> None:
    """What a gateway gives back goes back to the payment that it was, and no more than that was."""
    parts = [one for one in command.refunds if one.payment_id == payment_id and one.method is not Method.CASH]
    paid = next((payment for payment in order.payments if payment.id == payment_id), None)
    if paid is None or any(one.method is not paid.method for one in parts):
        raise CommandRejected(Refusal.INVALID, "A card gets back only what was paid with it. Say which payment it was.")
    amount_minor = sum(one.amount for one in parts)
    if amount_minor > left_of_payment(order, paid.id):
        was_there = amount_minor <= paid.amount_minor  # somebody has given it back meanwhile
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION if was_there else Refusal.INVALID,
            "That is more than is left of this payment.",
        )


def _money(one: NewRefund) -> Refund:
    return Refund(
        id=one.id, method=one.method, amount_minor=one.amount, given_at=one.given_at, payment_id=one.payment_id
    )
