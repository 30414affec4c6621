"""Pure: the intentions that make a bill smaller, and what they take off each line.

Discounts are marks: one that is taken back stays, marked as removed, so that no late message brings it back.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from shared.domain.bill import Discount, Share
from shared.domain.model import MAX_MINOR, AChangeId, ALineId, AStaffId, Reason, Request
from shared.domain.order import Line
from shared.ids import LineId, OrderId, derived_id
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
    out by what the lines cost, to the unit. A line that was voided since bears its part all the same: what is taken off
    goes with it. Discounts that do not `count` are left out, as removed ones always are.
    """
    here = [line for line in lines if line.moved_to is None]
    left = _less_own(here, counts)
    for one in discounts:
        if not one.removed and counts(one):
            left = _less(left, one)
    return {line.id: left[line.id] for line in here if not line.voided}


@dataclass(frozen=True, slots=True)
class Parted:
    """What becomes of a whole order's discounts when lines leave: the lines' parts, and what stays."""

    taken: Mapping[LineId, tuple[Discount, ...]]
    """What each line takes along, behind its own."""
    stay: tuple[Discount, ...]


def parted(
    lines: Iterable[Line], discounts: Iterable[Discount], *, order_id: OrderId, gone: Collection[LineId]
) -> Parted:
    """Each line takes along what the whole order's discounts take off it: it costs the same, wherever it stands.

    A percentage goes with it as it is, of an amount the line's share. The shares of those that stay are written down,
    so that they cost the same too.
    """
    here = [line for line in lines if line.moved_to is None]
    left = _less_own(here, lambda _: True)
    taken: dict[LineId, tuple[Discount, ...]] = dict.fromkeys(gone, ())
    stay = []
    for one in discounts:
        if one.removed:
            stay.append(one)
            continue
        after = _less(left, one)
        off = {line_id: minor - after[line_id] for line_id, minor in left.items()}
        left = after
        for line_id in gone:
            if line_id not in one.spares and (one.amount_minor is None or off[line_id]):
                taken[line_id] = (*taken[line_id], _part(one, line_id, off[line_id], order_id=order_id))
        stay.append(one if one.amount_minor is None else _rest(one, off, gone))
    return Parted(taken, tuple(stay))


def sparing(discounts: Iterable[Discount], came: Iterable[Line]) -> tuple[Discount, ...]:
    """A whole order's discounts after these lines came: of two orders' discounts a line bears one, never both."""
    ids = tuple(line.id for line in came if any(one.of_order and not one.removed for one in line.discounts))
    if not ids:
        return tuple(discounts)
    return tuple(
        one if one.removed else one.model_copy(update={"spares": tuple(dict.fromkeys((*one.spares, *ids)))})
        for one in discounts
    )


def _part(one: Discount, line_id: LineId, minor: int, *, order_id: OrderId) -> Discount:
    """What a line takes along of it, under a name that follows from both."""
    own = {"id": derived_id(one.id, line_id), "of_order": order_id, "spares": (), "shares": None}
    return one.model_copy(update=own if one.amount_minor is None else {**own, "amount_minor": minor})


def _rest(one: Discount, off: Mapping[LineId, int], gone: Collection[LineId]) -> Discount:
    shares = tuple(
        Share(line_id=line_id, minor=minor) for line_id, minor in off.items() if minor and line_id not in gone
    )
    return one.model_copy(update={"shares": shares, "amount_minor": sum(share.minor for share in shares)})


def _less_own(here: Iterable[Line], counts: Callable[[Discount], bool]) -> dict[LineId, int]:
    """What each line costs, less its own discounts."""
    left = {}
    for line in here:
        minor = line.total_minor
        for own in line.discounts:
            if counts(own) and not own.removed:
                minor -= _taken_off(minor, own)
        left[line.id] = minor
    return left


def _less(left: dict[LineId, int], one: Discount) -> dict[LineId, int]:
    """What is left after a discount of the whole order."""
    if one.shares is not None:
        shares = {share.line_id: share.minor for share in one.shares}
        return {line_id: max(0, minor - shares.get(line_id, 0)) for line_id, minor in left.items()}
    if one.amount_minor is not None:
        bear = {line_id: minor for line_id, minor in left.items() if line_id not in one.spares} if one.spares else left
        return {**left, **_shared_out(bear, one.amount_minor)}
    return {
        line_id: minor if line_id in one.spares else minor - _taken_off(minor, one) for line_id, minor in left.items()
    }


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
