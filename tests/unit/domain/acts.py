"""The changes that somebody at a till makes of an order, each chosen by a number."""

from __future__ import annotations

from shared.domain.commands import Change, MoveTable
from shared.domain.order import Line, Order
from shared.ids import ChangeId, TableId
from tests.unit.domain.restaurant import Till, discount, undo


def of_the_whole(till: Till, screen: Order, *, chosen: int, amount: int) -> Change:
    """A table, a number of guests, or a discount of the whole order; what was given there may be taken back."""
    match chosen % 4:
        case 0:
            return till.guests(amount)
        case 1:
            return MoveTable(id=ChangeId(till.names.new()), table_id=TableId(f"table-{amount % 5}"))
        case 2 if screen.discounts:
            return undo(till, screen.discounts[amount % len(screen.discounts)].id)
        case 2:
            return discount(till, percent_bp=1 + amount * 9)
        case _:
            return discount(till, amount_minor=1 + amount * 50)


def of_a_line(till: Till, line: Line, number: int) -> Change:
    """One change of a line: how many, a note, a seat, a discount or a void."""
    match number % 5:
        case 0:
            return till.quantity(line.id, 1 + number)
        case 1:
            return till.note(line.id, f"no salt {number}")
        case 2:
            return till.seat(line.id, number % 9 or None)
        case 3 if line.discounts:
            return undo(till, line.discounts[-1].id, line.id)
        case 3:
            return discount(till, line.id, amount_minor=1 + number)
        case _:
            return till.void_line(line.id)
