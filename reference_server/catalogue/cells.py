"""What stands in one cell of a sheet, read as what it has to be; what is wrong is told with its line and column."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from reference_server.catalogue.sheets import Faults, Line
from shared.money import BadAmount, Currency


def text(line: Line, column: str, faults: Faults, *, most: int = 64) -> str:
    """A text that has to be there, at most so long; what goes on in its place is refused with the fault."""
    found = line[column]
    if not found:
        faults.add(line.number, column, "it is empty")
    elif len(found) > most:
        faults.add(line.number, column, f"it has {len(found)} characters, and {most} fit")
    return found[:most] or "?"


def whole(line: Line, column: str, faults: Faults, *, least: int, most: int, empty: int | None = None) -> int:
    """A whole number; `empty` is what an empty cell says, None where it has to be filled."""
    found = line[column]
    if not found and empty is not None:
        return empty
    if not found.isascii() or not found.isdigit() or not least <= int(found) <= most:
        faults.add(line.number, column, f"{found or 'nothing'} is no whole number from {least} to {most}")
        return least
    return int(found)


def price_minor(line: Line, column: str, faults: Faults, *, currency: Currency, empty: int | None = None) -> int:
    """An amount of money, as people write it in this currency."""
    found = line[column]
    if not found and empty is not None:
        return empty
    try:
        return currency.minor_from(found)
    except BadAmount:
        faults.add(
            line.number, column, f"{found or 'nothing'} is no price in {currency.code}, like {currency.text(950)}"
        )
        return 0


def percent_bp(line: Line, column: str, faults: Faults) -> int:
    """A percentage in hundredths of a percent; an empty cell is none."""
    found = line[column].removesuffix("%").strip().replace(",", ".")
    if not found:
        return 0
    try:
        exact = Decimal(found) * 100 if len(found) <= 8 else None
    except InvalidOperation:
        exact = None
    if exact is None or not exact.is_finite() or exact != exact.to_integral_value() or not 0 <= exact <= 10_000:
        faults.add(line.number, column, f"{line[column]} is no percentage from 0 to 100 with at most two decimals")
        return 0
    return int(exact)


def parts(line: Line, column: str) -> list[str]:
    """Several names in one cell, with ; or | between them."""
    return [part.strip() for part in re.split(r"[;|]", line[column]) if part.strip()]


def plain_id(name: str) -> str:
    """An id made of a name: `Crème brûlée` is `creme-brulee`; of other scripts its own letters stay."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", bare).lower()).strip("-_")[:64] or "item"
