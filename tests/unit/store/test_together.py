"""What may go in one request: successive operations of a lane, in their order, and nothing past what must wait."""

from shared.store import outbox, together
from shared.store.outcomes import Deferred, Flight, Taken
from shared.wire import batch
from tests.unit.store.till import NOW_MS, Till, ulid

ORDER, OTHER = ulid(900_001), ulid(900_002)


def take(till: Till, most: int = 50, alone: int = 4) -> Taken | None:
    return till.run(lambda tx: together.take(tx, most=most, alone=alone, now_ms=NOW_MS))


def names(flights: tuple[Flight, ...]) -> list[str]:
    return [f"{flight.kind}:{flight.entity_id == ORDER}" for flight in flights]


def two_orders(till: Till) -> None:
    for order in (ORDER, OTHER):
        till.send(order, till.add_line(order))


def test_successive_operations_of_a_lane_go_together_in_their_order_and_are_marked(till: Till) -> None:
    two_orders(till)

    taken = take(till)

    assert taken is not None
    assert taken.together == 6
    kinds = ["create_order", "change_order", "send_to_kitchen"]
    assert names(taken.flights) == [f"{kind}:{own}" for own in (True, False) for kind in kinds]
    assert [flight.seq for flight in taken.flights] == sorted(flight.seq for flight in taken.flights)
    assert {status for _, status, _ in till.statuses()} == {"REPLAYING"}
    assert taken.requests == (taken.flights,)
    assert take(till) is None


def test_one_alone_goes_as_it_always_did_and_a_batch_has_its_most(till: Till) -> None:
    two_orders(till)

    assert take(till, most=1) is None
    some = take(till, most=4)
    assert some is not None
    assert len(some.flights) == 4


def test_nothing_overtakes_what_waits_is_on_its_way_or_failed_before(till: Till) -> None:
    two_orders(till)
    first = till.take(limit=1).flights[0]
    on_its_way = take(till)
    assert on_its_way is not None
    assert names(on_its_way.flights) == [
        f"{kind}:False" for kind in ("create_order", "change_order", "send_to_kitchen")
    ]

    later = Deferred(NOW_MS + 1, False, None, "")
    till.run(lambda tx: outbox.settle(tx, first, later, now_ms=NOW_MS))
    assert take(till) is None, "it is not due, and what is behind it in its lane waits"

    failed = Deferred(NOW_MS, True, 500, "")
    till.run(lambda tx: outbox.settle(tx, first, failed, now_ms=NOW_MS))
    assert take(till) is None, "what failed goes alone"
    assert [flight.id for flight in till.take(limit=5).flights] == [first.id]


def test_what_got_no_answer_or_failed_goes_alone_beside_what_goes_together(till: Till) -> None:
    for order in (ORDER, OTHER, ulid(900_003), ulid(900_004)):
        till.send(order, till.add_line(order))
    for place, outcome in ((0, Deferred(0, False, None, "")), (1, Deferred(0, True, 500, ""))):
        flight = till.take(limit=2).flights[place]
        till.run(lambda tx, flight=flight, outcome=outcome: outbox.settle(tx, flight, outcome, now_ms=NOW_MS))  # type: ignore[misc]
        till.connection.execute("UPDATE operation SET status = 'PENDING' WHERE status = 'REPLAYING'")
    till.connection.execute("UPDATE operation SET last_status = 424 WHERE seq = 7")

    taken = take(till, alone=1)

    assert taken is not None
    assert [[flight.seq for flight in request] for request in taken.requests] == [[7, 8, 9, 10, 11, 12], [1]]
    assert till.run(lambda tx: outbox.waiting(tx)) == 12


def test_what_stands_behind_a_close_waits_for_the_answer_to_the_close(till: Till) -> None:
    two_orders(till)
    till.connection.execute("UPDATE operation SET kind = 'close_order' WHERE seq = 2")

    taken = take(till)

    assert taken is not None
    assert [flight.seq for flight in taken.flights] == [1, 2, 4, 5, 6]


def test_a_batch_is_no_larger_than_a_server_reads(till: Till) -> None:
    two_orders(till)
    till.connection.execute(
        "UPDATE operation SET body = CAST(body || zeroblob(?) AS BLOB)", (batch.MAX_BATCH_BYTES // 3,)
    )

    taken = take(till)

    assert taken is not None
    assert len(taken.flights) == 2


def test_who_is_due_next_is_looked_for_unless_so_many_go_that_it_is_asked_again_at_once(till: Till) -> None:
    till.send(ulid(900_003), till.add_line(ulid(900_003)))
    later = Deferred(NOW_MS + 1_000, False, None, "")
    first = till.take(limit=1).flights[0]
    till.run(lambda tx: outbox.settle(tx, first, later, now_ms=NOW_MS))
    two_orders(till)

    full, less = take(till, most=2, alone=1), take(till, most=2, alone=4)

    assert full is not None
    assert less is not None
    assert (len(full.flights), full.next_due_ms) == (2, None)
    assert (len(less.flights), less.next_due_ms) == (2, NOW_MS + 1_000)
