"""What must hold of any night, whatever two tills do to an order and in whatever state their screens are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.commands import TicketOperation
from shared.domain.draft import Draft
from shared.domain.order import Order
from shared.domain.rules import apply
from shared.domain.ticket import Ticket
from shared.domain.tickets import made_by
from shared.domain.totals import totals_of_order
from tests.unit.domain import properties
from tests.unit.domain.properties import Rules
from tests.unit.domain.restaurant import fold, opened, tills
from tests.unit.domain.strategies import Step, a_ticket, marks, nights, pairs_of_changes, played

RULES = Rules()


@settings(max_examples=40)
@given(nights())
def test_a_command_makes_one_version_leaves_its_input_alone_and_may_come_again_at_any_time(
    night: tuple[Step, ...],
) -> None:
    properties.versions_count_what_was_applied(RULES, night)
    properties.doubled_commands_change_nothing(RULES, night)


@settings(max_examples=40)
@given(nights())
def test_money_and_lines_are_never_lost(night: tuple[Step, ...]) -> None:
    properties.money_is_kept(RULES, night)
    properties.cash_is_never_refused(RULES, night)
    properties.a_close_loses_no_line(RULES, night)
    properties.a_send_touches_named_lines_only(RULES, night)
    properties.a_whole_order_is_what_its_screen_showed(RULES, night)
    properties.nothing_that_was_added_is_forgotten(RULES, night)


@settings(max_examples=30)
@given(nights())
def test_totals_are_always_the_sum_of_their_parts(night: tuple[Step, ...]) -> None:
    order = played(night)
    properties.totals_are_the_sum_of_their_parts(totals_of_order(order), order)


@settings(max_examples=30)
@given(pairs_of_changes())
def test_changes_of_different_lines_commute(pair: tuple[Order, Step, Step]) -> None:
    properties.changes_of_different_lines_commute(RULES, *pair)


@settings(max_examples=30)
@given(nights())
def test_the_fold_makes_what_the_rules_make_and_never_raises(night: tuple[Step, ...]) -> None:
    accepted = tuple(properties.taken(RULES, night))
    folded = fold(None, [(step.command, step.author) for step in night])
    assert folded.order == played(night)
    assert len(folded.skipped) == len(night) - len(accepted)


@settings(max_examples=30)
@given(nights(), st.integers(1, 12))
def test_the_fold_on_what_the_server_has_taken_already_is_the_same(night: tuple[Step, ...], settled: int) -> None:
    """An operation stays in the fold until its answer is stored: on a server that has it already, it adds nothing."""
    accepted = tuple(one.step for one in properties.taken(RULES, night))
    server = played(accepted[:settled])
    assert fold(server, [(step.command, step.author) for step in accepted]).order == played(accepted)


TICKET = a_ticket()


@settings(max_examples=50)
@given(st.data(), marks(TICKET))
def test_marks_in_any_order_and_any_number_end_alike(data: st.DataObject, given_marks: list[TicketOperation]) -> None:
    shuffled = data.draw(st.permutations([*given_marks, *given_marks[:3]]))
    properties.marks_end_alike_in_any_order(RULES, TICKET, given=given_marks, shuffled=shuffled)


def test_a_ticket_and_a_draft_come_back_from_their_json_as_they_were() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "beer")
    send = till.send(*(line.id for line in order.lines))
    for ticket in made_by(apply(order, send, till.author), send):
        assert Ticket.model_validate_json(ticket.to_json()) == ticket
    draft = Draft(order_id=order.id, number="A-1", lines=(till.add("cake", extra_minor=50).line,), applied=(send.id,))
    assert Draft.model_validate_json(draft.to_json()) == draft
