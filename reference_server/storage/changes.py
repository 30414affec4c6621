"""Revisions: every change of one entity takes the next one; a cursor is a revision with the operation that made it."""

from __future__ import annotations

from enum import StrEnum

from reference_server.storage.seam import Connection
from shared.ids import OperationId


class Entity(StrEnum):
    """What has revisions of its own."""

    ORDER = "order"
    TICKET = "ticket"
    SHIFT = "shift"
    CLOCKING = "clocking"
    DAY = "day"


def head_revision(tx: Connection) -> int:
    """The newest revision, 0 before the first change ever."""
    return int(tx.execute("SELECT coalesce(max(revision), 0) FROM change").get)


def head_cursor(tx: Connection) -> str:
    """The cursor of the newest change; empty before the first change ever."""
    row = tx.execute("SELECT revision, operation_id FROM change ORDER BY revision DESC LIMIT 1").fetchone()
    return "" if row is None else f"{row[0]}-{row[1]}"


def last_beginning(tx: Connection) -> int:
    """The revision with which the last healing or late report began, which changed nothing; 0 before the first."""
    return int(tx.execute("SELECT revision FROM change WHERE entity_id = '' ORDER BY revision DESC LIMIT 1").get or 0)


def cursor_at(tx: Connection, revision: int) -> str:
    """The cursor that names this revision."""
    operation_id = tx.execute("SELECT operation_id FROM change WHERE revision = ?", (revision,)).get
    return f"{revision}-{operation_id}"


def parts_of(cursor: str) -> tuple[int, str] | None:
    """The revision and the operation that a cursor names; None for a text that is none."""
    digits, dash, operation_id = cursor.partition("-")
    if not dash or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        return None
    return int(digits), operation_id


def revision_of(tx: Connection, cursor: str) -> int | None:
    """The revision that a cursor names, or None when this history does not hold exactly that pair."""
    parts = parts_of(cursor)
    if parts is None:
        return None
    row = tx.execute("SELECT operation_id FROM change WHERE revision = ?", parts[:1]).fetchone()
    return parts[0] if row is not None and row[0] == parts[1] else None


def revision_by(cursor: str, operation_id: OperationId) -> int:
    """The revision of a cursor if this operation made it; 0 for one that changed nothing in the stream."""
    digits, _, by = cursor.partition("-")
    return int(digits) if by == operation_id else 0


def append(tx: Connection, *, revision: int, entity: Entity, entity_id: str, by: OperationId, at_ms: int) -> None:
    """Write down that this operation made this revision of this entity, and nothing else."""
    tx.execute(
        "INSERT INTO change (revision, kind, entity_id, operation_id, at) VALUES (?, ?, ?, ?, ?)",
        (revision, str(entity), entity_id, by, at_ms),
    )
