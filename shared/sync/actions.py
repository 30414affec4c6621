"""Pure: the words between the engine and the worker: what to do next, and how the link to the server stands."""

from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    """How the link stands, by heartbeats alone. Operations go out in the first two."""

    CONNECTED = "CONNECTED"
    SLOW = "SLOW"
    RECONNECTING = "RECONNECTING"
    OFFLINE = "OFFLINE"

    @property
    def is_up(self) -> bool:
        """Whether the server can be talked to."""
        return self in (LinkState.CONNECTED, LinkState.SLOW)


class Cause(StrEnum):
    """Why the link is not up, or why nothing goes out although the server answers."""

    NO_NETWORK = "NO_NETWORK"
    """This machine has no way to anywhere: cable, Wi-Fi or name service are gone."""
    NO_SERVER = "NO_SERVER"
    """There is a network, but nobody on it who proves to be our server."""
    OTHER_SERVER = "OTHER_SERVER"
    """Somebody answers under its address and shows another certificate than our server's."""
    SERVER_BUSY = "SERVER_BUSY"
    """The server asked for a pause, or answers heartbeats with errors."""
    DEVICE_UNKNOWN = "DEVICE_UNKNOWN"
    """The server does not know this device (401): it must be enrolled again."""
    NEEDS_UPDATE = "NEEDS_UPDATE"
    """The server speaks a protocol that this program does not (426)."""
    HISTORY_LOST = "HISTORY_LOST"
    """The server does not hold what it once told us (409): it was restored, or it is another one."""
    OTHER_BRANCH = "OTHER_BRANCH"
    """The server is of another branch than this device's file: its history has another name."""
    TWO_SERVERS = "TWO_SERVERS"
    """Two servers answer under one name in turn: what one says is news to the other."""


@dataclass(frozen=True, slots=True)
class Beat:
    """Ask the server for its health: a heartbeat while the link is up, a probe while it is down."""


@dataclass(frozen=True, slots=True)
class Take:
    """Take up to `limit` ready operations from the outbox and send them.

    `release` says that the link came back: before that, what waits only because nobody answered is made due. `probe`
    asks for the ready one that failed least, so that poison cannot hold the door of a sick server. Where two or more
    may go in one request, up to `together` go so, beside those that have to go alone.
    """

    limit: int
    release: bool = False
    probe: bool = False
    together: int = 0


@dataclass(frozen=True, slots=True)
class Pull:
    """Ask for what changed after the stored cursor; `whole`: and before that for everything, whatever is stored."""

    whole: bool = False


@dataclass(frozen=True, slots=True)
class Listen:
    """Listen to the stream of what changes after the stored cursor, for as long as it lives."""


@dataclass(frozen=True, slots=True)
class FetchCatalog:
    """Ask for menu, floor, settings and staff, by their tags."""


@dataclass(frozen=True, slots=True)
class Tidy:
    """Let the file forget what nobody needs any more, by the server's time.

    `agree`: and then compare with the server what this device did.
    """

    agree: bool = False


@dataclass(frozen=True, slots=True)
class Collect:
    """Ask for what guests pay by card and mobile money, and how far that is."""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Nothing more to do before this moment (monotonic seconds) unless something happens. Always the last action."""

    s: float


Action = Beat | Take | Pull | Listen | FetchCatalog | Tidy | Collect | WaitUntil


@dataclass(frozen=True, slots=True)
class Standing:
    """How the link stands now. Moments in monotonic seconds; None where there is none."""

    state: LinkState
    cause: Cause | None
    since_s: float
    next_try_s: float | None
    last_good_s: float | None
    in_flight: int
    delayed: bool


@dataclass(frozen=True, slots=True)
class LinkView:
    """How the link stands, for screens: a snapshot that any thread may hold. Moments in corrected ms since 1970."""

    state: LinkState
    cause: Cause | None
    since_ms: int
    """When `state` and `cause` became what they are."""
    next_try_at_ms: int | None
    """When it will be tried again, while nothing goes out; None when everything does."""
    last_good_ms: int | None
    """When the server last answered a heartbeat; None if it has not since the program started."""
    in_flight: int
    """Operations that are on their way just now."""
    clock_offset_ms: int
    """How far the server's clock is ahead of this device's."""
    delayed: bool = False
    """The link is up and the server has had news for 3 s that did not arrive here."""
    takes_cards: bool = False
    """Whether the server has said that it takes card and mobile money."""
    trouble: str = ""
    """What keeps this device from storing or reading what the server says, in a person's words; usually nothing."""

    @property
    def shown(self) -> tuple[object, ...]:
        """What of it is news when it changes: all but that one more heartbeat was good."""
        next_try, is_for_screens = self.next_try_at_ms, (self.delayed, self.trouble, self.takes_cards)
        return (self.state, self.cause, self.since_ms, next_try, self.in_flight, self.clock_offset_ms, is_for_screens)
