"""What a person must know, until somebody's choice is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from shared.database import Connection
from shared.ids import OperationId


@dataclass(frozen=True, slots=True)
class Alert:
    """A sentence for a person about an entity. `kind` is for programs: `surplus`, `told_price`."""

    kind: str
    entity_id: str
    message: str


def raise_alert(tx: Connection, alert: Alert, *, by: OperationId, at_ms: int) -> None:
    """Write down what a person must know."""
    tx.execute(
        "INSERT INTO alert (kind, operation_id, entity_id, message, raised_at) VALUES (?, ?, ?, ?, ?)",
        (alert.kind, by, alert.entity_id, alert.message, at_ms),
    )
