"""Which orders a till looks at: however many there are, none that somebody can still act on is out of sight."""

from collections.abc import Sequence
from functools import partial

from shared.domain.order import Order, OrderState
from shared.ids import OrderId
from shared.store import scenes
from shared.store.outcomes import FailReason
from tests.unit.store.till import AT, Till

MOST = 5


def made(number: int) -> str:
    """An order's id, each a moment later than the one before."""
    return f"01M8{number:06d}{0:016d}"


def in_sight(till: Till) -> Sequence[str]:
    return till.run(partial(scenes.open_order_ids, most=MOST))


def test_what_nobody_ever_closed_hides_no_order_of_today(till: Till) -> None:
    old = [
        Order(id=OrderId(made(n)), number=f"D-{n}", version=1, opened_at=AT.replace("05.250", f"0{n}.250"))
        for n in range(1, 9)
    ]
    till.told(*reversed(old))
    till.add_line(made(50))
    till.send(made(51), till.add_line(made(51)))

    assert in_sight(till) == (*[one.id for one in old[-MOST:]], made(50), made(51))


def test_what_was_paid_in_a_long_outage_hides_no_table_and_nothing_that_needs_a_person(till: Till) -> None:
    first, refused = made(800), made(801)
    till.send(first, till.add_line(first))
    till.send(refused, till.add_line(refused))
    till.fail(next(one for one in till.take().flights if one.entity_id == refused), FailReason.REFUSED)
    paid = [made(810 + n) for n in range(2 * MOST)]
    for order_id in paid:
        till.tap(till.bill(order_id, till.add_line(order_id), total_minor=1098))

    found = in_sight(till)

    assert {first, refused} <= set(found)
    assert len(found) == 2 + MOST, "of what was paid here the newest, each with what it may leave over"
    assert paid[0] not in found
    assert paid[-1] in found
    order = till.scene(paid[-1]).scene.order
    assert order is not None
    assert order.state is OrderState.CLOSED
