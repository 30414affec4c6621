"""What a device's file may forget, so that nothing in it grows without bound; never what still waits for anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.database import Connection
from shared.times import to_rfc3339
from shared.wire.requests import order_lane, ticket_lane

KEPT_MS: Final = 7 * 24 * 3600 * 1000
"""A settled operation, its alert and its paper stay so long, in the server's time: it is what a server that was
restored from an old copy gets its sales back from."""
LONGEST_SHIFT_MS: Final = 31 * 24 * 3600 * 1000

_OPERATIONS: Final = """
    DELETE FROM operation WHERE seq IN (
        SELECT seq FROM operation AS o WHERE o.settled_at < ? AND o.seq < ?
        AND NOT EXISTS (SELECT 1 FROM alert WHERE operation_seq = o.seq)
        AND NOT EXISTS (SELECT 1 FROM operation AS heir WHERE heir.replaces = o.seq)
        ORDER BY o.settled_at LIMIT ?)"""

#: What was done in a shift stays until it was closed and compared, so that its till can add it up; but not for ever.
_IN_A_SHIFT: Final = """
    SELECT min(seq) FROM operation AS opening WHERE kind = 'open_shift' AND created_at >= ? AND NOT EXISTS (
        SELECT 1 FROM server_shift WHERE id = opening.entity_id AND agreed_at IS NOT NULL)"""
_SHIFTS: Final = """
    DELETE FROM server_shift WHERE agreed_at < ?
    AND id NOT IN (SELECT entity_id FROM operation WHERE kind = 'close_shift')"""

_ALERTS: Final = """
    DELETE FROM alert WHERE id IN (
        SELECT id FROM alert AS a WHERE a.choice IS NOT NULL AND a.chosen_at < ?
        AND NOT EXISTS (SELECT 1 FROM operation WHERE seq = a.operation_seq AND settled_at IS NULL)
        ORDER BY a.id LIMIT ?)"""

_PAPER: Final = """
    DELETE FROM print_job WHERE id IN (
        SELECT id FROM print_job WHERE state = 'PRINTED' AND created_at < ? ORDER BY id LIMIT ?)"""

_PAYMENTS: Final = """
    DELETE FROM payment_intent WHERE id IN (
        SELECT id FROM payment_intent WHERE settled_at < ? ORDER BY settled_at LIMIT ?)"""

_ORDERS: Final = """
    DELETE FROM server_order WHERE id IN (
        SELECT id FROM server_order AS o WHERE o.closed_at < ? AND o.state IN ('CLOSED', 'VOIDED')
        AND NOT EXISTS (SELECT 1 FROM operation_lane WHERE lane = 'order:' || o.id)
        AND NOT EXISTS (SELECT 1 FROM draft WHERE order_id = o.id)
        AND NOT EXISTS (SELECT 1 FROM alert WHERE entity_id = o.id AND choice IS NULL)
        ORDER BY o.closed_at LIMIT ?) RETURNING id"""

_TICKETS: Final = """
    DELETE FROM server_ticket WHERE id IN (
        SELECT id FROM server_ticket AS t WHERE t.status = 'BUMPED' AND t.updated_at < ?
        AND NOT EXISTS (SELECT 1 FROM operation_lane WHERE lane = 'ticket:' || t.id)
        AND NOT EXISTS (SELECT 1 FROM alert WHERE entity_id = t.id AND choice IS NULL)
        ORDER BY t.updated_at LIMIT ?) RETURNING id"""


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was forgotten: the orders and tickets that left the cache, how many rows in all, and whether more may."""

    changed: frozenset[str]
    rows: int
    has_more: bool


def tidy(tx: Connection, *, now_ms: int, day_start_ms: int, limit: int = 200) -> Tidied:
    """Forget at most `limit` rows of each kind, so that no tap waits long behind it.

    Both moments by the server's clock, in ms since 1970: a device whose own clock is wrong must not forget for that.
    What failed and was not resolved stays, as does everything that an open alert, a draft or a lane speaks of.
    """
    before_ms = now_ms - KEPT_MS
    in_a_shift = tx.execute(_IN_A_SHIFT, (now_ms - LONGEST_SHIFT_MS,)).get
    before_seq = 2**62 if in_a_shift is None else int(in_a_shift)
    counts = [_delete(tx, sql, (before_ms, limit)) for sql in (_ALERTS, _PAPER)]
    counts.append(_delete(tx, _OPERATIONS, (before_ms, before_seq, limit)))
    tx.execute(_SHIFTS, (before_ms,))
    counts.append(_delete(tx, _PAYMENTS, (before_ms, limit)))
    day = to_rfc3339(day_start_ms)
    orders, tickets = _deleted_ids(tx, _ORDERS, (day, limit)), _deleted_ids(tx, _TICKETS, (day, limit))
    counts += [len(orders), len(tickets)]
    changed = frozenset([*map(order_lane, orders), *map(ticket_lane, tickets)])
    return Tidied(changed, sum(counts), max(counts) >= limit)


def _delete(tx: Connection, sql: str, bounds: tuple[int, ...]) -> int:
    tx.execute(sql, bounds)
    return tx.changes()


def _deleted_ids(tx: Connection, sql: str, bounds: tuple[str, int]) -> tuple[str, ...]:
    rows: Sequence[tuple[Any, ...]] = tx.execute(sql, bounds).fetchall()
    return tuple(str(one) for (one,) in rows)
