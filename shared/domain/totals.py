"""Pure: what an order costs, in integer minor units, with tax inside the prices or on top of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.domain.bill import Discount
from shared.domain.discounts import left_of
from shared.domain.order import Line, Order
from shared.ids import LineId
from shared.money import round_half_up


@dataclass(frozen=True, slots=True)
class TaxPart:
    """The lines of one tax rate together: net + tax = gross, all in minor units; the rate in basis points."""

    rate_bp: int
    net_minor: int
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        """What the guest pays for these lines."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Totals:
    """An order's sums in minor units. `subtotal_minor` is the sum of the prices as the menu shows them.

    `discount_minor` was taken off those before tax was counted.
    """

    subtotal_minor: int
    tax_parts: tuple[TaxPart, ...]
    prices_include_tax: bool
    discount_minor: int = 0

    @property
    def tax_minor(self) -> int:
        """All tax, included in the prices or not."""
        return sum(part.tax_minor for part in self.tax_parts)

    @property
    def total_minor(self) -> int:
        """What the guest pays."""
        return sum(part.gross_minor for part in self.tax_parts)


def totals_of(lines: Iterable[Line], *, prices_include_tax: bool, discounts: Iterable[Discount] = ()) -> Totals:
    """Add up the lines that stand, less their own discounts and those of the whole order.

    The voided ones have to be among them: they bear their part of what was taken off before.

    What is taken off is rounded line by line, and tax is on what is left. Tax is taken once for each rate on the sum of
    its lines, and rounded half up to the minor unit: this is how EN 16931 (rule BR-CO-17) has the tax amount of a rate
    computed, and it keeps the error under half a minor unit a rate, where rounding each line would let it grow with the
    number of lines.
    """
    lines = tuple(lines)
    standing = tuple(line for line in lines if line.stands)
    left = left_of(lines, discounts)
    parts = _parts(standing, left, prices_include_tax=prices_include_tax)
    subtotal_minor = sum(line.total_minor for line in standing)
    return Totals(subtotal_minor, parts, prices_include_tax, subtotal_minor - sum(left.values()))


def totals_of_order(order: Order) -> Totals:
    """What the order costs now."""
    return totals_of(order.lines, prices_include_tax=order.prices_include_tax, discounts=order.discounts)


def cost_of(order: Order, line_ids: Iterable[str]) -> int:
    """What these lines are of what the order cost and was not taken back yet, tax and discounts included.

    Taken back one after the other they come to the total, to the unit, in whichever order.
    """
    named = set(line_ids)
    left = left_of(order.lines, order.discounts)
    kept = tuple(line for line in order.standing_lines if line.id not in order.returned_ids)
    costs = [
        sum(part.gross_minor for part in _parts(some, left, prices_include_tax=order.prices_include_tax))
        for some in (kept, tuple(line for line in kept if line.id not in named))
    ]
    return costs[0] - costs[1]


def _parts(lines: tuple[Line, ...], left: Mapping[LineId, int], *, prices_include_tax: bool) -> tuple[TaxPart, ...]:
    by_rate: dict[int, int] = {}
    for line in lines:
        by_rate[line.tax_bp] = by_rate.get(line.tax_bp, 0) + left[line.id]
    return tuple(
        _part(rate_bp, amount_minor, prices_include_tax=prices_include_tax)
        for rate_bp, amount_minor in sorted(by_rate.items())
    )


def _part(rate_bp: int, amount_minor: int, *, prices_include_tax: bool) -> TaxPart:
    if prices_include_tax:
        tax_minor = round_half_up(amount_minor * rate_bp, 10_000 + rate_bp)
        return TaxPart(rate_bp, amount_minor - tax_minor, tax_minor)
    return TaxPart(rate_bp, amount_minor, round_half_up(amount_minor * rate_bp, 10_000))
