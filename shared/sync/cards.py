"""A till's payments by card and mobile money on their way: sent once, then only asked about, until it is known."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from pydantic import ValidationError

from shared.domain.payment_intent import PaymentIntent
from shared.store import card_payments
from shared.store.card_payments import CardBook, CardPayment
from shared.store.outcomes import Failed, Flight
from shared.sync import proofs, verdicts
from shared.sync.exchange import Answered, Exchange, Transport
from shared.sync.ledger import Ledger, Told
from shared.sync.verdicts import Later, Paused, Verdict


async def collect(transport: Transport, ledger: Ledger, book: CardBook, *, told: Told = lambda _: None) -> bool:
    """Once around: send what was never sent, then ask about all that is not known yet. True if there is more to ask.

    `told` hears of each change when it is in the file: whatever comes of the next payment, it is in there.
    """
    sent: set[str] = set()
    while True:
        flight, changed = await ledger.ask(partial(card_payments.take_unsent, now_ms=ledger.now_ms()))
        told(changed)
        if flight is None:
            break
        sent.add(flight.id)
        book.sent_s[flight.id] = ledger.monotonic_s()
        answer = await transport.send(flight, seen=ledger.seen)
        told(await _store_sent(ledger, book, flight, answer=answer))
    for payment in await ledger.ask(card_payments.open_ones):
        if payment.is_sent and payment.id not in sent:
            told(await _ask(transport, ledger, book, payment=payment))
    still = {payment.id for payment in await ledger.ask(card_payments.open_ones)}
    book.sent_s = {one: sent_s for one, sent_s in book.sent_s.items() if one in still}
    return bool(still)


async def _ask(transport: Transport, ledger: Ledger, book: CardBook, *, payment: CardPayment) -> frozenset[str]:
    """How far it is. Who wants it cancelled says so first; whatever that is answered but the intent, it is asked about.

    A request that is still on its way arrives after the cancelling: so that is said until the server knows the intent.
    """
    flight = card_payments.cancelling(payment)
    if flight is not None:
        told = _intent(await transport.send(flight, seen=ledger.seen), payment.id)
        if told is not None:
            return await _heard(ledger, book, told)
    answer = await transport.get_intent(payment.id)
    return await _store_asked(ledger, book, payment.id, answer=answer)


async def _store_sent(ledger: Ledger, book: CardBook, flight: Flight, *, answer: Exchange) -> frozenset[str]:
    """What came of the one time that it was sent. Only a verdict of our server counts; all else leaves it in doubt."""
    told = _intent(answer, flight.id)
    if told is not None:
        return await _heard(ledger, book, told)
    words = _refusal(verdicts.judge(flight, answer, link_up=True))
    if words is None:
        return frozenset()
    return await ledger.ask(partial(card_payments.refused, payment_id=flight.id, message=words, now_ms=ledger.now_ms()))


def _refusal(verdict: Verdict) -> str | None:
    """Why our server has provably not taken it; None where it may have."""
    match verdict:
        case Failed():
            return verdict.message
        case Paused() | Later(status=HTTPStatus.TOO_MANY_REQUESTS):
            return verdict.error
        case _:
            return None


async def _store_asked(ledger: Ledger, book: CardBook, payment_id: str, *, answer: Exchange) -> frozenset[str]:
    told = _intent(answer, payment_id)
    if told is not None:
        return await _heard(ledger, book, told)
    is_unknown = (
        isinstance(answer, Answered)
        and answer.status == HTTPStatus.NOT_FOUND
        and proofs.refuses(answer, proofs.fields_of(answer.body))
    )
    if not is_unknown:
        return frozenset()
    now_s, now_ms = ledger.monotonic_s(), ledger.now_ms()
    waited_s = now_s - book.sent_s.setdefault(payment_id, now_s)
    work = partial(card_payments.unknown, payment_id=payment_id, waited_s=waited_s, now_ms=now_ms)
    return await ledger.ask(work)


async def _heard(ledger: Ledger, book: CardBook, told: PaymentIntent) -> frozenset[str]:
    now_ms, teller = ledger.now_ms(), book.teller
    return await ledger.ask(partial(card_payments.heard, payment_id=told.id, told=told, teller=teller, now_ms=now_ms))


def _intent(answer: Exchange, payment_id: str) -> PaymentIntent | None:
    """The intent that our server shows; a portal's page, or another payment, is no answer."""
    if not isinstance(answer, Answered) or answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        return None
    try:
        told = PaymentIntent.model_validate_json(answer.body)
    except ValidationError:
        return None
    return told if told.id == payment_id else None
