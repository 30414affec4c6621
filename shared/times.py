"""Pure: moments as text and back, RFC 3339 in UTC with milliseconds, the only text form of a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_SECOND: Final = timedelta(seconds=1)

#: RFC 3339 section 5.6, `date-time`; lower case `t` and `z` are allowed there, and any number of fraction digits.
_RFC3339: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9})\d*)?(?:([Zz])|([+-])(\d{2}):(\d{2}))",
    re.ASCII,
)

#: 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z, the years that RFC 3339 and `datetime` both can write.
FIRST_MS: Final = -62_135_596_800_000
LAST_MS: Final = 253_402_300_799_999


def to_rfc3339(ms: int) -> str:
    """The moment `ms`, in milliseconds since 1970-01-01 UTC, as `2015-11-27T19:41:05.250Z`.

    Always the same length, so that texts sort as the moments do. Raises ValueError outside the years 1 to 9999.
    """
    if not FIRST_MS <= ms <= LAST_MS:
        raise ValueError(f"{ms} ms is outside the years 1 to 9999")
    second_s, over_ms = divmod(ms, 1000)
    return f"{_to_second(second_s)}.{over_ms:03d}Z"


@lru_cache(maxsize=256)
def _to_second(second_s: int) -> str:
    """The moment without its fraction; many are told of within one second."""
    moment = _EPOCH + second_s * _SECOND
    return (
        f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}"
        f"T{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}"
    )


def from_rfc3339(text: str) -> int:
    """Milliseconds since 1970-01-01 UTC of an RFC 3339 moment; what is finer than a millisecond is cut off.

    A moment needs its offset (`Z` or `+03:00`): without one it would mean another moment on each machine. A leap
    second (`:60`) counts as the last millisecond of its minute. Raises ValueError for anything else.
    """
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a moment like 2015-11-27T19:41:05.250Z")
    year, month, day, hour, minute, second = (int(part) for part in found.group(1, 2, 3, 4, 5, 6))
    millisecond = int((found.group(7) or "").ljust(3, "0")[:3])
    if second == 60:
        second, millisecond = 59, 999
    moment = datetime(year, month, day, hour, minute, second, tzinfo=_offset(found))
    ms = (moment - _EPOCH) // _MILLISECOND + millisecond
    if not FIRST_MS <= ms <= LAST_MS:
        raise ValueError(f"{text[:40]!r} is outside the years 1 to 9999")
    return ms


def _offset(found: re.Match[str]) -> timezone:
    """The offset that a match of `_RFC3339` names; ValueError above 23:59."""
    if found.group(8):
        return UTC
    hours, minutes = int(found.group(10)), int(found.group(11))
    if hours > 23 or minutes > 59:
        raise ValueError(f"{found.group(0)[:40]!r} has an impossible offset")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if found.group(9) == "-" else offset)
