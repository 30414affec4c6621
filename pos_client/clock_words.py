"""What the login screen says of who is at work."""

from PySide6.QtCore import QDateTime

from shared.domain.shift_commands import Way
from shared.times import from_rfc3339


def since(came_at: str | None) -> str:
    """Since when somebody is in, under their name."""
    return f"In since {_clock(came_at)}" if came_at else "In"


def at_work(count: int) -> str:
    """How many are in, by the clock of this till."""
    return f"{count or 'Nobody'} clocked in on this till"


def told(name: str, way: Way, at: str) -> str:
    """What the clock says to who goes past it."""
    return f"{name} clocked {'in' if way is Way.IN else 'out'} at {_clock(at)}."


def _clock(moment: str) -> str:
    return QDateTime.fromMSecsSinceEpoch(from_rfc3339(moment)).toString("HH:mm")
