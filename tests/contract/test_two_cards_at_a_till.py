"""Two guests pay by card at one till: each is marked as sent when its own request goes, and waits by the stopwatch."""

from __future__ import annotations

import pytest

from shared.database import run_inline
from shared.domain.payment_intent import EXPIRES_MS, IntentState
from shared.errors import DiskFull
from shared.store import card_payments
from shared.store.card_payments import GIVEN_UP_MS, CardBook, CardPayment
from shared.store.outcomes import Flight
from shared.sync.exchange import Exchange
from tests.contract.card_till import Till, till

__all__ = ["till"]

HOUR_MS = 3_600_000


class Two:
    """The same till with a second order, whose card is tapped right after the first one's."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.first = till.order_id
        self.second = till.store.order("pizza")
        till.store.deliver()
        till.tap(till.wish(700))
        till.order_id = self.second
        till.house.clock.ms += 1000
        till.tap(till.wish(701))

    def payment(self, order_id: str) -> CardPayment:
        self.till.order_id = order_id
        return self.till.payment()


@pytest.fixture
def two(till: Till) -> Two:
    return Two(till)


def test_a_card_is_not_in_doubt_while_another_ones_request_is_on_its_way(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands: list[IntentState] = []
    real = two.till.line.send

    async def send(flight: Flight, *, seen: str | None) -> Exchange:
        stands.append(two.payment(two.second).state)
        return await real(flight, seen=seen)

    monkeypatch.setattr(two.till.line, "send", send)
    two.till.round()
    assert stands == [IntentState.CREATED, IntentState.IN_DOUBT]


def test_a_card_that_never_went_is_sent_after_the_errand_broke_off(two: Two) -> None:
    """The disk takes the mark of the first one, and not the server's answer to it."""
    two.till.breaks_after = 1
    with pytest.raises(DiskFull):
        two.till.round()
    assert two.payment(two.second).state is IntentState.CREATED
    two.till.breaks_after = 1_000
    two.till.round()
    two.till.cards.collect()
    two.till.round()
    assert [two.payment(one).state for one in (two.first, two.second)] == [IntentState.APPROVED] * 2
    assert len(two.till.line.sent) == 2


@pytest.mark.parametrize("meanwhile", ["cancelled", "too late"])
def test_what_became_of_a_card_while_another_one_was_sent_is_seen_before_it_goes(
    two: Two, meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, wish = two.till.line.send, two.payment(two.second).id

    async def send(flight: Flight, *, seen: str | None) -> Exchange:
        if meanwhile == "too late":
            two.till.house.clock.ms += EXPIRES_MS
        else:
            connection, now_ms = two.till.store.connection, two.till.now_ms()
            run_inline(connection, lambda tx: card_payments.cancel(tx, wish, actor_id="ann", now_ms=now_ms))
        return await real(flight, seen=seen)

    monkeypatch.setattr(two.till.line, "send", send)
    two.till.round()
    assert two.payment(two.second).state is IntentState.EXPIRED
    assert wish not in two.till.line.sent


@pytest.mark.parametrize("ahead_ms", [0, HOUR_MS, -HOUR_MS])
def test_a_till_that_begins_anew_waits_by_its_stopwatch_whatever_its_clock_says(till: Till, ahead_ms: int) -> None:
    """The request of the program before may arrive yet: a clock that is an hour ahead must not give it up."""
    till.tap(till.wish())
    till.line.lost = True
    till.round()
    till.line.lost = False
    till.book = CardBook(till.teller)
    till.ahead_ms = ahead_ms
    till.house.clock.ms += 1000
    till.round()
    assert till.payment().state is IntentState.IN_DOUBT
    till.house.clock.ms += GIVEN_UP_MS
    till.round()
    assert till.payment().state is IntentState.EXPIRED
    assert till.book.sent_s == {}, "what is over is not remembered for ever"
