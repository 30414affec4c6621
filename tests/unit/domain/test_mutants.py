"""The properties have teeth: each mistake that would lose or double something is made here, and seen caught."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shared.domain import rules, tickets
from shared.domain.commands import (
    ChangeOrder,
    CloseOrder,
    FireCourse,
    OrderOperation,
    SendToKitchen,
    ServeOrder,
    TicketOperation,
    VoidOrder,
)
from shared.domain.lines import Author
from shared.domain.marks import PrioritiseTicket, ReadyTicket, RecallTicket, StartTicket
from shared.domain.order import Order, OrderState
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.ticket import Stage, Ticket
from tests.unit.domain import properties
from tests.unit.domain.properties import Rules
from tests.unit.domain.strategies import Step, a_ticket, marks, nights, pairs_of_changes

REAL = Rules()
TICKET = a_ticket()


def tell_apart(check: Callable[[Rules], None], mutant: Rules) -> None:
    """The rules pass, and the mutant has to as well until some example shows its mistake."""
    try:
        check(REAL)
    except (AssertionError, CommandRejected) as error:
        raise RuntimeError("the rules themselves fail here, so that nothing is shown of the mutant") from error
    check(mutant)


def caught(examples: Callable[[], None]) -> None:
    """Run a property over examples on a mutant: one of them has to fail."""
    with pytest.raises((AssertionError, CommandRejected)):
        examples()


def forgets_what_is_in(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """*Is this already in?* is not asked."""
    if order is None:
        return rules.apply(order, command, author)
    applied = tuple(id_ for id_ in order.applied if id_ != command.id)
    return rules.apply(order.model_copy(update={"applied": applied}), command, author)


def forgets_a_second_serve(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """A serve of what is served already is not remembered: when it comes again, it may serve other food."""
    if isinstance(command, ServeOrder) and order is not None and order.state is OrderState.SERVED:
        return order
    return rules.apply(order, command, author)


def closes_whatever_is_there(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """A close takes no notice of the lines that it names."""
    if isinstance(command, CloseOrder) and order is not None:
        command = command.model_copy(update={"line_ids": tuple(line.id for line in order.lines)})
    return rules.apply(order, command, author)


def closes_and_drops_late_lines(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """Lines that a close does not name are taken off."""
    after = rules.apply(order, command, author)
    kept = tuple(line for line in after.lines if line.moved_to is None)
    return after if len(kept) == len(after.lines) else after.model_copy(update={"lines": kept})


def follows_with_nothing(before: Order, command: CloseOrder, author: Author) -> Order | None:
    """Late lines point to a follow-up order that nobody makes."""
    return None


def sends_what_is_unsent(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """A send takes all that the kitchen does not have, whatever the screen showed."""
    if isinstance(command, SendToKitchen) and order is not None and command.id not in order.applied:
        unsent = tuple(line.id for line in order.standing_lines if line.ticket_id is None)
        command = command.model_copy(update={"line_ids": unsent})
    return rules.apply(order, command, author)


def fires_all_that_is_held(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """A fire takes all that waits, and not the course that its screen showed."""
    if isinstance(command, FireCourse) and order is not None and command.id not in order.applied:
        held = tuple(line.id for line in order.standing_lines if line.held)
        command = command.model_copy(update={"line_ids": tuple(dict.fromkeys((*command.line_ids, *held)))})
    return rules.apply(order, command, author)


def cooks_what_is_held(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """Lines of later courses go to the kitchen at once."""
    if isinstance(command, SendToKitchen) and command.held_ids:
        command = command.model_copy(update={"line_ids": command.named_ids, "held_ids": None})
    return rules.apply(order, command, author)


def takes_whatever_is_there(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """A void or a serve takes the whole order, whatever the screen showed of it."""
    if isinstance(command, ServeOrder | VoidOrder) and order is not None:
        command = command.model_copy(update={"line_ids": tuple(line.id for line in order.lines)})
    return rules.apply(order, command, author)


def sends_again(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """A send makes new tickets for lines that the kitchen has already."""
    if isinstance(command, SendToKitchen) and order is not None and command.id not in order.applied:
        named = [
            line.model_copy(update={"ticket_id": None}) if line.id in command.line_ids else line for line in order.lines
        ]
        order = order.model_copy(update={"lines": tuple(named)})
    return rules.apply(order, command, author)


def refuses_money_on_a_closed_order(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """Cash for an order that was paid meanwhile is a conflict like any other."""
    if isinstance(command, CloseOrder) and order is not None and not order.is_open and command.id not in order.applied:
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, "It is closed.")
    return rules.apply(order, command, author)


def applies_all_money(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """Money beyond what the lines cost counts for the order."""
    after = rules.apply(order, command, author)
    payments = tuple(payment.model_copy(update={"unapplied_minor": 0}) for payment in after.payments)
    return after if after is order else after.model_copy(update={"payments": payments})


def takes_payments_twice(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """A second close with the payments of the first stores them again."""
    after = rules.apply(order, command, author)
    if after is order or not isinstance(command, CloseOrder):
        return after
    return after.model_copy(update={"payments": (*after.payments, after.payments[-1])})


def forgets_a_second_receipt(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """Money for an order that is closed already is kept without the number that its till printed."""
    over = isinstance(command, CloseOrder) and order is not None and not order.is_open
    return rules.apply(order, command.model_copy(update={"receipt_number": None}) if over else command, author)


def removes_voided_lines(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """A voided line leaves the order, so that its late AddLine would bring it back."""
    after = rules.apply(order, command, author)
    kept = tuple(line for line in after.lines if not line.voided)
    return after if len(kept) == len(after.lines) else after.model_copy(update={"lines": kept})


def counts_nothing(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """A change of lines makes no new version, so that no client would take it."""
    after = rules.apply(order, command, author)
    same = order is None or after is order or not isinstance(command, ChangeOrder)
    return after if same else after.model_copy(update={"version": after.version - 1})


def changes_in_place(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """The lines that were given are written to, under the feet of whoever shows them."""
    after = rules.apply(order, command, author)
    if order is not None and after is not order and order.lines:
        order.lines[0].__dict__["note"] = "changed"
    return after


MUTANTS: list[tuple[Callable[[Rules, tuple[Step, ...]], None], Rules]] = [
    (properties.doubled_commands_change_nothing, replace(REAL, apply=forgets_what_is_in)),
    (properties.doubled_commands_change_nothing, replace(REAL, apply=forgets_a_second_serve)),
    (properties.a_close_loses_no_line, replace(REAL, apply=closes_whatever_is_there)),
    (properties.a_close_loses_no_line, replace(REAL, apply=closes_and_drops_late_lines)),
    (properties.a_close_loses_no_line, replace(REAL, follow_up=follows_with_nothing)),
    (properties.a_send_touches_named_lines_only, replace(REAL, apply=sends_what_is_unsent)),
    (properties.a_send_touches_named_lines_only, replace(REAL, apply=fires_all_that_is_held)),
    (properties.a_send_touches_named_lines_only, replace(REAL, apply=cooks_what_is_held)),
    (properties.a_send_touches_named_lines_only, replace(REAL, apply=sends_again)),
    (properties.a_whole_order_is_what_its_screen_showed, replace(REAL, apply=takes_whatever_is_there)),
    (properties.cash_is_never_refused, replace(REAL, apply=refuses_money_on_a_closed_order)),
    (properties.money_is_kept, replace(REAL, apply=applies_all_money)),
    (properties.money_is_kept, replace(REAL, apply=takes_payments_twice)),
    (properties.money_is_kept, replace(REAL, apply=forgets_a_second_receipt)),
    (properties.nothing_that_was_added_is_forgotten, replace(REAL, apply=removes_voided_lines)),
    (properties.versions_count_what_was_applied, replace(REAL, apply=counts_nothing)),
    (properties.versions_count_what_was_applied, replace(REAL, apply=changes_in_place)),
]


@pytest.mark.parametrize(
    ("check", "mutant"),
    MUTANTS,
    ids=[(m.apply if m.apply is not rules.apply else m.follow_up).__name__ for _, m in MUTANTS],
)
def test_a_mistake_in_the_rules_is_caught(check: Callable[[Rules, tuple[Step, ...]], None], mutant: Rules) -> None:
    @settings(max_examples=400, phases=[Phase.generate])
    @given(nights())
    def run(night: tuple[Step, ...]) -> None:
        tell_apart(lambda impl: check(impl, night), mutant)

    caught(run)


def stale_by_order(order: Order | None, command: OrderOperation, author: Author) -> Order:
    """A change is stale when anything on the order changed, not when its own line did."""
    if isinstance(command, ChangeOrder) and order is not None and command.base_version < order.version:
        raise CommandRejected(Refusal.STALE_WRITE, "The order was changed.")
    return rules.apply(order, command, author)


def test_staleness_by_order_is_caught() -> None:
    @settings(max_examples=100, phases=[Phase.generate])
    @given(pairs_of_changes())
    def run(pair: tuple[Order, Step, Step]) -> None:
        tell_apart(
            lambda impl: properties.changes_of_different_lines_commute(impl, *pair), replace(REAL, apply=stale_by_order)
        )

    caught(run)


_TO: dict[type, Stage] = {StartTicket: Stage.IN_PROGRESS, ReadyTicket: Stage.READY, RecallTicket: Stage.READY}


def last_mark_wins(ticket: Ticket, command: TicketOperation) -> Ticket:
    """The mark that comes last says where the ticket is."""
    stage = _TO.get(type(command))
    if stage is None or command.id in ticket.applied:
        return tickets.mark(ticket, command)
    update = {"status": stage, "applied": (*ticket.applied, command.id), "version": ticket.version + 1}
    return ticket.model_copy(update=update)


def ignores_rounds(ticket: Ticket, command: TicketOperation) -> Ticket:
    """A bump of the round before the recall takes the recalled ticket off the board."""
    if isinstance(command, RecallTicket):
        return tickets.mark(ticket, command)
    return tickets.mark(ticket, command.model_copy(update={"round": ticket.round}))


def last_word_of_urgency_wins(ticket: Ticket, command: TicketOperation) -> Ticket:
    """Whoever says last how urgent it is has said so, also where the word is old."""
    if isinstance(command, PrioritiseTicket):
        command = command.model_copy(update={"turn": ticket.priority_turn})
    return tickets.mark(ticket, command)


def urgent_is_begun(ticket: Ticket, command: TicketOperation) -> Ticket:
    """What is urgent counts as begun."""
    after = tickets.mark(ticket, command)
    if isinstance(command, PrioritiseTicket) and after.status is Stage.QUEUED and after is not ticket:
        return after.model_copy(update={"status": Stage.IN_PROGRESS})
    return after


@pytest.mark.parametrize("mutant", [last_mark_wins, ignores_rounds, last_word_of_urgency_wins, urgent_is_begun])
def test_a_mistake_in_the_marks_is_caught(mutant: properties.Mark) -> None:
    @settings(max_examples=200, phases=[Phase.generate])
    @given(st.data(), marks(TICKET))
    def run(data: st.DataObject, given_marks: list[TicketOperation]) -> None:
        shuffled = data.draw(st.permutations(given_marks))
        tell_apart(
            lambda impl: properties.marks_end_alike_in_any_order(impl, TICKET, given=given_marks, shuffled=shuffled),
            replace(REAL, mark=mutant),
        )

    caught(run)
