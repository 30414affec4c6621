"""Pure: the frames of one stream put together into pages; each has to follow the one before it."""

import json
from dataclasses import dataclass

from pydantic import ValidationError

from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.sync.actions import Cause
from shared.sync.exchange import Event
from shared.sync.proofs import travels
from shared.sync.reads import NotRead, Page
from shared.sync.verdicts import NoAnswer, Paused
from shared.wire.events import CHANGE, HELLO, HISTORY_LOST, PING, Hello, Ping


@dataclass(frozen=True, slots=True)
class Moved:
    """Nothing is wrong, but the file is not where this stream began: it has to begin anew."""


Over = NotRead | Moved


class Frames:
    """What one stream has said since it began behind a cursor, as far as it is not stored yet.

    `stored` is the cursor that the file has if all went well, empty for none. `missed` is the head that the last ping
    told of, if the stream did not bring what leads to it: somebody on the way swallowed a frame. Frames that change
    nothing here (of the other kind) wait for the next ping, and cost no commit of their own.
    """

    def __init__(self, asked: str | None, kind: type[Order] | type[Ticket]) -> None:
        self.stored = asked or ""
        self.greeted = False
        self.due = False
        self.missed = ""
        self._kind = kind
        self._field = "order" if kind is Order else "ticket"
        self._at = self.stored
        self._entities: list[Order | Ticket] = []
        self._unreadable = 0

    def hear(self, event: Event) -> Over | None:
        """Take one event in; or why the stream is of no use any more."""
        if event.name == HELLO:
            return self._hello(event)
        if not self.greeted:
            return NoAnswer("What came is not the stream of changes.")
        if event.name == HISTORY_LOST:
            return Paused(Cause.HISTORY_LOST, 409, "The server does not know what this device has seen.")
        if event.name == CHANGE:
            return self._change(event)
        if event.name == PING:
            self._ping(event)
        self.due = True  # also at what a newer server says: it lives
        return None

    def take(self) -> Page | None:
        """All that was heard since the last time and belongs into the file, in one piece."""
        self.due = False
        if self._at == self.stored:
            return None
        page = Page(tuple(self._entities), self._at, has_more=False, unreadable=self._unreadable)
        self._entities, self._unreadable = [], 0
        return page

    def keep(self, page: Page) -> None:
        """The page that was taken is in the file, and the cursor with it."""
        self.stored = page.cursor

    def _hello(self, event: Event) -> Over | None:
        try:
            hello = Hello.model_validate_json(event.data)
        except ValidationError:
            return NoAnswer("The stream's first word can't be read.")
        if self.greeted:
            return NoAnswer("The stream began twice.")
        self.greeted = self.due = True
        return Moved() if hello.head and not self.stored else None

    def _ping(self, event: Event) -> None:
        """One that can't be read says that the stream lives, and no more."""
        try:
            head = Ping.model_validate_json(event.data).head
        except ValidationError:
            return
        self.missed = "" if head == self._at else head

    def _change(self, event: Event) -> Over | None:
        if event.id == self._at:
            return None  # told twice
        try:
            found = json.loads(event.data)
        except (ValueError, RecursionError):
            return NoAnswer("A frame of the stream can't be read.")
        if not isinstance(found, dict) or found.get("after") != self._at or not event.id or not travels(event.id):
            return NoAnswer("A frame of the stream does not follow the one before it.")
        self._at, self.missed = event.id, ""
        if (body := found.get(self._field)) is not None:
            self.due = True
            try:
                self._entities.append(self._kind.model_validate_json(json.dumps(body)))
            except (ValidationError, RecursionError):
                self._unreadable += 1
        return None
