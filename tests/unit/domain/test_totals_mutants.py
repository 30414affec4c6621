"""The properties of the totals have teeth: each mistake that would charge a guest wrongly is made here, and caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings

from shared.domain.discounts import left_of
from shared.domain.order import Order
from shared.domain.totals import TaxPart, Totals, totals_of_order
from shared.money import round_half_up
from tests.unit.domain import properties
from tests.unit.domain.strategies import Step, nights, played
from tests.unit.domain.test_mutants import caught


def rounds_each_line(order: Order) -> Totals:
    """Tax is rounded on each line, so that the error grows with their number."""
    left = left_of(order.lines, order.discounts)
    by_rate: dict[int, TaxPart] = {}
    for line in order.standing_lines:
        whole = 10_000 + (line.tax_bp if order.prices_include_tax else 0)
        tax_minor = round_half_up(left[line.id] * line.tax_bp, whole)
        net_minor = left[line.id] - (tax_minor if order.prices_include_tax else 0)
        so_far = by_rate.get(line.tax_bp, TaxPart(line.tax_bp, 0, 0))
        by_rate[line.tax_bp] = TaxPart(line.tax_bp, so_far.net_minor + net_minor, so_far.tax_minor + tax_minor)
    real = totals_of_order(order)
    return replace(real, tax_parts=tuple(by_rate[bp] for bp in sorted(by_rate)))


def cuts_off(order: Order) -> Totals:
    """Tax is cut to the unit below instead of rounded."""
    real = totals_of_order(order)
    parts = tuple(
        TaxPart(part.rate_bp, part.net_minor, part.net_minor * part.rate_bp // 10_000) for part in real.tax_parts
    )
    return replace(real, tax_parts=parts)


def charges_voided_lines(order: Order) -> Totals:
    """What was voided is on the bill."""
    return totals_of_order(
        order.model_copy(update={"lines": tuple(line.model_copy(update={"voided": False}) for line in order.lines)})
    )


def taxes_what_was_taken_off(order: Order) -> Totals:
    """Tax is on the prices of the menu, and discounts come off behind it."""
    bare = tuple(line.model_copy(update={"discounts": ()}) for line in order.lines)
    whole = totals_of_order(order.model_copy(update={"lines": bare, "discounts": ()}))
    return replace(whole, discount_minor=totals_of_order(order).discount_minor)


@pytest.mark.parametrize(
    "mutant",
    [
        rounds_each_line,
        cuts_off,
        charges_voided_lines,
        taxes_what_was_taken_off,
    ],
)
def test_a_mistake_in_the_totals_is_caught(mutant: Callable[[Order], Totals]) -> None:
    @settings(max_examples=400, phases=[Phase.generate])
    @given(nights())
    def run(night: tuple[Step, ...]) -> None:
        order = played(night)
        properties.totals_are_the_sum_of_their_parts(mutant(order), order)

    caught(run)
