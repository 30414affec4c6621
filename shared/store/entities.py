"""The cache of what the server said: orders, tickets, and how far the pull has come."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from shared.database import Connection
from shared.domain.alerts import HouseAlert
from shared.domain.order import Order, OrderState
from shared.domain.shift import Shift
from shared.domain.ticket import Ticket
from shared.domain.versioned import Versioned
from shared.store import heirs, house_alerts
from shared.wire.requests import order_lane, shift_lane, ticket_lane

ORDERS_KEPT: Final = 32
_UNREADABLE: Final = "unreadable_from"
_DAY_ENDED: Final = "day_ended"


def put_all(tx: Connection, entities: Iterable[Versioned]) -> set[str]:
    """Store the entities whose version is higher than the stored one. Returns the ids that changed."""
    changed = set()
    merged: list[Order] = []
    for entity in entities:
        if isinstance(entity, Order):
            if _put_order(tx, entity):
                changed.add(order_lane(entity.id))
                merged += [entity] if entity.merged_into is not None else []
        elif isinstance(entity, Ticket):
            if _put_ticket(tx, entity):
                changed.add(ticket_lane(entity.id))
        elif isinstance(entity, HouseAlert):
            changed |= {"alerts"} if house_alerts.put_one(tx, entity) else set()
        elif isinstance(entity, Shift) and _put_shift(tx, entity):
            changed.add(shift_lane(entity.id))
    for one in merged:
        changed |= heirs.follow(tx, one, _heirs(tx, one))
    return changed


def _heirs(tx: Connection, merged: Order) -> tuple[Order, ...]:
    """What an order was merged into, and what that was merged into, as far as it is known here."""
    found: dict[str, Order] = {}
    while merged.merged_into is not None and merged.merged_into not in found:
        heir = order(tx, merged.merged_into)
        if heir is None:
            break
        found[heir.id] = merged = heir
    return tuple(found.values())


def order(tx: Connection, order_id: str) -> Order | None:
    """The server's last word on an order, or None when it never spoke of it to this device."""
    row: tuple[Any, ...] | None = tx.execute("SELECT body FROM server_order WHERE id = ?", (order_id,)).fetchone()
    return None if row is None else _order_in(row[0])


@lru_cache(maxsize=ORDERS_KEPT)
def _order_in(body: bytes) -> Order:
    """What is read at every tap is made of its bytes once, and what was folded on it is found again."""
    return Order.model_validate_json(body)


def ticket(tx: Connection, ticket_id: str) -> Ticket | None:
    """The server's last word on a ticket."""
    row: tuple[Any, ...] | None = tx.execute("SELECT body FROM server_ticket WHERE id = ?", (ticket_id,)).fetchone()
    return None if row is None else Ticket.model_validate_json(row[0])


def cursor(tx: Connection) -> str | None:
    """How far this file has read the branch's stream, or None before the first pull."""
    row = tx.execute("SELECT seen FROM cursor WHERE one = 1").fetchone()
    return None if row is None else str(row[0])


def store_page(
    tx: Connection, *, asked_from: str | None, cursor: str, entities: Sequence[Order | Ticket], now_ms: int
) -> frozenset[str] | None:
    """Store a page of the stream with its cursor, in the caller's one transaction.

    Returns the ids that changed, or None, with nothing written, when the stored cursor is not the one that was asked
    from: then another page came first and this one has a gap before it.
    """
    row = tx.execute("SELECT seen FROM cursor WHERE one = 1").fetchone()
    if (None if row is None else row[0]) != asked_from:
        return None
    changed = put_all(tx, entities)
    if cursor and cursor != asked_from:
        tx.execute(
            """INSERT INTO cursor (one, seen, stored_at) VALUES (1, ?, ?)
               ON CONFLICT (one) DO UPDATE SET seen = excluded.seen, stored_at = excluded.stored_at""",
            (cursor, now_ms),
        )
    return frozenset(changed)


def open_lanes(tx: Connection) -> frozenset[str]:
    """The lanes of what is open by the server's last word: orders on the floor, tickets on a board."""
    rows = tx.execute(
        """SELECT 'order:' || id FROM server_order WHERE state NOT IN ('CLOSED', 'VOIDED')
           UNION ALL SELECT 'ticket:' || id FROM server_ticket WHERE status <> 'BUMPED'"""
    )
    return frozenset(str(lane) for (lane,) in rows)


def forget_gone(tx: Connection, lanes: Iterable[str]) -> frozenset[str]:
    """A server that keeps no cursor does not list these as open any more. Returns those that were forgotten.

    What has something unsettled or a draft here stays until the server has said what it thinks of that.
    """
    gone = set()
    for lane in lanes:
        name, _, entity_id = lane.partition(":")
        tx.execute(
            f"""DELETE FROM server_{name} WHERE id = ?1
                AND NOT EXISTS (SELECT 1 FROM operation_lane WHERE lane = ?2)
                AND NOT EXISTS (SELECT 1 FROM draft WHERE order_id = ?1)""",  # noqa: S608 - order or ticket
            (entity_id, lane),
        )
        if tx.changes():
            gone.add(lane)
    return frozenset(gone)


def end_day(tx: Connection, *, day: str, listed: Sequence[str]) -> frozenset[str]:
    """A business day was ended: the kitchen's cache is as if it were new. Returns the tickets that left it.

    Rows and cursor go together, so that the next pull asks for everything. What the server has just `listed` stays, and
    what has an unsettled mark. A day that is known already changes nothing.
    """
    if tx.execute("SELECT value FROM meta WHERE name = ?", (_DAY_ENDED,)).get == day:
        return frozenset()
    tx.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_DAY_ENDED, day),
    )
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        """DELETE FROM server_ticket WHERE id NOT IN (SELECT value FROM json_each(?))
           AND NOT EXISTS (SELECT 1 FROM operation_lane WHERE lane = 'ticket:' || server_ticket.id) RETURNING id""",
        (json.dumps(listed),),
    ).fetchall()
    tx.execute("DELETE FROM cursor")
    return frozenset(ticket_lane(str(one)) for (one,) in rows)


def remember_unreadable(tx: Connection, asked_from: str | None) -> None:
    """Something behind this cursor could not be read. The first such place is kept, for `go_back`."""
    tx.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (_UNREADABLE, asked_from or "")
    )


def go_back(tx: Connection) -> None:
    """Read again from where something could not be read: this program may be newer than the one that could not."""
    row = tx.execute("DELETE FROM meta WHERE name = ? RETURNING value", (_UNREADABLE,)).fetchone()
    if row is not None and row[0]:
        tx.execute("UPDATE cursor SET seen = ? WHERE one = 1", (row[0],))
    elif row is not None:
        tx.execute("DELETE FROM cursor")


def _put_order(tx: Connection, new: Order) -> bool:
    """In its row a refunded order is a closed one: the row says how it is looked for, the body what it is."""
    state = OrderState.CLOSED if new.state is OrderState.REFUNDED else new.state
    tx.execute(
        """INSERT INTO server_order (id, version, state, table_id, opened_at, closed_at, body)
           VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state,
           table_id = excluded.table_id, closed_at = excluded.closed_at, body = excluded.body
           WHERE excluded.version > server_order.version""",
        (new.id, new.version, state, new.table_id, new.opened_at, new.closed_at, new.to_json()),
    )
    return tx.changes() > 0


def _put_ticket(tx: Connection, new: Ticket) -> bool:
    tx.execute(
        """INSERT INTO server_ticket (id, order_id, version, station, status, sent_at, updated_at, body)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET version = excluded.version, order_id = excluded.order_id,
           status = excluded.status, updated_at = excluded.updated_at, body = excluded.body
           WHERE excluded.version > server_ticket.version""",
        (new.id, new.order_id, new.version, new.station, new.status, new.sent_at, new.updated_at, new.to_json()),
    )
    return tx.changes() > 0


def _put_shift(tx: Connection, new: Shift) -> bool:
    tx.execute(
        """INSERT INTO server_shift (id, version, body) VALUES (?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body
           WHERE excluded.version > server_shift.version""",
        (new.id, new.version, new.to_json()),
    )
    return tx.changes() > 0
