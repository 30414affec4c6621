"""The drafts of a till: what was tapped and not sent, kept on disk from the first tap."""

from collections.abc import Sequence
from typing import Any

from shared.database import Connection
from shared.domain.draft import Draft


def get(tx: Connection, order_id: str) -> Draft | None:
    """The draft of an order, or None."""
    row: tuple[Any, ...] | None = tx.execute("SELECT body FROM draft WHERE order_id = ?", (order_id,)).fetchone()
    return None if row is None else Draft.model_validate_json(row[0])


def every(tx: Connection) -> tuple[Draft, ...]:
    """All drafts of this till, oldest order first."""
    rows: Sequence[tuple[Any, ...]] = tx.execute("SELECT body FROM draft ORDER BY order_id").fetchall()
    return tuple(Draft.model_validate_json(body) for (body,) in rows)


def put(tx: Connection, draft: Draft, *, now_ms: int) -> None:
    """Keep the draft; an empty one of an order that the house knows is taken away."""
    if not draft.lines and not draft.is_new:
        tx.execute("DELETE FROM draft WHERE order_id = ?", (draft.order_id,))
        return
    tx.execute(
        """INSERT INTO draft (order_id, body, changed_at) VALUES (?, ?, ?)
           ON CONFLICT (order_id) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at""",
        (draft.order_id, draft.to_json(), now_ms),
    )


def forget(tx: Connection, order_id: str) -> None:
    """Take a draft away: it was emptied by the waiter."""
    tx.execute("DELETE FROM draft WHERE order_id = ?", (order_id,))
