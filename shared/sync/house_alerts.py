"""What waits for a manager, fetched beside the catalogue once a manager's PIN was right on this till."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from pydantic import ValidationError

from shared.store import house_alerts
from shared.sync.exchange import Answered, Transport
from shared.sync.ledger import Ledger
from shared.wire.alerts import AlertPage


async def fetch(transport: Transport, ledger: Ledger, *, actor_id: str | None) -> bool:
    """Ask in this manager's name, and store it. Returns whether it is news. What came otherwise replaces nothing."""
    if actor_id is None:
        return False
    before = await ledger.ask(house_alerts.listed)
    answer = await transport.house_alerts(actor_id)
    if not isinstance(answer, Answered) or answer.status != HTTPStatus.OK:
        return False
    try:
        told = AlertPage.model_validate_json(answer.body)
    except ValidationError:
        return False
    now_ms = ledger.now_ms()
    put = partial(house_alerts.put, told=told, actor_id=actor_id, now_ms=now_ms, listed_before=before)
    return await ledger.ask(put)
