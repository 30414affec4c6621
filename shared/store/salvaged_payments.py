"""Payments by card and mobile money as they are taken out of a device's file: the new one asks, and charges nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pydantic import ValidationError

from shared.domain.by_gateway import PayByGateway
from shared.domain.payment_intent import IntentState
from shared.ids import is_ulid
from shared.store.carving import Value

Row = Mapping[str, Value]


def judged(rows: Iterable[Row], known_ids: Collection[str]) -> list[Row]:
    """Each payment once, as far on as it was found, the oldest first; `known_ids` are the operations that were found.

    What is open may have been asked for, whatever its page says: so it counts as asked for, and is never asked for
    again. One whose close was found was approved.
    """
    found: dict[Value, Row] = {}
    for row in rows:
        wish = _wish(row)
        known = found.get(row["id"])
        if wish is not None and (known is None or known["settled_at"] is None):
            found[row["id"]] = row if row["settled_at"] is not None else _open(row, is_over=wish.close_id in known_ids)
    return sorted(found.values(), key=_age)


def _open(row: Row, *, is_over: bool) -> Row:
    if is_over:
        return {**row, "state": IntentState.APPROVED.value, "settled_at": row["created_at"]}
    return {**row, "state": IntentState.IN_DOUBT.value, "is_sent": 1}


def _wish(row: Row) -> PayByGateway | None:
    """What a person wanted; None where the row is none of a payment."""
    try:
        wish = PayByGateway.model_validate_json(row["wish"])  # type: ignore[arg-type]
        IntentState(str(row["state"]))
    except (ValidationError, ValueError):
        return None
    return wish if is_ulid(wish.id) and wish.payment_id == row["id"] else None


def _age(row: Row) -> tuple[int, str]:
    created_at = row["created_at"]
    assert isinstance(created_at, int), "the shape says so"
    return created_at, str(row["id"])
