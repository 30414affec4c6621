"""Retry-After in all its forms, and what an order or ticket must hold to prove a duplicate."""

from __future__ import annotations

import pytest

from shared.domain.order import Order
from shared.domain.ticket import Stage, Ticket
from shared.domain.tickets import mark
from shared.store.outcomes import Accepted, Failed, FailReason, Flight
from shared.sync.actions import Cause
from shared.sync.proofs import entity_in, retry_after_s
from shared.sync.verdicts import Later, NoAnswer, Paused, Shown, judge_entity
from shared.wire.requests import Kind
from tests.unit.sync.flights import (
    LINE,
    bump,
    change,
    close,
    create,
    flight_of,
    new_line,
    order_after,
    ready,
    send_to_kitchen,
    ticket,
    void,
)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("86400", 300.0),
        ("999999999", 300.0),
        ("9999999999", 300.0),
        ("9" * 5000, 300.0),
        ("Fri, 27 Nov 2015 19:41:35 +99999999999999", None),
        ("99999999999999999999 Nov 2015 19:41:35 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("Fri, 27 Nov 2015 19:41:35 GMT", 30.0),
        ("Fri, 27 Nov 2015 19:40:00 GMT", 0.0),
        ("Sat, 28 Nov 2015 19:41:35 GMT", 300.0),
    ],
)
def test_retry_after_is_read_as_the_standard_has_it(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value, "date": "Fri, 27 Nov 2015 19:41:05 GMT"}) == seconds


def test_a_date_without_the_servers_own_date_says_nothing() -> None:
    assert retry_after_s({"retry-after": "Fri, 27 Nov 2015 19:41:35 GMT"}) is None
    assert retry_after_s({}) is None


def test_orders_and_tickets_are_told_apart_by_what_they_have() -> None:
    order = order_after(create())
    assert entity_in({"id": order.id}) is None
    assert entity_in([order.to_json().decode()]) is None


HELD: list[tuple[Flight, Order | Ticket]] = [
    (flight_of(create()), order_after(create())),
    (flight_of(create(new_line())), order_after(create(new_line()))),
    (flight_of(change()), order_after(create(), change())),
    (flight_of(send_to_kitchen()), order_after(create(new_line()), send_to_kitchen())),
    (flight_of(close()), order_after(create(new_line()), close())),
    (flight_of(void()), order_after(create(), void())),
    (flight_of(ready()), mark(ticket(), ready())),
    (flight_of(ready()), ticket(Stage.BUMPED)),
]


@pytest.mark.parametrize(("flight", "entity"), HELD)
@pytest.mark.parametrize("keeps_ids", [True, False])
def test_a_duplicate_is_settled_by_an_entity_that_holds_it(
    flight: Flight, entity: Order | Ticket, keeps_ids: bool
) -> None:
    shown = entity if keeps_ids else entity.model_copy(update={"applied": ()})
    found = judge_entity(flight, Shown(shown, 200, b"{}", "7-a"), link_up=True)
    assert found == Accepted(200, b"{}", (shown,), "7-a")


NOT_HELD: list[tuple[Flight, Order | Ticket | None]] = [
    (flight_of(create(new_line())), order_after(create()).model_copy(update={"applied": ()})),
    (flight_of(change()), order_after(create())),
    (flight_of(send_to_kitchen()), order_after(create(new_line()))),
    (flight_of(send_to_kitchen()), order_after(create())),
    (flight_of(close()), order_after(create(new_line()))),
    (flight_of(close()), order_after(create(), void())),
    (flight_of(void()), order_after(create(new_line(LINE)), close())),
    (flight_of(ready()), ticket()),
    (flight_of(ready()), order_after(create())),
    (flight_of(change()), ticket()),
    (flight_of(change()), None),
    (flight_of(ready()), None),
]


@pytest.mark.parametrize(("flight", "entity"), NOT_HELD)
def test_a_duplicate_that_the_entity_does_not_hold_counts_against_it(
    flight: Flight, entity: Order | Ticket | None
) -> None:
    found = judge_entity(flight, Shown(entity, 200, b""), link_up=True)
    assert isinstance(found, Later)
    assert found.counts


def test_after_ten_of_these_a_person_hears_of_it() -> None:
    found = judge_entity(flight_of(change(), attempts=9), Shown(None, 404, b""), link_up=True)
    assert isinstance(found, Failed)
    assert found.reason is FailReason.EXHAUSTED


def test_a_bump_is_held_by_a_list_that_has_the_ticket_no_more() -> None:
    assert judge_entity(flight_of(bump()), Shown(None, 200, b""), link_up=True) == Accepted(200, b"", (), None)
    assert isinstance(judge_entity(flight_of(bump()), Shown(None, 404, b""), link_up=True), Later)


@pytest.mark.parametrize("shown", [NoAnswer("gone"), Later(503, "busy"), Paused(Cause.DEVICE_UNKNOWN, 401, "who?")])
def test_a_check_that_brought_nothing_says_nothing(shown: NoAnswer | Later | Paused) -> None:
    assert isinstance(judge_entity(flight_of(change(), attempts=9), shown, link_up=True), NoAnswer)


def test_an_operation_whose_bytes_cannot_be_read_is_held_only_by_its_id() -> None:
    whole = flight_of(change())
    spoilt = Flight(
        seq=1,
        id=whole.id,
        kind=Kind.CHANGE_ORDER,
        method="PATCH",
        path=whole.path,
        body=b"{",
        lanes=whole.lanes,
        entity_id=whole.entity_id,
        sends=1,
        attempts=0,
        created_at_ms=0,
    )
    order = order_after(create(), change())
    assert isinstance(judge_entity(spoilt, Shown(order, 200, b""), link_up=True), Accepted)
    bare = order.model_copy(update={"applied": ()})
    assert isinstance(judge_entity(spoilt, Shown(bare, 200, b""), link_up=True), Later)
