"""The cache of the server's word: higher versions replace, pages and cursor go together, gaps are not stored."""

from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.ids import OrderId, StationId, TicketId
from shared.store import entities
from tests.unit.store.till import AT, NOW_MS, Till, ulid


def order(version: int) -> Order:
    """An order in one of its versions."""
    return Order(id=OrderId(ulid(1)), number=f"C-{version}", version=version, opened_at=AT)


def ticket(version: int) -> Ticket:
    """A ticket in one of its versions."""
    return Ticket(
        id=TicketId(ulid(2)),
        order_id=OrderId(ulid(1)),
        order_number="C-1",
        station=StationId("grill"),
        sent_at=AT,
        updated_at=AT,
        version=version,
    )


def store_page(till: Till, asked_from: str | None, cursor: str, *found: Order | Ticket) -> frozenset[str] | None:
    """Store a page as the worker does."""
    return till.run(
        lambda tx: entities.store_page(tx, asked_from=asked_from, cursor=cursor, entities=found, now_ms=NOW_MS)
    )


def test_only_a_higher_version_replaces_what_is_stored(till: Till) -> None:
    for version, changes in ((2, True), (1, False), (2, False), (3, True)):
        assert bool(till.run(lambda tx, v=version: entities.put_all(tx, [order(v), ticket(v)]))) is changes  # type: ignore[misc]

    assert till.run(lambda tx: entities.order(tx, ulid(1))) == order(3)
    assert till.run(lambda tx: entities.ticket(tx, ulid(2))) == ticket(3)


def test_a_page_moves_the_cursor_with_its_rows(till: Till) -> None:
    assert store_page(till, None, "3-x", order(1), ticket(1)) == frozenset({f"order:{ulid(1)}", f"ticket:{ulid(2)}"})
    assert till.run(entities.cursor) == "3-x"
    assert store_page(till, "3-x", "4-y", order(2)) == frozenset({f"order:{ulid(1)}"})
    assert till.run(entities.cursor) == "4-y"


def test_a_page_that_was_asked_from_elsewhere_is_not_stored_at_all(till: Till) -> None:
    store_page(till, None, "3-x", order(1))

    assert store_page(till, None, "9-z", order(5)) is None
    assert store_page(till, "2-w", "9-z", order(5)) is None
    assert till.run(entities.cursor) == "3-x"
    assert till.run(lambda tx: entities.order(tx, ulid(1))) == order(1)


def test_a_branch_without_any_change_has_no_cursor_to_store(till: Till) -> None:
    assert store_page(till, None, "") == frozenset()
    assert till.run(entities.cursor) is None
