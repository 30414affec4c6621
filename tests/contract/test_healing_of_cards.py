"""A server that was restored hears from its tills what was paid by card. Healing calls no gateway."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reference_server.payments.simulated import Play
from shared.database import open_writer
from shared.domain.closing import follow_up_id
from shared.domain.commands import PayCash
from shared.domain.totals import totals_of_order
from shared.ids import OrderId
from tests.contract.card_till import Till, till
from tests.contract.house import House
from tests.contract.paying import Cards, always
from tests.contract.test_healing_of_moves import FOREIGN, copied, has, report

__all__ = ["till"]


class Strict:
    """A gateway that must not hear of anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was called")


def healed(till: Till, copy: Path) -> House:
    """The copy put back, and told by both tills what it lost, with a gateway that nobody may call."""
    restored = replace(till.house, connection=open_writer(copy))
    restored.deps = replace(till.house.deps, gateway=Strict())
    for who, store in (("till", till.store), ("till-2", None), ("kitchen", None)):
        report(restored, who, store)
    while restored.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] != "DONE":
        pass
    restored.deps = till.house.deps
    return restored


def _again(till: Till, restored: House) -> Cards:
    cards = Cards(restored, script=always(Play.APPROVE))
    cards.gateway = till.cards.gateway
    return cards


@pytest.mark.parametrize("moment", range(3))
def test_a_bill_that_was_paid_by_card_comes_back_with_its_reference(till: Till, tmp_path: Path, moment: int) -> None:
    copies = [copied(till.house, tmp_path / "0.sqlite")]
    till.tap(till.wish())
    till.round()
    copies.append(copied(till.house, tmp_path / "1.sqlite"))
    till.cards.collect()
    copies.append(copied(till.house, tmp_path / "2.sqlite"))
    till.round()
    till.store.deliver()
    restored = healed(till, copies[moment])
    assert has(restored) == has(till.house)
    cards = _again(till, restored)
    cards.collect(10)
    assert cards.state(till.payment().id) == "RECORDED"
    assert restored.count("alert", "kind = 'healing'") == 0
    assert [entry.charges for entry in till.cards.gateway.ledger().values()] == [1]
    assert cards.charged() == cards.on_the_books() == 1250
    restored.connection.close()


def test_a_card_for_what_a_bill_left_over_is_on_that_order_and_nobody_is_asked_to_give_it_back(
    till: Till, tmp_path: Path
) -> None:
    copy = copied(till.house, tmp_path / "0.sqlite")
    store, first = till.store, till.order_id
    told = store.fold(first).standing_lines
    store.more(first, "beer")
    store.deliver()
    bill = totals_of_order(store.fold(first).model_copy(update={"lines": told})).total_minor
    named = tuple(line.id for line in told)
    store.tap(PayCash(**store.said(first), line_ids=named, total_minor=bill, tendered_minor=bill))
    store.deliver()
    till.order_id = follow_up_id(OrderId(first))
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    till.round()
    store.deliver()
    assert till.cards.state(till.payment().id) == "RECORDED"

    restored = healed(till, copy)
    assert has(restored) == has(till.house)
    cards = _again(till, restored)
    cards.collect(1200)
    cards.remind()
    assert cards.state(till.payment().id) == "RECORDED"
    assert restored.count("alert", "kind = 'on_no_bill'") == 0
    restored.connection.close()


def test_what_was_approved_and_is_on_no_bill_yet_waits_for_it_again(till: Till, tmp_path: Path) -> None:
    copy = copied(till.house, tmp_path / "0.sqlite")
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    till.round()
    restored = healed(till, copy)
    cards = _again(till, restored)
    cards.collect(10)
    assert cards.state(till.payment().id) == "APPROVED"
    till.store.house = restored
    till.store.deliver()
    assert cards.state(till.payment().id) == "RECORDED"
    assert cards.charged() == cards.on_the_books() == 1250
    restored.connection.close()


@pytest.mark.parametrize("play", [Play.APPROVE, Play.DECLINE, Play.LATE_KEPT, Play.LOSE_REQUEST])
def test_what_was_in_doubt_is_asked_at_the_gateway_and_never_charged_again(
    till: Till, tmp_path: Path, play: Play
) -> None:
    till.cards.script = always(play)
    copy = copied(till.house, tmp_path / "0.sqlite")
    till.tap(till.wish())
    till.line.unheard = True
    till.round()
    till.cards.collect()
    restored = healed(till, copy)
    cards = _again(till, restored)
    assert cards.state(till.payment().id) == "IN_DOUBT"
    cards.collect(300)
    assert all(entry.charges <= 1 for entry in till.cards.gateway.ledger().values())
    assert cards.charged() == cards.on_the_books()
    assert restored.count("payment_intent", "is_over = 0") == 0
    restored.connection.close()


def test_a_close_proves_by_its_first_answer_what_nobody_else_tells_of(till: Till, tmp_path: Path) -> None:
    """A till of another vendor reports its operations alone: the bill that it was answered has the charge on it."""
    copy = copied(till.house, tmp_path / "0.sqlite")
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    till.round()
    till.store.deliver()
    payment = till.payment()
    till.store.connection.execute("DELETE FROM payment_intent")
    restored = healed(till, copy)
    body = bytes(restored.connection.execute("SELECT body FROM payment_intent").get)
    assert (json.loads(body)["id"], json.loads(body)["state"]) == (payment.id, "RECORDED")
    assert json.loads(body)["reference"] == f"sim-{payment.id}"
    restored.connection.close()
