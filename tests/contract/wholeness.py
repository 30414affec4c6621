"""What must be so in a server's file at any moment that a process may start again in."""

from __future__ import annotations

from typing import Final

from shared.database import Connection

_NEVER: Final = {
    "an effect without its operation": """
        SELECT count(*) FROM change WHERE operation_id NOT IN (SELECT operation_id FROM operation)""",
    "an operation without its effect": """
        SELECT count(*) FROM operation
        WHERE revision > 0 AND operation_id NOT IN (SELECT operation_id FROM change)""",
    "an operation without its answer": "SELECT count(*) FROM operation WHERE seq NOT IN (SELECT seq FROM answer)",
    "a revision that no entity or later revision stands for": """
        SELECT count(*) FROM change
        WHERE entity_id NOT IN (SELECT id FROM pos_order UNION SELECT id FROM ticket)""",
    "an invoice without its closed order": """
        SELECT count(*) FROM invoice WHERE order_id NOT IN (SELECT id FROM pos_order WHERE state = 'CLOSED')""",
    "an alert without its operation": """
        SELECT count(*) FROM alert WHERE operation_id NOT IN (SELECT operation_id FROM operation)""",
    "a line or payment that may come again": """
        SELECT count(*) FROM (
            SELECT value ->> 'id' AS id FROM pos_order, json_each(CAST(body AS TEXT), '$.lines')
            UNION SELECT value ->> 'id' FROM pos_order, json_each(CAST(body AS TEXT), '$.payments'))
        WHERE id NOT IN (SELECT id FROM used_id)""",
    "a gap in the revisions": "SELECT count(*) <> coalesce(max(revision), 0) FROM change",
    "a gap in the invoice numbers": """
        SELECT count(*) FROM (SELECT 1 FROM invoice GROUP BY month HAVING count(*) <> max(serial))""",
}


def wrong_in(tx: Connection) -> list[str]:
    """What is there and may never be, in words; nothing is right."""
    return [words for words, query in _NEVER.items() if tx.execute(query).get]
