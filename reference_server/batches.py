"""Batches: several operations in one request and one transaction, each answered as if it had been sent alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from reference_server.asked import no_json, refuse_doubled
from reference_server.exchange import Fact, Problem, Request, Response
from shared.wire.answers import ConflictType
from shared.wire.batch import MAX_ANSWER_BYTES, MAX_OPERATIONS, BatchAnswer, BatchOperation, BatchRequest, EntryAnswer
from shared.wire.protocol import HEADER_CURSOR, HEADER_KEY, HEADER_OPERATION, HEADER_REPLAY

#: What a client has to know of an answer beside its status and body.
_THAT_MATTER: Final = frozenset({HEADER_OPERATION.lower(), HEADER_CURSOR.lower(), HEADER_REPLAY.lower(), "retry-after"})
_MAX_ECHO: Final = 255

Alone = Callable[[Request], Response]
"""Answers one request by itself, inside the batch's transaction; what it refuses has written nothing."""


def answer(request: Request, alone: Alone) -> Response:
    """`POST /sync/operations`. Raises the 400 and the 413 for the envelope, which say nothing of any operation.

    After an operation without a 2xx, what shares a lane with it is not tried, and nothing is once the answers are long.
    """
    held: set[str] = set()
    answers: list[EntryAnswer] = []
    facts: list[Fact] = []
    size = 0
    for entry in _entries(request.body):
        is_late = size > MAX_ANSWER_BYTES
        response, lanes = _answered(request, entry, alone, held=held, is_late=is_late)
        if not 200 <= response.status < 300:
            held.update(lanes)
        size += len(response.body)
        facts += response.facts
        answers.append(_entry_answer(response, _echo(entry)))
    return Response(200, BatchAnswer(answers=tuple(answers)).to_json(), facts=tuple(facts))


def _answered(
    request: Request, entry: object, alone: Alone, *, held: set[str], is_late: bool
) -> tuple[Response, tuple[str, ...]]:
    """The answer to one entry, and the lanes it stands in."""
    try:
        asked = entry if isinstance(entry, BatchOperation) else BatchOperation.model_validate_json(to_json(entry))
    except (ValidationError, ValueError):
        problem = Problem(400, "This operation can't be read: it needs operationId, lanes, method, path and body.")
        return problem.response(request.request_id), _lanes_said(entry)
    if is_late or not held.isdisjoint(asked.lanes):
        problem = Problem(424, "Not tried: something before it was not done.", conflict=ConflictType.NOT_TRIED)
        return problem.response(request.request_id), asked.lanes
    name = asked.operation_id
    headers = {**request.headers, HEADER_KEY.lower(): name, HEADER_OPERATION.lower(): name}
    one = Request(asked.method, asked.path, headers, asked.body.encode(), request_id=request.request_id)
    return alone(one), asked.lanes


def _entries(body: bytes) -> Sequence[object]:
    """The entries, read all together where none has a fault, else each as it came."""
    try:
        found = BatchRequest.model_validate_json(body)
    except ValidationError:
        return _as_they_came(body)
    refuse_doubled(body, found.to_json())
    return found.operations


def _as_they_came(body: bytes) -> list[object]:
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise no_json(body) from error
    refuse_doubled(body, to_json(found))
    entries = found.get("operations") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise Problem(400, "The body has to be an object with a list of operations.")
    if len(entries) > MAX_OPERATIONS:
        raise Problem(413, f"This is too much at once: at most {MAX_OPERATIONS} operations in one request.")
    return entries


def _lanes_said(entry: object) -> tuple[str, ...]:
    """The lanes that an entry names which can't be read as a whole: what comes after it there must not overtake it."""
    lanes = entry.get("lanes") if isinstance(entry, dict) else None
    return tuple(lane for lane in lanes if isinstance(lane, str)) if isinstance(lanes, list) else ()


def _echo(entry: object) -> str:
    """The id that an entry gave, if it can stand in a header."""
    if isinstance(entry, BatchOperation):
        given: object = entry.operation_id
    else:
        given = entry.get("operationId") if isinstance(entry, dict) else None
    fits = isinstance(given, str) and 0 < len(given) <= _MAX_ECHO and given.isascii() and given.isprintable()
    return str(given) if fits else ""


def _entry_answer(response: Response, echo: str) -> EntryAnswer:
    headers = {name.lower(): value for name, value in response.headers if name.lower() in _THAT_MATTER}
    if echo:
        headers[HEADER_OPERATION.lower()] = echo
    return EntryAnswer(status=response.status, headers=headers, body=response.body.decode())
