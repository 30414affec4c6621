"""Pure: the intentions that make a bill smaller, and what they take off each line.

Discounts are marks: one that is taken back stays, marked as removed, so that no late message brings it back.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from shared.domain.bill import Discount
from shared.domain.model import MAX_MINOR, AChangeId, ALineId, AStaffId, Reason, Request
from shared.domain.order import Line
from shared.ids import LineId
from shared.money import round_half_up

WHOLE_BP: Final = 10_000
"""All of it, in basis points."""

MAX_DISCOUNTS: Final = 20
"""Marks on one line, and as many on an order as a whole, the removed ones included: nobody haggles longer."""


class ApplyDiscount(Request):
    """Take something off one line, or off the whole order where no line is named: a percentage or an amount.

    `approved_by` is the manager who allowed more than the one who gives it may.
    """

    type: Literal["applyDiscount"] = "applyDiscount"
    id: AChangeId
    line_id: ALineId | None = None
    percent_bp: Annotated[int, Field(ge=1, le=WHOLE_BP)] | None = None
    amount_minor: Annotated[int, Field(ge=1, le=MAX_MINOR)] | None = None
    reason: Reason
    approved_by: AStaffId | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.percent_bp is None) == (self.amount_minor is None):
            raise ValueError("A discount is either percentBp or amountMinor.")
        return self


class RemoveDiscount(Request):
    """Take a discount back: that of a line, or of the whole order where no line is named."""

    type: Literal["removeDiscount"] = "removeDiscount"
    id: AChangeId
    line_id: ALineId | None = None
    discount_id: AChangeId


def left_of(
    lines: Iterable[Line], discounts: Iterable[Discount], *, counts: Callable[[Discount], bool] = lambda _: True
) -> dict[LineId, int]:
    """What is left to pay of each line that stands, in minor units, before any tax on top.

    First a line's own discounts, then those of the whole order, each in its turn on what the ones before it left, so
    that nothing falls below 0. A percentage is rounded half up line by line; an amount for the whole order is shared
    out by what the lines cost, to the unit. Discounts that do not `count` are left out, as removed ones always are.
    """
    left = {line.id: line.total_minor for line in lines if line.stands}
    for line in lines:
        for own in line.discounts if line.stands else ():
            if counts(own) and not own.removed:
                left[line.id] -= _taken_off(left[line.id], own)
    for one in discounts:
        if one.removed or not counts(one):
            continue
        if one.amount_minor is not None:
            left = _shared_out(left, one.amount_minor)
        else:
            left = {line_id: minor - _taken_off(minor, one) for line_id, minor in left.items()}
    return left


def most_off(minor: int, cap_bp: int) -> int:
    """The most that may be taken off an amount under a cap; a part of a unit counts for the one who gives it."""
    return -(-minor * cap_bp // WHOLE_BP)


def _taken_off(minor: int, discount: Discount) -> int:
    if discount.amount_minor is not None:
        return min(minor, discount.amount_minor)
    return round_half_up(minor * (discount.percent_bp or 0), WHOLE_BP)


def _shared_out(left: dict[LineId, int], amount_minor: int) -> dict[LineId, int]:
    """What is left after an amount: each line bears its part, and the units over go to the largest remainders."""
    total_minor = sum(left.values())
    if total_minor == 0:
        return left
    off_minor = min(amount_minor, total_minor)
    parts = {line_id: divmod(minor * off_minor, total_minor) for line_id, minor in left.items()}
    over = off_minor - sum(whole for whole, _ in parts.values())
    by_remainder = sorted(parts, key=lambda line_id: -parts[line_id][1])
    bears_more = set(by_remainder[:over])
    return {line_id: minor - parts[line_id][0] - (line_id in bears_more) for line_id, minor in left.items()}
