"""The server with drawers or cards spoiled, each in a way that somebody once found reasonable."""

from __future__ import annotations

import re

from reference_server.deps import Deps
from reference_server.dispatch import handle
from reference_server.exchange import Request, Response
from reference_server.storage import payment_intents, shifts
from shared.database import Connection
from shared.domain.payment_intent import IntentState
from shared.ids import OperationId, derived_id
from shared.wire.payments import INTENTS


def moves_cash_again(tx: Connection, deps: Deps, request: Request) -> Response:
    """What was put into a drawer is written down each time that somebody tells of it."""
    key = request.headers.get("idempotency-key", "")
    is_again = bool(key) and deps.operations.find(tx, key) is not None
    response = handle(tx, deps, request)
    found = re.fullmatch(r"/pos/shifts/(\w+)/movements", request.path)
    shift = shifts.shift(tx, found[1]) if is_again and found is not None else None
    moved = None if shift is None else next((one for one in shift.movements if one.id == key), None)
    if shift is not None and moved is not None:
        again = moved.model_copy(update={"id": OperationId(derived_id(key, f"again {len(shift.movements)}"))})
        twice = shift.model_copy(update={"movements": (*shift.movements, again)})
        tx.execute("UPDATE house_record SET body = ? WHERE id = ?", (twice.to_json(), shift.id))
    return response


def asks_the_card_again(tx: Connection, deps: Deps, request: Request) -> Response:
    """A wish that comes again is taken for a guest who tries once more."""
    key = request.headers.get("idempotency-key", "")
    intent = payment_intents.get(tx, key) if key else None
    response = handle(tx, deps, request)
    if intent is not None and not intent.is_over and request.path == INTENTS:
        again = intent.model_copy(update={"state": IntentState.CREATED})
        payment_intents.put(tx, again, next_ms=deps.clock.now_ms())
    return response
