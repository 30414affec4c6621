"""Pure: which operations a request carries, alone or several together, and how many its answer says are done."""

from __future__ import annotations

import json
from typing import Any

from demo.http_messages import Head
from shared.wire.protocol import BATCH, HEADER_KEY


def operations_in(request: Head, body: bytes) -> tuple[str, ...]:
    """The keys of the operations in a request; none in one that is no write of an order or a ticket."""
    if request.path != BATCH:
        key = request.fields.get(HEADER_KEY.lower())
        return () if key is None else (key,)
    return tuple(str(one.get("operationId", "")) for one in _listed(body, "operations"))


def done_by(request: Head, answer: Head, body: bytes) -> int:
    """How many operations the server says that it has done."""
    if not 200 <= answer.status < 300:
        return 0
    if request.path != BATCH:
        return int(HEADER_KEY.lower() in request.fields)
    return sum(one.get("status") in (200, 201) for one in _listed(body, "answers"))


def _listed(body: bytes, name: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(body)
    except ValueError:
        return []
    listed = found.get(name) if isinstance(found, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
