"""Several in one request: each settles by the answer that carries its own id, and the envelope settles none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from shared.clock import SystemClock
from shared.store.outcomes import Accepted, Failed, FailReason, Flight
from shared.sync import batch, turns
from shared.sync.actions import Cause
from shared.sync.batch import Together
from shared.sync.batches import ALONE_S, Batches, Came
from shared.sync.errands import Judge
from shared.sync.evidence import Evidence
from shared.sync.exchange import Answered, Exchange, TimedOut
from shared.sync.turns import Landed
from shared.sync.verdicts import Later, NoAnswer, Paused, Verdict, judge
from shared.wire.batch import BatchRequest
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.flights import answer, as_json, change, create, error, flight_of, order_after, send_to_kitchen
from tests.unit.sync.virtual import VirtualClock, VirtualLoop

FLIGHTS = tuple(flight_of(command) for command in (create(), change(), send_to_kitchen()))
ORDER = as_json(order_after(create()))


@dataclass
class Door(FakeServer):
    """Says the same to every batch."""

    said: Exchange = field(default_factory=TimedOut)
    body: bytes = b""

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        assert (name, seen) == ("operations", "7-x")
        self.body = body
        return self.said


def entry(status: int, body: object, echo: str = "") -> dict[str, object]:
    return {"status": status, "headers": {"X-Operation-Id": echo} if echo else {}, "body": json.dumps(body)}


def told(*entries: dict[str, object]) -> Answered:
    return answer(200, {"answers": list(entries)})


def send(said: Exchange, flights: Sequence[Flight] = FLIGHTS, judged_by: Judge = judge) -> Together:
    loop = VirtualLoop()
    door = Door(VirtualClock(loop), said=said)
    sent = batch.send(door, flights, seen="7-x", judge=judged_by, evidence=Evidence(lambda: True), clock=SystemClock())
    try:
        return loop.finish(sent)
    finally:
        loop.close()


def verdicts(said: Exchange) -> list[Verdict]:
    return [verdict for _, verdict in send(said).verdicts]


def test_frozen_bytes_travel_as_they_are() -> None:
    asked = BatchRequest.model_validate_json(batch.envelope(FLIGHTS))
    assert [one.body.encode() for one in asked.operations] == [flight.body for flight in FLIGHTS]
    assert [one.lanes for one in asked.operations] == [flight.lanes for flight in FLIGHTS]
    assert [(one.operation_id, one.method, one.path) for one in asked.operations] == [
        (flight.id, flight.method, flight.path) for flight in FLIGHTS
    ]


def test_each_is_judged_by_the_answer_that_carries_its_id_wherever_that_stands() -> None:
    first, second, third = FLIGHTS
    found = verdicts(
        told(
            entry(424, error(424, "NOT_TRIED"), third.id),
            entry(422, error(422), second.id),
            entry(201, ORDER, first.id),
        )
    )
    assert isinstance(found[0], Accepted)
    assert isinstance(found[1], Failed)
    assert found[1].reason is FailReason.INVALID
    assert found[2] == Later(424, "No.", grows=False)


def test_what_is_left_out_or_carries_no_id_got_no_answer() -> None:
    first, second, _ = FLIGHTS
    found = verdicts(told(entry(201, ORDER), entry(201, ORDER, first.id), entry(201, ORDER, "another")))
    assert isinstance(found[0], Accepted)
    assert [isinstance(one, NoAnswer) and not one.counts for one in found[1:]] == [True, True]
    assert second.id


def test_a_server_that_tried_none_of_several_is_asked_for_each_alone() -> None:
    """It would be sent the same again twice a second for ever, and nobody would hear of it."""
    first = FLIGHTS[0]
    put_off = [entry(424, error(424, "NOT_TRIED"), one.id) for one in FLIGHTS]
    for nothing in (put_off, put_off[:2], [], [entry(201, ORDER)]):
        assert send(told(*nothing)).came is Came.SILENT
    assert send(told(entry(201, ORDER, first.id), *put_off[1:])).came is Came.ANSWERED
    assert send(told(entry(500, error(500), first.id), *put_off[1:])).came is Came.ANSWERED


@pytest.mark.parametrize(
    "said",
    [
        TimedOut(),
        answer(200, b"<html>"),
        answer(200, b""),
        answer(200, batch.envelope(FLIGHTS)),
        answer(200, ORDER, echo=FLIGHTS[0]),
        answer(404, error(404)),
        answer(409, error(409, "STALE_WRITE")),
        answer(422, error(422)),
        answer(500, error(500)),
        answer(502, b"<html>"),
    ],
)
def test_an_envelope_without_answers_is_evidence_for_and_against_nobody(said: Exchange) -> None:
    came = send(said)
    assert came.came is Came.SILENT
    assert all(isinstance(one, NoAnswer) and not one.counts for _, one in came.verdicts)


@pytest.mark.parametrize("said", [answer(413, error(413)), answer(413, b"<html>")])
def test_what_was_too_large_goes_again_in_smaller_parts_and_is_no_evidence(said: Answered) -> None:
    came = send(said)
    assert came.came is Came.TOO_LARGE
    found = [one for _, one in came.verdicts if isinstance(one, Later)]
    assert [(one.counts, one.hold_s, one.grows) for one in found] == [(False, None, False)] * 3


def test_what_is_said_to_the_device_pauses_or_holds_it() -> None:
    unknown = send(answer(401, error(401)))
    assert {one.cause for _, one in unknown.verdicts if isinstance(one, Paused)} == {Cause.DEVICE_UNKNOWN}
    busy = send(answer(503, error(503), retry_after="7"))
    assert [one.hold_s for _, one in busy.verdicts if isinstance(one, Later)] == [7.0] * 3
    assert (unknown.came, busy.came) == (Came.HELD, Came.HELD)


def test_a_mistake_of_ours_over_one_answer_is_that_one_s_alone() -> None:
    first, second, third = FLIGHTS

    def mistaken(flight: Flight, answer: Exchange, *, link_up: bool) -> Verdict:
        if flight is second:
            raise LookupError("a mistake of ours")
        return judge(flight, answer, link_up=link_up)

    came = send(told(*(entry(201, ORDER, one.id) for one in FLIGHTS)), judged_by=mistaken)
    assert [type(one) for _, one in came.verdicts] == [Accepted, NoAnswer, Accepted]
    assert came.came is Came.ANSWERED
    lost = batch.lost(FLIGHTS, LookupError("of all"))
    assert ([flight for flight, _ in lost.verdicts], lost.came) == ([first, second, third], Came.SILENT)


def test_several_go_only_where_it_is_announced_and_one_request_of_them_at_a_time() -> None:
    batches = Batches()
    assert batches.most(0) == 0
    batches.heard(("cursor", "batch"))
    assert batches.most(0) == 50
    batches.sent(1)
    assert batches.most(0) == 50, "one alone is none of several"
    batches.sent(3)
    batches.sent(1)
    assert batches.most(0) == 0
    batches.back(0, count=1, came=Came.SILENT)
    assert batches.most(0) == 0
    batches.back(0, count=3, came=Came.HELD)
    assert batches.most(0) == 50
    batches.heard(())
    assert batches.most(0) == 0


def test_after_silence_all_go_alone_for_a_while_then_half_as_many_and_more_when_that_went_well() -> None:
    batches = Batches()
    batches.heard(("batch",))
    batches.back(0, count=50, came=Came.SILENT)
    assert (batches.most(ALONE_S - 1), batches.most(ALONE_S)) == (0, 25)
    batches.back(ALONE_S, count=25, came=Came.ANSWERED)
    assert batches.most(ALONE_S) == 50
    batches.back(ALONE_S, count=3, came=Came.SILENT)
    assert (batches.most(2 * ALONE_S - 1), batches.most(2 * ALONE_S)) == (0, 2)
    batches.back(2 * ALONE_S, count=2, came=Came.SILENT)
    batches.came_up()
    assert batches.most(2 * ALONE_S) == 2, "what was silent while the link was down says little"


def test_what_goes_again_is_stored_before_the_conflict_that_takes_it_along() -> None:
    conflict = Failed(FailReason.CONFLICT, 409, "", b"")
    later = turns.outcome_of(Later(424, "", grows=False), FLIGHTS[1], now_ms=0, chance=0)
    landed = [Landed(FLIGHTS[0], conflict), Landed(FLIGHTS[1], later)]
    assert [each.outcome for each in turns.in_order(landed)] == [later, conflict]
