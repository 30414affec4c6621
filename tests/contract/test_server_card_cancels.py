"""A payment by card that a person cancels: nobody is charged by it, whenever the gateway's approval comes."""

from __future__ import annotations

import pytest

from reference_server.payments import cashier
from reference_server.payments.simulated import LATE_MS, Play
from reference_server.storage import payment_intents
from shared.database import run_inline
from shared.domain.cancelling import CANCELLED
from shared.domain.payment_intent import IntentState
from tests.contract.house import Answer, House, act
from tests.contract.paying import Cards, always


@pytest.fixture
def cards(house: House) -> Cards:
    return Cards(house, script=always(Play.APPROVE))


def cancel(cards: Cards, intent_id: str, *, key: str = "", who: str = "till") -> Answer:
    path = f"/payments/intents/{intent_id}/cancel"
    return cards.house.call("POST", path, act({}), key=key or cards.house.ids.new(), who=who)


def test_what_the_gateway_never_heard_of_is_ended_there_and_never_charged(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order).json
    told = cancel(cards, intent["id"])
    assert (told.status, told.json["state"], told.json["reason"]) == (200, "EXPIRED", CANCELLED)
    cards.collect(5)
    assert (cards.charged(), cards.alerts()) == (0, [])
    assert [entry.charges for entry in cards.gateway.ledger().values()] == [0], "the key is closed there"
    again = cards.ask(order)
    assert again.status == 201, "the guest may be asked anew at once"
    cards.collect()
    assert cards.close(order, again.json).json["state"] == "CLOSED"
    assert cards.charged() == cards.on_the_books() == 310


@pytest.mark.parametrize("play", [Play.CONFIRM, Play.IGNORE, Play.LOSE_REQUEST, Play.LOSE_ANSWER, Play.DECLINE])
def test_while_the_gateway_waits_or_says_nothing_it_is_told_to_end_it(cards: Cards, play: Play) -> None:
    cards.script = always(play)
    intent = cards.ask(cards.house.order("table-5", "cola")).json
    (errand,) = cards.take()
    word = cashier.tell(cards.gateway, errand)
    told = cancel(cards, intent["id"])
    assert (told.status, told.json["state"]) == (200, "EXPIRED")
    cards.settle(errand, word)
    cards.collect(5)
    cards.collect(LATE_MS / 1000 + 70)
    assert cards.state(intent["id"]) == ("VOIDED" if play is Play.LOSE_ANSWER else "EXPIRED")
    assert cards.charged() == cards.on_the_books() == 0


def test_a_charge_that_is_on_its_way_to_the_gateway_while_it_is_cancelled_is_taken_back(cards: Cards) -> None:
    intent = cards.ask(cards.house.order("table-5", "cola")).json
    (errand,) = cards.take()
    assert cancel(cards, intent["id"]).json["state"] == "EXPIRED"
    cards.settle(errand, cashier.tell(cards.gateway, errand))
    cards.collect(5)
    assert (cards.state(intent["id"]), cards.charged()) == ("VOIDED", 0)
    ((kind, words),) = cards.alerts()
    assert kind == "late_voided"
    assert "has been taken back" in words


@pytest.mark.parametrize(("play", "becomes"), [(Play.LATE, "VOIDED"), (Play.LATE_KEPT, "UNAPPLIED")])
def test_an_approval_that_comes_after_it_is_taken_back_or_waits_for_its_refund(
    cards: Cards, play: Play, becomes: str
) -> None:
    cards.script = always(play)
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order).json
    cards.collect(5)
    assert cancel(cards, intent["id"]).json["state"] == "EXPIRED"
    cards.collect(LATE_MS / 1000 + 70)
    assert cards.state(intent["id"]) == becomes
    assert cards.charged() == cards.on_the_books() == (0 if becomes == "VOIDED" else 310)
    assert [kind for kind, _ in cards.alerts()] == [f"late_{becomes.lower()}"]
    assert [one["unappliedMinor"] for one in cards.order(order["id"])["payments"]] == [310] * (becomes != "VOIDED")


def test_a_server_that_thinks_it_is_over_and_tells_no_gateway_is_caught(cards: Cards) -> None:
    """The mutant: the guest pays for nothing."""
    cards.script = always(Play.LATE)
    intent = cards.ask(cards.house.order("table-5", "cola")).json
    cards.collect(5)

    def forget(tx: object) -> None:
        known = payment_intents.get(tx, intent["id"])  # type: ignore[arg-type]
        assert known is not None
        over = known.model_copy(update={"state": IntentState.EXPIRED, "is_cleared": True})
        payment_intents.put(tx, over, next_ms=0)  # type: ignore[arg-type]

    run_inline(cards.house.connection, forget)
    cards.collect(LATE_MS / 1000 + 70)
    assert cards.charged() != cards.on_the_books()


def test_what_was_paid_by_then_is_a_fact_and_shown(cards: Cards) -> None:
    order = cards.house.order("table-5", "cola")
    intent = cards.ask(order).json
    cards.collect()
    for _ in range(2):
        told = cancel(cards, intent["id"])
        assert (told.status, told.json["conflictType"]) == (409, "INVALID_STATE_TRANSITION")
        assert told.json["currentState"]["state"] in ("APPROVED", "RECORDED")
        assert cards.close(order, intent).status == 200
    assert cards.charged() == cards.on_the_books() == 310


def test_cancelling_twice_changes_nothing_and_any_till_of_the_house_may(cards: Cards) -> None:
    intent = cards.ask(cards.house.order("table-5", "cola")).json
    first = cancel(cards, intent["id"], key="once", who="till-2")
    again = cancel(cards, intent["id"], key="once", who="till-2")
    assert (again.is_replay, again.status, again.json["state"]) == (True, 200, "EXPIRED")
    other = cancel(cards, intent["id"])
    assert (other.status, other.json["version"]) == (200, first.json["version"])
    cards.collect(5)
    assert cancel(cards, intent["id"], key="once", who="till-2").json["isCleared"] is True, "as it stands now"


def test_a_payment_that_nobody_knows_is_not_cancelled(cards: Cards) -> None:
    assert cancel(cards, cards.house.ids.new()).status == 404
