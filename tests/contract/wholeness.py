"""What must be so in a server's file at any moment that a process may start again in."""

from __future__ import annotations

import json
from typing import Final

from reference_server.storage import parsed
from reference_server.storage.seam import Connection
from shared.domain.attendance import Clocking
from shared.domain.business_day import BusinessDay
from shared.domain.model import Model
from shared.domain.order import Order
from shared.domain.payment_intent import PaymentIntent
from shared.domain.shift import Shift
from shared.domain.ticket import Ticket

_NEVER: Final = {
    "an effect without its operation": """
        SELECT count(*) FROM change WHERE operation_id NOT IN (SELECT operation_id FROM operation)""",
    "an operation without its effect": """
        SELECT count(*) FROM operation
        WHERE revision > 0 AND operation_id NOT IN (SELECT operation_id FROM change)""",
    "an operation without its answer": "SELECT count(*) FROM operation WHERE seq NOT IN (SELECT seq FROM answer)",
    "a revision that no entity or later revision stands for": """
        SELECT count(*) FROM change
        WHERE entity_id NOT IN (
            SELECT id FROM pos_order UNION SELECT id FROM ticket UNION SELECT id FROM house_record)""",
    "an invoice without its closed order": """
        SELECT count(*) FROM invoice
        WHERE order_id NOT IN (SELECT id FROM pos_order WHERE state IN ('CLOSED', 'REFUNDED'))""",
    "a return's number without its order": """
        SELECT count(*) FROM return_note WHERE order_id NOT IN (SELECT order_id FROM invoice)""",
    "an alert without its operation": """
        SELECT count(*) FROM alert WHERE operation_id NOT IN (SELECT operation_id FROM operation)""",
    "a gap in the revisions": "SELECT count(*) <> coalesce(max(revision), 0) FROM change",
    "a gap in the invoice numbers": """
        SELECT count(*) FROM (SELECT 1 FROM invoice GROUP BY month HAVING count(*) <> max(serial)) AS gaps""",
    "a gap in the numbers of returns": """
        SELECT count(*) FROM (SELECT 1 FROM return_note GROUP BY month HAVING count(*) <> max(serial)) AS gaps""",
}


#: By the table that its bodies are in.
_ENTITIES: Final[dict[str, type[Model]]] = {
    "pos_order": Order,
    "ticket": Ticket,
    "payment_intent": PaymentIntent,
    "house_record WHERE kind = 'shift'": Shift,
    "house_record WHERE kind = 'clocking'": Clocking,
    "house_record WHERE kind = 'day'": BusinessDay,
}


def wrong_in(tx: Connection) -> list[str]:
    """What is there and may never be, in words; nothing is right."""
    found = [words for words, query in _NEVER.items() if tx.execute(query).get]
    used = {one for (one,) in tx.execute("SELECT id FROM used_id")}
    for (body,) in tx.execute("SELECT body FROM pos_order"):
        order = json.loads(body)
        if not {one["id"] for one in (*order["lines"], *order["payments"])} <= used:
            found.append(f"a line or payment of {order['number']} that may come again")
    return found + known_otherwise(tx)


def known_otherwise(tx: Connection) -> list[str]:
    """Entities that the server has in memory, to the last type of a field, as anything but what their bytes say."""
    return [
        f"{body!r} is known as {known!r}"
        for table, model in _ENTITIES.items()
        for (body,) in tx.execute(f"SELECT body FROM {table}").fetchall()
        if repr(known := parsed.entity(model, bytes(body))) != repr(model.model_validate_json(body))
    ]
