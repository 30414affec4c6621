"""Reads HTTP/1.1 messages off a stream without changing a byte, as far as a proxy between our programs needs it."""

from __future__ import annotations

from asyncio import IncompleteReadError, StreamReader
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

#: A request is held whole before it goes on; ours end at some MB, a test of the server's limit sends ten.
REQUEST_LIMIT_BYTES: Final = 64 * 1024 * 1024
PART_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Head:
    """Start line and fields of a request or an answer; `raw` is what came, with the empty line at its end."""

    raw: bytes
    start: tuple[str, str, str]
    fields: Mapping[str, str]

    @property
    def method(self) -> str:
        """Of a request: `POST`."""
        return self.start[0]

    @property
    def path(self) -> str:
        """Of a request: what it asks for, without the query."""
        return self.start[1].partition("?")[0]

    @property
    def status(self) -> int:
        """Of an answer: 200. Raises ValueError if it is none."""
        return int(self.start[1])

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks (RFC 9112, 7.1)."""
        return "chunked" in self.fields.get("transfer-encoding", "").lower()

    @property
    def is_last(self) -> bool:
        """Whether the connection ends after this message."""
        return "close" in self.fields.get("connection", "").lower() or "HTTP/1.0" in self.start


async def read_head(reader: StreamReader, *, early: bytes = b"") -> Head | None:
    """The next message's head, `early` being bytes of it that were read already; None if the stream ends before it.

    Raises ValueError for what is no HTTP, and IncompleteReadError or LimitOverrunError as the reader does.
    """
    try:
        raw = early + await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError as error:
        if early or error.partial:
            raise
        return None
    first, *lines = raw[:-4].decode("latin-1").split("\r\n")
    start = first.split(" ", 2)
    if len(start) < 2 or not (start[0].startswith("HTTP/1.") or start[-1].startswith("HTTP/1.")):
        raise ValueError(f"not HTTP/1.1: {first[:80]!r}")
    fields = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"not a header field: {line[:80]!r}")
        fields[name.strip().lower()] = value.strip()
    return Head(raw=raw, start=(start[0], start[1], start[2] if len(start) > 2 else ""), fields=fields)


async def request_body(reader: StreamReader, head: Head) -> bytes:
    """The whole body of a request as it came, chunk sizes included. Raises ValueError above REQUEST_LIMIT_BYTES."""
    if not head.is_chunked and int(head.fields.get("content-length", "0")) > REQUEST_LIMIT_BYTES:
        raise ValueError("the request is too long for the proxy")
    body = bytearray()
    async for part in _parts(reader, head, until_end=False):
        body += part
        if len(body) > REQUEST_LIMIT_BYTES:
            raise ValueError("the request is too long for the proxy")
    return bytes(body)


def answer_parts(reader: StreamReader, head: Head, *, asked_by: Head) -> AsyncIterator[bytes]:
    """The body of an answer, part by part as it comes, so that a stream of events is passed on at once."""
    if asked_by.method == "HEAD" or head.status in (204, 304):
        return _nothing()
    return _parts(reader, head, until_end=True)


def ends_with_the_stream(head: Head) -> bool:
    """Whether only the end of the connection marks the end of the answer's body."""
    return not head.is_chunked and "content-length" not in head.fields and head.status not in (204, 304)


async def _nothing() -> AsyncIterator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for part in nothing:
        yield part


async def _parts(reader: StreamReader, head: Head, *, until_end: bool) -> AsyncIterator[bytes]:
    """By chunks, by length, or `until_end` of the stream if neither is given."""
    if head.is_chunked:
        size = 1
        while size > 0:
            line = await reader.readuntil(b"\n")
            size = int(line.split(b";")[0].strip(), 16)
            if size > 0:
                yield line + await reader.readexactly(size + 2)
                continue
            while line.strip():
                yield line
                line = await reader.readuntil(b"\n")
            yield line
    elif "content-length" in head.fields:
        left = int(head.fields["content-length"])
        while left > 0:
            part = await reader.read(min(left, PART_BYTES))
            if not part:
                raise IncompleteReadError(part, left)
            left -= len(part)
            yield part
    elif until_end:
        while part := await reader.read(PART_BYTES):
            yield part
