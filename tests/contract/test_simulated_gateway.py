"""The bundled gateway keeps to its keys, plays what the amount asks for, and remembers it in its own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_server.gateway import Gateway, Refunded, RefundRefused
from reference_server.payments.simulated import CONFIRMED_MS, LATE_MS, Kind, Play, SimulatedGateway
from shared.domain.bill import Method
from shared.domain.payment_intent import (
    EXPIRES_MS,
    Approved,
    Cleared,
    Declined,
    Kept,
    NoWord,
    PaymentIntent,
    TakenBack,
    Unheard,
    Waiting,
)
from shared.ids import OrderId, PaymentId
from shared.times import to_rfc3339
from tests.contract.house import START_MS, HandClock
from tests.unit.domain.restaurant import ulid


def intent(amount_minor: int, *, method: Method = Method.CARD, number: int = 1) -> PaymentIntent:
    return PaymentIntent(
        id=PaymentId(ulid(number)),
        order_id=OrderId(ulid(900)),
        method=method,
        amount_minor=amount_minor,
        created_at=to_rfc3339(START_MS),
        expires_at=to_rfc3339(START_MS + EXPIRES_MS),
    )


@pytest.mark.parametrize(
    ("cents", "first", "asked", "later"),
    [
        (0, Approved, Approved, Approved),
        (91, Declined, Declined, Declined),
        (92, NoWord, Approved, Approved),
        (93, NoWord, Unheard, Unheard),
        (94, Waiting, Approved, Approved),
        (95, Waiting, Waiting, Waiting),
        (96, Waiting, Waiting, Approved),
        (97, Waiting, Waiting, Approved),
    ],
)
def test_the_last_two_digits_say_what_happens(cents: int, first: type, asked: type, later: type) -> None:
    clock = HandClock(START_MS)
    gateway: Gateway = SimulatedGateway(clock)
    one = intent(1000 + cents)
    assert type(gateway.charge(one, currency="EUR")) is first
    clock.ms += CONFIRMED_MS
    assert type(gateway.state(one.id)) is asked
    clock.ms += LATE_MS
    assert type(gateway.state(one.id)) is later


def test_mobile_money_waits_for_the_guest() -> None:
    clock = HandClock(START_MS)
    gateway = SimulatedGateway(clock)
    one = intent(1000, method=Method.MOBILE_MONEY)
    assert gateway.charge(one, currency="EUR") == Waiting()
    clock.ms += CONFIRMED_MS
    assert isinstance(gateway.state(one.id), Approved)


def test_told_twice_under_one_key_it_charges_once() -> None:
    gateway = SimulatedGateway(HandClock(START_MS))
    one = intent(1000)
    assert gateway.charge(one, currency="EUR") == gateway.charge(one, currency="EUR")
    assert gateway.ledger()[one.id].kept_minor == 1000


def test_what_was_ended_charges_nobody_whatever_comes_later() -> None:
    clock = HandClock(START_MS)
    gateway = SimulatedGateway(clock)
    unheard, waiting, charged = (intent(cents, number=number) for number, cents in ((1, 1000), (2, 1095), (3, 1000)))
    for one in (waiting, charged):
        gateway.charge(one, currency="EUR")
    assert gateway.end(unheard.id) == Cleared()
    assert gateway.end(waiting.id) == Cleared()
    assert isinstance(gateway.end(charged.id), TakenBack)
    for one in (unheard, waiting, charged):
        assert isinstance(gateway.charge(one, currency="EUR"), Declined)
    assert sum(entry.kept_minor for entry in gateway.ledger().values()) == 0


@pytest.mark.parametrize(("cents", "last"), [(96, TakenBack), (97, Kept)])
def test_a_late_approval_can_be_voided_or_not(cents: int, last: type) -> None:
    clock = HandClock(START_MS)
    gateway = SimulatedGateway(clock)
    one = intent(1000 + cents)
    gateway.charge(one, currency="EUR")
    assert gateway.end(one.id) == Waiting(), "the guest has it on the phone"
    clock.ms += LATE_MS
    assert type(gateway.end(one.id)) is last
    assert type(gateway.end(one.id)) is last, "and so at every retry"


def test_a_refund_is_made_once_under_its_key_and_never_beyond_the_charge() -> None:
    gateway = SimulatedGateway(HandClock(START_MS))
    one = intent(1000)
    gateway.charge(one, currency="EUR")
    for _ in range(2):
        assert isinstance(gateway.refund(one.id, refund_id=ulid(50), amount_minor=600), Refunded)
    assert isinstance(gateway.refund(one.id, refund_id=ulid(50), amount_minor=100), RefundRefused)
    assert isinstance(gateway.refund(one.id, refund_id=ulid(51), amount_minor=500), RefundRefused)
    assert isinstance(gateway.refund(ulid(9), refund_id=ulid(52), amount_minor=1), RefundRefused)
    assert isinstance(gateway.end(one.id), Kept), "what is refunded in part is not voided"
    assert gateway.ledger()[one.id].kept_minor == 400


def test_its_file_remembers_all_of_it_also_behind_a_torn_line(tmp_path: Path) -> None:
    clock, file = HandClock(START_MS), tmp_path / "ledger.jsonl"
    one, other, later = (intent(cents, number=number) for number, cents in ((1, 1000), (2, 1094), (3, 1000)))
    gateway = SimulatedGateway(clock, file=file)
    for told in (one, other):
        gateway.charge(told, currency="EUR")
    gateway.refund(one.id, refund_id=ulid(50), amount_minor=300)
    with file.open("a") as torn:
        torn.write('{"key": "half of')
    again = SimulatedGateway(clock, file=file)
    again.charge(later, currency="EUR")
    clock.ms += CONFIRMED_MS
    last = SimulatedGateway(clock, file=file).ledger()
    assert {key: (entry.kind, entry.kept_minor) for key, entry in last.items()} == {
        one.id: (Kind.CHARGED, 700),
        other.id: (Kind.CHARGED, 1094),
        later.id: (Kind.CHARGED, 1000),
    }
    assert last[other.id].play is Play.CONFIRM
