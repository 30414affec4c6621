"""A close that the server says it has already: what its order could not use and what it left over is told as well."""

from __future__ import annotations

import asyncio

import pytest

from shared.clock import SystemClock
from shared.domain.closing import follow_up
from shared.domain.order import Order
from shared.ids import OperationId, PaymentId
from shared.store.outcomes import Accepted, Flight
from shared.sync import errands
from shared.sync.evidence import Evidence
from shared.sync.exchange import Answered, Exchange
from shared.sync.verdicts import Later, Verdict, judge
from tests.unit.sync.flights import (
    AUTHOR,
    LATE_LINE,
    answer,
    as_json,
    change,
    close,
    create,
    error,
    flight_of,
    new_line,
    order_after,
    ulid,
)
from tests.unit.sync.test_errands import Kitchen

OPEN = order_after(create(new_line()))
PAID_TWICE = order_after(
    create(new_line()),
    close().model_copy(
        update={
            "id": OperationId(ulid(204)),
            "payments": (close().payments[0].model_copy(update={"id": PaymentId(ulid(205))}),),
        }
    ),
    close(),
)


class Server(Kitchen):
    """A `Transport` that gives this answer to the close and shows these orders."""

    def __init__(self, said: Answered, orders: tuple[Order, ...]) -> None:
        super().__init__([])
        self.said, self.orders = said, orders

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        return self.said

    async def get_intent(self, payment_id: str) -> Exchange:
        """Nobody pays by card here."""
        raise AssertionError(payment_id)

    async def get_order(self, order_id: str) -> Exchange:
        self.asked.append(order_id)
        found = [one for one in self.orders if one.id == order_id]
        return answer(200, as_json(found[0])) if found else answer(404, error(404))


def sent(server: Server) -> Verdict:
    evidence, flight = Evidence(lambda: True), flight_of(close())
    return asyncio.run(errands.send(server, flight, seen=None, judge=judge, evidence=evidence, clock=SystemClock()))


def duplicate(shown: Order | None = None) -> Answered:
    existing = None if shown is None else as_json(shown)
    return answer(409, error(409, "IDEMPOTENCY_DUPLICATE", existingResource=existing))


@pytest.mark.parametrize(
    "said",
    [
        duplicate(),
        duplicate(PAID_TWICE),
        duplicate(OPEN),
        answer(200, as_json(PAID_TWICE)),
        answer(200, {"id": PAID_TWICE.id}),
    ],
    ids=["shows nothing", "shows the order", "shows an old order", "a yes without a surplus", "a bare yes"],
)
def test_money_that_the_order_could_not_use_is_told_whatever_the_server_showed(said: Answered) -> None:
    found = sent(Server(said, (PAID_TWICE,)))
    assert isinstance(found, Accepted)
    assert found.entities == (PAID_TWICE,)
    assert found.surplus_minor == 1250


def test_what_another_payment_could_not_use_is_not_ours_to_tell() -> None:
    own = PAID_TWICE.model_copy(update={"payments": tuple(reversed(PAID_TWICE.payments))})
    mixed = [one.model_copy(update={"unapplied_minor": 1250 - one.unapplied_minor}) for one in own.payments]
    found = sent(Server(duplicate(), (own.model_copy(update={"payments": tuple(mixed)}),)))
    assert isinstance(found, Accepted)
    assert found.surplus_minor == 0


def test_a_duplicate_of_a_close_that_the_order_does_not_hold_counts_against_it() -> None:
    found = sent(Server(duplicate(OPEN), (OPEN,)))
    assert isinstance(found, Later)
    assert found.counts


def test_what_the_close_left_over_is_asked_for_and_stored_with_it() -> None:
    before = order_after(create(new_line()), change(LATE_LINE))
    paid, late = order_after(create(new_line()), change(LATE_LINE), close()), follow_up(before, close(), AUTHOR)
    assert late is not None
    server = Server(duplicate(), (paid, late))
    found = sent(server)
    assert isinstance(found, Accepted)
    assert found.entities == (paid, late)
    assert server.asked == [paid.id, late.id]


def test_a_close_counts_also_when_what_it_left_over_cannot_be_shown_now() -> None:
    paid = order_after(create(new_line()), change(LATE_LINE), close())
    found = sent(Server(duplicate(), (paid,)))
    assert isinstance(found, Accepted)
    assert found.entities == (paid,)
