"""A till's file is damaged while a guest is charged: the salvaged one hears what became of it, and charges nobody."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.database import Connection, run_inline
from shared.disk import OUR_DISK
from shared.domain.order import OrderState
from shared.domain.payment_intent import IntentState
from shared.opening import open_device_file
from shared.recover import look_into, told
from shared.store import card_payments, salvage
from shared.store.card_payments import GIVEN_UP_MS, CardBook
from shared.ulids import SystemUlids
from shared.wal import log_of
from tests.contract.card_till import Till, till
from tests.contract.two_tills import server_order
from tests.unit.test_damaged_file import garble, without_log

__all__ = ["till"]


def opened(path: Path) -> Connection:
    return open_device_file(path, ulids=SystemUlids(SystemClock()))


@pytest.fixture(params=[False, True], ids=["whole", "damaged"])
def is_damaged(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the copies and the new file are."""
    made = tmp_path / "salvaged"
    made.mkdir()
    return made


def copied(till: Till, folder: Path) -> Path:
    """The till's file as its machine leaves it."""
    source = Path(str(till.store.connection.filename))
    for file in (source, log_of(source)):
        if file.exists():
            shutil.copy(file, folder / file.name)
    return folder / source.name


def salvaged(till: Till, folder: Path, *, is_damaged: bool) -> None:
    """From here on the till goes on with what was taken out of its file."""
    file = copied(till, folder)
    if is_damaged:
        without_log(file)
        garble(file, 0, 4096)
    new = opened(folder / "new.sqlite")
    found = salvage.carve(file, salvage.shape_of(new), disk=OUR_DISK) if is_damaged else look_into(file).salvage
    run_inline(new, lambda tx: salvage.write(tx, found, now_ms=till.now_ms()))
    till.store.connection.close()
    till.store.connection = new
    till.book = CardBook(till.teller)


def test_what_was_charged_closes_its_bill_from_the_new_file(till: Till, folder: Path, is_damaged: bool) -> None:
    till.tap(till.wish())
    till.round()
    assert till.payment().state is IntentState.CREATED or till.payment().is_sent
    salvaged(till, folder, is_damaged=is_damaged)
    till.round()
    till.cards.collect()
    till.round()
    assert till.payment().state is IntentState.APPROVED
    assert till.store.deliver() == [200]
    order = server_order(till.house, till.order_id)
    assert (order.state, order.unapplied_minor, order.applied_minor) == (OrderState.CLOSED, 0, till.cards.charged())
    assert len(till.line.sent) == 1, "nobody was asked twice"


def test_what_was_only_tapped_is_never_asked_for_by_the_new_file(till: Till, folder: Path, is_damaged: bool) -> None:
    """Nobody can tell from a page whether it went; the guest may have left since."""
    till.tap(till.wish())
    salvaged(till, folder, is_damaged=is_damaged)
    till.round()
    assert till.payment().state is IntentState.IN_DOUBT
    till.house.clock.ms += GIVEN_UP_MS
    till.round()
    assert till.payment().state is IntentState.EXPIRED
    assert (till.line.sent, till.cards.charged(), till.closes()) == ([], 0, [])


def test_what_was_known_already_stays_as_it_was(till: Till, folder: Path, is_damaged: bool) -> None:
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    till.round()
    before = till.payment()
    salvaged(till, folder, is_damaged=is_damaged)
    assert till.payment() == before
    assert till.round() is False
    till.store.deliver()
    assert server_order(till.house, till.order_id).receipt_number == "A-000001"


def test_a_payment_whose_close_was_found_is_not_closed_twice(till: Till, folder: Path) -> None:
    """Its page was written before it was approved."""
    till.tap(till.wish())
    till.round()
    till.cards.collect()
    till.round()
    till.store.run(lambda tx: tx.execute("UPDATE payment_intent SET settled_at = NULL, state = 'PENDING'"))
    salvaged(till, folder, is_damaged=False)
    assert till.payment().state is IntentState.APPROVED
    assert till.round() is False
    assert len(till.closes()) == 1


def test_what_is_no_payment_is_left_behind(till: Till, folder: Path) -> None:
    till.tap(till.wish())
    copy = "INSERT INTO payment_intent SELECT ?, order_id, ?, path, body, ?, is_sent, '', NULL, 0, NULL, NULL FROM"
    own = till.payment().wish.to_json()
    for name, wish, state in (("a", b"{}", "PENDING"), ("b", own, "PENDING"), ("c", own, "nonsense")):
        till.store.connection.execute(f"{copy} payment_intent LIMIT 1", (name, wish, state))
    salvaged(till, folder, is_damaged=False)
    assert len(till.store.run(card_payments.open_ones)) == 1


def test_it_is_said_that_a_payment_is_in_doubt(till: Till, folder: Path) -> None:
    till.tap(till.wish())
    till.round()
    file = copied(till, folder)
    with closing(opened(file)):
        pass
    sentences = list(told(look_into(file), file))
    assert any(one.startswith("1 payment by card or mobile money of which it is not known") for one in sentences)
