"""Pure: the branch's stream of server-sent events: its names, its rhythm, and what its frames carry."""

from typing import Final

from shared.domain.attendance import Clocking
from shared.domain.business_day import BusinessDay
from shared.domain.model import Model
from shared.domain.order import Order
from shared.domain.shift import Shift
from shared.domain.ticket import Ticket

EVENTS_PATH: Final = "/events"
HEADER_LAST_ID: Final = "Last-Event-ID"
EVENT_STREAM: Final = "text/event-stream"
PUSH: Final = "push"
"""By this capability a server says that it has the stream."""

HELLO: Final = "hello"
PING: Final = "ping"
CHANGE: Final = "change"
HISTORY_LOST: Final = "history-lost"

PING_EVERY_S: Final = 1.0
DEAD_AFTER_S: Final = 2.5
"""A stream without a whole event for so long is dead, whatever else trickles out of it."""


class Hello(Model):
    """The first event of every stream; `head` is the cursor of the newest change."""

    head: str
    capabilities: tuple[str, ...] = ()


class Ping(Model):
    """Every second, also where nothing happens."""

    head: str


class Change(Model):
    """One entity as it is now. The event's id is the cursor behind it, `after` the one that it follows."""

    after: str
    order: Order | None = None
    ticket: Ticket | None = None
    shift: Shift | None = None
    clocking: Clocking | None = None
    day: BusinessDay | None = None
