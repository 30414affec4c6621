"""A till that asks for a card: stored before it is sent, sent once, and only asked about after that."""

from __future__ import annotations

import pytest

from shared.database import run_inline
from shared.domain.payment_intent import EXPIRES_MS, IntentState, PaymentIntent, expires_ms
from shared.domain.rejections import CommandRejected
from shared.errors import DiskFull
from shared.store import card_payments, outbox
from shared.store.card_payments import GIVEN_UP_MS
from shared.sync.exchange import Answered
from shared.wire.protocol import HEADER_KEY
from tests.contract.card_till import Till, till
from tests.unit.domain.restaurant import ulid

__all__ = ["till"]


def test_an_approved_card_closes_the_bill_that_was_on_the_screen(till: Till) -> None:
    till.tap(till.wish())
    assert till.payment().state is IntentState.CREATED
    assert till.round()
    till.cards.collect()
    assert not till.round()
    assert till.payment().state is IntentState.APPROVED
    (close,) = till.closes()
    assert close["payments"][0]["reference"] == f"sim-{till.payment().id}"  # type: ignore[index]
    till.store.deliver()
    order = till.cards.order(till.order_id)
    assert (order["state"], order["payments"][0]["unappliedMinor"]) == ("CLOSED", 0)
    assert till.cards.charged() == till.cards.on_the_books() == 1250


def _body(till: Till) -> bytes:
    return bytes(till.store.connection.execute("SELECT body FROM payment_intent").get)


def test_two_taps_are_one_payment_and_one_close(till: Till) -> None:
    for _ in range(2):
        till.tap(till.wish())
    for _ in range(3):
        till.round()
        till.cards.collect()
    assert (len(till.line.sent), len(till.closes())) == (1, 1)
    assert [entry.charges for entry in till.cards.gateway.ledger().values()] == [1]


@pytest.mark.parametrize("loses", ["lost", "unheard"])
def test_without_an_answer_it_is_never_sent_again_and_only_asked_about(till: Till, loses: str) -> None:
    till.tap(till.wish())
    setattr(till.line, loses, True)
    till.round()
    assert till.payment().state is IntentState.IN_DOUBT
    setattr(till.line, loses, False)
    till.cards.collect()
    for _ in range(3):
        till.round()
    assert len(till.line.sent) == 1
    approved = loses == "unheard"
    assert till.payment().state is (IntentState.APPROVED if approved else IntentState.IN_DOUBT)
    assert till.cards.charged() == (1250 if approved else 0)


def test_what_the_server_never_heard_of_is_given_up_when_it_charges_nobody_any_more(till: Till) -> None:
    till.tap(till.wish())
    till.line.lost = True
    till.round()
    late = till.house.request("POST", "/payments/intents", _body(till), key=till.payment().id)
    till.line.lost = False
    till.house.clock.ms += GIVEN_UP_MS - 1
    till.round()
    assert till.payment().state is IntentState.IN_DOUBT
    till.house.clock.ms += 1
    till.round()
    assert till.payment().state is IntentState.EXPIRED
    arrived = till.house.call("POST", late.path, late.body, key=late.headers[HEADER_KEY.lower()])
    assert arrived.status == 201
    till.cards.collect(10)
    assert till.cards.charged() == 0, "a request that was so long on its way charges nobody"


def test_a_till_that_ends_between_any_two_steps_goes_on_by_asking(till: Till) -> None:
    """The mark that it was sent is durable before it goes: whoever starts next finds it, and asks."""
    till.tap(till.wish())
    run_inline(till.store.connection, lambda tx: card_payments.take_unsent(tx, now_ms=till.now_ms()))
    till.round()
    assert till.line.sent == [], "it may have gone: nobody can know"
    till.house.clock.ms += GIVEN_UP_MS
    till.round()
    assert till.payment().state is IntentState.EXPIRED


def test_what_was_not_sent_in_time_is_never_sent(till: Till) -> None:
    till.tap(till.wish())
    till.house.clock.ms += EXPIRES_MS
    till.round()
    assert (till.payment().state, till.line.sent) == (IntentState.EXPIRED, [])


def test_an_order_that_the_server_does_not_have_is_cash_only(till: Till) -> None:
    till.order_id = till.store.order("pizza")
    with pytest.raises(CommandRejected, match="does not have all of this order yet"):
        till.tap(till.wish(701))


def test_while_one_payment_is_under_way_no_other_begins(till: Till) -> None:
    till.tap(till.wish())
    with pytest.raises(CommandRejected, match="being paid already"):
        till.tap(till.wish(702))


def test_a_refusal_of_the_server_is_said_in_its_words_and_cash_is_taken(till: Till) -> None:
    till.tap(till.wish())
    body = {"actorId": "ben", "reason": "left", "lineIds": list(till.wish().line_ids)}
    assert till.house.call("POST", f"/pos/orders/{till.order_id}/void", body, who="till-2").status == 200
    till.round()
    payment = till.payment()
    assert (payment.state, "is voided" in payment.message) == (IntentState.DECLINED, True)
    assert (till.closes(), till.cards.charged()) == ([], 0)


@pytest.mark.parametrize(
    "answer",
    [Answered(200, {}, b"<html>Log in</html>"), Answered(404, {}, b"not here"), Answered(201, {}, b'{"id": "else"}')],
)
def test_what_is_not_our_servers_word_decides_nothing(till: Till, answer: Answered) -> None:
    till.tap(till.wish())
    till.line.answer = answer
    till.house.clock.ms += 1000
    till.round()
    till.house.clock.ms += GIVEN_UP_MS
    till.round()
    assert till.payment().state is IntentState.IN_DOUBT


def test_money_that_was_approved_goes_to_the_server_whatever_became_of_the_order(till: Till) -> None:
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    cash = {"id": ulid(41), "method": "CASH", "amount": 1250, "tendered": 1250}
    body = {"actorId": "ben", "lineIds": list(till.wish().line_ids), "totalMinor": 1250, "payments": [cash]}
    assert till.house.call("POST", f"/pos/orders/{till.order_id}/close", body, who="till-2").status == 200
    till.round()
    till.store.deliver()
    order = till.cards.order(till.order_id)
    assert [payment["unappliedMinor"] for payment in order["payments"]] == [0, 1250]
    assert run_inline(till.store.connection, outbox.waiting) == 0


def test_the_answer_twice_closes_once(till: Till) -> None:
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    till.round()
    told = PaymentIntent.model_validate_json(till.house.call("GET", f"/payments/intents/{till.payment().id}").body)
    run_inline(
        till.store.connection,
        lambda tx: card_payments.heard(tx, told.id, told, teller=till.teller, now_ms=till.now_ms()),
    )
    assert len(till.closes()) == 1


def test_what_is_in_the_file_is_told_though_the_disk_fails_behind_it(till: Till) -> None:
    till.tap(till.wish())
    till.breaks_after = 2
    with pytest.raises(DiskFull):
        till.round()
    assert till.payment().answer is not None, "the file has what the server said"
    assert len([ids for ids in till.told if card_payments.CARDS in ids]) == 2, "that it is sent, and how far it is"


def test_what_was_not_asked_for_in_time_is_told(till: Till) -> None:
    till.tap(till.wish())
    till.house.clock.ms += EXPIRES_MS
    assert not till.round()
    assert till.payment().state is IntentState.EXPIRED
    assert any(card_payments.CARDS in ids for ids in till.told)


TWO_HOURS_MS = 7_200_000


def test_a_wish_by_a_clock_that_is_ahead_is_given_up_as_soon_as_any_other(till: Till) -> None:
    till.ahead_ms = TWO_HOURS_MS
    till.tap(till.wish())
    till.line.lost = True
    till.round()
    till.ahead_ms = 0
    till.round()
    till.line.lost = False
    till.house.clock.ms += GIVEN_UP_MS - 1
    till.round()
    assert till.payment().state is IntentState.IN_DOUBT
    till.house.clock.ms += 1
    till.round()
    assert till.payment().state is IntentState.EXPIRED


def test_the_server_lets_no_guest_wait_for_a_clock_that_is_ahead(till: Till) -> None:
    till.ahead_ms = TWO_HOURS_MS
    till.tap(till.wish())
    till.round()
    told = till.payment().answer
    assert told is not None
    assert expires_ms(told) == till.house.clock.ms + EXPIRES_MS


def test_a_payment_of_a_clock_that_was_ahead_does_not_hide_the_one_that_follows(till: Till) -> None:
    till.ahead_ms = TWO_HOURS_MS
    till.tap(till.wish(700))
    till.ahead_ms += EXPIRES_MS
    till.round()
    assert till.payment().state is IntentState.EXPIRED
    till.ahead_ms = 0
    till.tap(till.wish(701))
    assert till.payment().state is IntentState.CREATED
    with pytest.raises(CommandRejected, match="being paid already"):
        till.tap(till.wish(702))


@pytest.mark.parametrize("steps_ms", [(TWO_HOURS_MS,), (-TWO_HOURS_MS, 0)], ids=["ahead", "back and forth"])
def test_a_clock_that_is_set_gives_up_no_request_that_may_still_be_on_its_way(
    till: Till, steps_ms: tuple[int, ...]
) -> None:
    till.tap(till.wish())
    till.line.lost = True
    till.round()
    till.line.lost = False
    for step_ms in steps_ms:
        till.ahead_ms = step_ms
        till.round()
    assert till.payment().state is IntentState.IN_DOUBT
    till.house.clock.ms += GIVEN_UP_MS
    till.round()
    assert till.payment().state is IntentState.EXPIRED


def test_a_request_that_arrives_late_is_collected_although_the_clock_was_set(till: Till) -> None:
    till.tap(till.wish())
    till.line.lost = True
    till.round()
    till.line.lost = False
    till.ahead_ms = TWO_HOURS_MS
    till.round()
    late = till.store.connection.execute("SELECT path, body FROM payment_intent").get
    assert till.house.call("POST", late[0], bytes(late[1]), key=till.payment().id).status == 201
    till.cards.collect()
    till.round()
    assert till.payment().state is IntentState.APPROVED
    assert len(till.closes()) == 1
