"""Alerts and a restored server: those whose reason goes away are closed, and what was done about one is done again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError

from reference_server.effect import Alert
from reference_server.storage import alerts
from reference_server.storage.seam import Connection
from shared.domain.alerts import CloseAlert, HouseAlert
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


def as_called_here(tx: Connection, command: CloseAlert, answer: str) -> CloseAlert | None:
    """The word about an alert as that is called here, by what was answered to it first.

    It came back under another number, if it did: None where nobody is told of it here.
    """
    try:
        told = HouseAlert.model_validate_json(answer)
    except ValidationError:
        return command if alerts.get(tx, command.alert_id) is not None else None
    here = alerts.alike(tx, told)
    return None if here is None else command.model_copy(update={"alert_id": here.id})
