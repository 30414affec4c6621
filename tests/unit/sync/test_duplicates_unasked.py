"""What a server says that it has done already, of things that nobody can ask it for: a shift, a card, an alert."""

from __future__ import annotations

import pytest

from shared.domain.commands import Operation
from shared.domain.shift_commands import CashMove, Clock, CloseShift, MoveCash, Way
from shared.ids import ClockingId, OperationId, ShiftId, StaffId
from shared.store.outcomes import Accepted, Failed, FailReason
from shared.sync import errands
from shared.sync.evidence import Evidence
from shared.sync.exchange import Answered
from shared.sync.verdicts import Later, Verdict, judge
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.flights import AT, answer, error, flight_of, ulid
from tests.unit.sync.virtual import VirtualClock, VirtualLoop

SHIFT = ShiftId(ulid(401))
MOVED = MoveCash(
    id=OperationId(ulid(402)),
    actor_id=StaffId("ann"),
    at=AT,
    shift_id=SHIFT,
    type=CashMove.PAY_OUT,
    amount_minor=500,
    reason="ice",
)
COUNTED = CloseShift(id=OperationId(ulid(403)), actor_id=StaffId("ann"), at=AT, shift_id=SHIFT, counted_minor=9_500)
CAME = Clock(id=OperationId(ulid(404)), actor_id=StaffId("ann"), at=AT, clocking_id=ClockingId(ulid(405)), type=Way.IN)


def sent(command: Operation, said: Answered, *, attempts: int = 0) -> tuple[Verdict, list[str]]:
    """What becomes of it where the server says this, and what the server was asked besides."""
    loop = VirtualLoop()
    server = FakeServer(VirtualClock(loop))
    judging = errands.judged(
        server,
        flight_of(command, attempts=attempts),
        said,
        sent_s=loop.now_s,
        judge=judge,
        evidence=Evidence(lambda: True),
    )
    try:
        return loop.finish(judging), server.asked
    finally:
        loop.close()


@pytest.mark.parametrize("command", [MOVED, COUNTED, CAME], ids=["movement", "count", "clocking"])
@pytest.mark.parametrize("resource", [None, "x", {}])
def test_its_word_is_believed_where_it_shows_nothing_and_it_is_asked_for_no_order(
    command: Operation, resource: object
) -> None:
    """Ten times asked for an order of a shift's id it has none, and a person would have to decide about a drawer."""
    said = answer(409, error(409, "IDEMPOTENCY_DUPLICATE", existingResource=resource))
    verdict, asked = sent(command, said)
    assert verdict == Accepted(409, said.body, (), None)
    assert asked == []


@pytest.mark.parametrize(
    "shown",
    [{"id": ulid(499)}, {"id": SHIFT, "version": 1, "deviceId": "till-a", "movements": []}],
    ids=["another", "without it"],
)
def test_what_it_shows_instead_speaks_against_it_and_the_tenth_time_a_person_hears(shown: dict[str, object]) -> None:
    said = answer(409, error(409, "IDEMPOTENCY_DUPLICATE", existingResource=shown))
    verdict, asked = sent(MOVED, said)
    assert isinstance(verdict, Later)
    assert verdict.counts
    assert asked == []
    last, asked = sent(MOVED, said, attempts=9)
    assert isinstance(last, Failed)
    assert last.reason is FailReason.EXHAUSTED
    assert asked == ["ready"]


def test_an_acceptance_that_shows_nothing_of_a_shift_asks_for_no_order_either() -> None:
    said = answer(200, {}, echo=flight_of(MOVED))
    verdict, asked = sent(MOVED, said)
    assert isinstance(verdict, Accepted)
    assert asked == []
