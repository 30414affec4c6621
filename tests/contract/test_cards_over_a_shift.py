"""A guest pays by card while the shift is closed: the money stands on the report of the shift that asked for it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.bill import Method
from shared.domain.shift_commands import CloseShift, OpenShift
from shared.ids import OperationId, ShiftId
from tests.contract.card_till import Till, till
from tests.contract.two_tills import ANN
from tests.unit.domain.restaurant import ulid

__all__ = ["till"]

EVENING, NIGHT = ShiftId(ulid(500)), ShiftId(ulid(501))
PIZZA = 1250


def said(till: Till, shift_id: ShiftId) -> dict[str, Any]:
    at = "2025-11-28T19:40:00.000Z"
    return {"id": OperationId(till.store.ids.new()), "actor_id": ANN, "at": at, "shift_id": shift_id}


def open_shift(till: Till, shift_id: ShiftId = EVENING) -> None:
    till.store.tap(OpenShift(**said(till, shift_id), float_minor=0))
    till.house.clock.ms += 1000


def close_shift(till: Till, shift_id: ShiftId = EVENING) -> None:
    till.store.tap(CloseShift(**said(till, shift_id), counted_minor=0))
    till.house.clock.ms += 1000


def ask(till: Till) -> None:
    till.tap(till.wish())
    till.round()
    till.house.clock.ms += 1000


def approve(till: Till) -> None:
    till.cards.collect()
    till.round()
    till.store.deliver()


def by_card(till: Till, shift_id: ShiftId) -> tuple[int, int]:
    """What the till and the server have of it in this shift."""
    here = sum(one.amount_minor for one in till.store.report(shift_id).total.payments if one.method is Method.CARD)
    told = till.house.call("GET", f"/pos/shifts/{shift_id}/report", headers={"x-actor": "ann"}).json["figures"]
    sums = (*told["payments"], *told["late"])
    return here, sum(one["amountMinor"] for one in sums if one["method"] == "CARD")


@pytest.mark.parametrize("is_another_open", [False, True])
def test_what_is_approved_after_the_count_is_late_money_of_the_shift_that_asked(
    till: Till, is_another_open: bool
) -> None:
    open_shift(till)
    ask(till)
    close_shift(till)
    if is_another_open:
        open_shift(till, NIGHT)
    till.store.deliver()
    approve(till)
    assert by_card(till, EVENING) == (PIZZA, PIZZA)
    assert [kind for kind, _ in till.cards.alerts()] == ["shift_late"]
    if is_another_open:
        assert by_card(till, NIGHT) == (0, 0)


def test_what_was_asked_for_before_any_shift_counts_in_the_one_that_is_open_when_it_is_paid(till: Till) -> None:
    ask(till)
    open_shift(till)
    approve(till)
    assert by_card(till, EVENING) == (PIZZA, PIZZA)
    assert till.cards.alerts() == []


def test_what_was_asked_for_between_two_shifts_counts_in_the_second(till: Till) -> None:
    open_shift(till)
    close_shift(till)
    ask(till)
    open_shift(till, NIGHT)
    approve(till)
    assert by_card(till, NIGHT) == (PIZZA, PIZZA)


def test_without_any_shift_it_names_none(till: Till) -> None:
    ask(till)
    approve(till)
    assert [one.get("shiftId") for one in till.closes()] == [None]
