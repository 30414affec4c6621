"""Numbers that count: the gapless invoice and return numbers of a month, and those of orders that came without one."""

from __future__ import annotations

import re
from typing import Final

from reference_server.effect import Effect
from reference_server.storage.seam import Connection

_INVOICE: Final = re.compile(r"INV-[0-9]{6}-[0-9]{4,12}")
_RETURN: Final = re.compile(r"RET-[0-9]{6}-[0-9]{4,12}")

_HOLES: Final = """SELECT month, before + 1, serial - 1 FROM
    (SELECT month, serial, lag(serial, 1, 0) OVER (PARTITION BY month ORDER BY serial) AS before FROM {table}) AS one
    WHERE serial > before + 1 ORDER BY month, serial"""


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
    return f"INV-{month}-{_next_serial(tx, 'invoice', month):04d}"


def next_return_number(tx: Connection, *, month: str) -> str:
    """The number that the next return of a month will have: RET-202511-0001 is the first."""
    return f"RET-{month}-{_next_serial(tx, 'return_note', month):04d}"


def store(tx: Connection, effect: Effect, *, at_ms: int) -> None:
    """Write down which order has an invoice number, and which return its own. The tables refuse one given twice."""
    if effect.invoice is not None:
        one = effect.invoice
        tx.execute(
            "INSERT INTO invoice (number, month, serial, order_id, at) VALUES (?, ?, ?, ?, ?)",
            (one.number, one.month, _serial(one.number), one.order_id, at_ms),
        )
    for note in effect.return_notes:
        tx.execute(
            "INSERT INTO return_note (number, month, serial, order_id, return_id, at) VALUES (?, ?, ?, ?, ?, ?)",
            (note.number, note.month, _serial(note.number), note.order_id, note.return_id, at_ms),
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


def is_return(number: str) -> bool:
    """Whether this is the number of a return as ours are, and not another vendor's."""
    return _RETURN.fullmatch(number) is not None


def has_return(tx: Connection, number: str) -> bool:
    """Whether a return has this number."""
    return bool(tx.execute("SELECT EXISTS (SELECT 1 FROM return_note WHERE number = ?)", (number,)).get)


def is_noted(tx: Connection, return_id: str) -> bool:
    """Whether the return with this id has its number."""
    return bool(tx.execute("SELECT EXISTS (SELECT 1 FROM return_note WHERE return_id = ?)", (return_id,)).get)


def holes(tx: Connection) -> tuple[str, ...]:
    """The invoice and return numbers that are left out before one that was given, each run as its first and last."""
    left_out = [("INV", *row) for row in tx.execute(_HOLES.format(table="invoice"))]
    left_out += [("RET", *row) for row in tx.execute(_HOLES.format(table="return_note"))]
    return tuple(
        f"{name}-{month}-{int(first):04d}" + ("" if first == last else f" to {name}-{month}-{int(last):04d}")
        for name, month, first, last in left_out
    )


def _next_serial(tx: Connection, table: str, month: str) -> int:
    found = tx.execute(f"SELECT coalesce(max(serial), 0) + 1 FROM {table} WHERE month = ?", (month,))  # noqa: S608
    return int(found.get)


def _serial(number: str) -> int:
    return int(number.rpartition("-")[2])
