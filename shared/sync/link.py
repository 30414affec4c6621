"""Pure: what a device says of its link to the server: the state, its cause, and since when."""

from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    """How the link is. Only heartbeats and probes move it."""

    CONNECTED = "CONNECTED"
    SLOW = "SLOW"
    RECONNECTING = "RECONNECTING"
    OFFLINE = "OFFLINE"


class LinkCause(StrEnum):
    """Why the link is not simply good, or why nothing is sent although it is."""

    NONE = "NONE"
    NO_NETWORK = "NO_NETWORK"
    NO_SERVER = "NO_SERVER"
    SERVER_BUSY = "SERVER_BUSY"
    DEVICE_UNKNOWN = "DEVICE_UNKNOWN"
    NEEDS_UPDATE = "NEEDS_UPDATE"
    HISTORY_LOST = "HISTORY_LOST"


@dataclass(frozen=True, slots=True)
class LinkView:
    """A snapshot of the link. Moments are ms since 1970 by the device's own clock, None where there is none."""

    state: LinkState = LinkState.OFFLINE
    cause: LinkCause = LinkCause.NO_SERVER
    since_ms: int = 0
    last_good_ms: int | None = None
    next_try_at_ms: int | None = None
    in_flight: int = 0
    clock_offset_ms: int = 0
    """How far the server's clock is ahead of the device's."""

    @property
    def is_up(self) -> bool:
        """Whether operations can go."""
        return self.state in (LinkState.CONNECTED, LinkState.SLOW) and self.cause in (
            LinkCause.NONE,
            LinkCause.SERVER_BUSY,
        )
