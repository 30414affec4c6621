"""Pure: what a person may not do alone, and who may allow it. A till asks before it stores, the server before it does.

It is judged apart from the rules of the order: by the roles that people have when they act, and never again when a
server does once more what it lost.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from shared.domain.bill import Discount
from shared.domain.commands import ChangeOrder, OrderOperation, SetQuantity, VoidLine, VoidOrder
from shared.domain.discounts import WHOLE_BP, ApplyDiscount, left_of, most_off
from shared.domain.menu import Business, Role
from shared.domain.order import Line, Order, Orders
from shared.domain.refunds import RefundOrder
from shared.domain.rejections import CommandRejected, Refusal

APPROVERS: Final = frozenset({Role.MANAGER, Role.OWNER, Role.ADMIN})
"""Who may allow what others may not do alone; what they do themselves needs nobody else."""


class Judge(NamedTuple):
    """By what it is judged: a person's role when it is done, None for who does not work here; and by the business."""

    role_of: Callable[[str], Role | None]
    business: Business
    role_at: Callable[[str, str], Role | None] | None = None
    """The role at an earlier moment; without it, which is so at a till, people had the role that they have."""

    def cap_bp(self, person_id: str, *, at: str | None = None) -> int:
        """How much of a price this person may take off alone, in basis points; or could at an earlier moment."""
        role = self.role_of(person_id) if at is None or self.role_at is None else self.role_at(person_id, at)
        if role is None:
            return 0
        return min((cap.percent_bp for cap in self.business.discount_caps if cap.role is role), default=WHOLE_BP)

    def approves(self, person_id: str | None) -> bool:
        """Whether this person may allow what others may not do alone."""
        return person_id is not None and self.role_of(person_id) in APPROVERS


def needs_judging(command: OrderOperation) -> bool:
    """Whether a command is of a kind that may need a manager."""
    if isinstance(command, ChangeOrder):
        return any(isinstance(one, VoidLine | ApplyDiscount | SetQuantity) for one in command.changes)
    return isinstance(command, VoidOrder | RefundOrder)


def refuse_unapproved(command: OrderOperation, judge: Judge, *, before: Orders, after: Orders) -> None:
    """Raises CommandRejected (FORBIDDEN) for what needs a manager and has none, and for an approval by somebody else.

    `before` and `after` are the orders that the command is about, and those that it changes, as they are after it.
    """
    match command:
        case ChangeOrder():
            for one in command.changes:
                if isinstance(one, VoidLine):
                    _refuse_approver(one.approved_by, judge)
                    lines = [line for order in before.values() for line in order.lines if line.id == one.line_id]
                    if any(line.ticket_id is not None for line in lines):
                        _refuse_void(command.actor_id, one.approved_by, judge)
                elif isinstance(one, ApplyDiscount):
                    _refuse_approver(one.approved_by, judge)
                    _refuse_discount(one, judge, by=command.actor_id, after=after)
                elif isinstance(one, SetQuantity):
                    _refuse_fewer(one, judge, by=command.actor_id, before=before, after=after)
        case VoidOrder():
            _refuse_approver(command.approved_by, judge)
            order = before.get(command.order_id)
            if order is not None and any(line.ticket_id is not None for line in order.standing_lines):
                _refuse_void(command.actor_id, command.approved_by, judge)
        case RefundOrder():
            _refuse_approver(command.approved_by, judge)
            if command.approved_by is None and not judge.approves(command.actor_id):
                raise _forbidden("A manager has to approve that money is given back.")
        case _:
            return


def _refuse_approver(approved_by: str | None, judge: Judge) -> None:
    """A name that allows nothing may not stand there, also where nobody had to allow it."""
    if approved_by is not None and not judge.approves(approved_by):
        raise _forbidden("Only a manager can approve this. Ask one.")


def _refuse_void(actor_id: str, approved_by: str | None, judge: Judge) -> None:
    if judge.business.void_sent_needs_manager and approved_by is None and not judge.approves(actor_id):
        raise _forbidden("The kitchen has this already: a manager has to approve that it is voided.")


def _refuse_discount(one: ApplyDiscount, judge: Judge, *, by: str, after: Orders) -> None:
    """All that people under a cap have taken off together, line by line, is held to the cap of this one."""
    cap_bp = judge.cap_bp(by if one.approved_by is None else one.approved_by)
    order = next((order for order in after.values() if _has(order, one)), None)
    line = None if order is None else _beyond(order, judge, cap_bp=cap_bp)
    if line is not None:
        raise _forbidden(f"This is more than {cap_bp / 100:g} % of {line.name}: a manager has to approve it.")


def _refuse_fewer(one: SetQuantity, judge: Judge, *, by: str, before: Orders, after: Orders) -> None:
    """An amount stays what it is when there is less of a line: of what is left it may be more than the cap."""
    was, now = _line(before, one), _line(after, one)
    if was is None or now is None or now[1].quantity >= was[1].quantity:
        return
    order, cap_bp = now[0], judge.cap_bp(by)
    if all(mark.amount_minor is None or mark.removed for mark in _marks(order)):
        return
    line = _beyond(order, judge, cap_bp=cap_bp)
    if line is not None:
        raise _forbidden(
            f"With less of {now[1].name} the discount is more than {cap_bp / 100:g} % of {line.name}. Take the discount"
            " back first, or ask a manager."
        )


def _beyond(order: Order, judge: Judge, *, cap_bp: int) -> Line | None:
    """A line of which people under a cap took off more than this cap; None where there is none."""
    if cap_bp >= WHOLE_BP:
        return None

    def is_capped(mark: Discount) -> bool:
        by = mark.given_by if mark.approved_by is None else mark.approved_by
        return judge.cap_bp(by, at=mark.given_at) < WHOLE_BP

    left = left_of(order.lines, order.discounts, counts=is_capped)
    for line in order.standing_lines:
        if line.total_minor - left[line.id] > most_off(line.total_minor, cap_bp):
            return line
    return None


def _line(orders: Orders, one: SetQuantity) -> tuple[Order, Line] | None:
    """The line that a change is about, with the order on which it stands."""
    found = ((order, line) for order in orders.values() for line in order.standing_lines if line.id == one.line_id)
    return next(found, None)


def _has(order: Order, one: ApplyDiscount) -> bool:
    return any(mark.id == one.id for mark in _marks(order))


def _marks(order: Order) -> tuple[Discount, ...]:
    """Those of the whole order, and those of its lines."""
    return (*order.discounts, *(mark for line in order.standing_lines for mark in line.discounts))


def _forbidden(message: str) -> CommandRejected:
    return CommandRejected(Refusal.FORBIDDEN, message)
