"""Code that somebody once found reasonable, and the broken promise by which the very same night notices it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shared.store.outcomes import Accepted, Failed, FailReason, Flight
from shared.sync.actions import Cause
from shared.sync.errands import Judge
from shared.sync.exchange import Answered, Exchange, TimedOut, Unreachable
from shared.sync.verdicts import Later, NoAnswer, Verdict, judge
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.flights import answer, ulid
from tests.unit.sync.night import Night

UNSETTLED = "something is not settled although the server is well"
LOST = "something that was saved is not on the server"
DOUBLED = "something is on the server twice"


def believes_every_200(flight: Flight, answer: Exchange, *, link_up: bool) -> Verdict:
    """Acceptance without proof."""
    if isinstance(answer, Answered) and answer.status == 200:
        return Accepted(200, answer.body, (), None)
    return judge(flight, answer, link_up=link_up)


def believes_every_404(flight: Flight, answer: Exchange, *, link_up: bool) -> Verdict:
    """A proxy's refusal is taken for the server's."""
    if isinstance(answer, Answered) and answer.status == 404:
        return Failed(FailReason.REFUSED, 404, "Not found.", answer.body)
    return judge(flight, answer, link_up=link_up)


def counts_silence(flight: Flight, answer: Exchange, *, link_up: bool) -> Verdict:
    """Attempts counted while offline: ten sends that nobody answered, and it is given up."""
    verdict = judge(flight, answer, link_up=link_up)
    if not isinstance(verdict, NoAnswer):
        return verdict
    if flight.attempts >= 9:
        return Failed(FailReason.EXHAUSTED, None, verdict.error, b"")
    return Later(0, verdict.error, counts=True)


class Renaming(FakeServer):
    """Every send gets an id of its own."""

    renamed = 500_000

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        self.renamed += 1
        name = ulid(self.renamed) if flight.sends > 1 else flight.id
        found = await super().send(replace(flight, id=name), seen=seen)
        if isinstance(found, Answered):
            headers = {**found.headers, "x-operation-id": flight.id}
            return Answered(found.status, headers, found.body)
        return found


def play(
    folder: Path,
    *,
    judge: Judge = judge,
    server: Callable[[Night], FakeServer] | None = None,
    cut_s: float = 0.0,
) -> set[str]:
    """One bad night, at its end one operation after another lost for `cut_s`; the promises that it broke."""
    with Night(folder, judge=judge) as night:
        if server is not None:
            night.server = server(night)
            night.transport = night.server
        tries: Counter[str] = Counter()

        def before(flight: Flight, seen: int) -> Exchange | None:
            """The first tries for each order end at a portal, at a proxy and in silence."""
            tries[flight.entity_id] += 1
            instead: dict[int, Exchange] = {
                1: answer(200, b"<html>Log in"),
                2: answer(404, b"nothing here"),
                3: TimedOut(),
            }
            return instead.get(tries[flight.entity_id])

        night.server.fault_before = before
        night.server.fault_after = lambda flight, seen: TimedOut() if seen == 0 else None
        orders = [night.order() for _ in range(4)]
        night.run(250)
        if cut_s:
            orders.append(night.order())
            night.server.fault_before = lambda flight, seen: Unreachable(Cause.NO_SERVER, "cut")
            night.run(cut_s)
            night.server.fault_before = lambda flight, seen: None
            night.run(250)
        broken = set()
        if set(night.column("status")) != {"SUCCESS"}:
            broken.add(UNSETTLED)
        for order in orders:
            kinds = Counter(night.server.effects_of(order))
            if len(kinds) < 3:
                broken.add(LOST)
            if max(kinds.values(), default=0) > 1:
                broken.add(DOUBLED)
        return broken


@pytest.mark.parametrize("cut_s", [0.0, 1_200.0])
def test_the_clean_code_keeps_its_promises_through_that_night(tmp_path: Path, cut_s: float) -> None:
    assert play(tmp_path, cut_s=cut_s) == set()


def test_acceptance_without_proof_is_noticed(tmp_path: Path) -> None:
    assert LOST in play(tmp_path, judge=believes_every_200)


def test_refusal_without_proof_is_noticed(tmp_path: Path) -> None:
    assert UNSETTLED in play(tmp_path, judge=believes_every_404)


def test_attempts_counted_while_offline_are_noticed(tmp_path: Path) -> None:
    assert UNSETTLED in play(tmp_path, judge=counts_silence, cut_s=1_200.0)


def test_an_id_made_anew_at_a_retry_is_noticed(tmp_path: Path) -> None:
    """The second create is another's to the server: a conflict, which takes along what was rung up on the order."""
    assert LOST in play(tmp_path, server=lambda night: Renaming(night.clock))
