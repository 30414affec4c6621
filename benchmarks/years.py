"""A server's file after years: so many orders and tickets in it that a query without an index would be seen."""

from typing import Final

from shared.database import Connection

OF_ONE_DAY: Final = 40
"""So many of each are open; the others are over since long."""
_LONG_AGO_MS: Final = 1_500_000_000_000

_NUMBERS: Final = "WITH RECURSIVE n (i) AS (VALUES (?1 + 1) UNION ALL SELECT i + 1 FROM n WHERE i < ?1 + ?2)"
_CHANGES: Final = f"""{_NUMBERS}
    INSERT INTO change (revision, kind, entity_id, operation_id, at)
    SELECT i, ?3, printf('01A%s%022d', ?4, i), printf('01BX%022d', i), {_LONG_AGO_MS} + i FROM n"""  # noqa: S608 - constants
_ORDERS: Final = f"""{_NUMBERS}
    INSERT INTO pos_order (id, revision, version, state, is_open, table_id, changed_at, body)
    SELECT printf('01AX%022d', i), i, 4, iif(i > ?1 + ?2 - {OF_ONE_DAY}, 'SENT', 'CLOSED'),
        i > ?1 + ?2 - {OF_ONE_DAY}, 'table-5', {_LONG_AGO_MS} + i, ?3 FROM n"""  # noqa: S608 - constants
_TICKETS: Final = f"""{_NUMBERS}
    INSERT INTO ticket (id, revision, version, order_id, station, stage, is_open, changed_at, body)
    SELECT printf('01AY%022d', i), i, 3, printf('01AX%022d', i), iif(i % 2, 'grill', 'bar'),
        iif(i > ?1 + ?2 - {OF_ONE_DAY}, 'QUEUED', 'BUMPED'), i > ?1 + ?2 - {OF_ONE_DAY}, {_LONG_AGO_MS} + i, ?3
    FROM n"""  # noqa: S608 - constants
_OPERATIONS: Final = f"""{_NUMBERS}
    INSERT INTO operation (id, operation_id, revision, device, kind, path, entity_id, body_sha256, verdict, created_at)
    SELECT printf('01BX%022d', i), printf('01BX%022d', i), i, 'pos-1', 'close_order', '/pos/orders/x/close',
        printf('01AX%022d', i), ?3, 200, {_LONG_AGO_MS} + i FROM n"""  # noqa: S608 - constants
_INVOICES: Final = f"""{_NUMBERS}
    INSERT INTO invoice (number, month, serial, order_id, at)
    SELECT printf('INV-2017%02d-%04d', 1 + i / 100000, i), printf('2017%02d', 1 + i / 100000), i,
        printf('01AX%022d', i), {_LONG_AGO_MS} + i FROM n"""  # noqa: S608 - constants


def fill(connection: Connection, *, orders: int, tickets: int, body: bytes = b'{"state":"CLOSED"}') -> None:
    """Put in so many closed orders, each with its operation and invoice, and so many bumped tickets, before all else.

    Revisions go on behind what is there. It is no restaurant that could be served: bodies are the same few bytes.
    """
    connection.pragma("synchronous", "OFF")
    first = int(connection.execute("SELECT coalesce(max(revision), 0) FROM change").get)
    connection.execute("BEGIN")
    connection.execute(_CHANGES, (first, orders, "order", "X"))
    connection.execute(_ORDERS, (first, orders, body))
    connection.execute(_OPERATIONS, (first, orders, b"0" * 32))
    connection.execute(_INVOICES, (first, orders))
    connection.execute(_CHANGES, (first + orders, tickets, "ticket", "Y"))
    connection.execute(_TICKETS, (first + orders, tickets, body))
    connection.execute("COMMIT")
    connection.pragma("synchronous", "FULL")
