"""The rules of a drawer: what it adds up, what is in already, and what is a fact whatever became of the shift."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from shared.domain.bill import Method
from shared.domain.lines import Author
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.shift import MOST_MOVES, MethodSum, Shift, ShiftState, apply, ended, figures, named
from shared.domain.shift_commands import CashMove, CloseShift, MoveCash, OpenShift, ShiftOperation
from shared.ids import OperationId, ShiftId, StaffId
from tests.unit.domain.restaurant import AT, fold, new_line, tills, ulid

SHIFT = ShiftId(ulid(1))
ANN = Author("till", "Ann")


def said(number: int) -> dict[str, Any]:
    return {"id": OperationId(ulid(number)), "actor_id": StaffId("ann"), "at": AT, "shift_id": SHIFT}


OPEN = OpenShift(float_minor=10_000, **said(10))
PAY_IN = MoveCash(type=CashMove.PAY_IN, amount_minor=500, reason="change", **said(11))
PAY_OUT = MoveCash(type=CashMove.PAY_OUT, amount_minor=300, reason="milk", **said(12))
NO_SALE = MoveCash(type=CashMove.NO_SALE, **said(13))
CLOSE = CloseShift(counted_minor=10_000, expected_minor=10_200, **said(14))


def after(*commands: ShiftOperation) -> Shift:
    shift: Shift | None = None
    for command in commands:
        shift = apply(shift, command, ANN)
    assert shift is not None
    return shift


def test_a_drawer_adds_up_its_float_its_movements_and_its_cash() -> None:
    shift = after(OPEN, PAY_IN, PAY_OUT, NO_SALE)
    cash = MethodSum(method=Method.CASH, count=2, amount_minor=2_000, tip_minor=50)
    card = MethodSum(method=Method.CARD, count=1, amount_minor=900, tip_minor=90)
    found = figures(shift, [cash, card])
    assert (found.paid_in_minor, found.paid_out_minor, found.no_sales) == (500, 300, 1)
    assert found.expected_minor == 10_000 + 500 - 300 + 2_000 + 50, "a card leaves nothing in the drawer"
    assert found.tips_minor == 140


def test_what_is_in_already_changes_nothing() -> None:
    shift = after(OPEN, PAY_IN, CLOSE)
    for command in (OPEN, PAY_IN, CLOSE):
        assert apply(shift, command, ANN) is shift


def test_the_order_in_which_a_shift_is_heard_of_makes_no_difference_to_its_money() -> None:
    """After a restore the opening may come last."""
    found = set()
    told: tuple[ShiftOperation, ...] = (OPEN, PAY_IN, PAY_OUT)
    for order in permutations(told):
        shift = after(*order)
        found.add((shift.state, figures(shift, ()).expected_minor))
    assert found == {(ShiftState.OPEN, 10_200)}


def test_an_opening_fills_what_was_closed_before_anybody_heard_of_it() -> None:
    shift = apply(apply(named(SHIFT, ANN), CLOSE, ANN, expected_minor=200), OPEN, ANN)
    assert (shift.state, shift.float_minor, shift.expected_minor) == (ShiftState.CLOSED, 10_000, 10_200)
    assert shift.difference_minor == -200


def test_a_movement_that_comes_late_is_kept_and_adds_nothing_to_the_report() -> None:
    shift = after(OPEN, CLOSE, PAY_OUT)
    assert [one.late for one in shift.movements] == [True]
    assert figures(shift, ()).expected_minor == 10_000
    assert shift.difference_minor == -200, "by what the till reckoned"


@pytest.mark.parametrize(
    ("before", "command", "words"),
    [
        ((OPEN,), OpenShift(float_minor=1, **said(20)), "This shift was opened already."),
        ((OPEN, CLOSE), OpenShift(float_minor=1, **said(20)), "This shift was closed already."),
        ((OPEN, CLOSE), CloseShift(counted_minor=1, **said(20)), "Ann has closed this shift already."),
    ],
)
def test_a_shift_is_opened_and_closed_once(
    before: tuple[ShiftOperation, ...], command: ShiftOperation, words: str
) -> None:
    with pytest.raises(CommandRejected) as caught:
        apply(after(*before), command, ANN)
    assert (caught.value.refusal, caught.value.message) == (Refusal.INVALID_STATE_TRANSITION, words)


def test_a_drawer_is_not_opened_without_end() -> None:
    shift = after(OPEN)
    many = shift.model_copy(update={"movements": after(OPEN, NO_SALE).movements * MOST_MOVES})
    with pytest.raises(CommandRejected, match="too many movements"):
        apply(many, PAY_IN, ANN)


def test_an_order_that_is_over_tells_what_it_cost_and_what_was_cancelled() -> None:
    till, _ = tills()
    pizza, beer = new_line(ulid(50)), new_line(ulid(51), "beer")
    create, void = till.create(pizza, beer), till.change(1, till.void_line(beer.id, "spilled"))
    order = fold(None, [(create, till.author), (void, till.author)]).order
    assert order is not None
    part = ended(order)
    assert (part.is_void, part.voids, part.voided_minor) == (False, 1, order.lines[1].total_minor)
    assert part.total_minor == order.lines[0].total_minor
    gone = fold(order, [(till.void(pizza.id), till.author)]).order
    assert gone is not None
    part = ended(gone)
    assert (part.is_void, part.total_minor, part.voids) == (True, 0, 2)
