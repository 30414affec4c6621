"""Changes of an order: each type of change, what makes one stale, and what is whole or not at all."""

import pytest

from shared.domain.commands import AddLine, Change, MoveTable
from shared.domain.lines import TOO_DEAR
from shared.domain.model import MAX_LINES, MAX_MINOR
from shared.domain.order import Order, OrderState, Stamp
from shared.domain.rejections import Refusal
from shared.domain.rules import apply
from shared.domain.totals import totals_of_order
from shared.ids import ChangeId, LineId, TableId
from tests.unit.domain.restaurant import TABLE_6, Till, ids_of, new_line, opened, refusal_of, tills, ulid

TOO_MANY = (Refusal.INVALID, f"An order can have at most {MAX_LINES} lines. Open another order.")


def moved_to(till: Till, table_id: str | None) -> MoveTable:
    """Carry the order to another table, or to none."""
    return MoveTable(id=ChangeId(till.names.new()), table_id=None if table_id is None else TableId(table_id))


def test_each_type_of_change_does_what_it_says() -> None:
    till, other = tills()
    order = opened(till, "pizza", "cake", "beer", "bread")
    pizza, cake, beer, bread = ids_of(order)
    command = other.change(
        1,
        other.quantity(pizza, 3),
        other.note(cake, "no nuts"),
        other.seat(beer, 2),
        other.void_line(bread, "stale"),
        other.guests(4),
        moved_to(other, TABLE_6),
        other.add("beer", quantity=2, extra_minor=50),
    )
    after = apply(order, command, other.author)
    assert after.version == 2
    assert [line.quantity for line in after.lines] == [3, 1, 1, 1, 2]
    assert (after.lines[1].note, after.lines[2].seat) == ("no nuts", 2)
    assert (after.lines[3].voided, after.lines[3].void_reason, after.lines[3].stands) == (True, "stale", False)
    assert (after.guests, after.table_id) == (4, TABLE_6)
    assert after.lines[4].total_minor == 2 * (333 + 50)
    stamp = Stamp(version=2, device="till-ben")
    assert {line.stamp for line in after.lines} == {stamp}
    assert (after.guests_stamp, after.table_stamp) == (stamp, stamp)
    changes = tuple(one.id for one in command.changes if not isinstance(one, AddLine))
    assert after.applied == (*order.applied, *changes, command.id)


def test_a_line_of_which_nothing_was_told_but_what_is_needed_is_first_course() -> None:
    till, _ = tills()
    bare = new_line(ulid(50)).model_copy(update={"course": None})
    assert apply(None, till.create(bare), till.author).lines[0].course == 1


def test_a_seat_and_a_table_can_be_taken_back() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    seated = apply(order, till.change(1, till.seat(order.lines[0].id, 2)), till.author)
    after = apply(seated, till.change(2, till.seat(order.lines[0].id, None), moved_to(till, None)), till.author)
    assert (after.lines[0].seat, after.table_id) == (None, None)


def test_changes_that_are_in_change_nothing_under_whatever_command_they_come() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    quantity, added = till.quantity(order.lines[0].id, 2), till.add("cake")
    after = apply(order, till.change(1, quantity, added), till.author)
    assert apply(after, other.change(0, quantity, added), other.author) is after
    partly = apply(after, till.change(1, quantity, till.guests(7)), till.author)
    assert (partly.lines[0].quantity, partly.guests, partly.version) == (2, 7, 3)


def test_of_two_changes_with_one_id_the_first_counts() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    two = till.quantity(order.lines[0].id, 2)
    void = till.void_line(order.lines[0].id)
    after = apply(order, till.change(1, two, two.model_copy(update={"quantity": 9}), void, void), till.author)
    assert (after.lines[0].quantity, after.lines[0].voided) == (2, True)
    assert len(set(after.applied)) == len(after.applied)


def test_a_change_may_be_named_like_a_line() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    line_id = order.lines[0].id
    two = till.quantity(line_id, 2).model_copy(update={"id": ChangeId(line_id)})
    assert apply(order, till.change(1, two), till.author).lines[0].quantity == 2


def test_a_line_that_was_added_and_changed_in_one_command_is_both() -> None:
    till, _ = tills()
    order = opened(till)
    added = till.add("cake")
    after = apply(order, till.change(1, added, till.quantity(added.line.id, 4)), till.author)
    assert after.lines[0].quantity == 4


def test_a_voided_line_does_not_come_back_with_its_late_add() -> None:
    till, other = tills()
    order = opened(till)
    added = till.add("cake")
    order = apply(order, till.change(1, added), till.author)
    voided = apply(order, till.change(2, till.void_line(added.line.id)), till.author)
    assert apply(voided, other.change(0, added), other.author) is voided


@pytest.mark.parametrize("what", ["quantity", "note", "seat", "void"])
def test_a_line_changed_since_by_another_device_is_stale_even_when_the_value_is_equal(what: str) -> None:
    till, other = tills()
    order = opened(till, "pizza", "cake")
    line_id = order.lines[0].id
    changes: dict[str, Change] = {
        "quantity": other.quantity(line_id, 2),
        "note": other.note(line_id, "hot"),
        "seat": other.seat(line_id, 1),
        "void": other.void_line(line_id),
    }
    changed = apply(order, till.change(1, till.quantity(line_id, 2)), till.author)
    late = other.change(1, other.quantity(order.lines[1].id, 5), changes[what])
    assert refusal_of(changed, late, other) == (Refusal.STALE_WRITE, "Pizza was changed on another device.")
    assert apply(changed, other.change(2, changes[what]), other.author).version == 3


def test_a_change_of_a_version_that_was_never_known_here_is_of_another_history_whoever_makes_it() -> None:
    """By such a version nothing would be stale: a change would overwrite what its screen never showed."""
    till, other = tills()
    order = opened(till, "pizza")
    line_id = order.lines[0].id
    for one in (till, other):
        refusal, message = refusal_of(order, one.change(2, one.quantity(line_id, 3)), one)
        assert (refusal, message[:55]) == (
            Refusal.HISTORY_LOST,
            "This was changed on version 2 of order A-1, of which on",
        )
    closed = apply(order, till.close(order), till.author)
    assert refusal_of(closed, other.change(3, other.guests(3)), other)[0] is Refusal.HISTORY_LOST


def test_a_change_that_is_in_already_is_in_whatever_version_it_names() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    change = till.change(1, till.guests(3))
    after = apply(order, change, till.author)
    again = change.model_copy(update={"id": till.operation_id(), "base_version": 99})
    assert apply(after, again, till.author) is after


@pytest.mark.parametrize("field", ["table", "guests"])
def test_table_and_guests_are_stale_each_for_itself(field: str) -> None:
    till, other = tills()
    order = opened(till)
    table, guests = moved_to(till, TABLE_6), till.guests(5)
    changed = apply(order, till.change(1, table if field == "table" else guests), till.author)
    again: dict[str, Change] = {"table": moved_to(other, "table-7"), "guests": other.guests(6)}
    said = {"table": "The table of this order", "guests": "The number of guests"}[field]
    assert refusal_of(changed, other.change(1, again.pop(field)), other) == (
        Refusal.STALE_WRITE,
        f"{said} was changed on another device.",
    )
    assert apply(changed, other.change(1, *again.values()), other.author).version == 3


def test_a_device_never_conflicts_with_itself() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    line_id = order.lines[0].id
    for quantity in (2, 3, 4):
        order = apply(order, till.change(0, till.quantity(line_id, quantity), till.guests(quantity)), till.author)
    assert order.lines[0].quantity == 4
    seen = apply(order, other.change(4, other.quantity(line_id, 9)), other.author)
    assert refusal_of(seen, till.change(4, till.quantity(line_id, 5)), till)[0] is Refusal.STALE_WRITE


def test_what_the_kitchen_has_keeps_its_quantity_and_note_but_can_be_seated_and_voided() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    line_id = order.lines[0].id
    sent = apply(order, till.send(line_id), till.author)
    said = (
        Refusal.INVALID_STATE_TRANSITION,
        "Pizza is in the kitchen. Add another line, or void this one.",
    )
    assert refusal_of(sent, till.change(2, till.quantity(line_id, 2)), till) == said
    assert refusal_of(sent, till.change(2, till.note(line_id, "hot")), till) == said
    after = apply(sent, till.change(2, till.seat(line_id, 3), till.void_line(line_id)), till.author)
    assert (after.lines[0].seat, after.lines[0].voided) == (3, True)


def test_a_voided_line_and_one_that_never_came_cannot_be_changed() -> None:
    till, _ = tills()
    order = opened(till, "pizza")
    voided = apply(order, till.change(1, till.void_line(order.lines[0].id)), till.author)
    assert refusal_of(voided, till.change(2, till.seat(order.lines[0].id, 1)), till) == (
        Refusal.INVALID_STATE_TRANSITION,
        "Pizza was voided already.",
    )
    assert refusal_of(order, till.change(1, till.seat(ulid(777), 1)), till) == (
        Refusal.INVALID_STATE_TRANSITION,
        "Order A-1 does not have one of these lines.",
    )


@pytest.mark.parametrize("state", [OrderState.CLOSED, OrderState.VOIDED])
def test_an_order_that_is_over_changes_no_more(state: OrderState) -> None:
    till, other = tills()
    order = opened(till, "pizza")
    over = apply(order, till.close(order) if state is OrderState.CLOSED else till.void(*ids_of(order)), till.author)
    said = (Refusal.INVALID_STATE_TRANSITION, f"Order A-1 is {state.lower()}.")
    assert refusal_of(over, other.change(2, other.add("beer")), other) == said
    assert refusal_of(over, other.change(2, other.seat(order.lines[0].id, 1), other.guests(3)), other) == said


def test_a_change_of_a_line_that_moved_says_where_it_went() -> None:
    till, other = tills()
    order = opened(till, "pizza")
    more = apply(order, other.change(1, other.add("beer")), other.author)
    closed = apply(more, till.close(order), till.author)
    assert refusal_of(closed, other.change(3, other.quantity(more.lines[1].id, 2)), other) == (
        Refusal.INVALID_STATE_TRANSITION,
        f"Beer moved to order {closed.lines[1].moved_to}.",
    )


def full(till: Till) -> Order:
    """An order that has room for no more lines."""
    return apply(None, till.create(*(new_line(till.names.new(), "bread") for _ in range(MAX_LINES))), till.author)


def test_a_full_order_takes_no_more_lines_and_every_other_change() -> None:
    till, _ = tills()
    order = full(till)
    assert refusal_of(order, till.change(1, till.add()), till) == TOO_MANY
    assert apply(order, till.change(1, till.guests(9)), till.author).guests == 9
    again = AddLine(line=new_line(order.lines[0].id, "bread"))
    assert apply(order, till.change(1, again), till.author) is order


def test_an_order_is_not_created_with_too_many_lines() -> None:
    till, _ = tills()
    items = tuple(new_line(till.names.new(), "bread") for _ in range(MAX_LINES + 1))
    assert refusal_of(None, till.create().model_copy(update={"items": items}), till) == TOO_MANY


def test_a_line_is_found_by_its_id() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    assert order.line(order.lines[1].id) == order.lines[1]
    assert order.line(LineId(ulid(777))) is None


@pytest.mark.parametrize("inclusive", [True, False])
def test_an_order_costs_no_more_than_a_payment_can_say_so_that_it_can_be_closed(inclusive: bool) -> None:
    till, _ = tills(inclusive=inclusive)
    most = MAX_MINOR if inclusive else MAX_MINOR * 10 // 11
    dear = new_line(ulid(50)).model_copy(update={"price_minor": most})
    order = apply(None, till.create(dear), till.author)
    closed = apply(order, till.close(order), till.author)
    assert closed.applied_minor == totals_of_order(order).total_minor <= MAX_MINOR
    two = dear.model_copy(update={"quantity": 2})
    assert refusal_of(None, till.create(two), till) == (Refusal.INVALID, TOO_DEAR)
    assert refusal_of(order, till.change(1, till.add("pizza")), till) == (Refusal.INVALID, TOO_DEAR)
    assert refusal_of(order, till.change(1, till.quantity(dear.id, 2)), till) == (Refusal.INVALID, TOO_DEAR)
    exchanged = till.change(1, till.void_line(dear.id), till.add("pizza"))
    assert apply(order, exchanged, till.author).lines[1].stands
