"""Pure: amounts of money as integers of the currency's smallest unit, and how people read and write them."""

import re
from dataclasses import dataclass
from typing import Final

from shared.errors import EvertillError

SUGGESTIONS = 3


class BadAmount(EvertillError):
    """A text that is no amount of money in this currency."""

    title = "This is not an amount"
    advice = "Write digits with at most one decimal mark, for example 12.50."


_SPACES: Final = " '\u2019\u00a0\u202f"
"""What people and keyboards put between digits besides comma and point."""

_LONGEST: Final = 20
"""Characters of an amount: more is a slip of the finger (the largest that is believed has 13 digits)."""

_WHOLE: Final = re.compile(r"[0-9]*|[1-9][0-9]{0,2}(?P<mark>[.,])[0-9]{3}(?:(?P=mark)[0-9]{3})*")
_PART: Final = re.compile(r"[0-9]*")


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: its ISO 4217 code, how many decimals it writes, and the symbol that receipts show."""

    code: str = "EUR"
    decimals: int = 2
    symbol: str = ""

    def text(self, minor: int, *, symbol: bool = False) -> str:
        """Write an amount for a person: 123456 with two decimals is 1,234.56."""
        sign = "-" if minor < 0 else ""
        whole, part = divmod(abs(minor), 10**self.decimals)
        digits = f"{whole:,}" + (f".{part:0{self.decimals}d}" if self.decimals else "")
        return f"{sign}{self.symbol + ' ' if symbol and self.symbol else ''}{digits}"

    def minor_from(self, text: str) -> int:
        """Read an amount that a person wrote, as 12.50 or 1,250; raises BadAmount when it is none.

        The last comma or point is the decimal mark when no more digits follow it than the currency has decimals; all
        others group digits by three. What would be a guess (1.5000, or 12.5 in a currency without decimals) is none.
        """
        cleaned = text.strip().removeprefix(self.symbol).removesuffix(self.symbol)
        for space in _SPACES:
            cleaned = cleaned.replace(space, "")
        place = max(cleaned.rfind("."), cleaned.rfind(","))
        whole, mark, part = cleaned[: max(place, 0)], cleaned[place : place + 1], cleaned[place + 1 :]
        grouping = _WHOLE.fullmatch(whole)
        if place < 0 or len(part) > self.decimals or grouping is None or grouping.group("mark") == mark:
            whole, part = cleaned, ""
        if len(cleaned) > _LONGEST or not whole + part or not (_WHOLE.fullmatch(whole) and _PART.fullmatch(part)):
            raise BadAmount(repr(text[:40]))
        digits = whole.replace(",", "").replace(".", "")
        scale: int = 10**self.decimals
        return int(digits or "0") * scale + int(part.ljust(self.decimals, "0") or "0")


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide amounts that are not negative and round to the nearest unit, a half upwards."""
    return (2 * numerator + denominator) // (2 * denominator)


def note_suggestions(due_minor: int, notes_minor: tuple[int, ...]) -> tuple[int, ...]:
    """Sums that a guest is likely to hand over for an amount, rising, at most three: the next multiples of the notes.

    `notes_minor` are the currency's notes and large coins in minor units, rising. Of more than three sums the two
    smallest stay and the largest, which is the big note that people bring from the bank.
    """
    sums = sorted({-(-due_minor // note) * note for note in notes_minor} - {due_minor})
    return tuple(sums) if len(sums) <= SUGGESTIONS else (*sums[: SUGGESTIONS - 1], sums[-1])
