"""The open streams of changes: each reads from the file at its reader's own pace, woken by every write."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.types import Receive, Send

from reference_server.events import Frames
from reference_server.exchange import Problem
from shared.errors import DatabaseError
from shared.wire.events import PING_EVERY_S

#: A reader that takes nothing for so long loses its stream; it resumes from the revisions, nothing is kept for it.
STALLED_S: Final = 10.0


class _Stream:
    """One reader's; `over` when it shall end."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.over = False

    def end(self) -> None:
        self.over = True
        self.wake.set()


class Streams:
    """All of them belong to one event loop. A device has one: a new one ends the one before.

    A stream holds at most one page of frames in memory, and the next is read when the line has taken it.
    """

    def __init__(self, *, stalled_s: float = STALLED_S) -> None:
        """`stalled_s` is the patience with a reader that takes nothing; tests have less."""
        self._stalled_s = stalled_s
        self._of_device: dict[str, _Stream] = {}
        self._closing = False

    def count(self) -> int:
        """How many are open."""
        return len(self._of_device)

    def stir(self) -> None:
        """Something was written and is durable."""
        for stream in self._of_device.values():
            stream.wake.set()

    def close(self) -> None:
        """The server stops: end every stream now, and each that still comes after its opening."""
        self._closing = True
        for stream in self._of_device.values():
            stream.end()

    async def serve(
        self,
        opening: bytes,
        cursor: str | None,
        *,
        device_id: str,
        read: Callable[[str], Awaitable[Frames]],
        line: tuple[Receive, Send],
    ) -> bool:
        """The body of one answer, whose start was sent: the opening, then what `read` finds behind the cursor.

        Without a cursor the opening is all of it. Returns when the stream is over, whoever ended it; False where its
        reader takes nothing, not even the end.
        """
        receive, send = line
        stream = _Stream()
        if device_id in self._of_device:
            self._of_device[device_id].end()
        self._of_device[device_id] = stream
        if self._closing or cursor is None:
            stream.end()
        leaving = asyncio.create_task(_left(receive, stream))
        try:
            await self._put(send, opening)
            if cursor is not None:
                await self._follow(stream, cursor, read=read, send=send)
            return await self._ended(send)
        except (Problem, DatabaseError):  # signed off, healing, or no disk: a pull is told which
            return await self._ended(send)
        except TimeoutError:
            return False
        finally:
            leaving.cancel()
            if self._of_device.get(device_id) is stream:
                del self._of_device[device_id]

    async def _follow(
        self, stream: _Stream, cursor: str, *, read: Callable[[str], Awaitable[Frames]], send: Send
    ) -> None:
        now_s = asyncio.get_running_loop().time
        ping_s = now_s()
        while not stream.over:
            stream.wake.clear()
            frames = await read(cursor)
            if frames.has_more or now_s() >= ping_s:
                await self._put(send, frames.body)
                ping_s = now_s() + PING_EVERY_S
            cursor = frames.cursor
            if not frames.has_more and not stream.over:
                await _until(stream.wake, ping_s)

    async def _ended(self, send: Send) -> bool:
        """Whether the reader took the end too."""
        try:
            await self._put(send, b"", more=False)
        except TimeoutError:
            return False
        return True

    async def _put(self, send: Send, body: bytes, *, more: bool = True) -> None:
        """Hand bytes to the line, which first gets rid of those before. Raises TimeoutError if it does not."""
        async with asyncio.timeout(self._stalled_s):
            await send({"type": "http.response.body", "body": body, "more_body": more})


async def _left(receive: Receive, stream: _Stream) -> None:
    """The reader has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _until(event: asyncio.Event, moment_s: float) -> None:
    try:
        async with asyncio.timeout_at(moment_s):
            await event.wait()
    except TimeoutError:
        return
