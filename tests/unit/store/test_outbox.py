"""The outbox keeps each lane in its order, hands out at most what is asked, and never forgets before an answer."""

from functools import partial

import pytest

from shared.database import Connection
from shared.domain.commands import ServeOrder, VoidOrder
from shared.domain.menu import Floor
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected
from shared.ids import LineId, OperationId, OrderId, StaffId
from shared.money import Currency
from shared.store import outbox, panel
from shared.store.outcomes import Accepted, Deferred, Failed, FailReason, Outcome
from tests.unit.store.till import AT, NOW_MS, Till, ulid

ORDER, OTHER = ulid(900_001), ulid(900_002)


def served(till: Till, order_id: str) -> Order:
    """What a server that agrees would say of the order now."""
    order = till.scene(order_id).scene.order
    assert order is not None
    return order


def test_a_send_writes_create_change_and_send_in_this_order_and_empties_the_draft(till: Till) -> None:
    line = till.add_line(ORDER)
    till.send(ORDER, line)

    assert [kind for kind, _, _ in till.statuses()] == ["create_order", "change_order", "send_to_kitchen"]
    assert till.scene(ORDER).scene.draft is None
    assert served(till, ORDER).line(line) is not None


def test_the_place_is_the_seq_whatever_was_refused_rolled_back_or_forgotten_before(till: Till) -> None:
    def serve(number: int) -> ServeOrder:
        about = {"actor_id": StaffId("amina"), "at": AT, "order_id": OrderId(ulid(900))}
        return ServeOrder.model_validate({"id": ulid(number), "line_ids": (ulid(901),), **about})

    def append_and_fail(tx: Connection) -> None:
        outbox.append(tx, serve(3), now_ms=NOW_MS)
        raise KeyError

    till.run(lambda tx: [outbox.append(tx, serve(number), now_ms=NOW_MS) for number in (1, 2, 1)])
    with pytest.raises(KeyError):
        till.run(append_and_fail)
    till.run(lambda tx: tx.execute("DELETE FROM operation_lane; DELETE FROM operation"))
    seqs = till.run(lambda tx: [outbox.append(tx, serve(number), now_ms=NOW_MS) for number in (3, 1, 3, 4)])

    rows = till.connection.execute("SELECT place, seq FROM operation ORDER BY seq").fetchall()
    lanes = till.connection.execute("SELECT place, seq FROM operation_lane ORDER BY seq").fetchall()
    assert rows == lanes == [(seq, seq) for seq in seqs if seq is not None]
    assert min(seq for seq in seqs if seq is not None) > 2


def test_an_operation_whose_lanes_were_lost_holds_nobody_up(till: Till) -> None:
    for order in (ORDER, OTHER):
        till.send(order, till.add_line(order))
    till.run(lambda tx: tx.execute("DELETE FROM operation_lane WHERE seq = 1"))

    taken = till.run(lambda tx: outbox.take(tx, limit=5, now_ms=NOW_MS))

    assert taken.flights[0].lanes == ()
    assert len(taken.flights) > 1


def test_the_lane_gives_one_operation_at_a_time_and_another_order_does_not_wait(till: Till) -> None:
    for order in (ORDER, OTHER):
        till.send(order, till.add_line(order))

    taken = till.take(limit=5)

    assert [flight.path for flight in taken.flights] == ["/pos/orders", "/pos/orders"]
    assert {flight.entity_id for flight in taken.flights} == {ORDER, OTHER}
    assert till.take().flights == ()


def test_the_next_of_a_lane_goes_only_after_the_first_is_settled(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    first = till.take().flights[0]

    till.accept(first)

    assert [flight.kind for flight in till.take().flights] == ["change_order"]


def test_a_deferred_operation_keeps_its_id_and_waits_and_nothing_overtakes_it(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    first = till.take().flights[0]
    wait = Deferred(NOW_MS + 5_000, counts=False, status=None, error="no answer")
    till.run(lambda tx: outbox.settle(tx, first, wait, now_ms=NOW_MS))

    early = till.take(now_ms=NOW_MS + 4_999)
    late = till.take(now_ms=NOW_MS + 5_000)

    assert early.flights == ()
    assert early.next_due_ms == NOW_MS + 5_000
    assert [(flight.id, flight.sends, flight.attempts) for flight in late.flights] == [(first.id, 2, 0)]
    assert late.flights[0].body == first.body


def test_only_evidence_counts_as_an_attempt(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    for counts in (True, False, True):
        flight = till.take().flights[0]
        outcome = Deferred(0, counts=counts, status=500, error="broken")
        till.run(lambda tx, f=flight, o=outcome: outbox.settle(tx, f, o, now_ms=NOW_MS))  # type: ignore[misc]

    assert till.take().flights[0].attempts == 2


def test_what_was_on_its_way_when_the_sender_died_goes_again_under_the_same_id(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    lost = till.take().flights[0]

    assert till.take().flights == ()
    assert till.run(lambda tx: outbox.reset_replaying(tx, now_ms=NOW_MS)) == 1
    assert till.take().flights[0].id == lost.id


def test_a_clock_that_was_set_back_does_not_hold_an_operation_for_days(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    flight = till.take().flights[0]
    far = Deferred(NOW_MS + 10 * 86_400_000, counts=False, status=503, error="busy")
    till.run(lambda tx: outbox.settle(tx, flight, far, now_ms=NOW_MS))

    till.run(lambda tx: outbox.reset_replaying(tx, now_ms=NOW_MS))

    assert till.take(now_ms=NOW_MS + outbox.LONGEST_DELAY_MS).flights[0].id == flight.id


def test_when_the_link_comes_back_only_what_nobody_answered_is_due_at_once(till: Till) -> None:
    for order, status in ((ORDER, None), (OTHER, 503)):
        till.send(order, till.add_line(order))
        flight = next(f for f in till.take().flights if f.entity_id == order)
        later = Deferred(NOW_MS + 45_000, counts=False, status=status, error="later")
        till.run(lambda tx, f=flight, o=later: outbox.settle(tx, f, o, now_ms=NOW_MS))  # type: ignore[misc]

    till.run(lambda tx: outbox.release_unanswered(tx, now_ms=NOW_MS))

    assert [flight.entity_id for flight in till.take().flights] == [ORDER]


def test_an_answer_that_comes_twice_settles_once(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    flight = till.take().flights[0]

    assert till.accept(flight)
    assert till.fail(flight, FailReason.INVALID) == frozenset()
    assert till.statuses()[0] == ("create_order", "SUCCESS", None)


@pytest.mark.parametrize(
    "late",
    [
        Accepted(200, b"again", (), "9-y", surplus_minor=500),
        Deferred(NOW_MS + 5_000, True, 500, "an error of the server"),
        Failed(FailReason.CONFLICT, 409, "Somebody else was faster.", b"{}"),
    ],
    ids=["accepted", "put off", "refused"],
)
def test_whatever_a_late_answer_says_what_is_settled_stays_as_it_is(till: Till, late: Outcome) -> None:
    till.send(ORDER, till.add_line(ORDER))
    flight = till.take().flights[0]
    till.run(lambda tx: outbox.settle(tx, flight, Accepted(201, b"{}", (), "7-x"), now_ms=NOW_MS))
    before = till.connection.execute("SELECT * FROM operation ORDER BY seq").fetchall()

    assert till.run(lambda tx: outbox.settle(tx, flight, late, now_ms=NOW_MS)) == frozenset()

    assert till.connection.execute("SELECT * FROM operation ORDER BY seq").fetchall() == before
    assert not till.connection.execute("SELECT count(*) FROM alert").get


def test_acceptance_stores_the_servers_word_with_it(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    word = served(till, ORDER).model_copy(update={"version": 1, "lines": (), "tickets": ()})

    changed = till.accept(till.take().flights[0], word)

    assert f"order:{ORDER}" in changed
    assert till.scene(ORDER).server == word
    assert till.scene(ORDER).waiting == 2


@pytest.mark.parametrize("reason", [FailReason.INVALID, FailReason.REFUSED, FailReason.EXHAUSTED, FailReason.MISMATCH])
def test_what_needs_a_person_holds_its_lane_stays_in_the_view_and_raises_an_alert(
    till: Till, reason: FailReason
) -> None:
    line = till.add_line(ORDER)
    till.send(ORDER, line)
    till.send(OTHER, till.add_line(OTHER))
    first = next(f for f in till.take().flights if f.entity_id == ORDER)

    changed = till.fail(first, reason)

    assert "alerts" in changed
    assert served(till, ORDER).line(line) is not None
    assert till.scene(ORDER).held == 1
    assert {flight.entity_id for flight in till.take().flights} <= {OTHER}
    assert till.connection.execute("SELECT count(*) FROM alert WHERE choice IS NULL").fetchone() == (1,)


def test_a_conflict_adopts_the_servers_state_and_takes_along_what_names_its_lines_but_no_money(till: Till) -> None:
    first = till.add_line(ORDER)
    till.send(ORDER, first)
    till.deliver_all()
    late = till.add_line(ORDER, price_minor=500)
    till.send(ORDER, late)
    till.tap(till.bill(ORDER, first, late, total_minor=1598))
    change = till.take().flights[0]

    till.fail(change, FailReason.CONFLICT)

    assert till.statuses()[3:] == [
        ("change_order", "FAILED", "CONFLICT"),
        ("send_to_kitchen", "FAILED", "CONFLICT"),
        ("close_order", "PENDING", None),
    ]


def test_a_conflict_takes_along_a_serve_and_a_void_that_name_its_lines(till: Till) -> None:
    first = till.add_line(ORDER)
    till.send(ORDER, first)
    till.deliver_all()
    late = till.add_line(ORDER)
    till.send(ORDER, late)
    who, order_id, both = StaffId("amina"), OrderId(ORDER), (LineId(first), LineId(late))
    for named in (both[:1], both):
        serve_id = OperationId(till.new_id())
        till.tap(ServeOrder(id=serve_id, actor_id=who, at=AT, order_id=order_id, line_ids=named))
    void_id = OperationId(till.new_id())
    till.tap(VoidOrder(id=void_id, actor_id=who, at=AT, order_id=order_id, line_ids=both, reason="left"))

    till.fail(till.take().flights[0], FailReason.CONFLICT)

    assert [(kind, reason) for kind, _, reason in till.statuses()[3:]] == [
        ("change_order", "CONFLICT"),
        ("send_to_kitchen", "CONFLICT"),
        ("serve_order", None),
        ("serve_order", "CONFLICT"),
        ("void_order", "CONFLICT"),
    ]


def test_a_refused_create_by_conflict_takes_all_of_its_order_along(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))

    till.fail(till.take().flights[0], FailReason.CONFLICT)

    assert [reason for _, _, reason in till.statuses()] == ["CONFLICT"] * 3
    assert till.take().flights == ()


def test_the_same_send_tapped_twice_is_in_once(till: Till) -> None:
    intent = till.send(ORDER, till.add_line(ORDER))

    assert till.tap(intent) == frozenset()
    assert len(till.statuses()) == 3


def test_a_refused_payment_writes_nothing_and_takes_no_receipt_number(till: Till) -> None:
    line = till.add_line(ORDER)

    with pytest.raises(CommandRejected, match="bill changed"):
        till.tap(till.bill(ORDER, line, total_minor=1))

    assert till.statuses() == []
    till.tap(till.bill(ORDER, line, total_minor=1098))
    assert served(till, ORDER).receipt_number == "C-000001"


def test_waiting_counts_what_goes_by_itself(till: Till) -> None:
    till.send(ORDER, till.add_line(ORDER))
    till.fail(till.take().flights[0], FailReason.INVALID)

    assert till.run(outbox.waiting) == 2


def test_money_that_an_order_does_not_owe_is_told_with_the_sum_and_the_order_is_settled(till: Till) -> None:
    till.tap(till.bill(ORDER, till.add_line(ORDER), total_minor=1098))
    while (flight := till.take(limit=1).flights[0]).kind != "close_order":
        till.accept(flight)

    paid_twice = Accepted(200, b"{}", (), "7-x", surplus_minor=1098)
    changed = till.run(partial(outbox.settle, flight=flight, outcome=paid_twice, now_ms=NOW_MS))

    assert changed == {*flight.lanes, "alerts"}
    assert till.statuses()[-1] == ("close_order", "SUCCESS", None)
    (alert,) = till.run(partial(panel.open_alerts, floor=Floor(version=""), currency=Currency("EUR", 2, "")))
    assert "refund 10.98?" in alert.detail
