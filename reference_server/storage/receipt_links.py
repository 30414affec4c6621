"""The receipts of all tills as the server heard of them: by letter and count, with the hash of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reference_server.effect import ReceiptNote
from reference_server.storage.seam import Connection

LINKS: Final = """
-- Every receipt that a close told of. `awaits`: the one before it has not come, though others of its series had.
CREATE TABLE receipt_link (
    letter TEXT NOT NULL,
    serial INTEGER NOT NULL,
    hash TEXT NOT NULL,
    previous TEXT NOT NULL,
    number TEXT NOT NULL,
    order_id TEXT NOT NULL,
    awaits INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (letter, serial, hash)
) STRICT;
CREATE INDEX receipt_link_awaits ON receipt_link (letter, at) WHERE awaits = 1;
"""

MOST: Final = 20
"""So many missing ones are told at once."""

_SELECT: Final = "SELECT number, letter, serial, previous, hash, order_id, awaits FROM receipt_link"


def of_number(tx: Connection, letter: str, serial: int) -> tuple[ReceiptNote, ...]:
    """What came under this number: one receipt, or more where something is wrong."""
    return _notes(tx.execute(f"{_SELECT} WHERE letter = ? AND serial = ? ORDER BY hash", (letter, serial)).fetchall())


def begins_before(tx: Connection, letter: str, serial: int) -> bool:
    """Whether anything of this till's series came that stands before this one."""
    found = tx.execute(
        "SELECT EXISTS (SELECT 1 FROM receipt_link WHERE letter = ? AND serial < ?)", (letter, serial)
    ).get
    return bool(found)


def last(tx: Connection, letter: str) -> int:
    """The highest count that came under this letter; 0 when none did."""
    return int(tx.execute("SELECT coalesce(max(serial), 0) FROM receipt_link WHERE letter = ?", (letter,)).get)


def late(tx: Connection, letter: str, *, before_ms: int) -> tuple[ReceiptNote, ...]:
    """Those that came before this moment and still wait for the one before them."""
    rows = tx.execute(
        f"{_SELECT} WHERE letter = ? AND awaits = 1 AND at < ? ORDER BY serial LIMIT ?", (letter, before_ms, MOST)
    ).fetchall()
    return _notes(rows)


def put(tx: Connection, note: ReceiptNote, *, at_ms: int) -> None:
    """Write it down; what waited for it, or was told as missing, waits no more."""
    tx.execute(
        "INSERT INTO receipt_link (letter, serial, hash, previous, number, order_id, awaits, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (letter, serial, hash) DO NOTHING",
        (*(note.letter, note.serial, note.hash, note.previous, note.number, note.order_id, int(note.awaits)), at_ms),
    )
    for one in note.settles:
        tx.execute(
            "UPDATE receipt_link SET awaits = 0 WHERE letter = ? AND serial = ? AND hash = ?",
            (one.letter, one.serial, one.hash),
        )


def _notes(rows: Iterable[tuple[Any, ...]]) -> tuple[ReceiptNote, ...]:
    return tuple(
        ReceiptNote(number, letter, serial, previous, hash_, order_id, bool(awaits))
        for number, letter, serial, previous, hash_, order_id, awaits in rows
    )
