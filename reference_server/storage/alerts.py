"""What a person must know, until somebody's choice is recorded."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from reference_server.effect import Alert
from reference_server.storage.seam import Connection
from shared.domain.alerts import ALERT_PATTERN, HouseAlert
from shared.ids import OperationId
from shared.times import from_rfc3339, to_rfc3339

_ID: Final = re.compile(ALERT_PATTERN)


def was_raised(tx: Connection, alert: Alert) -> bool:
    """Whether a person was told this already. What was closed by no person may come again."""
    told = (
        "SELECT EXISTS (SELECT 1 FROM alert WHERE kind = ? AND entity_id = ? AND message = ?"
        " AND (choice IS NULL OR chosen_by IS NOT NULL))"
    )
    return bool(tx.execute(told, (alert.kind, alert.entity_id, alert.message)).get)


def raise_alert(tx: Connection, alert: Alert, *, by: OperationId, at_ms: int) -> None:
    """Write down what a person must know."""
    tx.execute(
        "INSERT INTO alert (kind, operation_id, entity_id, message, raised_at) VALUES (?, ?, ?, ?, ?)",
        (alert.kind, by, alert.entity_id, alert.message, at_ms),
    )


_SELECT: Final = "SELECT id, operation_id, kind, entity_id, message, raised_at, choice, chosen_by, chosen_at FROM alert"


def get(tx: Connection, alert_id: str) -> HouseAlert | None:
    """The alert with this id; None where its number is that of another one, of another history."""
    if _ID.fullmatch(alert_id) is None:
        return None
    row = tx.execute(f"{_SELECT} WHERE id = ?", (number_of(alert_id),)).fetchone()
    return None if row is None or row[1] != alert_id.partition("-")[2] else _alert(row)


def number_of(alert_id: str) -> int:
    """What its id begins with; 0 for none."""
    return int(alert_id.partition("-")[0] or 0)


def page(tx: Connection, *, is_closed: bool, behind: int, limit: int) -> tuple[HouseAlert, ...]:
    """Those that wait for somebody, or those that do not any more, behind a number and the oldest first."""
    which = "IS NOT NULL" if is_closed else "IS NULL"
    rows = tx.execute(f"{_SELECT} WHERE choice {which} AND id > ? ORDER BY id LIMIT ?", (behind, limit)).fetchall()
    return tuple(_alert(row) for row in rows)


def open_about(tx: Connection, entity_id: str, *, kinds: Collection[str]) -> tuple[HouseAlert, ...]:
    """Those of these kinds about one thing that wait for somebody, oldest first."""
    rows = tx.execute(f"{_SELECT} WHERE entity_id = ? AND choice IS NULL ORDER BY id", (entity_id,)).fetchall()
    return tuple(_alert(row) for row in rows if row[2] in kinds)


def waiting(tx: Connection, *, kind: str) -> tuple[HouseAlert, ...]:
    """Those of a kind that wait for somebody, the oldest first."""
    rows = tx.execute(f"{_SELECT} WHERE choice IS NULL AND kind = ? ORDER BY id", (kind,)).fetchall()
    return tuple(map(_alert, rows))


def alike(tx: Connection, told: HouseAlert) -> HouseAlert | None:
    """The one that says the same of the same thing, and waits if any such does; None if there is none."""
    same = f"{_SELECT} WHERE kind = ? AND entity_id = ? AND message = ? ORDER BY choice IS NOT NULL, id LIMIT 1"
    row = tx.execute(same, (told.kind, told.entity_id, told.message)).fetchone()
    return None if row is None else _alert(row)


def count_open(tx: Connection) -> int:
    """How many wait for somebody."""
    return int(tx.execute("SELECT count(*) FROM alert WHERE choice IS NULL").get)


def put(tx: Connection, alert: HouseAlert) -> None:
    """Write down what was done about it."""
    at_ms = None if alert.chosen_at is None else from_rfc3339(alert.chosen_at)
    tx.execute(
        "UPDATE alert SET choice = ?, chosen_by = ?, chosen_at = ? WHERE id = ?",
        (alert.choice, alert.chosen_by, at_ms, number_of(alert.id)),
    )


def _alert(row: tuple[Any, ...]) -> HouseAlert:
    number, operation_id, kind, entity_id, message, raised_at, choice, chosen_by, chosen_at = row
    return HouseAlert(
        id=f"{number}-{operation_id}",
        kind=kind,
        entity_id=entity_id,
        message=message,
        raised_at=to_rfc3339(raised_at),
        choice=choice,
        chosen_by=chosen_by,
        chosen_at=None if chosen_at is None else to_rfc3339(chosen_at),
    )
