"""Orders and tickets as they stand now: each row carries its JSON, its version and its last revision."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from reference_server.storage import alerts, changes, parsed, payment_intents, shifts
from reference_server.storage.changes import Entity
from reference_server.storage.seam import Connection
from shared.domain.alerts import HouseAlert
from shared.domain.attendance import Clocking
from shared.domain.business_day import BusinessDay
from shared.domain.order import Order
from shared.domain.payment_intent import PaymentIntent
from shared.domain.shift import Shift
from shared.domain.ticket import Ticket
from shared.domain.versioned import Versioned
from shared.ids import OperationId

_PUT_ORDER: Final = """
INSERT INTO pos_order (id, revision, version, state, is_open, table_id, changed_at, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, version = excluded.version, state = excluded.state,
    is_open = excluded.is_open, table_id = excluded.table_id, changed_at = excluded.changed_at, body = excluded.body
"""
_ORDERS_SINCE: Final = """
SELECT body FROM pos_order WHERE id IN (SELECT entity_id FROM change WHERE kind = 'order' AND revision > ?)
ORDER BY revision
"""
_PUT_TICKET: Final = """
INSERT INTO ticket (id, revision, version, order_id, station, stage, is_open, changed_at, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, version = excluded.version, stage = excluded.stage,
    is_open = excluded.is_open, changed_at = excluded.changed_at, body = excluded.body
"""


def order_body(tx: Connection, order_id: str) -> bytes | None:
    """The order's JSON as it travels."""
    found = tx.execute("SELECT body FROM pos_order WHERE id = ?", (order_id,)).get
    return None if found is None else bytes(found)


def ticket_body(tx: Connection, ticket_id: str) -> bytes | None:
    """The ticket's JSON as it travels."""
    found = tx.execute("SELECT body FROM ticket WHERE id = ?", (ticket_id,)).get
    return None if found is None else bytes(found)


def order(tx: Connection, order_id: str) -> Order | None:
    """The order with this id."""
    body = order_body(tx, order_id)
    return None if body is None else parsed.entity(Order, body)


def ticket(tx: Connection, ticket_id: str) -> Ticket | None:
    """The ticket with this id."""
    body = ticket_body(tx, ticket_id)
    return None if body is None else parsed.entity(Ticket, body)


def open_orders(tx: Connection, *, limit: int) -> tuple[tuple[Order, ...], int]:
    """The orders that are open, those first that changed longest ago, and how many they are in all."""
    rows = tx.execute("SELECT body FROM pos_order WHERE is_open = 1 ORDER BY revision LIMIT ?", (limit,)).fetchall()
    count = int(tx.execute("SELECT count(*) FROM pos_order WHERE is_open = 1").get)
    return tuple(Order.model_validate_json(body) for (body,) in rows), count


def orders_since(tx: Connection, revision: int) -> tuple[Order, ...]:
    """The orders that changed after a revision, in that order."""
    rows = tx.execute(_ORDERS_SINCE, (revision,)).fetchall()
    return tuple(Order.model_validate_json(body) for (body,) in rows)


def store(tx: Connection, changed: Iterable[Versioned], *, by: OperationId, at_ms: int) -> tuple[str, list[bytes]]:
    """Write entities in this order, each under the next revision; gives the new cursor and each one's JSON.

    What stands in no stream (`Put.entity` is None) takes no revision. The cursor is that of the newest change ever when
    none was made.
    """
    head = revision = changes.head_revision(tx)
    bodies = []
    for one in changed:
        put, body = _PUT[type(one)], one.to_json()
        bodies.append(body)
        parsed.keep(one, body)
        if put.entity is not None:
            revision += 1
            changes.append(tx, revision=revision, entity=put.entity, entity_id=one.id, by=by, at_ms=at_ms)
        put.write(tx, one, Written(revision, at_ms, body))
    return (f"{revision}-{by}" if revision > head else changes.head_cursor(tx)), bodies


class Written(NamedTuple):
    """Under which revision and when an entity is written, and its JSON."""

    revision: int
    at_ms: int
    body: bytes


def _put_order(tx: Connection, one: Order, now: Written) -> None:
    stands = (one.id, now.revision, one.version, str(one.state), int(one.is_open), one.table_id)
    tx.execute(_PUT_ORDER, (*stands, now.at_ms, now.body))


def _put_ticket(tx: Connection, one: Ticket, now: Written) -> None:
    stands = (one.id, now.revision, one.version, one.order_id, one.station, str(one.status), int(one.is_open))
    tx.execute(_PUT_TICKET, (*stands, now.at_ms, now.body))


def _put_intent(tx: Connection, one: PaymentIntent, now: Written) -> None:
    payment_intents.put(tx, one, next_ms=now.at_ms)


def _put_record(tx: Connection, one: Shift | Clocking | BusinessDay, now: Written) -> None:
    shifts.put(tx, one, revision=now.revision, at_ms=now.at_ms, body=now.body)


def _put_alert(tx: Connection, one: HouseAlert, _: Written) -> None:
    alerts.put(tx, one)


@dataclass(frozen=True, slots=True)
class Put:
    """How one kind of entity is written: its row, under a revision of the stream unless `entity` is None."""

    entity: Entity | None
    write: Callable[[Connection, Any, Written], None]


#: By its class. What is in the stream has its part in `pages.entities_after` too.
_PUT: Final[dict[type[Versioned], Put]] = {
    Order: Put(Entity.ORDER, _put_order),
    Ticket: Put(Entity.TICKET, _put_ticket),
    PaymentIntent: Put(None, _put_intent),
    HouseAlert: Put(None, _put_alert),
    Shift: Put(Entity.SHIFT, _put_record),
    Clocking: Put(Entity.CLOCKING, _put_record),
    BusinessDay: Put(Entity.DAY, _put_record),
}
