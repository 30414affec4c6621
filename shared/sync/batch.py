"""Several operations in one request to the server, and what became of each: every one has to prove itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from pydantic import ValidationError

from shared.clock import Clock
from shared.store.outcomes import Flight
from shared.sync import errands, reads
from shared.sync.batches import Came
from shared.sync.errands import Judge
from shared.sync.evidence import Evidence
from shared.sync.exchange import Answered, Exchange, Transport
from shared.sync.verdicts import Later, NoAnswer, Verdict
from shared.wire.batch import BatchAnswer, BatchOperation, BatchRequest
from shared.wire.protocol import BATCH, HEADER_OPERATION, SYNC

#: The answers came, and this operation's was not among them.
LEFT_OUT: Final = NoAnswer("The server's answer left this operation out.")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Together:
    """What came of a request: the verdict on each of its operations, and what came of the whole."""

    verdicts: tuple[tuple[Flight, Verdict], ...]
    came: Came


async def send(
    transport: Transport,
    flights: Sequence[Flight],
    *,
    seen: str | None,
    judge: Judge,
    evidence: Evidence,
    clock: Clock,
) -> Together:
    """Send one alone, or several in their order, each judged by the answer that carries its id; the others got none.

    Those who must ask the server once more do so side by side, and a mistake of ours over one is that one's alone.
    """
    if len(flights) == 1:
        alone = flights[0]
        verdict = await errands.send(transport, alone, seen=seen, judge=judge, evidence=evidence, clock=clock)
        return Together(((alone, verdict),), Came.SILENT if isinstance(verdict, NoAnswer) else Came.ANSWERED)
    sent_s = clock.monotonic_s()
    found = await transport.sync(BATCH.removeprefix(SYNC), envelope(flights), seen=seen)
    answers = _answers(found)
    if answers is None:
        return _nothing(flights, found)
    told = await _told_at_once(flights, answers, sent_s=sent_s, judge=judge, evidence=evidence)
    asking = [flight for flight in flights if flight.id in answers and flight.id not in told]
    judging = (
        errands.judged(transport, flight, answers[flight.id], sent_s=sent_s, judge=judge, evidence=evidence)
        for flight in asking
    )
    for flight, found_out in zip(asking, await asyncio.gather(*judging, return_exceptions=True), strict=True):
        told[flight.id] = _verdict(found_out)
    verdicts = tuple((flight, told.get(flight.id, LEFT_OUT)) for flight in flights)
    is_tried = any(map(_is_tried, (verdict for _, verdict in verdicts)))
    return Together(verdicts, Came.ANSWERED if is_tried else Came.SILENT)


async def _told_at_once(
    flights: Sequence[Flight], answers: Mapping[str, Answered], *, sent_s: float, judge: Judge, evidence: Evidence
) -> dict[str, Verdict]:
    """The verdicts for which nobody has to be asked: nearly all, and a task for each would cost as much as it says.

    None after a mistake of ours: then each is judged in a task of its own.
    """

    async def judged() -> dict[str, Verdict]:
        found = (
            (each.id, errands.judged_at_once(each, answers[each.id], sent_s=sent_s, judge=judge, evidence=evidence))
            for each in flights
            if each.id in answers
        )
        return {operation_id: verdict for operation_id, verdict in found if verdict is not None}

    (told,) = await asyncio.gather(judged(), return_exceptions=True)
    return {} if isinstance(told, BaseException) else told


def lost(flights: Sequence[Flight], error: BaseException) -> Together:
    """We met a mistake of our own: for these that is no answer."""
    nothing = _mistaken(error)
    return Together(tuple((flight, nothing) for flight in flights), Came.SILENT)


def _nothing(flights: Sequence[Flight], found: Exchange) -> Together:
    """The request did not come back with answers: that is evidence for and against nobody in it."""
    if isinstance(found, Answered) and found.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        smaller = Later(found.status, "Too many went together: half as many go next.", grows=False)
        return Together(tuple((flight, smaller) for flight in flights), Came.TOO_LARGE)
    nothing = reads.not_read(found)
    came = Came.SILENT if isinstance(nothing, NoAnswer) else Came.HELD
    return Together(tuple((flight, nothing) for flight in flights), came)


def _is_tried(verdict: Verdict) -> bool:
    """Whether the server has tried it. One that tries nothing of several has to be asked for each alone."""
    is_put_off = isinstance(verdict, Later) and verdict.status == HTTPStatus.FAILED_DEPENDENCY
    return verdict is not LEFT_OUT and not is_put_off


def _verdict(found: Verdict | BaseException) -> Verdict:
    if not isinstance(found, BaseException):
        return found
    log.error("a mistake over the answer to one of several operations", exc_info=found)
    return _mistaken(found)


def _mistaken(error: BaseException) -> NoAnswer:
    return NoAnswer(f"{type(error).__name__}: {error}")


def envelope(flights: Sequence[Flight]) -> bytes:
    """The request of several, each with its frozen bytes as they are."""
    entries = (
        BatchOperation(
            operation_id=flight.id,
            lanes=flight.lanes,
            method=flight.method,
            path=flight.path,
            body=flight.body.decode(),
        )
        for flight in flights
    )
    return BatchRequest(operations=tuple(entries)).to_json()


def _answers(found: Exchange) -> dict[str, Answered] | None:
    """The answers by the ids that they carry; None if this is no answer of our server to several operations."""
    if not isinstance(found, Answered) or found.status != HTTPStatus.OK:
        return None
    try:
        told = BatchAnswer.model_validate_json(found.body)
    except ValidationError:
        return None
    answers: dict[str, Answered] = {}
    for one in told.answers:
        headers = {name.lower(): value for name, value in one.headers.items()}
        own = Answered(one.status, headers, one.body.encode())
        answers.setdefault(headers.get(HEADER_OPERATION.lower(), ""), own)
    return answers
