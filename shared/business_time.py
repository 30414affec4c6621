"""Pure: the business's own calendar: which month an invoice belongs to, and when the present business day began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.errors import EvertillError

#: A business day begins at this hour of local time: the guests of one night leave before it.
DAY_BEGINS_AT_HOUR: Final = 5


class UnknownTimezone(EvertillError):
    """A time zone that this machine has no rules for."""

    title = "The time zone is not known on this machine"
    advice = "Write a name like Africa/Kampala, or install the system's time zone data (Debian: tzdata)."


def zone(name: str) -> tzinfo:
    """The time zone with this name. Raises UnknownTimezone."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimezone(repr(name)) from error


def month_of(now_ms: int, name: str) -> str:
    """The month of this moment at the business, as 202511."""
    return datetime.fromtimestamp(now_ms // 1000, zone(name)).strftime("%Y%m")


def day_start_ms(now_ms: int, name: str) -> int:
    """When the business day of this moment began, in milliseconds since 1970-01-01 UTC."""
    local = datetime.fromtimestamp(now_ms // 1000, zone(name))
    start = local.replace(hour=DAY_BEGINS_AT_HOUR, minute=0, second=0, microsecond=0, fold=0)
    if start > local:
        start -= timedelta(days=1)
    return int(start.timestamp()) * 1000


def device_day_start_ms(now_ms: int, name: str) -> int:
    """The same on a device, which goes on by UTC where the machine has no rules for the zone of its house."""
    try:
        return day_start_ms(now_ms, name)
    except UnknownTimezone:
        return day_start_ms(now_ms, "UTC")
