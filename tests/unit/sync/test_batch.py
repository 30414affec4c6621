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
from shared.sync.batches import ALONE_S, Batches
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


def send(said: Exchange, flights: Sequence[Flight] = FLIGHTS) -> Together:
    loop = VirtualLoop()
    door = Door(VirtualClock(loop), said=said)
    sent = batch.send(door, flights, seen="7-x", judge=judge, evidence=Evidence(lambda: True), clock=SystemClock())
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
        answer(413, error(413)),
        answer(502, b"<html>"),
    ],
)
def test_an_envelope_without_answers_is_evidence_for_and_against_nobody(said: Exchange) -> None:
    came = send(said)
    assert not came.is_answered
    assert came.is_too_large == (isinstance(said, Answered) and said.status == 413)
    assert all(isinstance(one, NoAnswer) and not one.counts for _, one in came.verdicts)


def test_what_is_said_to_the_device_pauses_or_holds_it() -> None:
    assert {one.cause for one in verdicts(answer(401, error(401))) if isinstance(one, Paused)} == {Cause.DEVICE_UNKNOWN}
    busy = verdicts(answer(503, error(503), retry_after="7"))
    assert [one.hold_s for one in busy if isinstance(one, Later)] == [7.0] * 3


def test_it_is_worth_it_only_where_it_is_announced_and_went_well() -> None:
    batches = Batches()
    assert batches.most(0) == 0
    batches.heard(("cursor", "batch"))
    assert batches.most(0) == 50
    batches.failed(0)
    assert (batches.most(ALONE_S - 1), batches.most(ALONE_S)) == (0, 50)
    batches.failed(0, too_many=50)
    batches.failed(0, too_many=40)
    assert batches.most(ALONE_S) == 20
    batches.failed(0, too_many=3)
    assert batches.most(ALONE_S) == 0, "one alone needs no batch"
    batches.heard(())
    assert batches.most(ALONE_S) == 0


def test_what_goes_again_is_stored_before_the_conflict_that_takes_it_along() -> None:
    conflict = Failed(FailReason.CONFLICT, 409, "", b"")
    later = turns.outcome_of(Later(424, "", grows=False), FLIGHTS[1], now_ms=0, chance=0)
    landed = [Landed(FLIGHTS[0], conflict), Landed(FLIGHTS[1], later)]
    assert [each.outcome for each in turns.in_order(landed)] == [later, conflict]
