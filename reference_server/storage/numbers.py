"""Numbers that count: the gapless invoice number of a month, and the number of an order that came without one."""

from __future__ import annotations

import re
from typing import Final

from reference_server.storage.seam import Connection

_INVOICE: Final = re.compile(r"INV-[0-9]{6}-[0-9]{4,12}")


def next_order_number(tx: Connection) -> str:
    """`S-<n>`: the number that the next order will have which no till gave one."""
    value = tx.execute("SELECT value FROM counter WHERE name = 'order'").get
    return f"S-{1 if value is None else int(value) + 1}"


def count_order(tx: Connection) -> None:
    """The next order's number was taken."""
    tx.execute(
        "INSERT INTO counter (name, value) VALUES ('order', 1)"
        " ON CONFLICT (name) DO UPDATE SET value = counter.value + 1"
    )


def next_invoice_number(tx: Connection, *, month: str) -> str:
    """The number that the next invoice of a month, as `202511`, will have: INV-202511-0001 is the first."""
    return f"INV-{month}-{_next_serial(tx, month):04d}"


def store_invoice(tx: Connection, *, number: str, month: str, order_id: str, at_ms: int) -> None:
    """Write down which order has this invoice number. The tables refuse a number given twice."""
    serial = int(number.rpartition("-")[2])
    tx.execute(
        "INSERT INTO invoice (number, month, serial, order_id, at) VALUES (?, ?, ?, ?, ?)",
        (number, month, serial, order_id, at_ms),
    )


def is_invoice(number: str) -> bool:
    """Whether this is an invoice number of ours, and not another vendor's."""
    return _INVOICE.fullmatch(number) is not None


def has_invoice(tx: Connection, number: str) -> bool:
    """Whether an order has this invoice number."""
    return bool(tx.execute("SELECT EXISTS (SELECT 1 FROM invoice WHERE number = ?)", (number,)).get)


def invoice_of(tx: Connection, order_id: str) -> str | None:
    """The invoice number of an order."""
    found = tx.execute("SELECT number FROM invoice WHERE order_id = ?", (order_id,)).get
    return None if found is None else str(found)


def holes(tx: Connection) -> tuple[str, ...]:
    """The invoice numbers that are left out before one that was given, each run of them as its first and last."""
    found = tx.execute(
        "SELECT month, before + 1, serial - 1 FROM"
        " (SELECT month, serial, lag(serial, 1, CAST(0 AS BIGINT)) OVER (PARTITION BY month ORDER BY serial) AS before"
        " FROM invoice) AS given"
        " WHERE serial > before + 1 ORDER BY month, serial"
    )
    named = [(f"INV-{month}-{int(first):04d}", f"INV-{month}-{int(last):04d}") for month, first, last in found]
    return tuple(first if first == last else f"{first} to {last}" for first, last in named)


def _next_serial(tx: Connection, month: str) -> int:
    return int(tx.execute("SELECT coalesce(max(serial), 0) + 1 FROM invoice WHERE month = ?", (month,)).get)
