"""Pure: the chain of a till's receipts: each one's hash covers the one before, so that none is changed or left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Annotated, Final

from pydantic import StringConstraints

from shared.domain.model import Model, Request

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ReceiptLink(Request):
    """What a close carries of the chain: the hash of the receipt before, that of the bill's lines, and its own."""

    previous: Sha256
    lines: Sha256
    hash: Sha256


@dataclass(frozen=True, slots=True)
class Content:
    """What a receipt says. `lines` is `lines_hash`, `payments` is `payments_text`; `at` is when it was printed."""

    number: str
    order_id: str
    at: str
    total_minor: int
    lines: str
    payments: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as a till keeps it. `birth` names the file in which it was made."""

    birth: str
    content: Content
    previous: str
    hash: str

    @property
    def letter(self) -> str:
        """The till's letter."""
        return self.content.number.rpartition("-")[0]

    @property
    def count(self) -> int:
        """The till's own count, 0 where the number is none of a till."""
        digits = self.content.number.rpartition("-")[2]
        return int(digits) if digits.isascii() and digits.isdigit() else 0


def hash_of(previous: str, content: Content) -> str:
    """SHA-256 in hex over one JSON array without spaces, in UTF-8: the hash before, then the content in its order."""
    parts = (content.number, content.order_id, content.at, content.total_minor, content.lines, content.payments)
    return _digest([previous, *parts])


def beginning(birth: str, letter: str, count: int) -> str:
    """What the first receipt of a chain follows on: the file's birth, the till's letter, and its count before it."""
    return _digest([birth, letter, count])


def lines_hash(lines: Iterable[tuple[str, str, int, int, int]]) -> str:
    """SHA-256 in hex over the bill's lines, each as its id, item, quantity, price in all (minor) and tax (bp)."""
    return _digest([list(line) for line in lines])


def payments_text(payments: Iterable[Model]) -> str:
    """The payments as one text: JSON as it travels, names sorted, without spaces."""
    return _CANONICAL.encode(
        [payment.model_dump(mode="json", by_alias=True, exclude_none=True) for payment in payments]
    )


def holds(link: ReceiptLink, content: Content, payments: Iterable[Model]) -> bool:
    """Whether a receipt gives the hash that came with it, by the text of its payments that is hashed now or was before.

    Before, a reference that is not there stood in the text as null. What was hashed so proves it, and is as good.
    """
    told = [payment.model_dump(mode="json", by_alias=True, exclude_none=True) for payment in payments]
    texts = (_CANONICAL.encode(told), _CANONICAL.encode([{"reference": None, **one} for one in told]))
    return any(hash_of(link.previous, replace(content, payments=text)) == link.hash for text in texts)


def place_of(number: str) -> tuple[str, int] | None:
    """The till's letter and its count in a receipt's number; None for a number that no till of ours gave."""
    found = _NUMBER.fullmatch(number)
    return None if found is None else (found[1], int(found[2]))


def first_break(receipts: Sequence[Receipt], *, count_before: int, count: int) -> str | None:
    """The first place at which the chain of a till does not hold, in words; None for a whole one.

    `receipts` are in the order in which they stand in the file. Before the first of them the till had given
    `count_before` numbers, and it has given `count` by now.
    """
    numbers = {one.content.number for one in receipts}
    known: set[str] = set()
    before: Receipt | None = None
    for one in receipts:
        wrong = _break_at(one, before, count_before=count_before, numbers=numbers, known=known)
        if wrong is not None:
            return wrong
        known.add(one.content.number)
        before = one
    last = count_before if before is None else before.count
    if count > last:
        lost = f"{before.letter}-{last + 1:06d}" if before is not None else f"number {last + 1}"
        return f"Receipt {lost} is missing: this till has given {count} numbers, and the chain ends before it."
    return None


def _break_at(
    one: Receipt, before: Receipt | None, *, count_before: int, numbers: set[str], known: set[str]
) -> str | None:
    """What is wrong with this one behind that one."""
    number = one.content.number
    if number in known:
        return f"Receipt {number} stands twice."
    goes_on = before is not None and before.birth == one.birth
    expected = before.count + 1 if goes_on and before is not None else count_before + 1
    if one.count != expected and (goes_on or before is None):
        wanted = f"{one.letter}-{expected:06d}"
        if one.count < expected or wanted in numbers:
            return f"Receipt {number} is out of order: {wanted} belongs in its place."
        behind = "it is the first that is there" if before is None else f"{before.content.number} is followed by it"
        return f"Receipt {wanted} is missing before {number}: {behind}."
    if hash_of(one.previous, one.content) != one.hash:
        return f"Receipt {number} was changed: what stands there does not give the hash that was printed with it."
    if goes_on and before is not None and before.letter == one.letter:
        if one.previous != before.hash:
            return f"Receipt {number} does not follow on {before.content.number}: one of the two was exchanged."
    elif one.previous != beginning(one.birth, one.letter, one.count - 1):
        return f"Receipt {number} begins no chain: what stood before it is missing."
    return None


_NUMBER: Final = re.compile(r"([A-Z]{1,3})-([0-9]{6,12})")
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(parts: Sequence[object]) -> str:
    return sha256(_CANONICAL.encode(list(parts)).encode()).hexdigest()
