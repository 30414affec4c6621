"""What a person must know, until somebody's choice is recorded."""

from __future__ import annotations

from reference_server.effect import Alert
from reference_server.storage.seam import Connection
from shared.ids import OperationId


def was_raised(tx: Connection, alert: Alert) -> bool:
    """Whether a person was told this already."""
    told = "SELECT EXISTS (SELECT 1 FROM alert WHERE kind = ? AND entity_id = ? AND message = ?)"
    return bool(tx.execute(told, (alert.kind, alert.entity_id, alert.message)).get)


def raise_alert(tx: Connection, alert: Alert, *, by: OperationId, at_ms: int) -> None:
    """Write down what a person must know."""
    tx.execute(
        "INSERT INTO alert (kind, operation_id, entity_id, message, raised_at) VALUES (?, ?, ?, ?, ?)",
        (alert.kind, by, alert.entity_id, alert.message, at_ms),
    )
