"""What must hold of any night, each as a function of an implementation: the rules pass, every mutant is caught."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shared.domain import closing, rules, tickets
from shared.domain.commands import (
    AddLine,
    ChangeOrder,
    CloseOrder,
    OrderOperation,
    SendToKitchen,
    ServeOrder,
    TicketOperation,
    VoidOrder,
)
from shared.domain.discounts import left_of
from shared.domain.lines import Author
from shared.domain.marks import PrioritiseTicket
from shared.domain.order import Line, Order, OrderState, Stamp
from shared.domain.rejections import CommandRejected
from shared.domain.ticket import Ticket
from shared.domain.totals import Totals, totals_of_order
from tests.unit.domain.strategies import Step

Apply = Callable[[Order | None, OrderOperation, Author], Order]
FollowUp = Callable[[Order, CloseOrder, Author], Order | None]
Mark = Callable[[Ticket, TicketOperation], Ticket]


@dataclass(frozen=True, slots=True)
class Rules:
    """An implementation of the rules: the real one, or one with a mistake in it."""

    apply: Apply = rules.apply
    follow_up: FollowUp = closing.follow_up
    mark: Mark = tickets.mark


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was accepted, with the order before it and after it."""

    step: Step
    before: Order | None
    after: Order


def taken(impl: Rules, steps: Sequence[Step]) -> Iterator[Taken]:
    """Play the night, step by step; what is refused must leave no trace."""
    order: Order | None = None
    for step in steps:
        shown = "" if order is None else order.to_json()
        after, refusal = None, "."
        try:
            after = impl.apply(order, step.command, step.author)
        except CommandRejected as rejection:
            refusal = rejection.message
        assert refusal.endswith("."), "a refusal is a sentence"
        assert shown == ("" if order is None else order.to_json()), "a command changed the order that it was given"
        if after is not None:
            yield Taken(step, order, after)
            order = after


def versions_count_what_was_applied(impl: Rules, steps: Sequence[Step]) -> None:
    """One version up for each command that did something, the very same object from one that did not."""
    for one in taken(impl, steps):
        before = 0 if one.before is None else one.before.version
        assert one.after is one.before or one.after.version == before + 1
        assert Order.model_validate_json(one.after.to_json()) == one.after


def doubled_commands_change_nothing(impl: Rules, steps: Sequence[Step]) -> None:
    """What was accepted once does nothing when it comes again, at once or after all that followed."""
    accepted: list[Step] = []
    order: Order | None = None
    for one in taken(impl, steps):
        assert impl.apply(one.after, one.step.command, one.step.author) is one.after
        accepted.append(one.step)
        order = one.after
    for step in accepted:
        assert impl.apply(order, step.command, step.author) is order


def money_is_kept(impl: Rules, steps: Sequence[Step]) -> None:
    """Money that was taken is on the order once, with its receipt; of it never more is applied than is owed."""
    taken_minor: dict[str, int] = {}
    printed: dict[str, str | None] = {}
    for one in taken(impl, steps):
        if isinstance(one.step.command, CloseOrder):
            taken_minor |= {payment.id: payment.amount for payment in one.step.command.payments}
            printed = {payment.id: one.step.command.receipt_number for payment in one.step.command.payments} | printed
        order = one.after
        assert order.applied_minor + order.unapplied_minor == sum(taken_minor.values())
        assert {payment.id: payment.receipt_number for payment in order.payments} == printed
        assert {payment.id: payment.amount_minor for payment in order.payments} == taken_minor
        assert order.applied_minor <= totals_of_order(order).total_minor


def cash_is_never_refused(impl: Rules, steps: Sequence[Step]) -> None:
    """A close with enough cash for what the guest was told is taken in whatever became of the order."""
    order: Order | None = None
    for step in steps:
        try:
            order = impl.apply(order, step.command, step.author)
        except CommandRejected:
            command = step.command
            if isinstance(command, CloseOrder):
                assert sum(payment.amount for payment in command.payments) < command.total_minor


def a_close_loses_no_line(impl: Rules, steps: Sequence[Step]) -> None:
    """Lines that stood are paid if the close named them, and else stand on the follow-up order, tickets and all."""
    for one in taken(impl, steps):
        command, before = one.step.command, one.before
        if not isinstance(command, CloseOrder) or before is None or one.after is before or not before.is_open:
            continue
        late = impl.follow_up(before, command, one.step.author)
        paid = {line.id for line in one.after.standing_lines}
        moved = {line.id: line for line in late.standing_lines} if late is not None else {}
        tickets_moved = {mark.id for mark in late.tickets} if late is not None else set()
        stood = {line.id: line for line in before.standing_lines}
        assert paid == stood.keys() & set(command.line_ids)
        assert paid | moved.keys() == stood.keys()
        assert not paid & moved.keys()
        assert len(one.after.lines) == len(before.lines)
        for line_id, line in moved.items():
            assert _said(line) == _said(stood[line_id])
            assert line.ticket_id is None or line.ticket_id in tickets_moved
        for line in one.after.lines:
            assert line.moved_to == (None if late is None or line.id not in moved else late.id)


def a_send_touches_named_lines_only(impl: Rules, steps: Sequence[Step]) -> None:
    """Lines that a send or a fire does not name stay as they are, and a line is sent once; what is held is not sent."""
    for one in taken(impl, steps):
        if isinstance(one.step.command, SendToKitchen) and one.before is not None:
            named = set(one.step.command.named_ids)
            for before, after in zip(one.before.lines, one.after.lines, strict=True):
                assert before == after or (before.id in named and before.ticket_id is None and before.stands)
            made = tickets.made_by(one.after, one.step.command) if one.after is not one.before else ()
            new = {line.id for line in one.after.lines if line.ticket_id is not None}
            old = {line.id for line in one.before.lines if line.ticket_id is not None}
            assert sorted(item.line_id for ticket in made for item in ticket.items) == sorted(new - old)
            assert new - old <= set(one.step.command.line_ids)
            assert not any(line.held and line.ticket_id is not None for line in one.after.lines)


def a_whole_order_is_what_its_screen_showed(impl: Rules, steps: Sequence[Step]) -> None:
    """A void or a serve of an order is of the lines that it names; with any other line on it, it is not."""
    for one in taken(impl, steps):
        command, before = one.step.command, one.before
        if before is None or one.after is before or not isinstance(command, ServeOrder | VoidOrder):
            continue
        unseen = [line for line in before.standing_lines if line.id not in command.line_ids]
        if isinstance(command, VoidOrder):
            assert not unseen
        else:
            assert one.after.state is (before.state if unseen else OrderState.SERVED)


def nothing_that_was_added_is_forgotten(impl: Rules, steps: Sequence[Step]) -> None:
    """Every line that was ever accepted is still on the order, in its place, marked as it may be."""
    ids: list[str] = []
    for one in taken(impl, steps):
        assert [line.id for line in one.after.lines][: len(ids)] == ids
        if isinstance(one.step.command, ChangeOrder) and one.after is not one.before:
            added = {change.line.id for change in one.step.command.changes if isinstance(change, AddLine)}
            assert added <= {line.id for line in one.after.lines}
        ids = [line.id for line in one.after.lines]


def changes_of_different_lines_commute(impl: Rules, order: Order, first: Step, second: Step) -> None:
    """Two changes that name no line in common end alike in both orders, the refusals of either included."""
    assert _end(impl, order, (first, second)) == _end(impl, order, (second, first))


def totals_are_the_sum_of_their_parts(totals: Totals, order: Order) -> None:
    """Net and tax make the gross at each rate, the rates make the total, and rounding never exceeds half a unit.

    What is taxed is what the discounts left of each line, which is never less than nothing.
    """
    standing = order.standing_lines
    left = left_of(order.lines, order.discounts)
    assert all(0 <= left[line.id] <= line.total_minor for line in standing)
    assert totals.subtotal_minor == sum(line.total_minor for line in standing)
    assert totals.discount_minor == totals.subtotal_minor - sum(left.values())
    assert totals.total_minor == sum(part.gross_minor for part in totals.tax_parts)
    assert totals.tax_minor == sum(part.tax_minor for part in totals.tax_parts)
    assert [part.rate_bp for part in totals.tax_parts] == sorted({line.tax_bp for line in standing})
    for part in totals.tax_parts:
        assert part.net_minor + part.tax_minor == part.gross_minor
        assert part.net_minor >= 0
        shown = sum(left[line.id] for line in standing if line.tax_bp == part.rate_bp)
        assert shown == (part.gross_minor if order.prices_include_tax else part.net_minor)
        assert abs(2 * (10_000 * part.tax_minor - part.net_minor * part.rate_bp)) <= 10_000 + (
            part.rate_bp if order.prices_include_tax else 0
        )
    if order.prices_include_tax:
        assert totals.total_minor == totals.subtotal_minor - totals.discount_minor


def marks_end_alike_in_any_order(
    impl: Rules, ticket: Ticket, *, given: Sequence[TicketOperation], shuffled: Sequence[TicketOperation]
) -> None:
    """Late, doubled and shuffled marks leave the ticket at one (round, stage), as urgent, with the same lines done.

    How urgent it is said to be changes nothing of how far it is.
    """
    ends = []
    for commands in (given, shuffled):
        marked = ticket
        for command in commands:
            after = impl.mark(marked, command)
            assert (after.round, after.status.rank) >= (marked.round, marked.status.rank), "a mark undid something"
            is_urgency = isinstance(command, PrioritiseTicket)
            assert not is_urgency or (after.round, after.status) == (marked.round, marked.status)
            assert after is marked or after.version == marked.version + 1
            marked = after
        ends.append((marked.round, marked.status, marked.items, marked.seen_at is None, marked.priority))
    assert ends[0] == ends[1]


def _said(line: Line) -> Line:
    """The line as the guest would describe it: without who changed it last."""
    return line.model_copy(update={"stamp": Stamp()})


def _end(impl: Rules, order: Order, steps: tuple[Step, Step]) -> tuple[object, ...]:
    refused = []
    for step in steps:
        try:
            order = impl.apply(order, step.command, step.author)
        except CommandRejected as rejection:
            refused.append((step.command.id, rejection.refusal))
    said = {line.id: (_said(line), line.stamp.device) for line in order.lines}
    fields = (order.state, order.table_id, order.guests, order.version)
    return said, fields, totals_of_order(order), set(order.applied), sorted(refused)
