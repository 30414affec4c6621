"""Cards when the server ends between two steps, two of them have one errand, or the money has to go back."""

from __future__ import annotations

from functools import partial

import pytest

from reference_server.gateway import Refunded
from reference_server.payments import cashier, refunding
from reference_server.payments.refunding import CardRefund
from reference_server.payments.simulated import LATE_MS, Kind, Play
from shared.database import run_inline
from shared.domain.payment_intent import EXPIRES_MS, Declined, NoWord, Step
from shared.domain.rejections import CommandRejected
from tests.contract.house import House
from tests.contract.paying import Cards, always
from tests.unit.domain.restaurant import ulid


@pytest.fixture
def cards(house: House) -> Cards:
    return Cards(house, script=always(Play.APPROVE))


STEPS = ("before the errand is taken", "before the gateway is told", "before its word is stored")


@pytest.mark.parametrize("play", Play)
@pytest.mark.parametrize("dies", STEPS)
def test_a_server_that_ends_between_any_two_steps_charges_once_and_forgets_nothing(
    cards: Cards, play: Play, dies: str
) -> None:
    """The continuation is dropped, the next server begins with the rows alone; a gateway that honours no key counts."""
    cards.script = always(play)
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order).json
    if dies != STEPS[0]:
        for errand in cards.take():
            if dies == STEPS[2]:
                cashier.tell(cards.gateway, errand)
    cards.collect(LATE_MS / 1000 + 80)
    ledger = cards.gateway.ledger()
    assert ledger[intent["id"]].charges <= 1
    assert cards.charged() == cards.on_the_books()
    assert cards.house.count("payment_intent", "is_over = 0") == 0


def test_what_the_dead_servers_gateway_says_late_is_taken_as_it_comes(cards: Cards) -> None:
    """Two servers have one errand: the words of both are stored, in any order, and the money counts once."""
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order).json
    (first,) = cards.take()
    word = cashier.tell(cards.gateway, first)
    cards.house.clock.ms += cashier.LEASE_MS
    cards.collect(2)
    cards.settle(first, word)
    cards.settle(first, NoWord())
    cards.settle(first, Declined("late and wrong"))
    assert cards.state(intent["id"]) == "APPROVED"
    assert cards.gateway.ledger()[intent["id"]].charges == 1


@pytest.mark.parametrize(
    ("listened_ms", "ends"), [(0, "APPROVED"), (EXPIRES_MS, "VOIDED")], ids=["as it is", "spoiled"]
)
def test_a_server_that_was_put_back_takes_no_silence_for_the_end_of_what_its_till_saw_approved(
    cards: Cards, listened_ms: int, ends: str
) -> None:
    """It was copied between two steps. The second case is a server that believes it has listened all the time."""
    intent = cards.ask(cards.house.order("table-5", "cola")).json
    (first,) = cards.take()
    cashier.tell(cards.gateway, first)
    cards.house.clock.ms += LATE_MS + EXPIRES_MS
    cards.listened_ms = listened_ms
    (second,) = cards.take()
    assert second.step is Step.ASK
    cards.settle(second, NoWord())
    cards.collect(5)
    assert cards.state(intent["id"]) == ends


def test_a_gateway_that_stays_silent_to_a_server_that_was_put_back_ends_the_wait(cards: Cards) -> None:
    intent = cards.ask(cards.house.order("table-5", "cola")).json
    cards.house.clock.ms += LATE_MS
    for listened_ms, state in ((0, "CREATED"), (EXPIRES_MS - 1, "CREATED"), (EXPIRES_MS, "EXPIRED")):
        cards.listened_ms = listened_ms
        cards.house.clock.ms += cashier.LEASE_MS
        (errand,) = cards.take()
        cards.settle(errand, NoWord())
        assert cards.state(intent["id"]) == state


@pytest.mark.parametrize(("play", "ends"), [(Play.APPROVE, 200), (Play.DECLINE, 422)])
def test_a_close_that_comes_before_the_gateways_word_is_no_verdict_and_comes_again(
    cards: Cards, play: Play, ends: int
) -> None:
    """The till saw the word of a server that was put back to an older copy since: the same key has to get through."""
    cards.script = always(play)
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order).json
    errands: list[cashier.Errand] = []
    for state in ("CREATED", "IN_DOUBT"):
        early = cards.close(order, intent, key=ulid(70))
        assert (early.status, cards.state(intent["id"])) == (425, state), early.json
        errands += cards.take()
    (errand,) = errands
    assert cards.house.count("operation", f"id = '{ulid(70)}'") == 0
    cards.settle(errand, cashier.tell(cards.gateway, errand))
    assert cards.close(order, intent, key=ulid(70)).status == ends
    assert cards.charged() == cards.on_the_books()


def test_an_errand_is_one_cashiers_until_its_time_is_over(cards: Cards) -> None:
    cards.ask(cards.house.order("table-5", "cola"))
    assert len(cards.take()) == 1
    assert cards.take() == ()
    cards.house.clock.ms += cashier.LEASE_MS
    assert [errand.step for errand in cards.take()] == [Step.ASK]


def test_a_clock_that_was_set_back_keeps_no_guest_waiting(cards: Cards) -> None:
    cards.script = always(Play.CONFIRM)
    intent = cards.ask(cards.house.order("table-5", "cola")).json
    cards.collect()
    cards.house.clock.ms -= 3_600_000
    cards.gateway.ledger()[intent["id"]].approves_at_ms -= 3_600_000
    cards.collect(6)
    assert cards.state(intent["id"]) == "APPROVED"


def _refund(cards: Cards, refund: CardRefund) -> None:
    def work(tx: object) -> None:
        refunding.refuse_too_much(tx, refund)  # type: ignore[arg-type]
        refunding.keep(tx, refund, now_ms=cards.house.clock.ms)  # type: ignore[arg-type]

    run_inline(cards.house.connection, work)


def test_a_refund_goes_once_to_the_gateway_and_never_beyond_the_charge(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola", "flan")
    intent = cards.ask(order).json
    cards.collect()
    cards.close(order, intent)
    charged = cards.charged()
    for _ in range(2):
        _refund(cards, CardRefund(ulid(60), intent["id"], 100))
    with pytest.raises(CommandRejected, match="more than is left"):
        _refund(cards, CardRefund(ulid(61), intent["id"], charged - 99))
    with pytest.raises(CommandRejected, match="another refund"):
        _refund(cards, CardRefund(ulid(60), intent["id"], 99))
    with pytest.raises(CommandRejected, match="Nothing was charged"):
        _refund(cards, CardRefund(ulid(62), ulid(9), 1))
    assert run_inline(cards.house.connection, partial(refunding.left_minor, payment_id=intent["id"])) == charged - 100
    cards.collect(3)
    assert cards.charged() == cards.on_the_books() == charged - 100
    assert cards.house.count("card_refund", "state = 'DONE'") == 1


@pytest.mark.parametrize("dies", STEPS)
def test_a_refund_outlives_a_server_that_ends_anywhere(cards: Cards, dies: str) -> None:
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order).json
    cards.collect()
    cards.close(order, intent)
    charged = cards.charged()
    _refund(cards, CardRefund(ulid(60), intent["id"], charged))
    if dies != STEPS[0]:
        for errand in cards.take():
            if dies == STEPS[2]:
                assert isinstance(cashier.tell(cards.gateway, errand), Refunded)
    cards.house.clock.ms += cashier.LEASE_MS
    cards.collect(2)
    assert cards.charged() == cards.on_the_books() == 0


def test_a_refund_that_the_gateway_refuses_is_told(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order).json
    cards.collect()
    cards.close(order, intent)
    _refund(cards, CardRefund(ulid(60), intent["id"], 50))
    cards.gateway.ledger()[intent["id"]].kind = Kind.VOIDED  # somebody has done it there by hand
    cards.collect()
    (alert,) = cards.alerts()
    assert alert[0] == "refund_refused"
    assert (
        run_inline(cards.house.connection, partial(refunding.left_minor, payment_id=intent["id"]))
        == (intent["amountMinor"])
    )
