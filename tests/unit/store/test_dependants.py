"""What depends on an operation that will not happen: also what names a line that it would have brought along."""

from __future__ import annotations

from shared.domain.commands import OrderOperation
from shared.store import dependants
from shared.store.dependants import Unsettled
from shared.store.outcomes import Status
from shared.wire.requests import encode
from tests.unit.domain.restaurant import discount, tills, ulid, undo
from tests.unit.domain.two_orders import OTHER_ID, transfer


def behind(*commands: OrderOperation) -> list[Unsettled]:
    """These, waiting in this order."""
    return [
        Unsettled(seq, seq, Status.PENDING, None, encode(command).kind, 0, command)
        for seq, command in enumerate(commands, start=2)
    ]


def test_what_names_a_line_that_is_not_added_goes_along() -> None:
    """Else it would be refused for good, and hold its lane: such a line never comes."""
    till, _ = tills()
    sent, added = ulid(50), till.add("cake")
    mixed = till.change(0, till.seat(sent, 2), added)
    later = till.change(0, till.seat(added.line.id, 3))
    moved = till.change(0, transfer(till, OTHER_ID, added.line.id))
    other = till.change(0, till.seat(ulid(51), 4), till.add("beer"))
    taken = dependants.of(till.send(sent), behind(mixed, later, moved, other))
    assert [one.command for one in taken] == [mixed, later, moved]


def test_what_only_names_another_line_of_it_stays() -> None:
    till, _ = tills()
    first, second = ulid(50), ulid(51)
    both = till.change(0, till.seat(first, 2), till.seat(second, 2))
    taken = dependants.of(till.send(first), behind(both, till.change(0, till.seat(second, 3))))
    assert [one.command for one in taken] == [both]


def test_what_puts_back_a_discount_that_is_not_given_goes_along() -> None:
    """Else the server refuses it for good, and the order hangs until a person decides about nothing."""
    till, _ = tills()
    given, kept = discount(till, percent_bp=500), discount(till, percent_bp=300)
    undone, stays = till.change(0, undo(till, given.id)), till.change(0, undo(till, kept.id))
    taken = dependants.of(till.change(0, given), behind(undone, stays))
    assert [one.command for one in taken] == [undone]


def test_what_puts_back_a_discount_of_something_that_goes_along_goes_too() -> None:
    till, _ = tills()
    added = till.add("cake")
    given = discount(till, percent_bp=500)
    mixed = till.change(0, till.seat(added.line.id, 2), given)
    undone = till.change(0, undo(till, given.id))
    taken = dependants.of(till.change(0, added), behind(mixed, undone))
    assert [one.command for one in taken] == [mixed, undone]
