"""Tickets: what a send puts on which board, what a mark does to one, and how a ticket follows its order."""

import pytest

from shared.domain.commands import TicketOperation
from shared.domain.fold import fold_ticket
from shared.domain.marks import BumpTicket, ReadyItem, ReadyTicket, RecallTicket, SeenTicket, StartTicket
from shared.domain.rules import apply
from shared.domain.ticket import Stage, Ticket
from shared.domain.tickets import made_by, mark, reflect
from shared.ids import LineId, OperationId
from tests.unit.domain.restaurant import (
    ACTORS,
    AT,
    BAR,
    KITCHEN,
    LATER,
    TABLE_5,
    TABLE_6,
    ids_of,
    new_line,
    opened,
    tills,
    ulid,
)
from tests.unit.domain.strategies import a_ticket
from tests.unit.domain.test_lines import moved_to


def command(kind: type[TicketOperation], ticket: Ticket, *, round_: int = 0, number: int = 900) -> TicketOperation:
    """A mark of this kind, of the round that the screen showed."""
    extra = {"line_id": ticket.items[0].line_id} if kind is ReadyItem else {}
    fields = {"id": OperationId(ulid(number)), "actor_id": ACTORS[0], "at": LATER, "ticket_id": ticket.id}
    shown = tuple(item.line_id for item in ticket.items)
    return kind.model_validate(fields | {"round": round_, "line_ids": shown} | extra)


def test_a_send_makes_a_ticket_for_each_station_with_its_lines_as_the_cook_reads_them() -> None:
    till, _ = tills()
    pizza = new_line(ulid(50), quantity=2, extra_minor=50).model_copy(update={"note": "hot", "seat": 3})
    order = apply(None, till.create(pizza, new_line(ulid(51), "beer"), new_line(ulid(52), "cake")), till.author)
    send = till.send(*ids_of(order)).model_copy(update={"paper_at": LATER})
    kitchen, bar = made_by(apply(order, send, till.author), send)
    assert (kitchen.station, bar.station) == (KITCHEN, BAR)
    assert [item.name for item in kitchen.items] == ["Pizza", "Cake"]
    first = kitchen.items[0]
    assert (first.quantity, first.modifiers, first.note, first.seat) == (2, ("Large",), "hot", 3)
    assert (kitchen.order_number, kitchen.table_id, kitchen.waiter_name) == ("A-1", TABLE_5, "Ann")
    assert (kitchen.sent_at, kitchen.paper_at, kitchen.version, kitchen.applied) == (AT, LATER, 1, (send.id,))
    assert (kitchen.round, kitchen.status, kitchen.is_open, kitchen.is_voided) == (0, Stage.QUEUED, True, False)


def test_a_send_makes_no_ticket_of_another_send() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    first, second = till.send(order.lines[0].id), till.send(order.lines[1].id)
    sent = apply(apply(order, first, till.author), second, till.author)
    assert [item.name for ticket in made_by(sent, second) for item in ticket.items] == ["Cake"]


@pytest.mark.parametrize(
    ("kind", "stage"), [(StartTicket, Stage.IN_PROGRESS), (ReadyTicket, Stage.READY), (BumpTicket, Stage.BUMPED)]
)
def test_a_mark_moves_a_ticket_forward_and_may_skip_stages(
    kind: type[StartTicket | ReadyTicket | BumpTicket], stage: Stage
) -> None:
    ticket = a_ticket()
    given = command(kind, ticket)
    after = mark(ticket, given)
    assert (after.round, after.status, after.updated_at, after.version) == (0, stage, LATER, 2)
    assert after.is_open == (stage is not Stage.BUMPED)
    assert mark(after, given) is after
    assert mark(after, command(kind, ticket, number=901)) is after


def test_a_late_mark_undoes_nothing() -> None:
    bumped = mark(a_ticket(), command(BumpTicket, a_ticket()))
    for kind in (StartTicket, ReadyTicket):
        assert mark(bumped, command(kind, bumped, number=901)) is bumped


def test_a_recalled_ticket_is_ready_in_the_next_round_and_old_marks_are_of_the_round_before() -> None:
    bumped = mark(a_ticket(), command(BumpTicket, a_ticket()))
    recalled = mark(bumped, command(RecallTicket, bumped, number=901))
    assert (recalled.round, recalled.status, recalled.is_open) == (1, Stage.READY, True)
    assert mark(recalled, command(RecallTicket, bumped, number=902)) is recalled
    assert mark(recalled, command(BumpTicket, bumped, number=903)) is recalled
    again = mark(recalled, command(BumpTicket, recalled, round_=1, number=904))
    assert (again.round, again.status) == (1, Stage.BUMPED)


def test_a_ticket_is_seen_once() -> None:
    seen = mark(a_ticket(), command(SeenTicket, a_ticket()))
    assert (seen.seen_at, seen.status) == (LATER, Stage.QUEUED)
    assert mark(seen, command(SeenTicket, seen, number=901)) is seen


def test_a_line_is_done_once_and_a_strange_line_never() -> None:
    ticket = a_ticket()
    done = mark(ticket, command(ReadyItem, ticket))
    assert [item.done for item in done.items] == [True, False]
    assert mark(done, command(ReadyItem, ticket, number=901)) is done
    strange = command(ReadyItem, ticket).model_copy(update={"line_id": LineId(ulid(777))})
    assert mark(ticket, strange) is ticket


def test_a_ticket_follows_its_order() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake", "beer")
    send = till.send(*ids_of(order))
    sent = apply(order, send, till.author)
    kitchen, bar = made_by(sent, send)
    assert reflect(kitchen, sent) is kitchen
    pizza, cake, _ = ids_of(order)
    changed = apply(sent, till.change(2, till.void_line(pizza), till.seat(cake, 4)), till.author)
    after = reflect(kitchen, changed)
    assert [(item.voided, item.seat) for item in after.items] == [(True, None), (False, 4)]
    assert (after.version, after.is_voided) == (2, False)
    assert reflect(after, changed) is after
    assert reflect(bar, changed) is bar
    moved = apply(changed, till.change(3, moved_to(till, TABLE_6), till.void_line(cake)), till.author)
    assert (reflect(bar, moved).table_id, reflect(after, moved).is_voided) == (TABLE_6, True)


def test_a_ticket_keeps_the_lines_that_its_order_does_not_have() -> None:
    till, _ = tills()
    other = opened(till, "beer")
    ticket = a_ticket()
    assert reflect(ticket, other.model_copy(update={"lines": ()})) is ticket


def test_the_marks_of_this_screen_stand_on_what_the_server_said() -> None:
    ticket = a_ticket()
    folded = fold_ticket(ticket, [command(StartTicket, ticket), command(ReadyItem, ticket, number=901)])
    assert (folded.status, folded.items[0].done) == (Stage.IN_PROGRESS, True)
    assert fold_ticket(ticket, []) is ticket
