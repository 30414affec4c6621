"""Pure: what the answer to a write says about the work of the server, told when it is durable, replays as replays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic_core import from_json

from reference_server.exchange import Fact, Response
from shared.wire.protocol import HEADER_REPLAY
from shared.wire.requests import Kind

REPLAYED: Final = (Fact("replay"),)
_DONE: Final = {kind: (Fact("write", kind.value),) for kind in Kind}


def of_write(kind: Kind, body: Mapping[str, object], response: Response) -> tuple[Fact, ...]:
    """The facts of one write: a replay did nothing, a refusal has its conflict, and the rest was done."""
    if (HEADER_REPLAY, "true") in response.headers:
        return REPLAYED
    if response.status == 409:
        return (Fact("conflict", str(_fields(response.body).get("conflictType", ""))),)
    if not 200 <= response.status < 300:
        return ()
    if kind is not Kind.CLOSE_ORDER:
        return _DONE[kind]
    applied_minor = _taken_minor(body) - _surplus_minor(response.body)
    return (*_DONE[kind], Fact("revenue", amount=max(0, applied_minor)))


def _taken_minor(body: Mapping[str, object]) -> int:
    payments = body.get("payments")
    amounts = [one.get("amount") for one in payments if isinstance(one, dict)] if isinstance(payments, list) else []
    return sum(amount for amount in amounts if isinstance(amount, int))


def _surplus_minor(answer: bytes) -> int:
    surplus = _fields(answer).get("surplusMinor", 0)
    return surplus if isinstance(surplus, int) else 0


def _fields(answer: bytes) -> Mapping[str, object]:
    found = from_json(answer)
    return found if isinstance(found, dict) else {}
