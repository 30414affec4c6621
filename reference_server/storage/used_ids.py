"""The ULIDs of lines, changes and payments, each with the order that it was given to: one use, for ever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reference_server.effect import Used
from reference_server.storage.seam import Connection

_ORDER_OF: Final = "SELECT order_id FROM used_id WHERE kind = ? AND id = ?"


def use(tx: Connection, used: Iterable[tuple[Used, str]], *, order_id: str) -> None:
    """Write down whose they are. The table refuses a second use: whoever decided should have asked before."""
    tx.executemany(
        "INSERT INTO used_id (kind, id, order_id) VALUES (?, ?, ?)", [(str(kind), one, order_id) for kind, one in used]
    )


def orders_of(tx: Connection, kind: Used, ids: Iterable[str]) -> dict[str, str]:
    """Which of these ULIDs were used, and on which order."""
    name = str(kind)
    orders = {one: tx.execute(_ORDER_OF, (name, one)).get for one in ids}
    return {one: str(order_id) for one, order_id in orders.items() if order_id is not None}
