"""Pure: amounts of money as integers of the currency's smallest unit, and how people read and write them."""

from dataclasses import dataclass

from shared.errors import EvertillError


class BadAmount(EvertillError):
    """A text that is no amount of money in this currency."""

    title = "This is not an amount"
    advice = "Write digits with at most one decimal mark, for example 12.50."


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

        The last comma or point is the decimal mark when no more digits follow it than the currency has decimals.
        """
        cleaned = text.strip().removeprefix(self.symbol).strip().replace(" ", "").replace("'", "")
        mark = max(cleaned.rfind("."), cleaned.rfind(","))
        after = len(cleaned) - mark - 1
        if mark >= 0 and 0 < after <= self.decimals:
            whole, part = cleaned[:mark], cleaned[mark + 1 :]
        else:
            whole, part = cleaned, ""
        whole = whole.replace(",", "").replace(".", "")
        if (
            not (whole + part).isascii()
            or not (whole or "0").isdigit()
            or (part and not part.isdigit())
            or not whole + part
        ):
            raise BadAmount(repr(text))
        return int(whole or "0") * 10**self.decimals + int(part.ljust(self.decimals, "0") or "0")


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide amounts that are not negative and round to the nearest unit, a half upwards."""
    return (2 * numerator + denominator) // (2 * denominator)


def note_suggestions(due_minor: int, notes_minor: tuple[int, ...]) -> tuple[int, ...]:
    """Sums that a guest is likely to hand over for an amount: the next multiples of each note, rising, at most three.

    `notes_minor` are the currency's notes and large coins in minor units, rising.
    """
    sums = {-(-due_minor // note) * note for note in notes_minor}
    return tuple(sorted(value for value in sums if value > due_minor)[:3])
