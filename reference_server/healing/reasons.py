"""Alerts of a healing whose reason may go away when a late device comes: then they are closed, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reference_server.effect import Alert
from reference_server.storage import alerts
from reference_server.storage.seam import Connection
from shared.domain.alerts import HouseAlert
from shared.ids import OperationId
from shared.times import to_rfc3339

PUT_RIGHT: Final = "A device that reported later has put it right."
"""What was done about an alert whose reason is gone, where no person did it."""


def keep_true(tx: Connection, found: Sequence[Alert], *, waiting: Sequence[HouseAlert], by: str, now_ms: int) -> None:
    """Raise what was found now and was not raised before, and close what waits and was not found any more."""
    for alert in found:
        if not alerts.was_raised(tx, alert):
            alerts.raise_alert(tx, alert, by=OperationId(by), at_ms=now_ms)
    still = {(alert.entity_id, alert.message) for alert in found}
    for one in waiting:
        if (one.entity_id, one.message) not in still:
            closed = one.model_copy(update={"choice": PUT_RIGHT, "chosen_at": to_rfc3339(now_ms)})
            alerts.put(tx, closed)
