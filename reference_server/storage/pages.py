"""Pulling: what changed after a revision, by the last revision of each entity, so that nothing is ever skipped.

`ORDER BY +revision` keeps SQLite from walking all revisions ever where a few rows are found by another index.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reference_server.storage import changes
from reference_server.storage.seam import Connection
from shared.wire.protocol import MAX_PAGE


@dataclass(frozen=True, slots=True)
class PageSize:
    """How much goes on one page; it ends early when its entities pass the bytes, however few they are."""

    entities: int = MAX_PAGE
    size_bytes: int = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """Entities as they travel; `cursor` covers everything that was looked through, `has_more` that there is more."""

    bodies: tuple[bytes, ...]
    cursor: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """One entity as it is now, and the cursor of its last change."""

    kind: str
    cursor: str
    body: bytes


def entities_after(tx: Connection, revision: int, *, size: PageSize) -> list[Changed]:
    """What changed after this revision, of every kind, oldest change first; no more than goes on one page."""
    rows = tx.execute(
        "SELECT 'order', found.revision, operation_id, body FROM pos_order AS found JOIN change USING (revision)"
        " WHERE found.revision > ?1 UNION ALL"
        " SELECT 'ticket', found.revision, operation_id, body FROM ticket AS found JOIN change USING (revision)"
        " WHERE found.revision > ?1 UNION ALL"
        " SELECT found.kind, found.revision, operation_id, body FROM house_record AS found JOIN change USING (revision)"
        " WHERE found.revision > ?1 ORDER BY 2 LIMIT ?2",
        (revision, size.entities),
    )
    found: list[Changed] = []
    filled = 0
    for kind, at, operation_id, body in rows:
        found.append(Changed(kind, f"{at}-{operation_id}", body))
        filled += len(body)
        if len(found) == size.entities or filled > size.size_bytes:
            break
    return found


def orders_after(tx: Connection, revision: int, *, size: PageSize) -> Page:
    """The orders that changed after this revision, oldest change first."""
    rows = tx.execute(
        "SELECT revision, body FROM pos_order WHERE revision > ? ORDER BY revision LIMIT ?", (revision, _one_more(size))
    )
    return _page(tx, rows, size)


def orders_now(tx: Connection, *, day_start_ms: int, size: PageSize) -> Page:
    """Every open order, and those that were closed since the business day began."""
    rows = tx.execute(
        "WITH found (at) AS MATERIALIZED (SELECT revision FROM pos_order WHERE is_open = 1 UNION ALL"
        " SELECT revision FROM pos_order WHERE is_open = 0 AND changed_at >= ?)"
        " SELECT revision, body FROM found CROSS JOIN pos_order WHERE revision = found.at ORDER BY +found.at LIMIT ?",
        (day_start_ms, _one_more(size)),
    )
    return _page(tx, rows, size)


def tickets_after(tx: Connection, revision: int, *, station: str | None, size: PageSize) -> Page:
    """The tickets that changed after this revision, of one station or of all, oldest change first."""
    if station is None:
        rows = tx.execute(
            "SELECT revision, body FROM ticket WHERE revision > ? ORDER BY revision LIMIT ?",
            (revision, _one_more(size)),
        )
    else:
        rows = tx.execute(
            "SELECT revision, body FROM ticket WHERE station = ? AND revision > ? ORDER BY revision LIMIT ?",
            (station, revision, _one_more(size)),
        )
    return _page(tx, rows, size)


def tickets_now(tx: Connection, *, station: str | None, day_start_ms: int, size: PageSize) -> Page:
    """Every ticket that belongs on a board, and those that were bumped since the business day began."""
    rows = tx.execute(
        "WITH found (at) AS MATERIALIZED (SELECT revision FROM ticket WHERE is_open = 1 UNION ALL"
        " SELECT revision FROM ticket WHERE is_open = 0 AND changed_at >= ?1)"
        " SELECT revision, body FROM found CROSS JOIN ticket WHERE revision = found.at"
        " AND (CAST(?2 AS TEXT) IS NULL OR station = ?2) ORDER BY +found.at LIMIT ?3",
        (day_start_ms, station, _one_more(size)),
    )
    return _page(tx, rows, size)


def tickets_since(tx: Connection, *, station: str | None, since_ms: int, size: PageSize) -> Page:
    """The tickets that changed at or after a moment of server time, for clients that know no cursor."""
    rows = tx.execute(
        "SELECT revision, body FROM ticket WHERE changed_at >= ?1"
        " AND (CAST(?2 AS TEXT) IS NULL OR station = ?2) ORDER BY +revision LIMIT ?3",
        (since_ms, station, _one_more(size)),
    )
    return _page(tx, rows, size)


def _one_more(size: PageSize) -> int:
    """So many rows are asked for that it shows whether there is more than goes on the page."""
    return size.entities + 1


def _page(tx: Connection, rows: Iterable[tuple[int, bytes]], size: PageSize) -> Page:
    """Fill one page. Reads of one request see one moment, so a page that is not full covers all up to the head."""
    bodies: list[bytes] = []
    filled = last = 0
    for revision, body in rows:
        if len(bodies) == size.entities or filled > size.size_bytes:
            return Page(tuple(bodies), changes.cursor_at(tx, last), has_more=True)
        bodies.append(body)
        filled += len(body)
        last = revision
    return Page(tuple(bodies), changes.head_cursor(tx), has_more=False)
