"""Several operations in one request to the server, and what became of each: every one has to prove itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import ValidationError

from shared.clock import Clock
from shared.store.outcomes import Flight
from shared.sync import errands, reads
from shared.sync.errands import Judge
from shared.sync.evidence import Evidence
from shared.sync.exchange import Answered, Exchange, Transport
from shared.sync.verdicts import NoAnswer, Verdict
from shared.wire.batch import BATCH, BatchAnswer, BatchOperation, BatchRequest
from shared.wire.protocol import HEADER_OPERATION, SYNC


@dataclass(frozen=True, slots=True)
class Together:
    """What came of a request of several. `is_answered`: the envelope came back whole; it settles nothing by itself."""

    verdicts: tuple[tuple[Flight, Verdict], ...]
    is_answered: bool
    is_too_large: bool = False


async def send(
    transport: Transport,
    flights: Sequence[Flight],
    *,
    seen: str | None,
    judge: Judge,
    evidence: Evidence,
    clock: Clock,
) -> Together:
    """Send one alone, or several in their order, each judged by the answer that carries its id; the others got none."""
    if len(flights) == 1:
        alone = flights[0]
        verdict = await errands.send(transport, alone, seen=seen, judge=judge, evidence=evidence, clock=clock)
        return Together(((alone, verdict),), is_answered=True)
    sent_s = clock.monotonic_s()
    found = await transport.sync(BATCH.removeprefix(SYNC), envelope(flights), seen=seen)
    answers = _answers(found)
    if answers is None:
        nothing = reads.not_read(found)
        is_too_large = isinstance(found, Answered) and found.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return Together(tuple((flight, nothing) for flight in flights), False, is_too_large)
    judged: list[tuple[Flight, Verdict]] = []
    for flight in flights:
        own = answers.get(flight.id)
        if own is None:
            judged.append((flight, NoAnswer("The server's answer left this operation out.")))
        else:
            verdict = await errands.judged(transport, flight, own, sent_s=sent_s, judge=judge, evidence=evidence)
            judged.append((flight, verdict))
    return Together(tuple(judged), True)


def lost(flights: Sequence[Flight], error: BaseException) -> Together:
    """We met a mistake of our own: for these that is no answer."""
    nothing = NoAnswer(f"{type(error).__name__}: {error}")
    return Together(tuple((flight, nothing) for flight in flights), is_answered=len(flights) == 1)


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
