"""Pure: the names of things, as types, and how one id is made from another."""

import hashlib
import re
from typing import Final, NewType

OperationId = NewType("OperationId", str)
OrderId = NewType("OrderId", str)
LineId = NewType("LineId", str)
TicketId = NewType("TicketId", str)
PaymentId = NewType("PaymentId", str)
ChangeId = NewType("ChangeId", str)
DeviceId = NewType("DeviceId", str)
StaffId = NewType("StaffId", str)
ShiftId = NewType("ShiftId", str)
ClockingId = NewType("ClockingId", str)
DayId = NewType("DayId", str)
ItemId = NewType("ItemId", str)
TableId = NewType("TableId", str)
StationId = NewType("StationId", str)

ULID_PATTERN: Final = r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
"""26 characters of Crockford's base 32, upper case, at most 128 bits (the ULID specification)."""

_ULID: Final = re.compile(ULID_PATTERN)
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TIME_LENGTH: Final = 10
_RANDOM_LENGTH: Final = 16


def is_ulid(text: str) -> bool:
    """Whether the text is a ULID as we write them; lower case and look-alike letters are not."""
    return _ULID.fullmatch(text) is not None


def derived_id(source: str, label: str) -> str:
    """Make the ULID that follows from another one, the same on every machine.

    A ticket's id comes from its send and its station, a follow-up order's from the order that it follows: client and
    server fold alike without asking each other. The time part is the source's, the other 80 bits are the start of
    SHA-256 over source and label. Raises ValueError when the source is no ULID.
    """
    if not is_ulid(source):
        raise ValueError(f"{source!r} is not a ULID")
    number = int.from_bytes(hashlib.sha256(f"{source}/{label}".encode()).digest()[:10])
    letters = [_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(_RANDOM_LENGTH))]
    return source[:TIME_LENGTH] + "".join(letters)
