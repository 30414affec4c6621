"""How one ticket is looked for in the kitchen's list, page by page, when a server hides what it made of a mark."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest

from shared.clock import SystemClock
from shared.domain.ticket import Stage
from shared.ids import TicketId
from shared.store.outcomes import Accepted, Flight
from shared.sync import errands
from shared.sync.evidence import Evidence
from shared.sync.exchange import Answered, Event, Exchange, TimedOut
from shared.sync.verdicts import Later, NoAnswer, Verdict, judge
from tests.unit.sync.flights import answer, as_json, error, flight_of, ready, ticket, ulid

OTHER = ticket().model_copy(update={"id": TicketId(ulid(77))})


def page(cursor: str, *tickets: object, more: bool = False) -> Answered:
    return answer(200, {"tickets": list(tickets), "cursor": cursor, "serverTime": "", "hasMore": more})


@dataclass
class Kitchen:
    """A `Transport` that says *duplicate* to every mark and then shows these pages."""

    pages: list[Exchange]
    asked: list[str | None] = field(default_factory=list)

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        return answer(409, error(409, "IDEMPOTENCY_DUPLICATE"))

    async def pull_tickets(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        self.asked.append(cursor)
        return self.pages[min(len(self.asked), len(self.pages)) - 1]

    async def listen(self, cursor: str | None) -> AsyncGenerator[Event | Exchange, None]:
        yield TimedOut()

    async def beat(self) -> Exchange:
        return TimedOut()

    async def ready(self) -> Exchange:
        return TimedOut()

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        return TimedOut()

    async def get_intent(self, payment_id: str) -> Exchange:
        """Nobody pays by card here."""
        raise AssertionError(payment_id)

    async def get_order(self, order_id: str) -> Exchange:
        return TimedOut()

    async def house_alerts(self, actor_id: str) -> Exchange:
        """No manager looks here."""
        raise AssertionError(actor_id)

    async def catalogue(self, name: str, *, etag: str | None) -> Exchange:
        return TimedOut()

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        return TimedOut()

    async def close(self) -> None: ...


def sent(kitchen: Kitchen) -> Verdict:
    flight = flight_of(ready())
    evidence = Evidence(lambda: True)
    return asyncio.run(errands.send(kitchen, flight, seen=None, judge=judge, evidence=evidence, clock=SystemClock()))


def test_the_ticket_is_found_on_a_later_page() -> None:
    done = ticket(Stage.READY)
    kitchen = Kitchen([page("1-a", as_json(OTHER), more=True), page("2-b", as_json(OTHER), as_json(done))])
    found = sent(kitchen)
    assert isinstance(found, Accepted)
    assert found.entities == (done,)
    assert found.cursor == "2-b"
    assert kitchen.asked == [None, "1-a"]


def test_a_ticket_that_is_listed_without_the_mark_counts_against_it() -> None:
    found = sent(Kitchen([page("1-a", as_json(ticket()))]))
    assert isinstance(found, Later)
    assert found.counts


@pytest.mark.parametrize(
    "kitchen",
    [
        Kitchen([TimedOut()]),
        Kitchen([page("1-a", more=True), answer(502, b"<html>")]),
        Kitchen([page(f"{number}-x", more=True) for number in range(100)]),
    ],
    ids=["nobody there", "gone on the way", "no end to it"],
)
def test_a_list_that_cannot_be_read_to_its_end_says_nothing(kitchen: Kitchen) -> None:
    assert isinstance(sent(kitchen), NoAnswer)
    assert len(kitchen.asked) <= errands.MOST_PAGES


def test_a_server_whose_cursor_stands_still_is_not_asked_for_ever() -> None:
    kitchen = Kitchen([page("1-a", more=True), page("1-a", more=True)])
    assert isinstance(sent(kitchen), Later)
    assert kitchen.asked == [None, "1-a"]
