"""The kept views: the same until something that they were made from changed, and many changes are read in slices."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.database import open_reader
from shared.domain.intents import Numbers
from shared.domain.order import Order, OrderState
from shared.ids import OrderId
from shared.store import entities
from shared.store.house import House
from shared.store.order_views import LEFT_KEPT, OrderViews
from tests.unit.store.till import AT, Till, ulid

MANY = 30
SLICE_S = 0.005


class SteppingClock:
    """Each look at the stopwatch takes a millisecond."""

    def __init__(self) -> None:
        self.looks = 0

    def now_ms(self) -> int:
        """The same moment for ever."""
        return 0

    def monotonic_s(self) -> float:
        """A millisecond later than the last time."""
        self.looks += 1
        return self.looks / 1000


def put(till: Till, number: int, *, version: int = 1) -> str:
    """The server's word on an order."""
    order = Order(id=OrderId(ulid(number)), number=f"D-{number}", version=version, opened_at=AT)
    till.run(lambda tx: entities.put_all(tx, [order]))
    return order.id


@pytest.fixture
def views(till: Till, tmp_path: Path) -> Iterator[OrderViews]:
    for number in range(MANY):
        put(till, number)
    reader, house = open_reader(tmp_path / "pos.sqlite"), House(open_reader(tmp_path / "pos.sqlite"), device_id="c")
    yield OrderViews(reader, house, numbers=Numbers(str, str), clock=SteppingClock())
    reader.close()
    house.close()


def test_a_view_is_the_same_one_until_its_order_is_forgotten(till: Till, views: OrderViews) -> None:
    first = views.view(ulid(1), (), online=True)
    put(till, 1, version=2)
    assert views.view(ulid(1), (), online=True) is first
    views.forget([ulid(1)])
    second = views.view(ulid(1), (), online=True)
    assert second is not None
    assert second.base_version == 2


def test_the_line_coming_and_going_makes_no_view_anew_but_those_that_wait(till: Till, views: OrderViews) -> None:
    still = views.view(ulid(1), (), online=True)
    till.tap(till.send(ulid(500), till.add_line(ulid(500))))
    waits = views.view(ulid(500), (), online=True)
    assert views.view(ulid(1), (), online=False) is still
    now = views.view(ulid(500), (), online=False)
    assert waits is not None
    assert now is not None
    assert now.badge is not waits.badge


def test_many_changed_orders_are_read_in_slices_and_then_no_more(views: OrderViews) -> None:
    turns = 1
    while not views.catch_up(lambda _: (), online=True, limit_s=SLICE_S):
        turns += 1
    assert 3 < turns < MANY
    views.forget([ulid(1)])
    assert views.catch_up(lambda _: (), online=True, limit_s=SLICE_S)


def test_what_changes_while_it_is_read_is_read_again(till: Till, views: OrderViews) -> None:
    """The change of an order comes in at the moment at which it is being read for the first time."""
    meanwhile = iter([True])

    def in_hand(order_id: str) -> tuple[()]:
        if next(meanwhile, False):
            views.view(order_id, (), online=True)
            put(till, int(order_id[4:]), version=2)
            views.forget([order_id])
        return ()

    while not views.catch_up(in_hand, online=True, limit_s=SLICE_S):
        pass
    versions = [view.base_version for n in range(MANY) if (view := views.view(ulid(n), (), online=True)) is not None]
    assert sorted(versions) == [1] * (MANY - 1) + [2]


def test_orders_that_were_closed_are_not_remembered_all_day(till: Till, views: OrderViews) -> None:
    """Some of them, so that whoever looks again at the last ones does not wait; those that are open, always."""
    day = range(1_000, 1_000 + 2 * LEFT_KEPT)
    closed = [
        Order(id=OrderId(ulid(n)), number=f"D-{n}", version=1, opened_at=AT, state=OrderState.CLOSED) for n in day
    ]
    till.run(lambda tx: entities.put_all(tx, closed))
    seen = [views.view(ulid(n), (), online=True) for n in (*day[:LEFT_KEPT], 1)]
    assert len(views.open_ids()) == MANY
    first = ulid(day[0])
    assert views.view(first, (), online=True) is seen[0]
    for number in day:
        views.view(ulid(number), (), online=True)
    assert first not in views.open_ids()
    again = views.view(first, (), online=True)
    assert again is not seen[0]
    assert again == seen[0]
    assert views.view(ulid(1), (), online=True) is seen[-1]
