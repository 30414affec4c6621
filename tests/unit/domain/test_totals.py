"""What an order costs: by example, and every rounding against the decimal arithmetic of the standard library."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.lines import line_from
from shared.domain.order import Line, Stamp
from shared.domain.rules import apply
from shared.domain.totals import TaxPart, totals_of, totals_of_order
from tests.unit.domain.restaurant import new_line, opened, tills, ulid

_NUMBERS = count(50)


def line(price_minor: int, tax_bp: int, *, quantity: int = 1) -> Line:
    """A line of this price and tax rate, each under a name of its own."""
    made = line_from(new_line(ulid(next(_NUMBERS))), Stamp())
    return made.model_copy(update={"price_minor": price_minor, "tax_bp": tax_bp, "quantity": quantity})


def test_tax_inside_the_prices_is_taken_out_once_for_each_rate() -> None:
    totals = totals_of([line(1250, 1000, quantity=2), line(499, 700), line(333, 1000)], prices_include_tax=True)
    assert totals.tax_parts == (TaxPart(700, 466, 33), TaxPart(1000, 2575, 258))
    assert (totals.subtotal_minor, totals.tax_minor, totals.total_minor) == (3332, 291, 3332)


def test_tax_on_top_of_the_prices_is_added_once_for_each_rate() -> None:
    totals = totals_of([line(1250, 1000, quantity=2), line(499, 700), line(333, 1000)], prices_include_tax=False)
    assert totals.tax_parts == (TaxPart(700, 499, 35), TaxPart(1000, 2833, 283))
    assert (totals.subtotal_minor, totals.tax_minor, totals.total_minor) == (3332, 318, 3650)


def test_tax_is_rounded_on_the_sum_of_a_rate_and_not_on_each_line() -> None:
    """Ten things of 0.05 at 10 percent: half a cent of tax each, five together; rounded singly it would be ten."""
    totals = totals_of([line(5, 1000) for _ in range(10)], prices_include_tax=False)
    assert totals.tax_minor == 5


def test_half_a_unit_is_rounded_up() -> None:
    assert totals_of([line(5, 1000)], prices_include_tax=False).tax_minor == 1
    assert totals_of([line(4, 1000)], prices_include_tax=False).tax_minor == 0
    assert totals_of([line(1, 10_000)], prices_include_tax=True).tax_parts == (TaxPart(10_000, 0, 1),)


def test_modifiers_cost_for_each_piece() -> None:
    made = line_from(new_line(ulid(50), quantity=3, extra_minor=50), Stamp())
    assert made.total_minor == 3 * 1300


def test_voided_lines_cost_nothing_and_an_empty_order_is_free() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "beer")
    order = apply(order, till.change(1, till.void_line(order.lines[0].id)), till.author)
    assert totals_of_order(order).total_minor == 333
    empty = totals_of([], prices_include_tax=True)
    assert (empty.subtotal_minor, empty.tax_parts, empty.total_minor) == (0, (), 0)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 99)), min_size=1, max_size=4), st.integers(0, 10_000))
@pytest.mark.parametrize("inclusive", [True, False])
def test_tax_is_what_decimal_arithmetic_says(inclusive: bool, prices: list[tuple[int, int]], rate_bp: int) -> None:
    lines = [line(price, rate_bp, quantity=quantity) for price, quantity in prices]
    amount = Decimal(sum(price * quantity for price, quantity in prices))
    divisor = Decimal(10_000 + rate_bp if inclusive else 10_000)
    tax = (amount * rate_bp / divisor).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    totals = totals_of(lines, prices_include_tax=inclusive)
    assert totals.tax_minor == tax
    assert totals.total_minor == (amount if inclusive else amount + tax)
