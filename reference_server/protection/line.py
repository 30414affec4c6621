"""One line that a caller comes on: uvicorn's own, which knows for how long it has waited and for what."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from reference_server.exchange import WHOLE
from reference_server.protection.rates import caller_of
from shared.wire.protocol import HEADER_PROTOCOL, HEADER_REQUEST, PROTOCOL_VERSION

_WORDS: Final = {
    400: ("Bad Request", "This is no request that HTTP knows."),
    431: ("Request Header Fields Too Large", "The head of this request is too long."),
}


@dataclass(frozen=True, slots=True)
class LineLimits:
    """How long a caller is waited for, and how many may come at once."""

    head_s: float = 10.0
    """From the first byte, or from the beginning of the line, to the end of the head."""
    body_s: float = 30.0
    body_bytes_per_s: int = 8 * 1024
    """A body has `body_s`, and a second more for so many bytes that came: 64 kbit/s, a poor telephone line."""
    unread_s: float = 5.0
    """Who was answered before the body was read may still send it for so long."""
    reader_s: float = 20.0
    reader_bytes_per_s: int = 2 * 1024
    """Who takes less than this of an answer that waits, over `reader_s`, is given up."""
    head_bytes: int = 32 * 1024
    pipelined: int = 32
    lines: int = 2_000
    of_one_caller: int = 500
    """Twenty tills behind one address have at most eleven each."""


class Together(Protocol):
    """Those that look after all lines of a server."""

    limits: LineLimits

    def add(self, line: Line) -> bool:
        """Take a new line; False for one too many."""

    def give_up(self, line: Line) -> None:
        """End a line at once."""

    def drop(self, line: Line) -> None:
        """It is gone."""

    def refused(self, status: int) -> str:
        """Something that was no request was refused so; gives the name under which it stands in the log."""


class Line(HttpToolsProtocol):
    """uvicorn's own, which knows how long it has waited and for what."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], *, lines: Together
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._lines = lines
        self._limits = lines.limits
        self.caller = ""
        self.has_asked = False
        self._due_s: float | None = None
        self._is_whole = True
        self._has_begun = False
        self._head_bytes = 0
        self._reader_due_s: float | None = None
        self._unwritten = 0

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for an answer on it."""
        return not self._has_begun or self.cycle.response_complete

    def is_late(self, now_s: float) -> bool:
        """Whether the caller is slower than may be. Whom we ourselves make wait is not."""
        if self._reader_due_s is None and self.transport.is_closing():
            self._begin_to_read(now_s)
        if self._reader_due_s is not None and now_s >= self._reader_due_s:
            waiting = self.transport.get_write_buffer_size()
            least = self._limits.reader_s * self._limits.reader_bytes_per_s
            if self._unwritten - waiting < least:
                return True
            self._begin_to_read(now_s)
        return self._due_s is not None and now_s >= self._due_s and not self.flow.read_paused

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """A new line, unless there are too many."""
        super().connection_made(transport)
        self.caller = caller_of(self.client[0] if self.client else "")
        self._due_s = self.loop.time() + self._limits.head_s
        if not self._lines.add(self):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The line has ended."""
        self._lines.drop(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a caller: a request that begins has to end."""
        if self._due_s is None and self._is_whole and self.is_idle:
            self._due_s = self.loop.time() + self._limits.head_s
        self._unset_keepalive_if_required()
        self._read(data)

    def _read(self, data: bytes) -> None:
        while data and not self.transport.is_closing():
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = self._without(data, behind=offer.args[0])
            except httptools.HttpParserError:
                self.send_400_response("")
                return
            else:
                return

    def _without(self, data: bytes, *, behind: int) -> bytes:
        """What is to be read anew of a request that offers another protocol, as Java's client does with HTTP/2.

        The parser takes what stands behind such a head for the other protocol, also the request's own body. So another
        one reads the request that it is, without the offer.
        """
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        if method == b"CONNECT":
            self.send_400_response("")
            return b""
        kept = [b"%b: %b" % (name, value) for name, value in self.headers if name != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        head = b"\r\n".join((b"%b %b HTTP/%b" % (method, self.url, version), *kept, b"", b""))
        return head + data[behind:]

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head_bytes = 0
        self._is_whole = False
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._count_head(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field of the head."""
        self._count_head(name + value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole, and the body may come; but for one that is read anew."""
        if self.parser.should_upgrade():
            return
        self.has_asked = True
        self._due_s = self.loop.time() + self._limits.body_s
        if len(self.pipeline) >= self._limits.pipelined:
            self._lines.give_up(self)
            return
        super().on_headers_complete()
        self._has_begun = True
        self.scope["extensions"] = {WHOLE: {"put": partial(_put, self.cycle), "end": partial(self._end, self.cycle)}}

    def on_body(self, body: bytes) -> None:
        """A part of the body: who sends gets the time for it."""
        if self._due_s is not None and not self.cycle.response_complete:
            self._due_s += len(body) / self._limits.body_bytes_per_s
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole: from here on the caller waits for us."""
        if self.parser.should_upgrade():
            return
        self._is_whole = True
        self._due_s = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Answered; a body that is still on its way has to come to its end."""
        self._due_s = None if self._is_whole else self.loop.time() + self._limits.unread_s
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The caller reads slower than we write."""
        self._begin_to_read(self.loop.time())
        super().pause_writing()

    def resume_writing(self) -> None:
        """The caller has read nearly all."""
        self._reader_due_s = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words are for programmers
        """What is no request is refused in the contract's shape, and the line ends.

        It is no answer to a request before it that is being done: there the line ends with the answer to that.
        """
        if not self.is_idle and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return
        if self.pipeline or (self._has_begun and self.cycle.response_started and self.cycle.more_body):
            self.transport.close()
            return
        status = 431 if self._head_bytes > self._limits.head_bytes else 400
        reason, words = _WORDS[status]
        name = self._lines.refused(status)
        body = json.dumps({"statusCode": status, "message": words, "requestId": name}).encode()
        head = (
            f"HTTP/1.1 {status} {reason}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
            f"{HEADER_PROTOCOL.lower()}: {PROTOCOL_VERSION}\r\n{HEADER_REQUEST.lower()}: {name}\r\n"
            "cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _end(self, cycle: RequestResponseCycle) -> None:
        cycle.disconnected = True
        self._lines.give_up(self)

    def _begin_to_read(self, now_s: float) -> None:
        self._unwritten = self.transport.get_write_buffer_size()
        self._reader_due_s = now_s + self._limits.reader_s

    def _count_head(self, part: bytes) -> None:
        """Raises ValueError at the end of what is borne, which the parser takes for a broken request."""
        self._head_bytes += len(part)
        if self._head_bytes > self._limits.head_bytes:
            raise ValueError("the head is too long")


async def _put(cycle: RequestResponseCycle, *, status: int, head: bytes, body: bytes) -> None:
    """Put a whole answer on the line at once, as uvicorn would in two parts. `head` is its fields, line by line.

    Like uvicorn's it tells the date besides, which it knows to the second.
    """
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    ends = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    shown = b"" if cycle.scope["method"] == "HEAD" else body
    date = b"".join([b"%b: %b\r\n" % field for field in cycle.default_headers])
    cycle.transport.write(b"".join((STATUS_LINE[status], date, head, ends, shown)))
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
