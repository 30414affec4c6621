"""What a file may forget and when, and everything that keeps a row in it."""

from __future__ import annotations

from functools import partial

import pytest

from shared.domain.marks import RecallTicket
from shared.domain.order import Order, OrderState
from shared.domain.ticket import Stage, Ticket
from shared.ids import OperationId, OrderId, StaffId, StationId, TicketId
from shared.store import alerts, entities, outbox, retention
from shared.store.outcomes import FailReason
from shared.store.retention import KEPT_MS, Tidied
from shared.times import to_rfc3339
from shared.wire.requests import order_lane, ticket_lane
from tests.unit.store.till import AT, NOW_MS, Till, ulid

ORDER, OTHER = ulid(900_001), ulid(900_002)
DAY_MS = 24 * 3600 * 1000
LATER_MS = NOW_MS + KEPT_MS + 1


def tidy(till: Till, now_ms: int, *, limit: int = 200) -> Tidied:
    """Tidy at a moment; the business day began three hours before it."""
    work = partial(retention.tidy, now_ms=now_ms, day_start_ms=now_ms - 3 * 3600 * 1000, limit=limit)
    return till.run(lambda tx: work(tx))


def closed(number: int, *, at_ms: int, state: OrderState = OrderState.CLOSED) -> Order:
    """An order that the server says is over."""
    at = to_rfc3339(at_ms)
    return Order(id=OrderId(ulid(number)), number=f"C-{number}", version=3, opened_at=at, closed_at=at, state=state)


def ticket(number: int, *, at_ms: int, status: Stage) -> Ticket:
    """A ticket as the server has it."""
    at = to_rfc3339(at_ms)
    return Ticket(
        id=TicketId(ulid(number)), order_id=OrderId(ORDER), order_number="C-1", station=StationId("grill"),
        sent_at=at, updated_at=at, version=2, status=status,
    )  # fmt: skip


def test_what_was_settled_stays_seven_days_of_server_time_and_then_goes(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    till.deliver_all()

    assert tidy(till, NOW_MS + KEPT_MS).rows == 0
    assert len(till.statuses()) == 3
    assert tidy(till, LATER_MS).rows == 3
    assert till.statuses() == []


def test_what_waits_is_never_forgotten_however_old(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    tidy(till, NOW_MS + 100 * KEPT_MS)
    assert len(till.statuses()) == 3
    assert len(till.take().flights) == 1


@pytest.mark.parametrize("reason", list(FailReason))
def test_what_failed_stays_until_a_person_has_chosen_and_held_ones_even_then(till: Till, reason: FailReason) -> None:
    till.send(ORDER, till.add_line(ORDER))
    till.deliver_all()
    more = till.add_line(ORDER)
    till.send(ORDER, more)
    till.fail(till.take().flights[0], reason)
    tidy(till, LATER_MS)
    assert [row for row in till.statuses() if row[1] == "FAILED"] != []

    for (alert_id,) in till.connection.execute("SELECT id FROM alert").fetchall():
        choose = partial(
            alerts.record_choice, alert_id=int(str(alert_id)), choice="ok", actor_id="grace", now_ms=LATER_MS
        )
        till.run(choose)
    tidy(till, LATER_MS + KEPT_MS + 1)

    left = [row for row in till.statuses() if row[1] == "FAILED"]
    assert (left != []) is reason.holds
    assert till.connection.execute("SELECT count(*) FROM alert").get == (1 if reason.holds else 0)


def test_an_operation_that_was_replaced_stays_as_long_as_its_heir(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    till.deliver_all()
    seqs = [seq for (seq,) in till.connection.execute("SELECT seq FROM operation ORDER BY seq")]
    till.connection.execute("UPDATE operation SET replaces = ? WHERE seq = ?", (seqs[0], seqs[2]))
    till.connection.execute("UPDATE operation SET settled_at = ? WHERE seq = ?", (LATER_MS, seqs[2]))

    tidy(till, LATER_MS)
    assert [seq for (seq,) in till.connection.execute("SELECT seq FROM operation ORDER BY seq")] == [seqs[0], seqs[2]]
    tidy(till, LATER_MS + KEPT_MS + 1)
    tidy(till, LATER_MS + KEPT_MS + 1)
    assert till.statuses() == []


def test_a_seq_is_never_given_twice_although_rows_go(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    till.deliver_all()
    tidy(till, LATER_MS)
    till.send(OTHER, till.add_line(OTHER))
    assert till.connection.execute("SELECT min(seq) FROM operation").get == 4


def test_orders_and_tickets_of_an_older_business_day_leave_the_cache(till: Till) -> None:
    before, today = NOW_MS - DAY_MS, NOW_MS
    gone = [closed(1, at_ms=before), closed(2, at_ms=before, state=OrderState.VOIDED)]
    stays = [closed(3, at_ms=today), closed(4, at_ms=before, state=OrderState.SENT)]
    bumped = ticket(11, at_ms=before, status=Stage.BUMPED)
    kept = [ticket(12, at_ms=before, status=Stage.READY), ticket(13, at_ms=today, status=Stage.BUMPED)]
    till.run(lambda tx: entities.put_all(tx, [*gone, *stays, bumped, *kept]))

    done = tidy(till, NOW_MS)

    assert done.changed == {order_lane(gone[0].id), order_lane(gone[1].id), ticket_lane(bumped.id)}
    assert [till.run(partial(entities.order, order_id=one.id)) for one in stays] == stays
    assert [till.run(partial(entities.ticket, ticket_id=one.id)) for one in kept] == kept


def test_a_closed_order_stays_while_anything_here_is_about_it(till: Till) -> None:
    """An operation that waits, a draft, an alert without a choice: each alone keeps it."""
    with_draft, waiting, with_alert = ulid(1), ulid(2), ulid(3)
    till.add_line(with_draft)
    till.send(waiting, till.add_line(waiting))
    old = [closed(number, at_ms=NOW_MS - DAY_MS) for number in (1, 2, 3, 4)]
    till.run(lambda tx: entities.put_all(tx, old))
    till.connection.execute(
        "INSERT INTO alert (kind, entity_id, title, detail, raised_at) VALUES ('SURPLUS', ?, 'x', '1', 0)",
        (with_alert,),
    )

    assert tidy(till, NOW_MS).changed == {order_lane(ulid(4))}
    kept = [till.run(partial(entities.order, order_id=one)) for one in (with_draft, waiting, with_alert)]
    assert None not in kept


def test_a_bumped_ticket_stays_while_anything_here_is_about_it(till: Till) -> None:
    """A mark that waits and an alert without a choice: each alone keeps it."""
    waiting, with_alert, gone = (ticket(number, at_ms=NOW_MS - DAY_MS, status=Stage.BUMPED) for number in (11, 12, 13))
    recall = RecallTicket(
        id=OperationId(ulid(5)), actor_id=StaffId("grace"), at=AT, ticket_id=waiting.id, round=1, line_ids=()
    )
    till.run(lambda tx: outbox.append(tx, recall, now_ms=NOW_MS))
    till.run(lambda tx: entities.put_all(tx, [waiting, with_alert, gone]))
    till.connection.execute(
        "INSERT INTO alert (kind, entity_id, title, detail, raised_at) VALUES ('CONFLICT', ?, 'x', '', 0)",
        (with_alert.id,),
    )

    assert tidy(till, NOW_MS).changed == {ticket_lane(gone.id)}
    kept = [till.run(partial(entities.ticket, ticket_id=one.id)) for one in (waiting, with_alert)]
    assert kept == [waiting, with_alert]


@pytest.mark.parametrize(("state", "left"), [("WAITING", 1), ("PRINTING", 1), ("PRINTED", 0)])
def test_paper_that_did_not_come_out_is_not_forgotten(till: Till, state: str, left: int) -> None:
    till.connection.execute(
        "INSERT INTO print_job (kind, operation_id, body, state, created_at) VALUES ('x', 'x', x'', ?, ?)",
        (state, NOW_MS),
    )
    tidy(till, LATER_MS)
    assert till.connection.execute("SELECT count(*) FROM print_job").get == left


def test_a_tidying_is_bounded_and_says_that_there_is_more(till: Till) -> None:
    for number in range(30):
        order = ulid(800_000 + number)
        till.send(order, till.add_line(order))
    till.deliver_all()

    first = tidy(till, LATER_MS, limit=50)
    assert (first.rows, first.has_more) == (50, True)
    assert len(till.statuses()) == 40
    tidy(till, LATER_MS, limit=50)
    last = tidy(till, LATER_MS, limit=50)
    assert not last.has_more
    assert till.statuses() == []


@pytest.mark.parametrize("sql", [retention._OPERATIONS, retention._ORDERS, retention._TICKETS])
def test_tidying_reads_by_index(till: Till, sql: str) -> None:
    """It stands in the way of taps, so it may not walk through a file of a hundred thousand settled operations."""
    plan = [
        str(row[3]) for row in till.connection.execute(f"EXPLAIN QUERY PLAN {sql}", (0,) * sql.count("?")).fetchall()
    ]
    assert [step for step in plan if step.startswith("SCAN")] == [], plan


def test_what_the_outbox_knew_is_known_as_long_as_a_retry_may_come(till: Till) -> None:
    """A second tap on a settled intention changes nothing while its rows are there."""
    intent = till.send(ORDER, till.add_line(ORDER))
    till.deliver_all()
    tidy(till, NOW_MS + KEPT_MS)
    till.tap(intent)
    assert len(till.statuses()) == 3
    assert till.run(lambda tx: outbox.waiting(tx)) == 0
