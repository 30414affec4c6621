"""The till's receipts: each is put behind the one before in the transaction of its tap, and all can be checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic_core import from_json

from shared.database import Connection
from shared.domain.commands import CloseOrder
from shared.domain.order import Line
from shared.domain.receipts import (
    Content,
    Receipt,
    ReceiptLink,
    beginning,
    first_break,
    hash_of,
    lines_hash,
    payments_text,
)
from shared.store import meta

COUNT: Final = "receipt_count"
"""The name of the till's counter of receipts in `meta`."""
COUNT_BEFORE: Final = "receipts_before"
"""What that counter said when the chain began: not 0 in a file that had given numbers before there was one."""

_LAST: Final = "SELECT birth, number, hash FROM receipt ORDER BY seq DESC LIMIT 1"
_PUT: Final = """
    INSERT INTO receipt (number, operation_id, birth, order_id, at, total_minor, lines, payments, previous, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_ALL: Final = """
    SELECT birth, number, order_id, at, total_minor, lines, payments, previous, hash FROM receipt ORDER BY seq"""
_SENT: Final = "SELECT body FROM operation WHERE kind = 'close_order' ORDER BY seq"


@dataclass(frozen=True, slots=True)
class Chain:
    """The receipts of a file: how many, the first and the last number, and the first break in words."""

    count: int
    first: str
    last: str
    broken: str | None


def number(letter: str, count: int) -> str:
    """A receipt's number: the till's letter and its own gapless counter, as C-000097."""
    return f"{letter}-{count:06d}"


def put(tx: Connection, close: CloseOrder, bill: Iterable[Line]) -> CloseOrder:
    """Put the receipt of this close behind the last one of the file; gives the close with its link.

    `bill` are the lines that the guest pays. The table refuses a number that was given before.
    """
    assert close.receipt_number is not None, "only what was printed has a receipt"
    named = {line.id: line for line in bill}
    lines = [named[line_id] for line_id in close.line_ids if line_id in named]
    content = Content(
        number=close.receipt_number,
        order_id=close.order_id,
        at=close.at,
        total_minor=close.total_minor,
        lines=lines_hash((line.id, line.item_id, line.quantity, line.total_minor, line.tax_bp) for line in lines),
        payments=payments_text(close.payments),
    )
    birth = meta.birth(tx) or ""
    previous = _previous(tx, birth, content.number)
    found = hash_of(previous, content)
    facts = (content.at, content.total_minor, content.lines, content.payments)
    tx.execute(_PUT, (content.number, close.id, birth, content.order_id, *facts, previous, found))
    link = ReceiptLink(previous=previous, lines=content.lines, hash=found)
    return close.model_copy(update={"receipt_link": link})


def look_through(tx: Connection) -> Chain:
    """The chain of this file, checked from its first receipt to its last, and against what was sent of it.

    A file that no program with a chain has opened yet has none.
    """
    if not tx.execute("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'receipt')").get:
        return Chain(0, "", "", None)
    found = [
        Receipt(birth, Content(number, order_id, at, total_minor, lines, payments), previous, hash_)
        for birth, number, order_id, at, total_minor, lines, payments, previous, hash_ in tx.execute(_ALL)
    ]
    count_before, count = meta.number(tx, COUNT_BEFORE), meta.number(tx, COUNT)
    broken = first_break(found, count_before=count_before, count=count) or _sent_otherwise(tx, found)
    first, last = (found[0].content.number, found[-1].content.number) if found else ("", "")
    return Chain(len(found), first, last, broken)


def _previous(tx: Connection, birth: str, number: str) -> str:
    """The hash that the receipt of this number follows on."""
    letter, _, count = number.rpartition("-")
    last = tx.execute(_LAST).fetchone()
    if last is not None and (last[0], str(last[1]).rpartition("-")[0]) == (birth, letter):
        return str(last[2])
    return beginning(birth, letter, int(count) - 1)


def _sent_otherwise(tx: Connection, found: Iterable[Receipt]) -> str | None:
    """A receipt that was sent with another hash, or that is not here: the last one has none behind it."""
    known = {one.content.number: one.hash for one in found}
    for (body,) in tx.execute(_SENT):
        told = from_json(bytes(body))
        number, link = told.get("receiptNumber"), told.get("receiptLink")
        if link is not None and number not in known:
            return f"Receipt {number} is missing: it was sent with its order and is not in the chain."
        if link is not None and known[number] != link["hash"]:
            return f"Receipt {number} was changed: another was sent with its order."
    return None
