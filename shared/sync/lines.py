"""HTTP/1.1 on kept connections to one server: what stands on the line, and nothing of what an answer means.

One request at a time on a line. What comes is taken apart by httptools, as on the server's side; a line on which
anything stood that was not asked for is closed, so that no answer is ever taken for that to another request.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, urlsplit

from shared.sync.line import BrokenLine, Line

#: Servers often close a quiet connection after 5 s; one that is thrown away sooner never breaks under a request.
KEEP_QUIET_S: Final = 4.0
#: What may stand in a path as it is; all else goes as %XX.
_IS_PLAIN: Final = re.compile(r"[A-Za-z0-9/?=&_.~%+,:-]*").fullmatch
_PLAIN: Final = "/?=&_.~%+,:-"
_PORTS: Final = {"http": 80, "https": 443}


class Lines:
    """At most so many lines to one server, opened when they are wanted. Use it within one event loop."""

    def __init__(self, base_url: str, *, trust: ssl.SSLContext, most: int) -> None:
        """`base_url` is where paths begin; `trust` says who is believed to be the server, where it is https."""
        try:
            where = urlsplit(base_url)
            usual, told = _PORTS.get(where.scheme, 0), where.port
        except ValueError:
            where, usual, told = urlsplit(""), 0, None
        self._host, self._port, self._prefix = where.hostname or "", told or usual, where.path.rstrip("/")
        self._trust = trust if where.scheme == "https" else None
        named = f"[{self._host}]" if ":" in self._host else self._host
        self._named = named if self._port == usual else f"{named}:{self._port}"
        self._room = asyncio.Semaphore(most)
        self._quiet: deque[Line] = deque()

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], content: bytes | None, connect_s: float
    ) -> Reply:
        """Send a request; gives the head of its answer, which has to be closed. Raises OSError."""
        written = self._written(method, path, headers=headers, content=content)
        await self._room.acquire()
        line: Line | None = None
        try:
            line = self._kept() or await self._opened(connect_s)
            await line.ask(written)
        except BaseException:
            if line is not None:
                line.cut()
            self._room.release()
            raise
        return Reply(line, self)

    async def close(self) -> None:
        """Let go of all that nobody uses; the others are closed with their answers."""
        while self._quiet:
            self._quiet.pop().cut()

    def take_back(self, line: Line) -> None:
        """An answer was read, or is not wanted any more."""
        self._room.release()
        if line.is_well:
            line.quiet_since_s = asyncio.get_running_loop().time()
            self._quiet.append(line)
        else:
            line.cut()

    def _kept(self) -> Line | None:
        """The line that was used last, if any can be used again."""
        expired_s = asyncio.get_running_loop().time() - KEEP_QUIET_S
        while self._quiet and (self._quiet[0].quiet_since_s < expired_s or not self._quiet[0].is_well):
            self._quiet.popleft().cut()
        while self._quiet:
            line = self._quiet.pop()
            if line.is_well:
                return line
            line.cut()
        return None

    async def _opened(self, connect_s: float) -> Line:
        """A new line to the first address of the server at which somebody answers. Raises OSError."""
        failed: list[OSError] = []
        async with asyncio.timeout(connect_s):
            addresses = await self._addresses()
            for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
                try:
                    async with asyncio.timeout(connect_s / left):
                        return await self._opened_to(address)
                except OSError as error:
                    if isinstance(error, TimeoutError) and left == 1:
                        raise
                    failed.append(error)
        raise BrokenLine("Nobody is there.") from ExceptionGroup("at no address", failed)

    async def _addresses(self) -> list[str]:
        """Where the server may be, the likeliest first; at least one."""
        if not self._host or not self._port:
            raise BrokenLine("This is no address of a server.")
        with suppress(ValueError):
            return [str(ip_address(self._host))]
        try:
            found = await asyncio.get_running_loop().getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise BrokenLine("The server's name leads nowhere.") from error
        return list(dict.fromkeys(str(where[0]) for _, _, _, _, where in found))

    async def _opened_to(self, address: str) -> Line:
        name = None if self._trust is None else self._host
        _, line = await asyncio.get_running_loop().create_connection(
            Line, address, self._port, ssl=self._trust, server_hostname=name
        )
        return line

    def _written(self, method: str, path: str, *, headers: Mapping[str, str], content: bytes | None) -> bytes:
        """The request as it stands on the line. Raises BrokenLine for what would not stand there as one."""
        asked = self._prefix + path
        if _IS_PLAIN(asked) is None:
            asked = quote(asked, safe=_PLAIN, errors="replace")
        lines = [f"{method} {asked} HTTP/1.1", f"Host: {self._named}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if content is not None:
            lines.append(f"Content-Length: {len(content)}")
        head = "\r\n".join((*lines, "", ""))
        breaks = len(lines) + 1
        if not head.isascii() or head.count("\r") != breaks or head.count("\n") != breaks or "\0" in head:
            raise BrokenLine("This can't be said to any server.")
        return head.encode() + (content or b"")


class Reply:
    """The answer to one request: its head, and its bytes as they come."""

    def __init__(self, line: Line, lines: Lines) -> None:
        self.status, self.headers = line.status, line.headers
        self._line: Line | None = line
        self._lines = lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        line = self._line
        assert line is not None, "it was closed"
        while True:
            while line.kept:
                yield line.take()
            if line.is_over:
                return
            await line.changed()

    async def close(self) -> None:
        """Let go of it, read to its end or not. May be called again."""
        line, self._line = self._line, None
        if line is not None:
            self._lines.take_back(line)
