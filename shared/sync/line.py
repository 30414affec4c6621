"""One connection to a server, and what stands on it for the one request that is on its way."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

import httptools

#: A head that is longer than this is none of our server's.
MOST_HEAD_BYTES: Final = 64 * 1024
#: So much of an answer is kept here at most before somebody takes it; then the other side has to wait.
MOST_KEPT_BYTES: Final = 256 * 1024


class BrokenLine(OSError):
    """No whole answer came: the line could not be opened, or broke, or what stood on it is no HTTP."""


class Line(asyncio.Protocol):
    """HTTP/1.1 as asyncio's protocol, taken apart by httptools, as on the server's side.

    A line on which anything stood that was not asked for is well no more: no answer is ever taken for another's.
    """

    def __init__(self) -> None:
        self.quiet_since_s = 0.0
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.kept: deque[bytes] = deque()
        self.is_over = False
        """Whether the answer came whole."""
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._error: BaseException | None = None
        self._waits: asyncio.Future[None] | None = None
        self._has_head = self._has_length = self._is_held = False
        self._head_bytes = self._kept_bytes = 0

    @property
    def is_well(self) -> bool:
        """Whether another request may go over it."""
        transport = self._transport
        return (
            self.is_over
            and not self.kept
            and self._error is None
            and transport is not None
            and not transport.is_closing()
            and not transport.get_write_buffer_size()
        )

    async def ask(self, written: bytes) -> None:
        """Send it, and wait for the head of the answer. Raises BrokenLine."""
        assert self._transport is not None, "it was opened"
        self.status, self.headers, self.is_over = 0, [], False
        self._has_head = self._has_length = False
        self._head_bytes = 0
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(written)
        while not self._has_head:
            await self.changed()

    async def changed(self) -> None:
        """Wait for more. Raises BrokenLine when no more will come."""
        if self._error is not None:
            raise BrokenLine(str(self._error)) from self._error
        self._waits = asyncio.get_running_loop().create_future()
        try:
            await self._waits
        finally:
            self._waits = None

    def take(self) -> bytes:
        """The next bytes of the answer."""
        chunk = self.kept.popleft()
        self._kept_bytes -= len(chunk)
        if self._is_held and self._kept_bytes < MOST_KEPT_BYTES and self._transport is not None:
            self._is_held = False
            self._transport.resume_reading()
        return chunk

    def cut(self) -> None:
        """Close it at once; what is on its way is lost."""
        self._parser = None
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.Transport), "TCP"
        self._transport = transport
        self.is_over = True

    def data_received(self, data: bytes) -> None:
        """Something came, asked for or not."""
        if self._parser is None or self.is_over:
            self._fail(ConnectionError("Something came that nobody asked for."))
            return
        if not self._has_head:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(error)
        else:
            if not self._has_head and self._head_bytes > MOST_HEAD_BYTES:
                self._fail(ConnectionError("Its head is too long."))
        self._stir()

    def eof_received(self) -> None:
        """They say no more: asyncio closes the line, and `connection_lost` is called."""

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed. An answer that told no length ends with it."""
        if self._has_head and not self.is_over and not self._has_length and exc is None and self._error is None:
            self.is_over = True
        self._transport = None
        self._error = self._error or exc or ConnectionError("The server closed the line.")
        self._stir()

    def on_message_begin(self) -> None:
        """The parser's: an answer begins. Behind a whole one nothing may stand."""
        if self.is_over:
            raise ConnectionError("More came than one answer.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser's: a line of the head. What stands behind the body is not heard."""
        if not self._has_head:
            self.headers.append((name, value))
            self._has_length = self._has_length or name.lower() in (b"content-length", b"transfer-encoding")

    def on_headers_complete(self) -> None:
        """The parser's: the head is whole; that of a 1xx is none."""
        assert self._parser is not None, "it called"
        self.status = self._parser.get_status_code()
        self._has_head = self.status >= 200
        if not self._has_head:
            self.headers, self._has_length = [], False

    def on_body(self, body: bytes) -> None:
        """The parser's: a piece of the answer."""
        self.kept.append(body)
        self._kept_bytes += len(body)
        if self._kept_bytes >= MOST_KEPT_BYTES and not self._is_held and self._transport is not None:
            self._is_held = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """The parser's: the answer is whole, unless what ended was a 1xx."""
        assert self._parser is not None, "it called"
        if self._has_head:
            self.is_over = True
            if not self._parser.should_keep_alive():
                self._error = ConnectionError("The server closes the line.")

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or error
        self.cut()

    def _stir(self) -> None:
        if self._waits is not None and not self._waits.done():
            self._waits.set_result(None)
