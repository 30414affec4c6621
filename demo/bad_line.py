"""One connection through a fault proxy: requests to the server, answers back, each as badly as the line is."""

from __future__ import annotations

import asyncio
import socket
import struct
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader, StreamWriter
from typing import Final

from demo.faults import Faults, Line
from demo.http_messages import Head, answer_parts, ends_with_the_stream, read_head, request_body

LOOPBACK: Final = "127.0.0.1"
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
PORTAL: Final = b"<!doctype html><title>Welcome</title><h1>Welcome to our Wi-Fi</h1><p>Please accept the terms.</p>"


class Connection:
    """One connection of the client and the one to the server that belongs to it."""

    def __init__(self, faults: Faults, to_port: int, reader: StreamReader, writer: StreamWriter) -> None:
        self._faults = faults
        self._to_port = to_port
        self._reader = reader
        self._writer = writer
        self._early = b""
        self._server: tuple[StreamReader, StreamWriter] | None = None

    async def run(self) -> None:
        """Exchange after exchange until one end closes, something breaks, or the line is reset."""
        politely = False
        try:
            while await self._exchange():
                pass
            politely = True
        except (OSError, ValueError, IncompleteReadError, LimitOverrunError):
            self._faults.counts.broken += 1
        finally:
            if self._server is not None:
                self._server[1].transport.abort()
            if politely:
                self._writer.close()
            else:
                _reset(self._writer)

    async def _exchange(self) -> bool:
        """One request and its answer; False if the connection shall be closed now."""
        if self._faults.line is Line.RESET:
            _reset(self._writer)
            return False
        if self._faults.line is Line.SILENT:
            await self._faults.flowing()
        request = await read_head(self._reader, early=self._early)
        self._early = b""
        if request is None:
            return False
        if "expect" in request.fields:
            self._writer.write(CONTINUE)
        body = await request_body(self._reader, request)
        self._faults.counts.requests += 1
        if self._faults.line is Line.HANG:
            self._faults.counts.hung += 1
            await self._faults.flowing()
            _reset(self._writer)
            return False
        await asyncio.sleep(self._faults.delay_ms / 1000)
        await self._faults.flowing()
        if self._faults.line is Line.GARBAGE:
            return self._portal(request)
        answers = await self._ask(request, body)
        answering = asyncio.create_task(self._answer(request, body, answers))
        leaving = asyncio.create_task(self._client_left())
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return answering.done() and answering.result()
        finally:
            answering.cancel()
            leaving.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)

    async def _ask(self, request: Head, body: bytes) -> StreamReader:
        """Send the request to the server, on the kept connection if it still stands; returns where the answer comes."""
        if self._server is None or self._server[0].at_eof() or self._server[1].is_closing():
            if self._server is not None:
                self._server[1].transport.abort()
            self._server = await asyncio.open_connection(LOOPBACK, self._to_port)
        self._server[1].write(request.raw + body)
        await self._server[1].drain()
        return self._server[0]

    async def _answer(self, request: Head, asked: bytes, reader: StreamReader) -> bool:
        """Pass the answer on, or read all of it and lose it; False if the connection ends with it."""
        head = await read_head(reader)
        while head is not None and head.status < 200:
            head = await read_head(reader)
        if head is None:
            raise ConnectionResetError("the server closed without an answer")
        parts = answer_parts(reader, head, asked_by=request)
        if self._faults.drops(request, asked):
            self._faults.lost(request, head, b"".join([part async for part in parts]))
            return self._lose()
        await self._pass(head.raw)
        async for part in parts:
            await self._pass(part)
        return not (request.is_last or head.is_last or ends_with_the_stream(head))

    def _lose(self) -> bool:
        """The server has answered, nobody will know: the connection is reset or just ends, by chance."""
        if self._faults.chance.random() < 0.5:
            _reset(self._writer)
        return False

    async def _pass(self, part: bytes) -> None:
        await self._faults.flowing()
        self._writer.write(part)
        await self._writer.drain()

    async def _client_left(self) -> None:
        """Return when the client closes while it waits; a byte of its next request is kept for the next exchange."""
        self._early = await self._reader.read(1)
        if self._early:
            await asyncio.get_running_loop().create_future()
        await self._faults.flowing()

    def _portal(self, request: Head) -> bool:
        self._faults.counts.garbage += 1
        page = b"" if request.method == "HEAD" else PORTAL
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PORTAL)}\r\n\r\n"
        self._writer.write(head.encode() + page)
        return not request.is_last


def _reset(writer: StreamWriter) -> None:
    """Close so that the other end sees a reset, not an end."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
