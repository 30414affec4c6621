"""Pure: how old a ticket is, how that is said, and what the wall clock shows; all from the server's time."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import Enum
from typing import Final, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_SECOND_MS: Final = 1000
MINUTE_MS: Final = 60 * _SECOND_MS
_HOUR_S: Final = 3600
_LONG_S: Final = 10 * _HOUR_S
_HELD_BACK_MS: Final = 3 * _SECOND_MS


class Sla(Enum):
    """How late a ticket is against its station's limits, in rising order."""

    GREEN = 0
    ORANGE = 1
    RED = 2


@dataclass(frozen=True, slots=True)
class AgeFace:
    """What a ticket's clock shows: the age, its state, and the word that says the state without a colour."""

    text: str
    sla: Sla
    words: str


def age_ms(*, sent_at_ms: int, now_ms: int) -> int:
    """How long ago it was sent, in ms; never negative, whatever a clock somewhere says."""
    return max(0, now_ms - sent_at_ms)


def age_text(ms: int) -> str:
    """`08:05` below an hour, then `1:05 h`, whose unit tells it from a minute, and `12 h` from ten hours on."""
    seconds = max(0, ms) // _SECOND_MS
    if seconds < _HOUR_S:
        return f"{seconds // 60:02d}:{seconds % 60:02d}"
    if seconds >= _LONG_S:
        return f"{seconds // _HOUR_S} h"
    return f"{seconds // _HOUR_S}:{seconds % _HOUR_S // 60:02d} h"


def sla_of(ms: int, *, orange_after_min: int, red_after_min: int) -> Sla:
    """The state of an age. A limit counts from its first millisecond; red wins where the limits cross."""
    if ms >= red_after_min * MINUTE_MS:
        return Sla.RED
    if ms >= orange_after_min * MINUTE_MS:
        return Sla.ORANGE
    return Sla.GREEN


def age_face(*, sent_at_ms: int, now_ms: int, orange_after_min: int, red_after_min: int) -> AgeFace:
    """Everything that the clock of one ticket shows at one moment: the same on every screen of the house."""
    ms = age_ms(sent_at_ms=sent_at_ms, now_ms=now_ms)
    sla = sla_of(ms, orange_after_min=orange_after_min, red_after_min=red_after_min)
    match sla:
        case Sla.GREEN:
            words = ""
        case Sla.ORANGE:
            words = "SOON"
        case Sla.RED:
            words = f"LATE +{age_text(ms - red_after_min * MINUTE_MS)}"
        case _:
            assert_never(sla)
    return AgeFace(age_text(ms), sla, words)


def onward(now_ms: int, *, before_ms: int) -> int:
    """The time to show: never less than before by a little. More than that, and the old one was wrong: go back once."""
    return before_ms if 0 < before_ms - now_ms <= _HELD_BACK_MS else now_ms


def ms_to_next_second(now_ms: int) -> int:
    """How long until the server's second is full, 1 to 1000 ms: screens that tick then change their ages together."""
    return _SECOND_MS - now_ms % _SECOND_MS


def zone_of(name: str) -> tzinfo:
    """The business's time zone; UTC where this machine has no rules for it, since a clock must show something."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def clock_text(ms: int, zone: tzinfo, *, seconds: bool = False) -> str:
    """A moment as the wall clock of the business shows it: `19:42`, or `19:41:18`."""
    return datetime.fromtimestamp(ms / _SECOND_MS, zone).strftime("%H:%M:%S" if seconds else "%H:%M")
