"""A restored server tells people again of money that an order could not use, unless that was given back since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reference_server.effect import Alert
from reference_server.storage import alerts
from shared.database import open_writer
from shared.domain.alerts import CloseAlert
from shared.ids import OperationId, StaffId
from shared.store.outbox import append
from tests.contract.house import House
from tests.contract.test_giving_back import PIZZA, paid_twice
from tests.contract.test_healing_of_halves import settled, went_on
from tests.contract.test_healing_of_money import give_back
from tests.contract.test_healing_of_moves import copied, report
from tests.contract.two_tills import AT, StoreTill


@contextmanager
def put_back(house: House, copy: Path, *tills: tuple[str, StoreTill | None]) -> Iterator[House]:
    """The copy, after these have reported in this order, and the server did not wait for more than the first."""
    with closing(open_writer(copy)) as connection:
        restored = replace(house, connection=connection)
        for who, till in tills:
            report(restored, who, till)
            went_on(restored)
            settled(restored)
        yield restored


@pytest.mark.parametrize("first", ["ann", "ben"])
@pytest.mark.parametrize("is_lost", [False, True], ids=["answered", "seen by asking"])
def test_money_that_was_paid_twice_is_asked_about_again_and_once(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path, *, first: str, is_lost: bool
) -> None:
    copy = copied(small_house, tmp_path / "copy.sqlite")
    five, _ = paid_twice(ann, ben)
    (before,) = small_house.asked("message")
    assert "was paid too much: refund" in before
    if is_lost:
        shown = small_house.call("GET", f"/pos/orders/{five}").body
        ben.connection.execute("UPDATE operation SET first_answer = ? WHERE kind = 'close_order'", (shown,))
    tills: list[tuple[str, StoreTill | None]] = [("till", ann), ("till-2", ben)]
    with put_back(small_house, copy, *(tills if first == "ann" else tills[::-1]), ("kitchen", None)) as restored:
        assert restored.asked("message") == [before]


def test_what_was_given_back_since_is_not_asked_about_again(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path
) -> None:
    copy = copied(small_house, tmp_path / "copy.sqlite")
    five, _ = paid_twice(ann, ben)
    ben.pull()
    give_back(ben, five, minor=PIZZA)
    assert small_house.asked("message") == []
    with put_back(small_house, copy, ("till", ann), ("till-2", ben)) as restored:
        assert restored.asked("message") == []


def closed_by_sara(house: House, ben: StoreTill, kind: str) -> None:
    """Sara says at Ben's till what she did about the one alert of this kind."""
    raised = house.connection.execute("SELECT id, operation_id FROM alert WHERE kind = ?", (kind,)).fetchall()
    ((number, operation_id),) = raised
    said: dict[str, Any] = {"id": OperationId(ben.ids.new()), "actor_id": StaffId("sara"), "at": AT}
    done = CloseAlert(**said, alert_id=f"{number}-{operation_id}", choice="The guest is a friend")
    ben.run(lambda tx: append(tx, done, now_ms=house.clock.ms))
    assert ben.deliver() == [200]


def test_what_somebody_did_about_an_alert_is_done_again_though_its_number_is_another(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path
) -> None:
    copy = copied(small_house, tmp_path / "copy.sqlite")
    another = Alert("shift_count", "", "Five euros are missing.")
    alerts.raise_alert(small_house.connection, another, by=OperationId(ann.ids.new()), at_ms=0)
    paid_twice(ann, ben)
    closed_by_sara(small_house, ben, "surplus")
    with put_back(small_house, copy, ("till", ann), ("till-2", ben)) as restored:
        assert restored.asked("message") == []
        ((choice, by),) = restored.connection.execute("SELECT choice, chosen_by FROM alert").fetchall()
        assert (choice, by) == ("The guest is a friend", "sara")


def test_what_was_done_about_an_alert_of_which_nobody_is_told_any_more_troubles_nobody(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path
) -> None:
    """The restored server has another alert under the very number."""
    copy = copied(small_house, tmp_path / "copy.sqlite")
    another = Alert("shift_count", "", "Five euros are missing.")
    alerts.raise_alert(small_house.connection, another, by=OperationId(ann.ids.new()), at_ms=0)
    closed_by_sara(small_house, ben, "shift_count")
    paid_twice(ann, ben)
    with put_back(small_house, copy, ("till", ann), ("till-2", ben)) as restored:
        (waiting,) = restored.asked("message")
        assert "was paid too much" in waiting
        assert restored.count("operation", "kind = 'close_alert'") == 1


def test_of_what_was_done_by_two_a_person_is_told(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path
) -> None:
    """Ann's till came first, and at the restored server somebody gave the money back before Ben's came."""
    copy = copied(small_house, tmp_path / "copy.sqlite")
    paid_twice(ann, ben)
    ann.pull()
    closed_by_sara(small_house, ben, "surplus")
    shown = small_house.call("GET", f"/pos/orders/{_paid(ann)}").body
    ann.connection.execute("UPDATE operation SET first_answer = ? WHERE kind = 'close_order'", (shown,))
    with put_back(small_house, copy, ("till", ann)) as restored:
        restored.connection.execute("UPDATE alert SET choice = 'Refunded', chosen_by = 'sara', chosen_at = 0")
        report(restored, "till-2", ben)
        settled(restored)
        (waiting,) = restored.asked("message")
        assert waiting.startswith("Sara has done something about this already: Refunded.")


def _paid(till: StoreTill) -> str:
    return str(till.connection.execute("SELECT entity_id FROM operation WHERE kind = 'close_order'").get)
