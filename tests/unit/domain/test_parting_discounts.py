"""Discounts when lines leave an order: a line costs the same wherever it stands, and no bill falls below nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shared.domain import lines as rules_of_lines
from shared.domain.bill import Discount
from shared.domain.discounts import Parted, left_of, most_off, parted
from shared.domain.order import Line, Order
from shared.domain.rules import apply
from shared.domain.together import apply_all
from shared.domain.totals import totals_of_order
from shared.ids import LineId, OrderId
from tests.unit.domain.restaurant import ORDER_ID, Till, discount, ids_of, new_line, opened, tills, ulid, undo
from tests.unit.domain.two_orders import OTHER_ID, merge, split, transfer

Orders = dict[str, Order]
Marks = list[tuple[str, int]]
ITEMS = ("pizza", "cake", "beer", "bread", "pizza")
NEW = (OrderId(ulid(990)), OrderId(ulid(991)))
MARKS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["percent", "percent of a line"]), st.integers(1, 10_000)),
        st.tuples(st.sampled_from(["amount", "amount of a line"]), st.integers(1, 4_000)),
    ),
    min_size=1,
    max_size=4,
)


def given_on(till: Till, order: Order, marks: Marks) -> Order:
    """The order after these discounts, of the whole of it or of its first line."""
    for kind, number in marks:
        line_id = order.lines[0].id if kind.endswith("of a line") else None
        percent_bp, amount_minor = (number, None) if kind.startswith("percent") else (None, number)
        one = discount(till, line_id, percent_bp=percent_bp, amount_minor=amount_minor)
        order = apply(order, till.change(order.version, one), till.author)
    return order


def left(orders: Mapping[str, Order]) -> dict[str, int]:
    """What is left to pay of each line, wherever it stands."""
    return {line_id: minor for one in orders.values() for line_id, minor in left_of(one.lines, one.discounts).items()}


def owed(orders: Mapping[str, Order]) -> int:
    return sum(totals_of_order(order).total_minor for order in orders.values())


def carried(till: Till, orders: Orders, *line_ids: str, to: OrderId, of: OrderId = ORDER_ID) -> Orders:
    """The orders after these lines went from one to the other; for one that is not there they are split off."""
    here, version = replace(till, order_id=of), orders[of].version
    if to in orders:
        command = here.change(version, transfer(here, to, *line_ids))
        return {**orders, **apply_all(orders, command, till.author)}
    return {**orders, **apply_all(orders, split(here, to, *line_ids, base_version=version), till.author)}


@settings(max_examples=60)
@given(MARKS, st.lists(st.integers(0, 4), max_size=6), st.booleans())
def test_however_an_order_is_split_it_costs_what_it_cost(marks: Marks, steps: list[int], inclusive: bool) -> None:
    """Lines go out to two new orders and come back; each costs the same to the unit after every step."""
    till, _ = tills(inclusive=inclusive)
    orders: Orders = {ORDER_ID: given_on(till, opened(till, *ITEMS), marks)}
    before, total = left(orders), owed(orders)
    for place, step in enumerate(steps):
        line_id = ids_of(orders[ORDER_ID])[step]
        of = next(OrderId(one.id) for one in orders.values() if any(x.id == line_id for x in one.standing_lines))
        to = NEW[place % 2] if of == ORDER_ID else ORDER_ID
        orders = carried(till, orders, line_id, to=to, of=of)
        assert left(orders) == before
        assert all(totals_of_order(order).total_minor >= 0 for order in orders.values())
        rates = sum(len({line.tax_bp for line in order.standing_lines}) for order in orders.values())
        assert abs(owed(orders) - total) <= (0 if inclusive else rates), "tax on top is rounded on each bill"


@settings(max_examples=60)
@given(MARKS, st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True))
def test_a_line_that_is_voided_takes_its_part_of_an_amount_along(marks: Marks, voided: list[int]) -> None:
    till, _ = tills()
    order = given_on(till, opened(till, *ITEMS), marks)
    before = left({ORDER_ID: order})
    for place in voided:
        line = order.lines[place]
        order = apply(order, till.change(order.version, till.void_line(line.id)), till.author)
        del before[line.id]
        assert left({ORDER_ID: order}) == before
    assert totals_of_order(order).total_minor == sum(before.values()) >= 0


def test_an_amount_within_its_cap_stays_within_it_on_what_is_left() -> None:
    """10 % of the bill as an amount; then the dearest line is voided, and the rest pays 90 % and no less."""
    till, _ = tills()
    order = given_on(till, opened(till, "pizza", "beer"), [("amount", 158)])
    order = apply(order, till.change(order.version, till.void_line(ids_of(order)[0])), till.author)
    (beer,) = order.standing_lines
    assert beer.total_minor - left({ORDER_ID: order})[beer.id] <= most_off(beer.total_minor, 1000)


def test_what_was_voided_before_an_amount_was_given_bears_none_of_it() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "beer")
    order = apply(order, till.change(order.version, till.void_line(ids_of(order)[0])), till.author)
    order = given_on(till, order, [("amount", 33)])
    assert totals_of_order(order).total_minor == 300


def test_a_percentage_goes_with_a_merge_and_nobody_gets_two_orders_discounts() -> None:
    till, _ = tills()
    other = replace(till, order_id=OTHER_ID)
    here = given_on(till, opened(till, "pizza"), [("percent", 1000)])
    there = apply(None, other.create(new_line(till.names.new(), "cake"), number="A-2"), till.author)
    there = given_on(other, there, [("percent", 1000)])
    orders: Orders = {ORDER_ID: here, OTHER_ID: there}
    before = left(orders)
    after = apply_all(orders, merge(till, OTHER_ID, *ids_of(here)), till.author)
    assert left(after) == before
    heir = after[OTHER_ID]
    (mark,) = next(line for line in heir.standing_lines if line.item_id == "pizza").discounts
    assert (mark.of_order, mark.percent_bp, mark.given_by) == (ORDER_ID, 1000, till.actor_id)
    more = given_on(other, heir, [("percent", 5000)])
    assert all(left({OTHER_ID: more})[line_id] < minor for line_id, minor in before.items()), "a new one is for all"


def test_what_a_line_brought_along_can_be_taken_back_where_it_is() -> None:
    till, _ = tills()
    orders: Orders = {ORDER_ID: given_on(till, opened(till, "pizza", "cake"), [("amount", 300)])}
    cake = ids_of(orders[ORDER_ID])[1]
    orders = carried(till, orders, cake, to=NEW[0])
    new = orders[NEW[0]]
    (mark,) = new.lines[0].discounts
    there = replace(till, order_id=NEW[0])
    new = apply(new, there.change(new.version, undo(there, mark.id, cake)), till.author)
    assert totals_of_order(new).total_minor == new.lines[0].total_minor
    shares = orders[ORDER_ID].discounts[0].shares
    assert shares is not None
    assert sum(share.minor for share in shares) == orders[ORDER_ID].discounts[0].amount_minor


def test_a_line_that_comes_new_to_an_order_with_a_percentage_gets_it() -> None:
    till, _ = tills()
    other = replace(till, order_id=OTHER_ID)
    orders: Orders = {
        ORDER_ID: opened(till, "pizza"),
        OTHER_ID: apply(None, other.create(number="A-2"), till.author),
    }
    orders[OTHER_ID] = given_on(other, orders[OTHER_ID], [("percent", 1000)])
    orders = carried(till, orders, *ids_of(orders[ORDER_ID]), to=OTHER_ID)
    assert totals_of_order(orders[OTHER_ID]).total_minor == 1125


def stays_behind(_: Iterable[Line], discounts: Iterable[Discount], *, gone: Collection[LineId], **__: object) -> Parted:
    """A mutant: as it was, the whole discount stays on the order that lines leave."""
    return Parted(dict.fromkeys(gone, ()), tuple(discounts))


def goes_twice(
    lines: Iterable[Line], discounts: Iterable[Discount], *, order_id: OrderId, gone: Collection[LineId]
) -> Parted:
    """A mutant: the lines take their part along, and all of it stays as well."""
    discounts = tuple(discounts)
    return Parted(parted(lines, discounts, order_id=order_id, gone=gone).taken, discounts)


@pytest.mark.parametrize("mutant", [stays_behind, goes_twice])
def test_rules_by_which_a_discount_stays_behind_or_goes_twice_are_caught(
    mutant: Callable[..., Parted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_of_lines, "parted", mutant)
    with pytest.raises(AssertionError):
        settings(max_examples=60, phases=[Phase.generate], database=None)(
            given(MARKS, st.lists(st.integers(0, 4), min_size=1, max_size=6), st.just(True))(
                test_however_an_order_is_split_it_costs_what_it_cost.hypothesis.inner_test  # type: ignore[attr-defined]
            )
        )()
